package ledgers

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
)

func (c Commands) move() *cobra.Command {
	return &cobra.Command{
		Use:   "copy SOURCE DESTINATION",
		Short: "Move a ledger from a file into a PostgreSQL database",
		Long: `Copies a ledger, with every event and its hash, into a database in which payrun
ledger init has begun one that is empty. Both are verified and held against each
other. Then the file is marked as moved: it can be read, and pays nothing any more.

It takes the rights of whoever made the database's tables. A copy that was cut short
is completed by the same command; until the mark the file goes on as if nothing had
happened. The next run from the database asks the provider before it sends anything,
as after every move.`,
		Example: "  payrun ledger copy payrun.db postgres://payrun_owner@db.example/payrun",
		Args:    settings.Args(cobra.ExactArgs(2)),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.MoveLedger(cmd.Context(), args[0], args[1]) },
	}
}
