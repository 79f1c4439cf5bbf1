package ui

import (
	"errors"
	"slices"
	"strconv"

	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
	"payrun/batch/intake/template"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// fixResult is the result of fix for scripts. Its keys are documented in
// docs/json.md.
type fixResult struct {
	File     string         `json:"file"`
	Out      string         `json:"out"`
	Payments int            `json:"payments"`
	Currency money.Currency `json:"currency"`
	Amount   money.Amount   `json:"amount"`
	Changes  []fixChange    `json:"changes"`
	Problems []Problem      `json:"problems"`
	Next     string         `json:"next"`
}

// fixChange is one change that fix made.
type fixChange struct {
	Row    int         `json:"row"`
	Column table.Field `json:"column"`
	Header string      `json:"header"`
	Code   string      `json:"code"`
	Before string      `json:"before"`
	After  string      `json:"after"`
}

// ShowFixed lists the changes, and what the copy comes to.
func (u *UI) ShowFixed(path, out string, plan *fix.Plan, next string) error {
	if u.JSON() {
		return u.PrintObject("fix", newFixResult(path, out, plan, nil, next))
	}
	for _, change := range plan.Changes {
		if err := u.Say("%s", u.ChangeLine(change)); err != nil {
			return err
		}
	}
	if err := u.Say("%s", u.Text("fix.written", "file", out, "count", strconv.Itoa(plan.Payments.Count),
		"amount", sum(plan.Payments.Amount, plan.Currency()), "changes", strconv.Itoa(len(plan.Changes)))); err != nil {
		return err
	}
	return u.SayNext(next)
}

func newFixResult(path, out string, plan *fix.Plan, problems []Problem, next string) fixResult {
	result := fixResult{
		File: path, Out: out, Payments: plan.Payments.Count, Currency: plan.Currency(), Amount: plan.Payments.Amount,
		Changes: make([]fixChange, 0, len(plan.Changes)), Problems: append([]Problem{}, problems...), Next: next,
	}
	for _, c := range plan.Changes {
		result.Changes = append(result.Changes, fixChange(c))
	}
	return result
}

// doubtsShown is the number of doubts up to which each is shown by itself.
const doubtsShown = 40

// ShowUnfixed names what is in doubt. Nothing is written.
func (u *UI) ShowUnfixed(path, out string, info table.Info, plan *fix.Plan, details bool) error {
	next := u.annotating(path)
	if count := service.RepeatsAlone(plan); count > 0 && path != "-" {
		next = u.Commands.ForFile("fix", path, "-o", ShellWord(out), RepeatWord(count))
	}
	if u.JSON() {
		plan.Changes, plan.Payments = nil, ledger.Total{}
		return u.PrintObject("fix", newFixResult(path, "", plan, u.WordAll(plan.Problems), next))
	}
	// Row by row, unless they are very many: a decision is taken about each.
	var groups rules.Groups
	for _, p := range plan.Problems {
		groups.Add(p)
	}
	each := plan.Problems
	if !details && len(each) > doubtsShown {
		each = nil
	}
	if err := errors.Join(u.SayReading(info), u.SayProblems(&groups, each)); err != nil {
		return err
	}
	rows := map[int]bool{}
	for _, p := range plan.Problems {
		rows[p.Row] = true
	}
	if err := u.Say("%s", u.Text("fix.refused", "count", strconv.Itoa(len(rows)))); err != nil {
		return err
	}
	return u.SayNext(next)
}

// FieldTitle is a column's title in the person's language, as a template has it.
func (u *UI) FieldTitle(field table.Field) string {
	if slices.Contains(template.Fields(), field) {
		return u.Text("template.title." + string(field))
	}
	return string(field)
}
