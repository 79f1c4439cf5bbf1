package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/ledger"
)

func (a *app) cancelCommand() *cobra.Command {
	var yes, sandboxed bool
	cmd := &cobra.Command{
		Use:   "cancel BATCH",
		Short: "Withdraw what is still queued",
		Long: `Withdraws the payouts of a batch that were not sent, all of them, after asking for
what they come to. What may have left is not touched: payrun resume finishes it.`,
		Example: "  payrun cancel payroll --yes",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.cancelBatch(cmd.Context(), ledger.BatchID(args[0]), a.ledgerPath(sandboxed), yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask before withdrawing")
	addSandboxLedgerFlag(cmd, &sandboxed)
	return cmd
}

func (a *app) cancelBatch(ctx context.Context, id ledger.BatchID, path string, yes bool) error {
	store, err := a.openLedger(path)
	if err != nil {
		return err
	}
	defer a.closeLedger(store)
	if _, err := batch.Find(ctx, store, id); err != nil {
		return err
	}
	queued, err := countIn(ctx, store, id, ledger.Queued)
	if err != nil {
		return err
	}
	if queued.Count == 0 && !a.global.json() {
		return a.say("%s", a.text("cancel.nothing", "batch", string(id)))
	}
	if !yes && queued.Count > 0 {
		if err := a.confirmCancel(id, queued); err != nil {
			return err
		}
	}
	cancelled, err := batch.Cancel(ctx, store, id)
	if err != nil {
		return err
	}
	if a.global.json() {
		return a.printJSON(struct {
			Batch     ledger.BatchID `json:"batch"`
			Cancelled ledger.Count   `json:"cancelled"`
		}{id, cancelled})
	}
	return a.say("%s", a.text("cancel.done", "count", number(cancelled.Count), "amount", cancelled.Amount.String()))
}

func (a *app) confirmCancel(id ledger.BatchID, queued ledger.Count) error {
	amount := queued.Amount.String()
	return a.typeTotal(queued.Amount, question{
		about:  a.text("cancel.about", "count", number(queued.Count), "amount", amount, "batch", string(id)),
		nobody: usage(a.text("cancel.nobody"), a.text("cancel.nobody_hint")),
		none:   usage(a.text("cancel.none")),
		wrong:  func(typed string) error { return usage(a.text("cancel.wrong", "typed", typed, "amount", amount)) },
	})
}

func (a *app) closeLedger(store ledger.Store) {
	if err := store.Close(); err != nil {
		a.logger().Error().Err(err).Msg("close the ledger")
	}
}
