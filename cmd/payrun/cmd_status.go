package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (a *app) statusCommand() *cobra.Command {
	var sandboxed bool
	var state string
	cmd := &cobra.Command{
		Use:   "status [BATCH]",
		Short: "Show batches and where they stand",
		Long: `Lists the batches of the ledger. With BATCH: its payouts by state and by
operator, and by name those that are open, that failed, and about which the provider
disagrees. With --state all that are in one state, or that differ. It can be asked
while a run is going on.

Exit status: 7 if the provider disagrees about a payout of BATCH and no person has
resolved that, else 0.`,
		Example: "  payrun status payroll\n  payrun status payroll --state failed",
		Args:    settings.Args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := settings.CheckState(state, len(args) > 0); err != nil {
				return err
			}
			if asks, err := a.Remote(cmd, "state"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error { return a.statusAt(cmd.Context(), desk, args, state) })
			}
			return a.status(cmd.Context(), args, a.LedgerPath(sandboxed), state)
		},
	}
	cmd.Flags().StringVar(&state, "state", "", "list every payout of BATCH that is in this `STATE`, or that differs: failed, difference, …")
	a.AddLedgerFlags(cmd.Flags(), &sandboxed)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (a *app) status(ctx context.Context, args []string, path, state string) error {
	store, done, err := a.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	books := a.Books(store, nil)
	if len(args) == 0 {
		all, err := books.Overview(ctx)
		if err != nil {
			return err
		}
		return a.ShowBatches(all)
	}
	var chosen func(ledger.Payout) bool
	if state != "" {
		chosen = ui.InState(state)
	}
	found, err := books.Status(ctx, ledger.BatchID(args[0]), chosen)
	if err != nil {
		return err
	}
	if err := a.ShowBatch(found, state); err != nil {
		return err
	}
	return concluded(found.Outcome(), nil)
}
