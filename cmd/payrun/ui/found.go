package ui

import (
	"strconv"

	"payrun/batch/rules"
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
	Groups []FoundGroup
}

// FoundGroup is all problems of one kind in one column, in the words of the first.
type FoundGroup struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Column   string `json:"column"`
	Count    int    `json:"count"`
	Rows     string `json:"rows"`
	Message  string `json:"message"`
	Hint     string `json:"hint"`
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
	Groups   []FoundGroup   `json:"groups"`
}

// ShowFound prints what a server found in a file: a paragraph for each kind, and the totals
// last.
func (u *UI) ShowFound(f Found) error {
	if u.JSON() {
		return u.PrintObject("validation", foundObject{
			File: f.File, Rows: f.Rows, Valid: f.Valid.Count, Rejected: f.Rejected, Warnings: f.Warnings,
			Currency: f.Currency, Amount: f.Valid.Amount, Groups: append([]FoundGroup{}, f.Groups...),
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

func (u *UI) foundLines(g FoundGroup) string {
	rows := ""
	if g.Rows != "" {
		rows = u.rowWords(g.Rows, g.Count)
	}
	where := u.where(rows, Problem{Header: g.Column})
	message := g.Message
	if g.Count > 1 {
		message = u.Text("problem.first", "problem", message)
	}
	return u.at(where, u.graded(rules.Severity(g.Severity), message)) + " [" + g.Code + "]" + hintLine(g.Hint)
}
