package main

import (
	"strings"
	"time"
	"unicode"

	"payrun/ledger"
	"payrun/reports"
)

// ending is how a run ended.
type ending struct {
	batch   ledger.BatchID
	summary reports.Summary
	files   []string
	// worked tells whether the run had anything to do.
	worked  bool
	stopped error
	// ledger and folder are where the person has the ledger, as it is typed, and wants
	// the reports; empty for where they are anyway.
	ledger, folder string
	sandboxed      bool
}

// result is what a paying command prints for scripts. Its keys are documented in
// docs/json.md.
type result struct {
	Batch   ledger.BatchID  `json:"batch"`
	Exit    int             `json:"exit"`
	Stopped string          `json:"stopped"`
	Next    string          `json:"next"`
	Reports []string        `json:"reports"`
	Summary reports.Summary `json:"summary"`
}

// code returns the exit code: where several apply, the first of 7, 5, 6 and 4.
func (e ending) code() exitError {
	stopped := exitPaid
	if e.stopped != nil {
		stopped = adviceFor(e.stopped).code
	}
	unpaid := e.summary.Failed.Count + e.summary.Rejected.Count + e.summary.Cancelled.Count
	switch {
	case stopped == exitInterrupted, stopped == exitInternal:
		return exitError(stopped)
	case e.summary.Conflicts > 0, e.summary.Differences > 0:
		return exitConflict
	case stopped != exitPaid:
		return exitError(stopped)
	case e.summary.Open().Count > 0:
		return exitOpen
	case unpaid > 0:
		return exitFailed
	default:
		return exitPaid
	}
}

// next returns the command that continues, empty if there is none.
func (e ending) next() string {
	if commands := e.commands(); len(commands) > 0 {
		return commands[0]
	}
	return ""
}

// commands are those that continue: one for what is open, one for what failed.
func (e ending) commands() []string {
	var commands []string
	if e.summary.Open().Count > 0 {
		commands = append(commands, e.command("resume"))
	}
	if e.summary.Failed.Count > 0 {
		commands = append(commands, e.command("retry"))
	}
	return commands
}

// command words a command about the batch as it can be typed.
func (e ending) command(name string) string {
	command := "payrun " + name + " " + string(e.batch)
	if e.ledger != "" {
		command += " --ledger " + e.ledger
	}
	if e.sandboxed {
		command += " --sandbox"
	}
	if e.folder != "" {
		command += " --report " + shellWord(e.folder)
	}
	return command
}

// shellWord writes a text as one word of a command that is copied into a shell.
func shellWord(text string) string {
	special := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./:", r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// tellEnd prints how a run ended and returns its exit code.
func (a *app) tellEnd(e ending) error {
	code := e.code()
	stopped := ""
	if e.stopped != nil {
		stopped = e.stopped.Error()
	}
	a.logger().Info().Str("batch", string(e.batch)).Int("exit", int(code)).
		Int("successful", e.summary.Successful.Count).Int64("paid_xof", int64(e.summary.Successful.Amount)).
		Int("failed", e.summary.Failed.Count).Int("open", e.summary.Open().Count).Msg("finished")
	if a.global.json() {
		err := a.printJSON(result{
			Batch: e.batch, Exit: int(code), Stopped: stopped, Next: e.next(), Reports: e.files, Summary: e.summary,
		})
		if err != nil {
			return err
		}
	} else if err := a.sayEnd(e); err != nil {
		return err
	}
	switch {
	case e.stopped != nil && code == exitError(adviceFor(e.stopped).code):
		return e.stopped
	case code != exitPaid:
		return code
	default:
		return nil
	}
}

// sayEnd prints a small table that can be pasted into a letter, and what to do
// next.
func (a *app) sayEnd(e ending) error {
	var t table
	t.add(string(e.batch), a.text("column.count"), a.text("column.amount"))
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
			t.add(a.text("state."+part.state), number(part.count.Count), part.count.Amount.Grouped())
		}
	}
	t.add(a.text("column.total"), number(s.Rows), s.Amount.Grouped())
	t.add(a.text("end.fees"), "", a.francs(s.Fees))
	if err := a.printTable(t); err != nil {
		return err
	}
	var lines []string
	if !e.worked && e.stopped == nil {
		date := s.GeneratedAt.Format(time.DateOnly)
		if s.Successful.Count == s.Rows {
			lines = append(lines, a.text("end.paid_before", "date", date))
		} else {
			lines = append(lines, a.text("end.nothing_sent", "date", date))
		}
	}
	if !e.worked && s.Failed.Count > 0 {
		lines = append(lines, a.text("end.not_tried", "count", number(s.Failed.Count)))
	}
	if s.Cancelled.Count > 0 {
		lines = append(lines, a.text("end.cancelled", "count", number(s.Cancelled.Count)))
	}
	if s.Conflicts > 0 {
		lines = append(lines, a.text("end.conflicts", "count", number(s.Conflicts)))
	}
	if mendable := s.Rejected.Count - s.Conflicts; mendable > 0 {
		lines = append(lines, a.text("end.rejected", "count", number(mendable)))
	}
	if s.AmountsUnread > 0 {
		lines = append(lines, a.text("end.unread", "count", number(s.AmountsUnread)))
	}
	if s.Elsewhere.Count > 0 {
		lines = append(lines, a.text("end.elsewhere", "count", number(s.Elsewhere.Count), "amount", s.Elsewhere.Amount.Grouped()))
	}
	if s.Differences > 0 {
		lines = append(lines, a.text("end.differences", "count", number(s.Differences)))
	}
	lines = append(lines, a.text("end.reports", "files", strings.Join(e.files, ", ")))
	for _, command := range e.commands() {
		lines = append(lines, a.text("end.next", "command", command))
	}
	return a.say("%s", strings.Join(lines, "\n"))
}
