package ui

import (
	"fmt"
	"strconv"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/service"
	"payrun/ledger/money"
)

// validation is a checked file as scripts get it. Its keys are documented in
// docs/json.md.
type validation struct {
	File      string `json:"file"`
	Format    string `json:"format"`
	Encoding  string `json:"encoding"`
	Separator string `json:"separator"`
	Sheet     string `json:"sheet"`
	Rows      int    `json:"rows"`
	Valid     int    `json:"valid"`
	Rejected  int    `json:"rejected"`
	// NotPayments are rows that pay nobody: totals, signatures and the like.
	NotPayments int            `json:"not_payments"`
	Warnings    int            `json:"warnings"`
	Notes       int            `json:"notes"`
	Currency    money.Currency `json:"currency"`
	Amount      money.Amount   `json:"amount"`
	Inventory   Inventory      `json:"inventory"`
	// Columns are those that are read, and why.
	Columns  []TakenColumn `json:"columns"`
	Problems []Problem     `json:"problems"`
	// Groups are the problems by code and column.
	Groups []ProblemGroup `json:"groups"`
	// Annotated and ProblemsFile are the files written.
	Annotated    string `json:"annotated,omitempty"`
	ProblemsFile string `json:"problems_file,omitempty"`
	// Next is the command that goes on, empty for none.
	Next string `json:"next"`
}

// Written names the files that were written beside a check, empty for none.
type Written struct {
	Annotated, Listed string
}

// ShowChecked prints what was found in a file, for a script in one object. For a person
// the totals come last, and after them the command that goes on, if there is one: a long
// list scrolls, and its end is what stays on the screen.
func (u *UI) ShowChecked(path string, info table.Info, c *service.Checked, w Written, next string) error {
	if u.JSON() {
		return u.PrintObject("validation", validation{
			File: path, Format: info.Format, Encoding: info.Encoding, Separator: info.Separator, Sheet: info.Sheet,
			Rows: c.Rows, Valid: c.Valid.Count, Rejected: c.Rejected.Count,
			NotPayments: c.NotPayments, Warnings: c.Warnings, Notes: c.Notes, Currency: c.Currency(), Amount: c.Valid.Amount,
			Inventory: NewInventory(c.Inventory), Columns: TakenColumns(info), Problems: u.WordAll(c.Problems),
			Groups: ProblemGroups(&c.Groups), Annotated: w.Annotated, ProblemsFile: w.Listed, Next: next,
		})
	}
	for _, step := range []func() error{
		func() error { return u.SayReading(info) },
		func() error { return u.SayTaken(info) },
		func() error { return u.SayInventory(c.Inventory) },
		func() error { return u.SayProblems(&c.Groups, c.Problems) },
		func() error { return u.sayWritten(w) },
		func() error { return u.sayTotals(path, c) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return u.SayNext(next)
}

// sayWritten names the files that were written.
func (u *UI) sayWritten(w Written) error {
	if w.Listed != "" {
		if err := u.Say("%s", u.Text("file.problems", "file", w.Listed)); err != nil {
			return err
		}
	}
	if w.Annotated == "" {
		return nil
	}
	return u.Say("%s", u.Text("file.annotated", "file", w.Annotated))
}

// SayReading tells how the file was read.
func (u *UI) SayReading(info table.Info) error {
	if info.Format == "" {
		return nil
	}
	detected := []string{u.Text("file.detected", "format", strings.ToUpper(info.Format), "encoding", info.Encoding)}
	if info.Sheet != "" {
		detected = []string{u.Text("file.detected_sheet", "sheet", info.Sheet)}
	} else if info.Separator != "" {
		detected = append(detected, u.Text("file.detected_separator", "separator", fmt.Sprintf("%q", info.Separator)))
	}
	if len(info.Unknown) > 0 {
		detected = append(detected, u.Text("file.ignored", "columns", strings.Join(info.Unknown, ", ")))
	}
	return u.Say("%s", strings.Join(detected, ", "))
}

// sayTotals tells what the file comes to.
func (u *UI) sayTotals(path string, review *service.Checked) error {
	totals := u.Text("file.summary", "file", path, "rows", strconv.Itoa(review.Rows),
		"valid", strconv.Itoa(review.Valid.Count), "amount", sum(review.Valid.Amount, review.Currency()),
		"rejected", strconv.Itoa(review.Rejected.Count), "warnings", strconv.Itoa(review.Warnings))
	if review.NotPayments > 0 {
		totals += ", " + u.Text("file.not_payments", "count", strconv.Itoa(review.NotPayments))
	}
	if review.Notes > 0 {
		totals += u.Text("file.notes", "count", strconv.Itoa(review.Notes))
	}
	return u.Say("%s", totals)
}
