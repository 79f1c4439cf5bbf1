package ui

import (
	"strconv"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Found has the problems and totals that a server found in a file.
type Found struct {
	File                     string
	Rows, Rejected, Warnings int
	Valid                    ledger.Total
	Currency                 money.Currency
	// Groups are the problems by kind, the gravest first.
	Groups []ProblemGroup
}

// foundObject is a Found for scripts: the keys of a validation that a server tells.
type foundObject struct {
	File     string         `json:"file"`
	Rows     int            `json:"rows"`
	Valid    int            `json:"valid"`
	Rejected int            `json:"rejected"`
	Warnings int            `json:"warnings"`
	Currency money.Currency `json:"currency"`
	Amount   money.Amount   `json:"amount"`
	Groups   []ProblemGroup `json:"groups"`
}

// ShowFound prints what a server found in a file: a paragraph for each kind, and the totals
// last.
func (u *UI) ShowFound(f Found) error {
	if u.JSON() {
		return u.PrintObject("validation", foundObject{
			File: f.File, Rows: f.Rows, Valid: f.Valid.Count, Rejected: f.Rejected, Warnings: f.Warnings,
			Currency: f.Currency, Amount: f.Valid.Amount, Groups: append([]ProblemGroup{}, f.Groups...),
		})
	}
	for _, g := range f.Groups {
		if err := u.Say("%s", u.foundLines(g)); err != nil {
			return err
		}
	}
	return u.Say("%s", u.Text("file.summary", "file", f.File, "rows", strconv.Itoa(f.Rows), "valid", strconv.Itoa(f.Valid.Count),
		"amount", sum(f.Valid.Amount, f.Currency), "rejected", strconv.Itoa(f.Rejected), "warnings", strconv.Itoa(f.Warnings)))
}

func (u *UI) foundLines(g ProblemGroup) string {
	rows := ""
	if g.Rows != "" {
		rows = u.rowWords(g.Rows, g.Count)
	}
	where := u.where(rows, Problem{Header: g.Column})
	message := g.Message
	if g.Count > 1 {
		message = u.Text("problem.first", "problem", message)
	}
	return u.at(where, u.graded(g.Severity, message)) + " [" + g.Code + "]" + hintLine(g.Hint)
}
