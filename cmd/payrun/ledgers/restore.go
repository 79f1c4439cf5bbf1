package ledgers

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
)

func (c Commands) restore(path func() string) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "restore BACKUP",
		Short: "Put a backup in the ledger's place",
		Long: `Verifies a copy made with payrun ledger backup and puts it in the ledger's place, in
one step. What lay there is kept under another name. The ledger is marked as
restored: what is queued in it is looked up at the provider before it is sent, since
it may have been paid after the copy was made.

A ledger that holds together and knows more than the backup is not replaced, unless
--yes says so.`,
		Example: "  payrun ledger restore payrun-2026-11-30.db",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.putBack(cmd.Context(), path(), args[0], yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "replace a ledger that holds together, too")
	return cmd
}

func (c Commands) putBack(ctx context.Context, path, backup string, yes bool) error {
	done, err := c.Restore(ctx, path, backup, yes)
	if err != nil {
		return err
	}
	return c.ShowRestored(path, backup, done)
}
