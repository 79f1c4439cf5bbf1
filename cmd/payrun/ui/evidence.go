package ui

import (
	"errors"
	"strconv"
	"strings"

	"payrun/batch/audit"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// verification is the result of verify for scripts. Its keys are documented in
// docs/json.md.
type verification struct {
	Exit        int                           `json:"exit"`
	Folder      string                        `json:"folder"`
	Batch       ledger.BatchID                `json:"batch"`
	Ledger      string                        `json:"ledger"`
	Events      uint64                        `json:"events"`
	Head        string                        `json:"head"`
	Key         string                        `json:"key"`
	Fingerprint string                        `json:"fingerprint"`
	Currency    money.Currency                `json:"currency"`
	ByState     map[ledger.State]ledger.Total `json:"by_state"`
	Checks      []evidenceCheck               `json:"checks"`
	Wrong       *evidenceWrong                `json:"wrong"`
}

type evidenceCheck struct {
	Check   audit.CheckName `json:"check"`
	Outcome audit.Outcome   `json:"outcome"`
	Count   int             `json:"count"`
	Missing int             `json:"missing"`
}

type evidenceWrong struct {
	Check  audit.CheckName `json:"check"`
	File   string          `json:"file"`
	Line   int             `json:"line"`
	Reason string          `json:"reason"`
}

func newVerification(folder string, r audit.Result, wrong *audit.WrongError, exit int) verification {
	v := verification{
		Folder: folder, Batch: r.Index.Batch, Ledger: r.Index.Ledger, Events: r.Index.LastEvent, Head: r.Index.Head,
		Key: r.Key, Fingerprint: r.Fingerprint, Currency: r.Index.Currency, ByState: r.States.Present(),
		Checks: each(r.Checks, func(c audit.Check) evidenceCheck { return evidenceCheck{c.Name, c.Outcome, c.Count, c.Missing} }),
	}
	if wrong != nil {
		v.Exit, v.Wrong = exit, &evidenceWrong{wrong.Check, wrong.File, wrong.Line, wrong.Err.Error()}
	}
	return v
}

// ShowEvidence says which folder was written and what it shows, as it was verified.
func (u *UI) ShowEvidence(folder string, r audit.Result) error {
	if u.JSON() {
		return u.PrintObject("verification", newVerification(folder, r, nil, 0))
	}
	lines := []string{u.Text("evidence.written", "folder", folder, "batch", string(r.Index.Batch))}
	if r.Key == "" {
		lines = append(lines, u.Text("evidence.unsigned"))
	}
	if r.Index.File.Copy == "" {
		lines = append(lines, u.Text("evidence.no_copy", "file", r.Index.File.Name))
	}
	return u.SayLines(append(lines, u.Text("evidence.next", "command", "payrun verify "+ShellWord(folder))))
}

// ShowVerification says what of a folder was checked and what was not there, and returns
// the error that the command ends with: that of a folder that does not hold, in words, for
// which exit is the code.
func (u *UI) ShowVerification(folder string, r audit.Result, err error, exit int) error {
	wrong, is := errors.AsType[*audit.WrongError](err)
	if err != nil && !is {
		return u.WordEvidence(err)
	}
	if u.JSON() {
		return errors.Join(u.PrintObject("verification", newVerification(folder, r, wrong, exit)), u.WordEvidence(err))
	}
	t := Table{Untitled: true}
	for _, check := range r.Checks {
		t.Add(u.Text("verify.check."+string(check.Name)), u.Text("verify.outcome."+string(check.Outcome)))
	}
	if err := u.PrintTable(t); err != nil {
		return err
	}
	var lines []string
	for _, check := range r.Checks {
		if check.Outcome == audit.Absent {
			key := string(check.Name)
			if check.Name == audit.CheckApprovals && check.Missing > 0 {
				key = "approvals_elsewhere"
			}
			lines = append(lines, u.Text("verify.absent."+key, "count", strconv.Itoa(check.Missing)))
		}
	}
	if len(lines) > 0 {
		lines = []string{u.Text("verify.absent", "things", "\n  "+strings.Join(lines, "\n  "))}
	}
	if r.Key != "" {
		lines = append(lines, u.Text("verify.key", "key", r.Key, "fingerprint", r.Fingerprint))
	}
	if wrong == nil {
		paid := r.States.In(ledger.Successful)
		lines = append(lines, u.Text("verify.holds", "batch", string(r.Index.Batch), "count", strconv.Itoa(r.States.Total().Count),
			"paid", strconv.Itoa(paid.Count), "amount", r.States.Paid().String()))
	}
	return errors.Join(u.SayLines(lines), u.WordEvidence(err))
}

// WordEvidence says what is wrong with a folder of evidence, or with making one. Other
// errors stay as they are.
func (u *UI) WordEvidence(err error) error {
	if errors.Is(err, audit.ErrMoved) {
		return err
	}
	if wrong, is := errors.AsType[*audit.WrongError](err); is {
		return Advise(Worded(u.Text("verify.wrong", "check", u.Text("verify.check."+string(wrong.Check)),
			"where", wrong.Where(), "reason", wrong.Err.Error()), err), u.Text("verify.wrong_hint"))
	}
	if other, is := errors.AsType[*service.OtherCopyError](err); is {
		return Advise(Worded(u.Text("evidence.other_file", "file", other.Path, "batch", string(other.Batch.ID),
			"digest", other.SHA256, "accepted", other.Batch.SHA256), err), u.Text("evidence.other_file_hint"))
	}
	switch {
	case errors.Is(err, audit.ErrTaken):
		return UsageOf(Worded(u.Text("evidence.taken"), err), u.Text("evidence.taken_hint"))
	case errors.Is(err, audit.ErrNoEvidence):
		return UsageOf(Worded(u.Text("verify.none"), err), u.Text("verify.none_hint"))
	}
	return err
}
