package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/ledger"
	"payrun/reports"
)

func (a *app) reportCommand() *cobra.Command {
	o := settings.ReportOptions{Journal: reports.DefaultJournal()}
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "report BATCH",
		Short: "Write the reports of a batch again",
		Long: `Writes BATCH.csv, .xlsx, .json and .html from the ledger alone. It can be asked
while a run is going on: the report then shows where it stood at that moment.

--format journal writes BATCH.journal.csv instead: what was paid, and its fees, as
balanced entries for an accounting program. --payees lists everybody at the end of the
page, and --numbers shows their numbers in full there and on the workbook's list.`,
		Example: "  payrun report payroll --report november\n  payrun report payroll --format journal --csv-locale fr",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(o.Formats, reports.FormatJournal) {
				if err := a.RefuseIdle(cmd, "idle_journal", settings.JournalFlags...); err != nil {
					return err
				}
			}
			if asks, err := a.Remote(cmd, reportAtServer...); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error { return a.reportAt(cmd.Context(), desk, ledger.BatchID(args[0]), o) })
			}
			return a.report(cmd.Context(), ledger.BatchID(args[0]), a.LedgerPath(sandboxed), o)
		},
	}
	o.AddFlags(cmd.Flags())
	o.AddFormatFlags(cmd.Flags())
	a.AddLedgerFlags(cmd.Flags(), &sandboxed)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (a *app) report(ctx context.Context, id ledger.BatchID, path string, o settings.ReportOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if err := a.ReadLetterhead(o); err != nil {
		return err
	}
	store, done, err := a.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	found, err := store.Batch(ctx, id)
	if err != nil {
		return err
	}
	written, err := a.Books(store, a.ReportAnchors(found, o)).Report(ctx, found, a.Reporting(o))
	if none, ok := errors.AsType[*reports.NoReceiptError](err); ok {
		return a.WordNoReceipt(none, id)
	}
	if err != nil {
		return err
	}
	if slices.Contains(o.Formats, reports.FormatJournal) {
		a.WarnOfJournal(written.Summary)
	}
	return a.ShowReports(id, written)
}
