package ui

import (
	"strconv"
	"strings"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Correction is a row that comes back under its own id with other terms. Numbers are
// masked. Its JSON keys are documented in docs/json.md.
type Correction struct {
	Row           int                  `json:"row"`
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Old           termsShown           `json:"old"`
	New           termsShown           `json:"new"`
}

type termsShown struct {
	Name     string          `json:"name"`
	Number   string          `json:"number"`
	Operator ledger.Operator `json:"operator"`
	Amount   money.Amount    `json:"amount"`
}

func shownTerms(t ledger.Terms) termsShown {
	return termsShown{Name: t.Name, Number: t.Number.String(), Operator: t.Operator, Amount: t.Amount}
}

// NewCorrections are corrections as scripts get them.
func NewCorrections(found []ledger.Correction) []Correction {
	all := make([]Correction, 0, len(found))
	for _, c := range found {
		all = append(all, Correction{
			Row: c.Row, TransactionID: c.Payout.ID, Old: shownTerms(c.Payout.Terms), New: shownTerms(c.Terms),
		})
	}
	return all
}

// SayCorrections lists what is corrected, old and new: all of it, since each is a
// person who is paid otherwise than the ledger has it.
func (u *UI) SayCorrections(found []ledger.Correction) error {
	if len(found) == 0 {
		return nil
	}
	lines := []string{u.Text("correct.title", "count", strconv.Itoa(len(found)))}
	for _, c := range found {
		lines = append(lines, "  "+u.correctionLine(c))
	}
	return u.SayLines(lines)
}

func (u *UI) correctionLine(c ledger.Correction) string {
	var changes []string
	old, given := c.Payout.Terms, c.Terms
	for _, field := range []struct{ name, old, given string }{
		{"name", old.Name, given.Name},
		{"number", old.Number.String(), given.Number.String()},
		{"operator", string(old.Operator), string(given.Operator)},
		{"amount", old.Amount.String(), given.Amount.String()},
	} {
		changed := field.old != field.given || (field.name == "number" && old.Number != given.Number)
		if changed {
			changes = append(changes, u.Text("field."+field.name)+" "+field.old+" → "+field.given)
		}
	}
	return u.Text("correct.line", "row", strconv.Itoa(c.Row), "id", string(c.Payout.ID), "name", old.Name,
		"changes", strings.Join(changes, ", "))
}
