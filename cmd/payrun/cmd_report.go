package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/catalogue"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider"
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
balanced entries for an accounting program.`,
		Example: "  payrun report payroll --report november\n  payrun report payroll --format journal --csv-locale fr",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(o.Formats, reports.FormatJournal) {
				if err := a.RefuseIdle(cmd, "idle_journal", settings.JournalFlags...); err != nil {
					return err
				}
			}
			return a.report(cmd.Context(), ledger.BatchID(args[0]), a.LedgerPath(sandboxed), o)
		},
	}
	o.AddFlags(cmd.Flags())
	o.AddFormatFlags(cmd.Flags())
	a.addLedgerFlags(cmd.Flags(), &sandboxed)
	return cmd
}

func (a *app) report(ctx context.Context, id ledger.BatchID, path string, o settings.ReportOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	found, err := store.Batch(ctx, id)
	if err != nil {
		return err
	}
	written, err := a.books(store, a.reportAnchors(found, o)).Report(ctx, found, a.reporting(o))
	if err != nil {
		return err
	}
	if slices.Contains(o.Formats, reports.FormatJournal) {
		a.WarnOfJournal(written.Summary)
	}
	return a.ShowReports(id, written)
}

// checkReports finds out whether the reports of a batch can be written.
func (a *app) checkReports(o settings.ReportOptions, id ledger.BatchID, environment string) error {
	if err := reports.Check(o.Dir, reports.Header{Batch: id, Environment: environment}); err != nil {
		if errors.Is(err, reports.ErrOtherBatch) {
			return err
		}
		return ui.UsageOf(err, a.Text("advice.other_report"))
	}
	return nil
}

// typedLedger is the ledger that was named, as a word of a command, empty if none was.
func (a *app) typedLedger() string {
	if a.Ledger == "" {
		return ""
	}
	return ui.ShellWord(a.Ledger)
}

// reporting says where reports go and how they are written.
func (a *app) reporting(o settings.ReportOptions) service.Reporting {
	return service.Reporting{Folder: o.Dir, Options: reports.Options{
		French: a.Language == catalogue.French, FrenchCSV: o.CsvLocale == "fr",
		Formats: o.Formats, Journal: o.Journal, Ledger: a.typedLedger(),
	}}
}

// reportAnchors are the folder with the key that signs the reports of a batch.
func (a *app) reportAnchors(b ledger.Batch, o settings.ReportOptions) *anchor.Folder {
	sandboxed := b.Account.Place == provider.SimulatorPlace
	return anchor.Open(a.anchorFolders(a.LedgerPath(sandboxed), o.Anchors, sandboxed)...)
}
