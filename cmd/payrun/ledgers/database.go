package ledgers

import (
	"github.com/spf13/cobra"

	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
)

func (c Commands) begin(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Begin a ledger in a PostgreSQL database",
		Long: `Makes the tables of a ledger in a database that machines share, in the schema
"payrun" or in the one that the address names with ?search_path=. What has a
ledger already is left as it is, and a schema with anything else is refused.`,
		Example: "  payrun ledger init --ledger postgres://payrun@db.example/payrun",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.BeginDatabase(cmd.Context(), path()) },
	}
}

func (c Commands) upgrade(path func() string) *cobra.Command {
	return &cobra.Command{
		Use:     "upgrade",
		Short:   "Bring a ledger in a database to this version of payrun",
		Example: "  payrun ledger upgrade --ledger postgres://payrun@db.example/payrun",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.UpgradeDatabase(cmd.Context(), path()) },
	}
}

func (c Commands) worker() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "worker",
		Short:   "See and end the machines that pay from a database",
		Example: "  payrun worker list --ledger postgres://payrun@db.example/payrun",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return ui.Mistaken("no_worker_command") },
	}
	var because string
	evict := &cobra.Command{
		Use:   "evict EPOCH --because TEXT",
		Short: "End a worker whose process will never go on",
		Long: `Lets others take over what a worker holds although its session is still there:
its process is frozen, or its machine is lost and the network has not noticed. Make
sure that the process is gone. Nothing else stops a request that it still sends.`,
		Example: "  payrun worker evict 17 --because machine-switched-off --ledger postgres://payrun@db.example/payrun",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.Evict(cmd.Context(), c.LedgerPath(false), args[0], because)
		},
	}
	evict.Flags().StringVar(&because, "because", "", "how you know that it is gone: `TEXT` for whoever looks later")
	cmd.AddCommand(&cobra.Command{
		Use:     "list",
		Short:   "List who is at work",
		Example: "  payrun worker list --ledger postgres://payrun@db.example/payrun",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.Workers(cmd.Context(), c.LedgerPath(false)) },
	}, evict)
	return cmd
}
