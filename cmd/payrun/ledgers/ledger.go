package ledgers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

func (c Commands) ledger() *cobra.Command {
	var sandboxed bool
	path := func() string { return c.LedgerPath(sandboxed) }
	cmd := &cobra.Command{
		Use:     "ledger",
		Short:   "Check, copy, restore or export the ledger",
		Example: "  payrun ledger verify",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return ui.Mistaken("no_ledger_command")
		},
	}
	c.AddLedgerFlags(cmd.PersistentFlags(), &sandboxed)
	cmd.AddCommand(c.verify(path, &sandboxed), c.backup(path), c.restore(path), c.export(path),
		c.begin(path), c.upgrade(path), c.move())
	return cmd
}

func (c Commands) backup(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:     "backup FILE",
		Short:   "Write a consistent copy of the ledger",
		Example: "  payrun ledger backup payrun-2026-11-30.db",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.writeBackup(cmd.Context(), path(), args[0]) },
	}
}

// writeBackup never replaces a file: the copy that a person is about to
// overwrite may be the only good one.
func (c Commands) writeBackup(ctx context.Context, path, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return ui.Mistaken("exists", "file", to)
	}
	store, done, err := c.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	if err := session.BackUp(ctx, store, to); err != nil {
		return fmt.Errorf("back up the ledger: %w", err)
	}
	if c.JSON() {
		return c.PrintObject("backup", struct {
			Backup string `json:"backup"`
		}{to})
	}
	return c.Say("%s", c.Text("ledger.copied", "file", to))
}

func (c Commands) export(path func() string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print every batch, payout and event as JSON lines",
		Long: `Prints one JSON object per line. Its key "kind" is batch, payout, rejected or
event. Numbers are printed in full.`,
		Example: "  payrun ledger export > ledger.jsonl",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asks, err := c.Remote(cmd); err != nil || asks {
				return c.printAllAt(cmd.Context(), err)
			}
			return c.printAll(cmd.Context(), path())
		},
	}
	c.AddServerFlags(cmd.Flags())
	return cmd
}

// printAllAt prints what the server's ledger has, unless a flag is against asking it.
func (c Commands) printAllAt(ctx context.Context, refused error) error {
	if refused != nil {
		return refused
	}
	desk, err := remote.Open(c.Settings, c.Version)
	if err != nil {
		return err
	}
	defer desk.Close()
	if err := desk.Export(ctx, ui.Verbatim(c.Stdout)); err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}

func (c Commands) printAll(ctx context.Context, path string) error {
	store, done, err := c.ReadLedger(ctx, path)
	if err != nil {
		return err
	}
	defer done()
	if err := c.Books(store, nil).Export(ctx, ui.Verbatim(c.Stdout)); err != nil {
		return fmt.Errorf("export the ledger: %w", err)
	}
	return nil
}
