package ui

import (
	"strconv"
	"strings"

	"payrun/ledger"
	"payrun/provider"
	"payrun/reports"
)

// reported is the result of report for scripts. Its keys are documented in docs/json.md.
type reported struct {
	Batch   ledger.BatchID  `json:"batch"`
	Reports []string        `json:"reports"`
	Summary reports.Summary `json:"summary"`
	// Receipts counts them, if they were asked for.
	Receipts int `json:"receipts,omitempty"`
}

// ShowReports names the reports of a batch that were written.
func (u *UI) ShowReports(id ledger.BatchID, written reports.Written) error {
	if u.JSON() {
		return u.PrintObject("reports", reported{id, written.Files, written.Summary, written.Receipts})
	}
	if written.Receipts > 0 {
		if err := u.Say("%s", u.Text("receipt.written", "count", strconv.Itoa(written.Receipts))); err != nil {
			return err
		}
	}
	return u.Say("%s", u.Text("end.reports", "files", strings.Join(written.Files, ", ")))
}

// WordNoReceipt words that there is nothing to write a receipt of.
func (u *UI) WordNoReceipt(e *reports.NoReceiptError, batch ledger.BatchID) error {
	switch {
	case e.ID == "":
		return Mistaken("no_receipts", "batch", string(batch))
	case e.State == "":
		return Mistaken("receipt_unknown", "id", string(e.ID), "batch", string(batch))
	default:
		return Mistaken("receipt_state", "id", string(e.ID), "batch", string(batch), "state", u.Text("state."+e.State))
	}
}

// WarnOfJournal says what a journal lacks, since it will be booked as if it were all.
func (u *UI) WarnOfJournal(s reports.Summary) {
	for _, lack := range []struct {
		key   string
		count int
	}{
		{"open", s.Open().Count},
		{"fees_unknown", s.FeesUnknown},
		{"differences", s.Differences},
		{"elsewhere", s.Elsewhere.Count},
	} {
		if lack.count > 0 {
			u.Notices.Say(u.Text("journal."+lack.key, "count", strconv.Itoa(lack.count)))
		}
	}
	if s.Environment == provider.SimulatorPlace {
		u.Notices.Say(u.Text("journal.rehearsal"))
	}
}
