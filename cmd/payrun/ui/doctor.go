package ui

import (
	"payrun/ledger/money"
)

// Check names something that doctor looks at.
type Check string

// The checks, in the order in which they are made.
const (
	CheckPlace       Check = "place"
	CheckPermissions Check = "permissions"
	CheckLedger      Check = "ledger"
	CheckAnchors     Check = "anchors"
	CheckProvider    Check = "provider"
	CheckCredentials Check = "credentials"
	CheckBalance     Check = "balance"
	CheckLookUp      Check = "look_up"
	CheckClock       Check = "clock"
)

// Health is the outcome of a check.
type Health string

// The outcomes of checks. Doubtful does not keep a run from paying.
const (
	Fine     Health = "fine"
	Doubtful Health = "doubtful"
	Wrong    Health = "wrong"
)

// Finding is one check with its outcome, and what mends it if that is not fine.
type Finding struct {
	Check   Check    `json:"check"`
	Outcome Health   `json:"outcome"`
	Detail  string   `json:"detail"`
	Mend    []string `json:"mend"`
}

// Worst is the worst that was found.
func Worst(findings []Finding) Health {
	worst := Fine
	for _, f := range findings {
		if f.Outcome == Wrong || worst == Fine {
			worst = f.Outcome
		}
	}
	return worst
}

// Sum writes an amount with its currency.
func Sum(a money.Amount) string { return sum(a, a.Currency) }

// WordError words an error in the person's language, and what mends it.
func (u *UI) WordError(err error) (sentence string, hints []string) { return u.wordError(err) }

// diagnosis is the object that doctor prints for scripts.
type diagnosis struct {
	Exit   int       `json:"exit"`
	Checks []Finding `json:"checks"`
}

// ShowFindings says what was found. Exit is the code that the command ends with.
func (u *UI) ShowFindings(findings []Finding, exit int) error {
	if u.JSON() {
		d := diagnosis{exit, make([]Finding, len(findings))}
		for i, f := range findings {
			f.Mend = append([]string{}, f.Mend...)
			d.Checks[i] = f
		}
		return u.PrintObject("doctor", d)
	}
	for _, f := range findings {
		lines := []string{u.Text("doctor.outcome."+string(f.Outcome)) + ColumnGap + u.Text("doctor.check."+string(f.Check))}
		for _, line := range append([]string{f.Detail}, f.Mend...) {
			lines = append(lines, "        "+line)
		}
		if err := u.SayLines(lines); err != nil {
			return err
		}
	}
	return u.Say("%s", u.Text("doctor.end."+string(Worst(findings))))
}
