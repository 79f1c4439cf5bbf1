package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"payrun/batch/service"
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
			return a.resolve(cmd.Context(), ledger.BatchID(args[0]), ledger.TransactionID(args[1]), o)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.paid, "paid", false, "the beneficiary has the money")
	flags.BoolVar(&o.notPaid, "not-paid", false, "the beneficiary does not have it, and will not get it by this payout")
	flags.StringVar(&o.because, "because", "", "how you know: `TEXT` for whoever reads the books")
	flags.BoolVar(&o.yes, "yes", false, "do not ask before recording it")
	addLedgerFlags(cmd.Flags(), &o.sandboxed)
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

// resolved is what resolve prints for scripts. Its keys are documented in
// docs/json.md.
type resolved struct {
	Batch         ledger.BatchID       `json:"batch"`
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Before        ledger.State         `json:"before"`
	State         ledger.State         `json:"state"`
	Resolution    ledger.Resolution    `json:"resolution"`
	Attempts      []attempted          `json:"attempts"`
	Differences   []ledger.Difference  `json:"differences"`
}

// attempted is an attempt as it is shown.
type attempted struct {
	Attempt     int              `json:"attempt"`
	Reference   ledger.Reference `json:"reference"`
	ProviderRef string           `json:"provider_ref"`
	Number      string           `json:"number"`
	Amount      int64            `json:"amount"`
	State       ledger.State     `json:"state"`
	Said        ledger.Said      `json:"said"`
	Code        string           `json:"code"`
	Message     string           `json:"message"`
}

func attemptsOf(p ledger.Payout) []attempted {
	var all []attempted
	for _, t := range p.Attempts() {
		all = append(all, attempted{
			Attempt: t.Number, Reference: t.Reference, ProviderRef: t.Answer.ProviderRef, Number: t.Terms.Number.String(),
			Amount: int64(t.Terms.Amount), State: t.State, Said: t.Said, Code: t.Answer.Code, Message: t.Answer.Message,
		})
	}
	return all
}

func (a *app) resolve(ctx context.Context, id ledger.BatchID, payoutID ledger.TransactionID, o resolveOptions) error {
	if err := o.validate(); err != nil {
		return err
	}
	store, err := a.openLedger(a.LedgerPath(o.sandboxed))
	if err != nil {
		return err
	}
	defer a.closeLedger(store)
	to := service.New(service.Config{Ledger: store, Log: *a.Logger()})
	payout, err := to.PrepareResolve(ctx, id, payoutID)
	if _, unknown := errors.AsType[*ledger.NotFoundError](err); unknown {
		return ui.UsageOf(ui.Worded(a.Text("retry.unknown", "id", string(payoutID), "batch", string(id)), err),
			a.Text("resolve.ids_hint", "command", a.ForBatch("status", id)))
	}
	if err != nil {
		return err
	}
	if !a.JSON() {
		if err := a.showPayout(payout); err != nil {
			return err
		}
	}
	if err := service.Resolvable(payout); err != nil {
		return a.notResolvable(id, payout, err)
	}
	by := actor(service.ByFlag)
	if !o.yes {
		if err := a.confirmResolve(id, payout, o.paid); err != nil {
			return err
		}
		by.Confirmed = service.Typed
	}
	after, err := to.Resolve(ctx, by, payout, service.Seen{Paid: o.paid, Because: strings.TrimSpace(o.because)})
	if err != nil {
		return err
	}
	if a.JSON() {
		return a.PrintJSON(resolved{
			Batch: id, TransactionID: payout.ID, Before: payout.State, State: after.State, Resolution: *after.Resolution,
			Attempts: attemptsOf(after), Differences: append([]ledger.Difference{}, after.Differences...),
		})
	}
	return a.Say("%s", a.Text("resolve.done", "id", string(payout.ID), "state", a.Text("state."+after.State.String()),
		"command", a.ForBatch("report", id)))
}

// showPayout prints all that is on record about a payout.
func (a *app) showPayout(p ledger.Payout) error {
	one := ui.NewPayout(p)
	one.Differences = nil
	lines := []string{a.PersonLine(one), "  " + a.Text("resolve.state", "state", a.Text("state."+p.State.String()))}
	for _, t := range attemptsOf(p) {
		lines = append(lines, "  "+strings.TrimSpace(a.Text("resolve.attempt", "attempt", strconv.Itoa(t.Attempt),
			"reference", string(t.Reference), "provider_ref", t.ProviderRef, "number", t.Number,
			"said", t.Said.String(), "code", t.Code, "message", t.Message)))
	}
	for _, d := range p.Differences {
		lines = append(lines, "  "+d.At.Format("2006-01-02 15:04")+" "+a.Disputed(d))
	}
	if r := p.Resolution; r != nil {
		word := a.Text("resolve.not_paid")
		if r.Paid {
			word = a.Text("resolve.paid")
		}
		lines = append(lines, "  "+a.Text("resolve.before", "at", r.At.Format("2006-01-02 15:04"), "by", r.By.Name,
			"word", word, "because", r.Because))
	}
	return a.SayLines(lines)
}

func (a *app) notResolvable(id ledger.BatchID, p ledger.Payout, err error) error {
	if errors.Is(err, service.ErrNeverSent) {
		return ui.UsageOf(ui.Worded(a.Text("resolve.never_sent", "id", string(p.ID)), err),
			a.Text("resolve.never_sent_hint",
				"resume", a.ForBatch("resume", id), "cancel", a.ForBatch("cancel", id)))
	}
	sentence := a.Text("resolve.nothing_open", "id", string(p.ID), "state", a.Text("state."+p.State.String()))
	return ui.UsageOf(ui.Worded(sentence, err), a.Text("resolve.nothing_open_hint", "command", a.ForBatch("reconcile", id)))
}

func (a *app) confirmResolve(id ledger.BatchID, p ledger.Payout, paid bool) error {
	word := a.Text("resolve.not_paid")
	if paid {
		word = a.Text("resolve.paid")
	}
	amount := p.Amount.String()
	return a.TypeTotal(p.Amount, ui.Question{
		About:  a.Text("resolve.about", "id", string(p.ID), "name", p.Name, "amount", amount, "word", word),
		Nobody: ui.Usage(a.Text("resolve.nobody"), a.Text("resolve.nobody_hint", "command", a.ForBatch("status", id, "--state", ui.StateDiffers))),
		None:   ui.Usage(a.Text("resolve.none")),
		Wrong:  func(typed string) error { return ui.Usage(a.Text("resolve.wrong", "typed", typed, "amount", amount)) },
	})
}
