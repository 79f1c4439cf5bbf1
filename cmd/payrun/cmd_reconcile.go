package main

import (
	"context"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"payrun/batch/intake/table"
	"payrun/batch/reconcile"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (a *app) reconcileCommand() *cobra.Command {
	var o settings.ReconcileOptions
	cmd := &cobra.Command{
		Use:   "reconcile BATCH",
		Short: "Hold the file, the ledger and the provider against each other",
		Long: `Asks the provider about every payout of the batch again, by its list of
transactions and by look-ups at --rate, and compares. With --statement it asks
nobody and compares with what the provider's dashboard exported, CSV, XLSX or ODS.

Every attempt of every payout is asked about. An open payout that the provider has
settled is recorded as such. What contradicts a final state, a payment that was reversed
for one, is recorded beside it, listed, and stays until payrun resolve answers it;
nothing final is rewritten and nothing is sent. The reports are written again.

Exit status: 0 everything was compared and nothing differs, 3 the statement cannot be
read, 5 look-ups or the list had no answer, 6 payouts are open, or there is no list that
has all that is known to be there, 7 differences that nobody has resolved.`,
		Example: "  payrun reconcile payroll --rate 5\n  payrun reconcile payroll --statement november.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Statement != "" {
				if err := a.RefuseIdle(cmd, "idle_statement", slices.Concat(a.ProviderFlags(), settings.AskingFlags)...); err != nil {
					return err
				}
			}
			if asks, err := a.Remote(cmd, "statement", "sheet", "map", "details", "report", "csv-locale"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error {
					return a.reconcileAt(cmd.Context(), desk, ledger.BatchID(args[0]), o)
				})
			}
			o.Pay.Rehearse(cmd.Flags())
			return a.reconcile(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	o.AddFlags(cmd.Flags(), &a.Settings)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (a *app) reconcile(ctx context.Context, id ledger.BatchID, o settings.ReconcileOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if o.Statement != "" {
		return a.reconcileStatement(ctx, id, o)
	}
	s, err := a.Open(ctx, o.Pay)
	if err != nil {
		return err
	}
	defer s.Close()
	found, err := s.Open(ctx, session.Actor(service.Typed), id)
	if err != nil {
		return err
	}
	if err := a.CheckReports(o.Pay.Report, id, found.Account.Place); err != nil {
		return err
	}
	if _, err := s.Balance(ctx); err != nil {
		return err
	}
	done, err := s.Reconcile(ctx, a.Accepting, session.Actor(service.Unconfirmed), found)
	if err != nil {
		return err
	}
	return a.concludeReconciled(done, o, nil, func(b ledger.Batch) (service.Reported, error) {
		return s.TryReport(ctx, b, a.Reporting(o.Pay.Report))
	})
}

// reconcileStatement needs no provider and no credentials.
func (a *app) reconcileStatement(ctx context.Context, id ledger.BatchID, o settings.ReconcileOptions) error {
	set, err := a.Rules(o.Pay.Provider.Rules)
	if err != nil {
		return err
	}
	store, err := a.OpenLedger(ctx, a.LedgerPath(o.Pay.Provider.Sandbox))
	if err != nil {
		return err
	}
	defer a.CloseLedger(store)
	found, err := store.Batch(ctx, id)
	if err != nil {
		return err
	}
	if err := a.CheckReports(o.Pay.Report, id, found.Account.Place); err != nil {
		return err
	}
	read, err := a.ReadStatement(ctx, o.Statement, table.Options{Sheet: o.Sheet, Map: o.Columns}, set)
	if err != nil {
		return err
	}
	defer read.Close() //nolint:errcheck // it is not needed any more
	if read.Errors() > 0 {
		return refused(a.ShowRefusedStatement(*read, o.Details))
	}
	if err := a.SayStatement(*read, o.Details); err != nil {
		return err
	}
	books := service.New(service.Config{
		Ledger: store, Anchors: a.ReportAnchors(found, o.Pay.Report), Rules: set, Log: *a.Logger(),
	})
	done, err := books.ReconcileStatement(ctx, a.Accepting, session.Actor(service.Unconfirmed), found, read.All())
	if err != nil {
		return err
	}
	return a.concludeReconciled(done, o, read, func(b ledger.Batch) (service.Reported, error) {
		return books.TryReport(ctx, b, a.Reporting(o.Pay.Report))
	})
}

// reconcileAt is reconcile at a running server. A statement is read here, and its transfers are sent.
func (a *app) reconcileAt(ctx context.Context, desk *remote.Desk, id ledger.BatchID, o settings.ReconcileOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if err := a.CheckReports(o.Pay.Report, id, ""); err != nil {
		return err
	}
	var read *ui.StatementRead
	var transfers iter.Seq2[reconcile.Transfer, error]
	if o.Statement != "" {
		set, err := a.Rules("")
		if err != nil {
			return err
		}
		if read, err = a.ReadStatement(ctx, o.Statement, table.Options{Sheet: o.Sheet, Map: o.Columns}, set); err != nil {
			return err
		}
		defer read.Close() //nolint:errcheck // it is not needed any more
		if read.Errors() > 0 {
			return refused(a.ShowRefusedStatement(*read, o.Details))
		}
		if err := a.SayStatement(*read, o.Details); err != nil {
			return err
		}
		transfers = read.All()
	}
	done, err := desk.Reconcile(ctx, id, transfers)
	if err != nil {
		return err
	}
	return a.concludeReconciled(done, o, read, func(ledger.Batch) (service.Reported, error) { return desk.Reported(ctx, id, o.Pay.Report) })
}

// concludeReconciled has the reports written again and tells what came of it.
func (a *app) concludeReconciled(done service.Reconciled, o settings.ReconcileOptions, read *ui.StatementRead, report func(ledger.Batch) (service.Reported, error)) error {
	defer done.Close() //nolint:errcheck // it is not needed any more
	written, err := report(done.Batch)
	if err != nil {
		return err
	}
	outcome := done.Outcome()
	if err := a.ShowReconciled(done, int(exitOf(outcome)), written.Files, read, o.Details); err != nil {
		return err
	}
	if written.Unwritten != nil {
		a.SayUnwritten(written.Unwritten, done.Batch.ID)
	}
	return concluded(outcome, nil)
}
