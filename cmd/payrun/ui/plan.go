package ui

import (
	"maps"
	"slices"
	"strconv"

	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// plan is a plan for scripts. Its JSON keys are documented in
// docs/json.md.
type plan struct {
	Batch       ledger.BatchID `json:"batch"`
	Environment string         `json:"environment"`
	Currency    money.Currency `json:"currency"`
	Rows        int            `json:"rows"`
	Valid       ledger.Total   `json:"valid"`
	Rejected    ledger.Total   `json:"rejected"`
	// NotPayments are rows that pay nobody.
	NotPayments int `json:"not_payments"`
	Warnings    int `json:"warnings"`
	Notes       int `json:"notes"`
	// WarningsByCode divides the warnings.
	WarningsByCode map[string]int `json:"warnings_by_code"`
	// Inventory divides all rows with content.
	Inventory Inventory `json:"inventory"`
	// Columns are those that are read, and why.
	Columns []TakenColumn `json:"columns"`
	// Known counts the payouts that the ledger has already, by state.
	Known      map[string]ledger.Total `json:"known"`
	ToPay      ledger.Total            `json:"to_pay"`
	ByOperator map[string]ledger.Total `json:"by_operator"`
	Conflicts  []string                `json:"conflicts"`
	// Corrections are known rows that come back with other terms.
	Corrections []Correction `json:"corrections"`
	// Fees is an estimate for what is to be paid.
	Fees money.Fine `json:"fees_estimate"`
	// Balance is the provider's word, BalanceAfter an estimate; nil where it has none.
	Balance      *money.Amount `json:"balance"`
	BalanceAfter *money.Fine   `json:"balance_after"`
	// Changes are those against an earlier batch.
	Changes *diff `json:"changes,omitempty"`
	// Written are the files of the plan.
	Written *planFiles `json:"plan,omitempty"`
}

// newPlan is a plan as scripts get it.
func newPlan(given service.Plan) plan {
	p := plan{
		Batch: given.Batch, Environment: given.Place, Currency: given.Currency(),
		Rows: given.Rows, Valid: given.Valid, Rejected: given.Rejected, NotPayments: given.NotPayments,
		Warnings: given.Warnings, Notes: given.Notes, Inventory: NewInventory(given.Inventory),
		WarningsByCode: given.Groups.Of(rules.Warning), Columns: TakenColumns(given.File.Info()),
		Known: map[string]ledger.Total{}, ByOperator: map[string]ledger.Total{},
		ToPay: given.ToPay(), Fees: given.Fees, Conflicts: []string{}, Corrections: NewCorrections(given.Corrections),
		Balance: given.Balance, BalanceAfter: given.BalanceAfter(),
	}
	p.Written = newPlanFiles(given.Written)
	if given.Changes != nil {
		p.Changes = newDiff(*given.Changes)
	}
	for state, count := range given.Known.Present() {
		p.Known[state.String()] = count
	}
	for operator, count := range given.ByOperator {
		p.ByOperator[string(operator)] = count
	}
	for _, conflict := range given.Conflicts {
		p.Conflicts = append(p.Conflicts, conflict.Error())
	}
	return p
}

// PrintPlan prints a plan for a script.
func (u *UI) PrintPlan(given service.Plan) error { return u.PrintObject("plan", newPlan(given)) }

// ShowPlan prints a plan for a person, and below it what the file was warned of and what it
// changes: who confirms a sum has seen all of it.
func (u *UI) ShowPlan(given service.Plan) error {
	p := newPlan(given)
	var t Table
	t.Add(u.Text("plan.title", "batch", string(p.Batch), "environment", p.Environment), u.Text("column.count"), u.amountColumn(given.Currency()))
	file := p.Valid.Plus(p.Rejected)
	t.Add(u.Text("plan.file"), strconv.Itoa(file.Count), file.Amount.Grouped())
	if p.Rejected.Count > 0 {
		t.Add("  "+u.Text("plan.rejected"), strconv.Itoa(p.Rejected.Count), p.Rejected.Amount.Grouped())
	}
	if p.NotPayments > 0 {
		t.Add("  "+u.Text("plan.not_payments"), strconv.Itoa(p.NotPayments), "")
	}
	for _, state := range slices.Sorted(maps.Keys(p.Known)) {
		t.Add("  "+u.Text("plan.known", "state", u.Text("state."+state)), strconv.Itoa(p.Known[state].Count), p.Known[state].Amount.Grouped())
	}
	for _, operator := range slices.Sorted(maps.Keys(p.ByOperator)) {
		t.Add("  "+operator, strconv.Itoa(p.ByOperator[operator].Count), p.ByOperator[operator].Amount.Grouped())
	}
	t.Add(u.Text("plan.to_pay"), strconv.Itoa(p.ToPay.Count), p.ToPay.Amount.Grouped())
	t.Add(u.Text("plan.fees"), "", u.Fees(p.Fees))
	if p.Balance != nil {
		t.Add(u.Text("plan.balance"), "", p.Balance.Grouped())
		t.Add(u.Text("plan.balance_after"), "", u.Fees(*p.BalanceAfter))
	}
	if err := u.PrintTable(t); err != nil {
		return err
	}
	if err := u.SayInventory(given.Inventory); err != nil {
		return err
	}
	if err := u.SayCorrections(given.Corrections); err != nil {
		return err
	}
	if err := u.SayWarnings(&given.Groups); err != nil || given.Changes == nil {
		return err
	}
	if err := u.Say(""); err != nil {
		return err
	}
	if err := u.sayDiff(*given.Changes); err != nil || given.Written == nil {
		return err
	}
	return u.sayPlanFiles(given.Written)
}
