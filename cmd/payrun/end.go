package main

import (
	"strconv"
	"strings"
	"time"

	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/reports"
)

// ending is how a run ended, and its reports.
type ending struct {
	service.Ending
	paid    service.Paid
	summary reports.Summary
	files   []string
	// unwritten is why there are no reports, nil if there are.
	unwritten error
	// retried is what a retry came to, nil for another command.
	retried *retried
	// corrected is what came of corrections, nil for none.
	corrected *corrected
}

// take takes in what the reports say.
func (e *ending) take(written service.Reported) {
	e.summary, e.files, e.unwritten = written.Summary, written.Files, written.Unwritten
	s := written.Summary
	e.Open, e.Unpaid = s.Open().Count, s.Failed.Count+s.Rejected.Count+s.Cancelled.Count
	e.Conflicts, e.Differences = s.Conflicts, s.Differences
}

// result is what a paying command prints for scripts. Its keys are documented in
// docs/json.md.
type result struct {
	Batch   ledger.BatchID `json:"batch"`
	Exit    int            `json:"exit"`
	Stopped string         `json:"stopped"`
	Next    string         `json:"next"`
	// ReportError is why no report could be written.
	ReportError string          `json:"report_error,omitempty"`
	Reports     []string        `json:"reports"`
	Summary     reports.Summary `json:"summary"`
	// Failures and Differences are payouts by name; Retry is of a retry only.
	Failures    []ui.Payout `json:"failures"`
	Differences []ui.Payout `json:"differences"`
	Retry       *retried    `json:"retry,omitempty"`
	// Corrections is of a file that had some.
	Corrections *corrected `json:"corrections,omitempty"`
}

// nextAfter is the command that continues, empty if there is none.
func (a *app) nextAfter(e ending) string {
	step, id := e.Next()
	if step == service.SubmitIt {
		return e.corrected.again
	}
	return a.ForStep(e.paid.Batch.ID, step, id)
}

// tellEnd prints how a run ended. It returns why it ended early, if nothing is graver:
// that is still to be told.
func (a *app) tellEnd(e ending) error {
	code := exitOf(e.Outcome())
	stopped := ""
	if e.Stopped != nil {
		stopped = e.Stopped.Error()
	}
	a.Logger().Info().Str("batch", string(e.paid.Batch.ID)).Int("exit", int(code)).
		Int("successful", e.summary.Successful.Count).Int64("paid_xof", int64(e.summary.Successful.Amount)).
		Int("failed", e.summary.Failed.Count).Int("open", e.summary.Open().Count).Msg("finished")
	if a.JSON() {
		shown := result{
			Batch: e.paid.Batch.ID, Exit: int(code), Stopped: stopped, Next: a.nextAfter(e), Reports: e.files, Summary: e.summary,
			Failures: ui.Payouts(e.Failures), Differences: ui.Payouts(e.Disputed),
			Retry: e.retried, Corrections: e.corrected,
		}
		if e.unwritten != nil {
			shown.ReportError, shown.Reports = e.unwritten.Error(), []string{}
		}
		if err := a.PrintJSON(shown); err != nil {
			return err
		}
	} else if err := a.sayEnd(e); err != nil {
		return err
	}
	if e.unwritten != nil {
		a.sayUnwritten(e.unwritten, a.ForBatch("report", e.paid.Batch.ID))
	}
	if e.Stopped != nil && e.Outcome() != service.OutcomeOf(e.Stopped) {
		// The outcome is graver. What stopped the run is said all the same.
		a.PrintError(e.Stopped, int(codeOf(e.Stopped)))
		return nil
	}
	return e.Stopped
}

// sayUnwritten says that there are no reports, and how there will be.
func (a *app) sayUnwritten(why error, command string) {
	a.Remark(a.Text("end.unwritten", "reason", why.Error()))
	a.Remark(a.Text("end.unwritten_hint", "command", command))
}

// sayEnd names who was not paid, and below them prints a small table that can be pasted
// into a letter, and what to do next: a long list scrolls, and its end stays on the screen.
func (a *app) sayEnd(e ending) error {
	lines := a.Names(a.Text("end.failed", "count", strconv.Itoa(len(e.Failures))), ui.Payouts(e.Failures), a.ForBatch("status", e.paid.Batch.ID, "--state", "failed"))
	lines = append(lines, a.Names(a.Text("end.disputed", "count", strconv.Itoa(len(e.Disputed))), ui.Payouts(e.Disputed),
		a.ForBatch("status", e.paid.Batch.ID, "--state", ui.StateDiffers))...)
	if err := a.SayLines(lines); err != nil {
		return err
	}
	if err := a.PrintTable(a.endTable(e)); err != nil {
		return err
	}
	return a.SayLines(a.endLines(e))
}

// endTable is what the batch comes to, by state.
func (a *app) endTable(e ending) ui.Table {
	var t ui.Table
	t.Add(string(e.paid.Batch.ID), a.Text("column.count"), a.Text("column.amount"))
	s := e.summary
	for _, part := range []struct {
		state string
		count ledger.Count
	}{
		{"successful", s.Successful},
		{"failed", s.Failed},
		{"pending", s.Pending},
		{"unknown", s.Unknown},
		{"queued", s.Queued},
		{"cancelled", s.Cancelled},
		{"rejected", s.Rejected},
	} {
		if part.count.Count > 0 || part.state == "successful" {
			t.Add(a.Text("state."+part.state), strconv.Itoa(part.count.Count), part.count.Amount.Grouped())
		}
	}
	t.Add(a.Text("column.total"), strconv.Itoa(s.Rows), s.Amount.Grouped())
	t.Add(a.Text("end.fees"), "", a.Francs(s.Fees))
	return t
}

// endLines say what there is beside the totals, and what to do next.
func (a *app) endLines(e ending) []string {
	var lines []string
	s := e.summary
	if !e.paid.Worked && e.Stopped == nil {
		date := s.GeneratedAt.Format(time.DateOnly)
		if s.Successful.Count == s.Rows && s.Differences == 0 {
			lines = append(lines, a.Text("end.paid_before", "date", date))
		} else {
			lines = append(lines, a.Text("end.nothing_sent", "date", date))
		}
	}
	if !e.paid.Worked && s.Failed.Count > 0 {
		lines = append(lines, a.Text("end.not_tried", "count", strconv.Itoa(s.Failed.Count)))
	}
	if s.Cancelled.Count > 0 {
		lines = append(lines, a.Text("end.cancelled", "count", strconv.Itoa(s.Cancelled.Count), "command", a.ForBatch("retry", e.paid.Batch.ID, "--cancelled")))
	}
	if conflicts := e.CountedConflicts(); conflicts > 0 {
		lines = append(lines, a.Text("end.conflicts", "count", strconv.Itoa(conflicts)))
	}
	if mendable := s.Rejected.Count - s.Conflicts; mendable > 0 {
		lines = append(lines, a.Text("end.rejected", "count", strconv.Itoa(mendable)))
	}
	if s.AmountsUnread > 0 {
		lines = append(lines, a.Text("end.unread", "count", strconv.Itoa(s.AmountsUnread)))
	}
	if s.Elsewhere.Count > 0 {
		lines = append(lines, a.Text("end.elsewhere", "count", strconv.Itoa(s.Elsewhere.Count), "amount", s.Elsewhere.Amount.Grouped()))
	}
	if s.Differences > 0 {
		lines = append(lines, a.Text("end.differences", "count", strconv.Itoa(s.Differences)))
	}
	if e.unwritten == nil {
		lines = append(lines, a.Text("end.reports", "files", strings.Join(e.files, ", ")))
	}
	if next := a.nextAfter(e); next != "" {
		lines = append(lines, a.Text("end.next", "command", next))
	}
	return lines
}
