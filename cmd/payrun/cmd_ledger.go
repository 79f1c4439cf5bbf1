package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

func (a *app) ledgerCommand() *cobra.Command {
	var sandboxed bool
	path := func() string { return a.LedgerPath(sandboxed) }
	cmd := &cobra.Command{
		Use:     "ledger",
		Short:   "Check, copy, restore or export the ledger",
		Example: "  payrun ledger verify",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ui.Mistaken("no_ledger_command")
		},
	}
	a.AddLedgerFlags(cmd.PersistentFlags(), &sandboxed)
	cmd.AddCommand(a.ledgerVerifyCommand(path, &sandboxed), a.ledgerBackupCommand(path), a.ledgerRestoreCommand(path), a.ledgerExportCommand(path),
		a.ledgerInitCommand(path), a.ledgerUpgradeCommand(path))
	return cmd
}

func (a *app) ledgerBackupCommand(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:     "backup FILE",
		Short:   "Write a consistent copy of the ledger",
		Example: "  payrun ledger backup payrun-2026-11-30.db",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.ledgerBackup(cmd.Context(), path(), args[0]) },
	}
}

// ledgerBackup never replaces a file: the copy that a person is about to
// overwrite may be the only good one.
func (a *app) ledgerBackup(ctx context.Context, path, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return ui.Mistaken("exists", "file", to)
	}
	store, done, err := a.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	if err := session.BackUp(ctx, store, to); err != nil {
		return fmt.Errorf("back up the ledger: %w", err)
	}
	if a.JSON() {
		return a.PrintJSON(map[string]string{"backup": to})
	}
	return a.Say("%s", a.Text("ledger.copied", "file", to))
}

func (a *app) ledgerExportCommand(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "export",
		Short: "Print every batch, payout and event as JSON lines",
		Long: `Prints one JSON object per line. Its key "kind" is batch, payout, rejected or
event. Numbers are printed in full.`,
		Example: "  payrun ledger export > ledger.jsonl",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.ledgerExport(cmd.Context(), path()) },
	}
}

func (a *app) ledgerExport(ctx context.Context, path string) error {
	store, done, err := a.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	if err := a.Books(store, nil).Export(ctx, a.Stdout); err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}
