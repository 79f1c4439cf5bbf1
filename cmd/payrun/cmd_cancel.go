package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/ledger"
)

func (a *app) cancelCommand() *cobra.Command {
	var yes, sandboxed bool
	cmd := &cobra.Command{
		Use:   "cancel BATCH",
		Short: "Withdraw what is still queued and was never sent",
		Long: `Withdraws the payouts that a batch brought in and that were never sent, in no
attempt, after asking for what they come to. What may have been sent is not touched,
nor what another batch brought in: both are named, with what to do about them. What was
withdrawn comes back under its own transaction_id with payrun retry BATCH --cancelled.`,
		Example: "  payrun cancel payroll --yes",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if asks, err := a.Remote(cmd, "yes"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error { return desk.Cancel(cmd.Context(), ledger.BatchID(args[0]), yes) })
			}
			return a.cancelBatch(cmd.Context(), ledger.BatchID(args[0]), a.LedgerPath(sandboxed), yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask before withdrawing")
	a.AddLedgerFlags(cmd.Flags(), &sandboxed)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (a *app) cancelBatch(ctx context.Context, id ledger.BatchID, path string, yes bool) error {
	store, err := a.OpenLedger(ctx, path)
	if err != nil {
		return err
	}
	defer a.CloseLedger(store)
	to := a.Books(store, nil)
	queued, err := to.PrepareCancel(ctx, id)
	if err != nil {
		return err
	}
	var cancelled ledger.Total
	if queued.Total().Count > 0 {
		if err := a.ConfirmCancel(id, queued, yes); err != nil {
			return err
		}
		by := session.Actor(service.Typed)
		if yes {
			by.Confirmed = service.ByFlag
		}
		if cancelled, err = to.Cancel(ctx, by, id); err != nil {
			return err
		}
	}
	open, err := to.AnyOpen(ctx, id)
	if err != nil {
		return err
	}
	return a.ShowCancelled(id, queued, cancelled, open)
}
