package main

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/ledger"
	"payrun/provider"
)

func (a *app) reconcileCommand() *cobra.Command {
	var o payOptions
	cmd := &cobra.Command{
		Use:   "reconcile BATCH",
		Short: "Ask the provider about every payout again and list the differences",
		Long: `Looks up every payout of the batch, at --rate, and compares. An open payout that
the provider has settled is recorded as such. What contradicts a final state, a
payment that was reversed for one, is recorded beside it and listed; nothing
final is rewritten and nothing is sent. The reports are written again.

Exit status: 0 no differences, 5 some look-ups had no answer, 7 differences.`,
		Example: "  payrun reconcile payroll --rate 5",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.sandboxDefaults(cmd, &o)
			return a.reconcile(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	o.provider.addFlags(cmd.Flags())
	o.report.addFlags(cmd.Flags())
	return cmd
}

// reconciled is what reconcile prints for scripts. Its keys are documented in
// docs/json.md.
type reconciled struct {
	Batch       ledger.BatchID `json:"batch"`
	Exit        int            `json:"exit"`
	Agreed      ledger.Count   `json:"agreed"`
	Settled     ledger.Count   `json:"settled"`
	Open        ledger.Count   `json:"open"`
	Unanswered  int            `json:"unanswered"`
	Differences []difference   `json:"differences"`
	Reports     []string       `json:"reports"`
}

// difference is a payout about which ledger and provider disagree.
type difference struct {
	Row           int                  `json:"row"`
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Amount        int64                `json:"amount"`
	Code          string               `json:"code"`
	State         ledger.State         `json:"state"`
	Provider      string               `json:"provider"`
	ProviderCode  string               `json:"provider_code"`
}

func (a *app) reconcile(ctx context.Context, id ledger.BatchID, o payOptions) error {
	if err := errors.Join(o.provider.validate(), o.report.validate()); err != nil {
		return err
	}
	s, err := a.openSession(ctx, o, false)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.existing(ctx, id)
	if err != nil {
		return err
	}
	if _, err := s.balance(ctx); err != nil {
		return err
	}
	done, err := s.inquiry().Reconcile(a.accepting, id)
	if err != nil {
		return err
	}
	written, err := a.writeReports(ctx, s.store, found, o.report)
	if err != nil {
		return err
	}
	result := newReconciled(id, done, written.Files)
	if err := a.tellReconciled(result); err != nil {
		return err
	}
	if result.Exit != exitPaid {
		return exitError(result.Exit)
	}
	return nil
}

func newReconciled(id ledger.BatchID, done batch.Reconciliation, files []string) reconciled {
	r := reconciled{
		Batch: id, Agreed: done.Agreed, Settled: done.Settled, Open: done.Open,
		Unanswered: len(done.Unanswered), Differences: []difference{}, Reports: files,
	}
	for _, d := range done.Differences {
		r.Differences = append(r.Differences, difference{
			Row: d.Payout.Row, TransactionID: d.Payout.ID, Amount: int64(d.Payout.Amount), Code: d.Code,
			State: d.Payout.State, Provider: d.Provider.Class.String(), ProviderCode: d.Provider.Code,
		})
	}
	slices.SortFunc(r.Differences, func(a, b difference) int { return cmp.Compare(a.Row, b.Row) })
	switch {
	case len(r.Differences) > 0:
		r.Exit = exitConflict
	case r.Unanswered > 0:
		r.Exit = exitStopped
	}
	return r
}

// tellReconciled prints the differences and what the comparison came to.
func (a *app) tellReconciled(r reconciled) error {
	if a.global.json() {
		return a.printJSON(r)
	}
	for _, d := range r.Differences {
		line := a.text("reconcile.difference", "row", number(d.Row), "id", string(d.TransactionID),
			"state", a.text("state."+d.State.String()), "provider", a.saidByProvider(d), "code", d.Code)
		if err := a.say("%s", line); err != nil {
			return err
		}
	}
	var t table
	t.add(string(r.Batch), a.text("column.count"), a.text("column.amount"))
	t.add(a.text("reconcile.agreed"), number(r.Agreed.Count), r.Agreed.Amount.Grouped())
	t.add(a.text("reconcile.settled"), number(r.Settled.Count), r.Settled.Amount.Grouped())
	t.add(a.text("reconcile.open"), number(r.Open.Count), r.Open.Amount.Grouped())
	t.add(a.text("reconcile.differences"), number(len(r.Differences)), "")
	t.add(a.text("reconcile.unanswered"), number(r.Unanswered), "")
	return a.printTable(t)
}

func (a *app) saidByProvider(d difference) string {
	if d.ProviderCode != "" {
		return d.ProviderCode
	}
	return provider.CodeNotFound
}
