package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/ledger"
)

const diffLong = `Compares the rows of a file with an earlier batch: who is new, who is gone, whose
number, name or amount is another one, and the totals. People are found again by
number and name, not by id, so last month's ids do not matter. Nothing is sent or
recorded.

The batch is the last one that pays at least half of the same numbers, or the one
that --against names. If there is none, that is said. A file with errors is not
compared: the rows in error would seem to be gone.

Exit status: 0 compared, or nothing to compare with, 2 no such batch, 3 the file has
errors, 7 a known transaction_id with other content.`

// diffOptions are those of diff.
type diffOptions struct {
	run     settings.RunOptions
	against string
	sandbox bool
}

func (a *app) diffCommand() *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:     "diff FILE [--against BATCH]",
		Short:   "Say what a file changes against an earlier batch",
		Long:    diffLong,
		Example: "  payrun diff november.xlsx\n  payrun diff november.xlsx --against october",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.diff(cmd.Context(), args[0], o) },
	}
	flags := cmd.Flags()
	o.run.Input.AddFlags(flags)
	o.run.AddBatchFlags(flags)
	settings.AddAgainstFlag(flags, &o.against)
	settings.AddRulesFlag(flags, &o.run.Pay.Provider.Rules)
	a.AddLedgerFlags(flags, &o.sandbox)
	return cmd
}

func (a *app) diff(ctx context.Context, path string, o diffOptions) error {
	id, err := o.run.ID(path)
	if err != nil {
		return err
	}
	set, err := a.Rules(o.run.Pay.Provider.Rules)
	if err != nil {
		return err
	}
	file, err := a.OpenFile(path, o.run.Input)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := a.LedgerToCompare(ctx, o.sandbox, o.against)
	if err != nil {
		return err
	}
	defer done()
	s := a.FileService(set, store)
	check := func(in settings.InputOptions) (*service.Checked, error) {
		return a.checkFile(ctx, s, path, file, id, in)
	}
	checked, err := check(o.run.Input)
	if err != nil {
		return err
	}
	compared, err := repeatsAllowed(checked, o.run.Input, check)
	if err != nil {
		return err
	}
	if compared.Verdict(o.run.SkipInvalid) != service.Payable {
		if err := a.payable(ctx, s, path, o.run, checked); err != nil {
			return err
		}
	}
	found, err := s.Diff(ctx, compared, ledger.BatchID(o.against))
	if err != nil {
		return a.WordDiffError(err)
	}
	return a.ShowDiff(found)
}

// repeatsAllowed is a checked file whose rows may repeat payments: that a payroll repeats
// the last one is no reason not to say what it changes.
func repeatsAllowed(
	checked *service.Checked, in settings.InputOptions, check func(settings.InputOptions) (*service.Checked, error),
) (*service.Checked, error) {
	if checked.Repeats == 0 {
		return checked, nil
	}
	in.Annotate, in.Problems = "", "" // which tell of repeats
	if err := in.Repeats.Set(strconv.Itoa(checked.Repeats)); err != nil {
		return nil, err
	}
	return check(in)
}

// payable shows what is wrong with a file that may not be paid. The error is its exit
// code then.
func (a *app) payable(ctx context.Context, s *service.Service, path string, o settings.RunOptions, checked *service.Checked) error {
	verdict := checked.Verdict(o.SkipInvalid)
	if verdict == service.Payable {
		return nil
	}
	next, err := a.remedy(ctx, s, path, o.Input, checked)
	if err != nil {
		return err
	}
	if err := a.showChecked(path, checked, o.Input, next); err != nil {
		return err
	}
	return verdictError(verdict)
}
