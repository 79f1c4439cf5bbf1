package main

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/intake"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
)

func (a *app) validateCommand() *cobra.Command {
	var o settings.InputOptions
	var rulesPath string
	var sandboxed bool
	cmd := &cobra.Command{
		Use:   "validate FILE",
		Short: "Check a file and print every problem; send nothing",
		Long: `Reads the whole file, CSV, XLSX or ODS, and prints every problem with its row, its
column and how to mend it. "-" reads standard input. Nothing is sent and nothing
is recorded; if there is a ledger, rows are also compared with what it holds.

Exit status: 0 no errors, 3 errors, 7 a known transaction_id with other content.`,
		Example: "  payrun validate november.xlsx",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.validate(cmd.Context(), args[0], o, rulesPath, sandboxed)
		},
	}
	o.AddFlags(cmd.Flags())
	settings.AddRulesFlag(cmd.Flags(), &rulesPath)
	a.AddLedgerFlags(cmd.Flags(), &sandboxed)
	return cmd
}

func (a *app) validate(ctx context.Context, path string, o settings.InputOptions, rulesPath string, sandboxed bool) error {
	set, err := a.Rules(rulesPath)
	if err != nil {
		return err
	}
	file, err := a.OpenFile(path, o)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // only read
	store, done, err := a.LedgerToCompare(ctx, sandboxed, "")
	if err != nil {
		return err
	}
	defer done()
	s := a.FileService(set, store)
	checked, err := a.checkFile(ctx, s, path, file, intake.IDFromFile(path), o)
	if err != nil {
		return err
	}
	next, err := a.remedy(ctx, s, path, o, checked)
	if err != nil {
		return err
	}
	verdict := checked.Verdict(false)
	if verdict == service.Payable {
		next = a.ForFile("plan", path)
		if !sandboxed && !a.NamesCredentials() {
			// Who has none yet can rehearse, which a plan without an account cannot.
			next = a.ForFile("run", path, "--sandbox")
		}
	}
	if err := a.showChecked(path, checked, o, next); err != nil {
		return err
	}
	return verdictError(verdict)
}
