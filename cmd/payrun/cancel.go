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
		Long: `Withdraws the payouts of a batch that were not sent. What may have left is not
touched: payrun resume finishes it.`,
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
	if !yes {
		return usage("withdrawing payouts needs --yes", "payrun status "+string(id)+" shows what is queued")
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

func (a *app) closeLedger(store ledger.Store) {
	if err := store.Close(); err != nil {
		a.logger().Error().Err(err).Msg("close the ledger")
	}
}
