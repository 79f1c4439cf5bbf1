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
}

// ShowReports names the reports of a batch that were written.
func (u *UI) ShowReports(id ledger.BatchID, written reports.Written) error {
	if u.JSON() {
		return u.PrintObject("reports", reported{id, written.Files, written.Summary})
	}
	return u.Say("%s", u.Text("end.reports", "files", strings.Join(written.Files, ", ")))
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
