package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"payrun/ledger"
	"payrun/ledger/money"
)

// plan is what paying a file would do. Its JSON keys are documented in
// docs/json.md.
type plan struct {
	Batch       ledger.BatchID `json:"batch"`
	Environment string         `json:"environment"`
	Rows        int            `json:"rows"`
	Valid       ledger.Count   `json:"valid"`
	Rejected    ledger.Count   `json:"rejected"`
	Warnings    int            `json:"warnings"`
	// Known is what the ledger has already, by state.
	Known      map[string]ledger.Count `json:"known"`
	ToPay      ledger.Count            `json:"to_pay"`
	ByOperator map[string]ledger.Count `json:"by_operator"`
	Conflicts  []string                `json:"conflicts"`
	// Fees is an estimate for what is to be paid.
	Fees money.Centimes `json:"fees_estimate"`
	// Balance and BalanceAfter are absent when the provider was not asked.
	Balance      *money.XOF      `json:"balance,omitempty"`
	BalanceAfter *money.Centimes `json:"balance_after,omitempty"`
}

func newPlan(id ledger.BatchID, environment string, found *inspection) plan {
	review := found.review
	p := plan{
		Batch: id, Environment: environment,
		Rows: review.Rows, Valid: review.Valid, Rejected: review.Rejected, Warnings: review.Warnings,
		Known: map[string]ledger.Count{}, ByOperator: map[string]ledger.Count{},
		ToPay: review.ToPay(), Fees: review.Fees, Conflicts: []string{},
	}
	for state, count := range review.Known {
		p.Known[state.String()] = count
	}
	for operator, count := range review.ByOperator {
		p.ByOperator[string(operator)] = count
	}
	for _, conflict := range review.Conflicts {
		p.Conflicts = append(p.Conflicts, conflict.Error())
	}
	return p
}

func (p *plan) setBalance(balance money.XOF) {
	after := balance.InCentimes() - p.ToPay.Amount.InCentimes() - p.Fees
	p.Balance, p.BalanceAfter = &balance, &after
}

func (a *app) planCommand() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show what paying a file would do; send nothing",
		Long: `Checks the file, compares it with the ledger, asks the provider for the balance
and prints counts, totals and estimated fees. Nothing is sent or recorded.`,
		Example: "  payrun plan november.xlsx",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.plan(cmd.Context(), args[0], o) },
	}
	o.addFlags(cmd)
	o.pay.provider.addFlags(cmd.Flags())
	return cmd
}

func (a *app) plan(ctx context.Context, path string, o runOptions) error {
	if err := o.pay.provider.validate(); err != nil {
		return err
	}
	id, err := o.id(path)
	if err != nil {
		return err
	}
	set, err := loadRules(o.pay.provider.rules)
	if err != nil {
		return err
	}
	file, err := a.openFile(path, o.input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := a.ledgerToCompare(ctx, o.pay.provider.sandbox)
	if err != nil {
		return err
	}
	defer done()
	found, err := a.inspect(ctx, file, set, o.input, store, id)
	if err != nil {
		return a.unreadable(path, err)
	}
	if code := found.refused(o.skipInvalid); code != exitPaid {
		if err := a.showValidation(path, file.Info(), found); err != nil {
			return err
		}
		return code
	}
	if err := a.check(o.expected, found.review); err != nil {
		return err
	}
	return a.planWithBalance(ctx, id, found, o)
}

func (a *app) planWithBalance(ctx context.Context, id ledger.BatchID, found *inspection, o runOptions) error {
	var c *connection
	var err error
	if o.pay.provider.sandbox {
		c, err = a.connectSandbox(ctx, o.pay.provider, a.ledgerPath(true))
	} else {
		c, err = a.connect(o.pay.provider)
	}
	if err != nil {
		return err
	}
	defer c.close()
	balance, err := c.provider.Balance(ctx)
	if err != nil {
		return err
	}
	p := newPlan(id, c.environment, found)
	p.setBalance(balance)
	if a.global.json() {
		return a.printJSON(p)
	}
	return a.showPlan(p)
}

// showPlan prints the plan for a person.
func (a *app) showPlan(p plan) error {
	var t table
	t.add(a.text("plan.title", "batch", string(p.Batch), "environment", p.Environment), a.text("column.count"), a.text("column.amount"))
	t.add(a.text("plan.file"), number(p.Rows), (p.Valid.Amount + p.Rejected.Amount).Grouped())
	if p.Rejected.Count > 0 {
		t.add("  "+a.text("plan.rejected"), number(p.Rejected.Count), p.Rejected.Amount.Grouped())
	}
	for _, state := range slices.Sorted(maps.Keys(p.Known)) {
		t.add("  "+a.text("plan.known", "state", a.text("state."+state)), number(p.Known[state].Count), p.Known[state].Amount.Grouped())
	}
	for _, operator := range slices.Sorted(maps.Keys(p.ByOperator)) {
		t.add("  "+operator, number(p.ByOperator[operator].Count), p.ByOperator[operator].Amount.Grouped())
	}
	t.add(a.text("plan.to_pay"), number(p.ToPay.Count), p.ToPay.Amount.Grouped())
	t.add(a.text("plan.fees"), "", a.francs(p.Fees))
	if p.Balance != nil {
		t.add(a.text("plan.balance"), "", p.Balance.Grouped())
		t.add(a.text("plan.balance_after"), "", a.francs(*p.BalanceAfter))
	}
	return a.printTable(t)
}
