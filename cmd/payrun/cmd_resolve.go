package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/remote"
	"payrun/cmd/payrun/session"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// resolveOptions are a person's word about a payout.
type resolveOptions struct {
	paid, notPaid bool
	because       string
	yes           bool
	sandboxed     bool
}

func (a *app) resolveCommand() *cobra.Command {
	var o resolveOptions
	cmd := &cobra.Command{
		Use:   "resolve BATCH ID --paid|--not-paid --because TEXT",
		Short: "Record what you saw at the provider about one payout",
		Long: `For a payout whose end nobody can find out by asking, or about which ledger and
provider disagree: look at it in the provider's own dashboard, or have it confirmed in
writing, and record what you saw. It shows the payout, every attempt and every
difference first, and asks.

--paid ends it as paid, --not-paid as failed; one that was withdrawn stays so. Nothing
is sent. The differences stay on record as answered, with your name and the reason. A
payout about which nothing is open is refused.`,
		Example: `  payrun resolve payroll NOV-0017 --not-paid --because cancelled-on-their-page`,
		Args:    settings.Args(cobra.ExactArgs(2)), //nolint:mnd // BATCH and ID
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(); err != nil {
				return err
			}
			id, payout := ledger.BatchID(args[0]), ledger.TransactionID(args[1])
			if asks, err := a.Remote(cmd, "paid", "not-paid", "because", "yes"); err != nil || asks {
				return a.atServer(err, func(desk *remote.Desk) error { return desk.Resolve(cmd.Context(), id, payout, o.seen(), o.yes) })
			}
			return a.resolve(cmd.Context(), id, payout, o)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.paid, "paid", false, "the beneficiary has the money")
	flags.BoolVar(&o.notPaid, "not-paid", false, "the beneficiary does not have it, and will not get it by this payout")
	flags.StringVar(&o.because, "because", "", "how you know: `TEXT` for whoever reads the books")
	flags.BoolVar(&o.yes, "yes", false, "do not ask before recording it")
	a.AddLedgerFlags(cmd.Flags(), &o.sandboxed)
	a.AddServerFlags(cmd.Flags())
	return cmd
}

func (o resolveOptions) validate() error {
	switch {
	case o.paid == o.notPaid:
		return ui.Mistaken("seen")
	case strings.TrimSpace(o.because) == "":
		return ui.Mistaken("because")
	}
	return nil
}

// seen is their word.
func (o resolveOptions) seen() service.Seen {
	return service.Seen{Paid: o.paid, Because: strings.TrimSpace(o.because)}
}

func (a *app) resolve(ctx context.Context, id ledger.BatchID, payoutID ledger.TransactionID, o resolveOptions) error {
	store, err := a.OpenLedger(ctx, a.LedgerPath(o.sandboxed))
	if err != nil {
		return err
	}
	defer a.CloseLedger(store)
	to := a.Books(store, nil)
	payout, err := to.PrepareResolve(ctx, id, payoutID)
	if err != nil {
		return a.WordUnresolvable(id, payout, err)
	}
	if !a.JSON() {
		if err := a.ShowPayout(payout); err != nil {
			return err
		}
	}
	if err := service.Resolvable(payout); err != nil {
		return a.WordUnresolvable(id, payout, err)
	}
	by := session.Actor(service.ByFlag)
	if !o.yes {
		if err := a.ConfirmResolve(id, payout, o.paid); err != nil {
			return err
		}
		by.Confirmed = service.Typed
	}
	after, err := to.Resolve(ctx, by, payout, o.seen())
	if err != nil {
		return err
	}
	return a.ShowResolved(id, payout, after)
}
