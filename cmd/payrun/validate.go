package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"payrun/batch"
	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
)

func (a *app) validateCommand() *cobra.Command {
	var o inputOptions
	var rulesPath string
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a file and print every problem; send nothing",
		Long: `Reads the whole file, CSV or XLSX, and prints every problem with its row, its
column and how to mend it. "-" reads standard input. Nothing is sent and nothing
is recorded; if there is a ledger, rows are also compared with what it holds.

Exit status: 0 no errors, 3 errors, 7 a known transaction_id with other content.`,
		Example: "  payrun validate november.xlsx",
		Args:    usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.validate(cmd.Context(), args[0], o, rulesPath)
		},
	}
	o.addFlags(cmd.Flags())
	addRulesFlag(cmd.Flags(), &rulesPath)
	return cmd
}

func (a *app) validate(ctx context.Context, path string, o inputOptions, rulesPath string) error {
	set, err := loadRules(rulesPath)
	if err != nil {
		return err
	}
	file, err := a.openFile(path, o)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := a.ledgerToCompare(ctx, false)
	if err != nil {
		return err
	}
	defer done()

	found, err := a.inspect(ctx, file, set, o, store, batch.IDFromFile(path))
	if err != nil {
		return a.unreadable(path, err)
	}
	if err := a.showValidation(path, file.Info(), found); err != nil {
		return err
	}
	if code := found.refused(false); code != exitPaid {
		return code
	}
	return nil
}

// ledgerToCompare opens the ledger if there is one.
func (a *app) ledgerToCompare(ctx context.Context, sandboxed bool) (paidLedger, func(), error) {
	path := a.ledgerPath(sandboxed)
	if isMissing(path) {
		// A first run will begin it.
		return nil, func() {}, nil
	}
	store, done, err := a.readLedger(ctx, path)
	if errors.Is(err, ledger.ErrLocked) {
		a.logger().Warn().Err(err).Msg("the file is not compared with the ledger")
		return nil, func() {}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return store, done, nil
}

// unreadable tells of a file that is no table, in the form of a problem so that
// scripts find it where they look.
func (a *app) unreadable(path string, err error) error {
	if a.global.json() {
		problem := rules.Problem{
			Code: input.Code(err), Severity: rules.Error, Value: path,
			Details: map[string]string{"reason": err.Error()},
		}
		found := &inspection{problems: []rules.Problem{problem}}
		found.review.Errors = 1
		if err := a.showValidation(path, input.Info{}, found); err != nil {
			return err
		}
	}
	if advised := (*advice)(nil); errors.As(err, &advised) {
		return err
	}
	return &advice{err: err, code: exitFile, hints: adviceFor(err).hints}
}
