package serving

import (
	"context"

	"github.com/spf13/cobra"

	"payrun/batch/access"
	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (c Commands) hook() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "Make and end the address that the provider calls",
		Long: `The provider can call the server when something became of a transfer. Nobody signs these
calls, so that none is believed: a payout that is pending is looked up sooner, and that is all.
Enter the address at the provider. While a server holds a ledger file, --server URL makes and
ends it there, with a token of the scope tokens.`,
		Example: "  payrun hook create --url https://payrun.example --ledger payroll.db",
		Args:    settings.Args(cobra.NoArgs),
		RunE:    func(*cobra.Command, []string) error { return ui.Mistaken("no_hook_command") },
	}
	cmd.AddCommand(c.hookCreate(), c.hookEnd())
	return cmd
}

func (c Commands) hookCreate() *cobra.Command {
	var o options
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "create",
		Short:   "Make another address, and end the one before",
		Long:    `Prints the address once: what is kept of its secret part is the SHA-256.`,
		Example: "  payrun hook create --url https://payrun.example",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := o.named(); err != nil {
				return err
			}
			asked, err := c.at(cmd, func(desk *remote.Desk) error {
				path, err := desk.MakeHook(cmd.Context())
				if err != nil {
					return err
				}
				return c.showHook(o.url + path)
			}, "url")
			if err != nil || asked {
				return err
			}
			return c.changeHook(cmd.Context(), sandboxed, func(k *access.Keeper, by ledger.Person) error {
				secret, err := k.MakeHook(cmd.Context(), by)
				if err != nil {
					return err
				}
				return c.showHook(o.url + httpPath + secret)
			})
		},
	}
	cmd.Flags().StringVar(&o.url, "url", "", "the `HTTPS-URL` by which the provider reaches the server")
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

// showHook tells an address, once.
func (c Commands) showHook(address string) error {
	if c.JSON() {
		return c.PrintObject("hook", struct {
			Address string `json:"address"`
		}{address})
	}
	c.Remark(c.Text("hook.made"))
	return c.Say("%s", address)
}

func (c Commands) hookEnd() *cobra.Command {
	var sandboxed bool
	cmd := &cobra.Command{
		Use:     "end",
		Short:   "End the address",
		Example: "  payrun hook end",
		Args:    settings.Args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			asked, err := c.at(cmd, func(desk *remote.Desk) error {
				if err := desk.EndHook(cmd.Context()); err != nil {
					return err
				}
				return c.showEnded()
			})
			if err != nil || asked {
				return err
			}
			return c.changeHook(cmd.Context(), sandboxed, func(k *access.Keeper, by ledger.Person) error {
				if err := k.EndHook(cmd.Context(), by); err != nil {
					return err
				}
				return c.showEnded()
			})
		},
	}
	c.AddLedgerFlags(cmd.Flags(), &sandboxed)
	c.AddServerFlags(cmd.Flags())
	return cmd
}

func (c Commands) showEnded() error {
	if c.JSON() {
		return c.PrintObject("hook", struct {
			Address string `json:"address"`
		}{})
	}
	return c.Say("%s", c.Text("hook.ended"))
}

// httpPath is the path of the address.
const httpPath = "/hooks/"

// changeHook opens the ledger to change the address.
func (c Commands) changeHook(ctx context.Context, sandboxed bool, change func(*access.Keeper, ledger.Person) error) error {
	store, err := c.CreateLedger(ctx, c.LedgerPath(sandboxed))
	if err != nil {
		return err
	}
	defer c.CloseLedger(store)
	return change(keeper(store), personOf(session.Actor(service.ByFlag)))
}
