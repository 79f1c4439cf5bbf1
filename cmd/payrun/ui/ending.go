package ui

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/reports"
)

// Ending is the end of a command that pays a batch.
type Ending struct {
	service.Concluded
	// Retried is of a retry, nil for another command.
	Retried *Retried
	// Corrected is of a file with corrections, nil for another. Again is the command that
	// tries once more those that were held back.
	Corrected *retry.Corrected
	Again     string
}

// result is the end of a paying command for scripts. Its keys are documented in
// docs/json.md.
type result struct {
	Batch   ledger.BatchID `json:"batch"`
	Exit    int            `json:"exit"`
	Stopped string         `json:"stopped"`
	Next    string         `json:"next"`
	// ReportError is the reason why no report could be written.
	ReportError string          `json:"report_error,omitempty"`
	Reports     []string        `json:"reports"`
	Summary     reports.Summary `json:"summary"`
	// Failures and Differences are payouts by name; Retry is of a retry only.
	Failures    []Payout `json:"failures"`
	Differences []Payout `json:"differences"`
	Retry       *retried `json:"retry,omitempty"`
	// Corrections is of a file that had some.
	Corrections *corrected `json:"corrections,omitempty"`
	// Approval is of a batch that people have to approve first.
	Approval *Approval `json:"approval,omitempty"`
}

// corrected is the result of a file's corrections. Its JSON keys are documented in
// docs/json.md.
type corrected struct {
	Queued ledger.Total `json:"queued"`
	Held   []Payout     `json:"held"`
}

// newResult is an ending as scripts get it. Stopped is why it ended early, empty if it did
// not.
func (u *UI) newResult(e Ending, exit int, stopped string) result {
	shown := result{
		Batch: e.Paid.Batch.ID, Exit: exit, Stopped: stopped, Next: u.nextAfter(e), Reports: e.Files, Summary: e.Summary,
		Failures: Payouts(e.Failures), Differences: Payouts(e.Disputed),
	}
	if e.Unwritten != nil {
		shown.ReportError, shown.Reports = e.Unwritten.Error(), []string{}
	}
	if e.Retried != nil {
		shown.Retry = newRetried(*e.Retried)
	}
	if e.Corrected != nil {
		shown.Corrections = &corrected{Queued: e.Corrected.Queued, Held: HeldPayouts(e.Corrected.Held)}
	}
	if waits, ok := errors.AsType[*clearance.UnapprovedError](e.Stopped); ok {
		a := NewApproval(waits.Standing)
		shown.Approval = &a
	}
	return shown
}

// nextAfter is the command that continues, empty if there is none.
func (u *UI) nextAfter(e Ending) string {
	step, id := e.Next()
	if step == service.SubmitIt {
		return e.Again
	}
	return u.ForStep(e.Paid.Batch.ID, step, id)
}

// EndingObject is the end of a command that pays as --output json prints it.
func (u *UI) EndingObject(e Ending, exit int) (json.RawMessage, error) {
	return withKind("ending", u.newResult(e, exit, u.stopped(e)))
}

// stopped is why a command ended early, empty if it did not.
func (u *UI) stopped(e Ending) string {
	if e.Stopped == nil {
		return ""
	}
	return u.WordRanDry(e.Stopped).Error()
}

// ShowEnding prints how a command that pays ended, with its exit code. Why it ended early
// is still to be told.
func (u *UI) ShowEnding(e Ending, exit int) error {
	u.Logger().Info().Str("batch", string(e.Paid.Batch.ID)).Int("exit", exit).
		Int("successful", e.Summary.Successful.Count).Int64("paid_minor", e.Summary.Successful.Amount.Minor).Str("currency", string(e.Paid.Batch.Currency)).
		Int("failed", e.Summary.Failed.Count).Int("open", e.Summary.Open().Count).Msg("finished")
	if u.JSON() {
		if err := u.PrintObject("ending", u.newResult(e, exit, u.stopped(e))); err != nil {
			return err
		}
	} else if err := u.sayEnd(e); err != nil {
		return err
	}
	if e.Unwritten != nil {
		u.SayUnwritten(e.Unwritten, e.Paid.Batch.ID)
	}
	return nil
}

// SayUnwritten says that there are no reports, and how there will be.
func (u *UI) SayUnwritten(why error, id ledger.BatchID) {
	u.Remark(u.Text("end.unwritten", "reason", why.Error()))
	u.Remark(u.Text("end.unwritten_hint", "command", u.Commands.ForBatch("report", id)))
}

// sayEnd names who was not paid, and below them prints a small table that can be pasted
// into a letter, and what to do next: a long list scrolls, and its end stays on the screen.
func (u *UI) sayEnd(e Ending) error {
	failed := e.Failures
	if r := e.Retried; r != nil && r.Queued.Count == 0 && len(r.Held) == len(failed) {
		failed = nil // named just above, with why none was tried
	}
	lines := u.Names(u.Text("end.failed", "count", strconv.Itoa(len(failed))), Payouts(failed), u.Commands.ForBatch("status", e.Paid.Batch.ID, "--state", "failed"))
	lines = append(lines, u.Names(u.Text("end.disputed", "count", strconv.Itoa(len(e.Disputed))), Payouts(e.Disputed),
		u.Commands.ForBatch("status", e.Paid.Batch.ID, "--state", StateDiffers))...)
	if err := u.SayLines(lines); err != nil {
		return err
	}
	if err := u.PrintTable(u.endTable(e)); err != nil {
		return err
	}
	return u.SayLines(u.endLines(e))
}

// endTable holds the totals of a batch, by state.
func (u *UI) endTable(e Ending) Table {
	var t Table
	t.Add(string(e.Paid.Batch.ID), u.Text("column.count"), u.amountColumn(e.Paid.Batch.Currency))
	s := e.Summary
	for _, part := range []struct {
		state string
		count ledger.Total
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
			t.Add(u.Text("state."+part.state), strconv.Itoa(part.count.Count), part.count.Amount.Grouped())
		}
	}
	t.Add(u.Text("column.total"), strconv.Itoa(s.Rows), s.Amount.Grouped())
	t.Add(u.Text("end.fees"), "", u.Fees(s.Fees))
	return t
}

// endLines say what there is beside the totals, and what to do next.
func (u *UI) endLines(e Ending) []string {
	var lines []string
	s := e.Summary
	if !e.Paid.Worked && e.Stopped == nil {
		date := s.GeneratedAt.Format(time.DateOnly)
		if s.Successful.Count == s.Rows && s.Differences+s.Returned == 0 {
			lines = append(lines, u.Text("end.paid_before", "date", date))
		} else {
			lines = append(lines, u.Text("end.nothing_sent", "date", date))
		}
	}
	if !e.Paid.Worked && s.Failed.Count > 0 && len(e.Uncorrected) == 0 && e.Retried == nil {
		lines = append(lines, u.Text("end.not_tried", "count", strconv.Itoa(s.Failed.Count)))
	}
	if s.Cancelled.Count > 0 {
		lines = append(lines, u.Text("end.cancelled", "count", strconv.Itoa(s.Cancelled.Count), "command", u.Commands.ForBatch("retry", e.Paid.Batch.ID, "--cancelled")))
	}
	if conflicts := e.CountedConflicts(); conflicts > 0 {
		lines = append(lines, u.Text("end.conflicts", "count", strconv.Itoa(conflicts)))
	}
	if mendable := s.TurnedAway(); mendable > 0 {
		lines = append(lines, u.Text("end.rejected", "count", strconv.Itoa(mendable)))
	}
	if s.AmountsUnread > 0 {
		lines = append(lines, u.Text("end.unread", "count", strconv.Itoa(s.AmountsUnread)))
	}
	if s.Elsewhere.Count > 0 {
		lines = append(lines, u.Text("end.elsewhere", "count", strconv.Itoa(s.Elsewhere.Count), "amount", sum(s.Elsewhere.Amount, e.Paid.Batch.Currency)))
	}
	if s.Differences > 0 {
		lines = append(lines, u.Text("end.differences", "count", strconv.Itoa(s.Differences)))
	}
	if e.Unwritten == nil {
		lines = append(lines, u.Text("end.reports", "files", strings.Join(e.Files, ", ")))
	}
	if next := u.nextAfter(e); next != "" {
		lines = append(lines, u.Text("end.next", "command", next))
	}
	return lines
}
