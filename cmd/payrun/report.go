package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/messages"
	"payrun/ledger"
	"payrun/reports"
)

func (a *app) reportCommand() *cobra.Command {
	o := reportOptions{journal: reports.DefaultJournal()}
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "report BATCH",
		Short: "Write the reports of a batch again",
		Long: `Writes BATCH.csv, .xlsx, .json and .html from the ledger alone. It can be asked
while a run is going on: the report then shows where it stood at that moment.

--format journal writes BATCH.journal.csv instead: what was paid, and its fees, as
balanced entries for an accounting program.`,
		Example: "  payrun report payroll --report november\n  payrun report payroll --format journal --csv-locale fr",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(o.formats, reports.FormatJournal) {
				if err := a.refuseIdle(cmd, "goes with --format journal", journalFlags...); err != nil {
					return err
				}
			}
			return a.report(cmd.Context(), ledger.BatchID(args[0]), a.ledgerPath(sandboxed), o)
		},
	}
	o.addFlags(cmd.Flags())
	o.addFormatFlags(cmd.Flags())
	addSandboxLedgerFlag(cmd, &sandboxed)
	return cmd
}

func (a *app) report(ctx context.Context, id ledger.BatchID, path string, o reportOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	store, done, err := a.readLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	found, err := batch.Find(ctx, store, id)
	if err != nil {
		return err
	}
	written, err := a.writeReports(ctx, store, found, o)
	if err != nil {
		return err
	}
	a.warnOfJournal(written.Summary, o)
	if a.global.json() {
		return a.printJSON(struct {
			Batch   ledger.BatchID  `json:"batch"`
			Reports []string        `json:"reports"`
			Summary reports.Summary `json:"summary"`
		}{id, written.Files, written.Summary})
	}
	return a.say("%s", a.text("end.reports", "files", strings.Join(written.Files, ", ")))
}

// warnOfJournal says what a journal lacks, since it will be booked as if it were
// all.
func (a *app) warnOfJournal(s reports.Summary, o reportOptions) {
	if !slices.Contains(o.formats, reports.FormatJournal) {
		return
	}
	if open := s.Open().Count; open > 0 {
		a.notices.say(a.text("journal.open", "count", number(open)))
	}
	if s.FeesUnknown > 0 {
		a.notices.say(a.text("journal.fees_unknown", "count", number(s.FeesUnknown)))
	}
	if s.Differences > 0 {
		a.notices.say(a.text("journal.differences", "count", number(s.Differences)))
	}
	if s.Elsewhere.Count > 0 {
		a.notices.say(a.text("journal.elsewhere", "count", number(s.Elsewhere.Count)))
	}
	if s.Environment == environmentSandbox {
		a.notices.say(a.text("journal.rehearsal"))
	}
}

// checkReports finds out whether the reports of a batch can be written.
func checkReports(o reportOptions, id ledger.BatchID, environment string) error {
	if err := reports.Check(o.dir, reports.Header{Batch: id, Environment: environment}); err != nil {
		return advise(err, exitUsage, "choose another folder with --report DIR")
	}
	return nil
}

// typedLedger is the ledger that was named, as a word of a command, empty if none was.
func (a *app) typedLedger() string {
	if a.global.ledger == "" {
		return ""
	}
	return shellWord(a.global.ledger)
}

// reportable is what a report is made from.
type reportable interface {
	ledger.Store
	ledger.Auditor
}

// writeReports writes the reports of a batch as the ledger has it.
func (a *app) writeReports(ctx context.Context, store reportable, b ledger.Batch, o reportOptions) (reports.Written, error) {
	events, head, err := store.Head(ctx)
	if err != nil {
		return reports.Written{}, fmt.Errorf("read the audit log: %w", err)
	}
	return reports.Write(ctx, o.dir, store, reports.Header{
		Batch: b.ID, File: b.File, SHA256: b.SHA256, Environment: b.Environment,
		CreatedAt: b.CreatedAt, Events: events, Head: head,
	}, reports.Options{
		French: a.language() == messages.French, FrenchCSV: o.csvLocale == "fr",
		Formats: o.formats, Journal: o.journal, Ledger: a.typedLedger(),
	})
}
