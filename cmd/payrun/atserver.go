package main

import (
	"context"

	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/reports"
)

// runAtServer are the flags of run that a server is told.
//
//nolint:gochecknoglobals // a table that nothing writes to
var runAtServer = []string{
	"batch", "skip-invalid", "strict", "restore-leading-zero", "sheet", "hidden", "map", "repeat-ok",
	"expect-count", "expect-total", "expect-corrections", "yes", "allow-partial", "report", "csv-locale",
	"not-before",
}

// reportAtServer are the flags of report that a server is told. Who it is from is the server's to say.
//
//nolint:gochecknoglobals // a table that nothing writes to
var reportAtServer = append([]string{"report", "format", "payees", "numbers", "csv-locale"}, settings.JournalFlags...)

// atServer does something at the server that the settings name, unless a flag is against it.
func (a *app) atServer(refused error, do func(*remote.Desk) error) error {
	if refused != nil {
		return refused
	}
	desk, err := remote.Open(&a.Settings, version)
	if err != nil {
		return err
	}
	defer desk.Close()
	return do(desk)
}

// endAt returns what tells how a batch ended that a server paid, and ends as the command at the
// ledger does.
func (a *app) endAt(ctx context.Context) func(ui.Ending, error) error {
	return func(e ui.Ending, err error) error {
		if err != nil {
			return err
		}
		return concluded(e.Outcome(), a.tellEnding(context.WithoutCancel(ctx), e))
	}
}

func (a *app) statusAt(ctx context.Context, desk *remote.Desk, args []string, state string) error {
	if len(args) == 0 {
		all, err := desk.Overview(ctx)
		if err != nil {
			return err
		}
		return a.ShowBatches(all)
	}
	found, err := desk.Status(ctx, ledger.BatchID(args[0]), state)
	if err != nil {
		return err
	}
	if err := a.ShowBatch(found, state); err != nil {
		return err
	}
	return concluded(found.Outcome(), nil)
}

func (a *app) reportAt(ctx context.Context, desk *remote.Desk, id ledger.BatchID, o settings.ReportOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	written, err := desk.Report(ctx, id, o)
	if err != nil {
		return err
	}
	for _, format := range o.Formats {
		if format == reports.FormatJournal {
			a.WarnOfJournal(written.Summary)
		}
	}
	return a.ShowReports(id, written)
}

func (a *app) receiptAt(ctx context.Context, desk *remote.Desk, id ledger.BatchID, o settings.ReportOptions) error {
	if err := o.Validate(); err != nil {
		return err
	}
	written, err := desk.Receipts(ctx, id, o)
	if err != nil {
		return err
	}
	return a.ShowReports(id, written)
}

func (a *app) evidenceAt(ctx context.Context, desk *remote.Desk, id ledger.BatchID, folder string) error {
	written, err := desk.Evidence(ctx, id, folder)
	if err != nil {
		return a.WordEvidence(err)
	}
	return a.ShowEvidence(folder, written)
}
