package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

func (a *app) cancelCommand() *cobra.Command {
	var yes, sandboxed bool
	cmd := &cobra.Command{
		Use:   "cancel BATCH",
		Short: "Withdraw what is still queued and was never sent",
		Long: `Withdraws the payouts that a batch brought in and that were never sent, in no
attempt, after asking for what they come to. What may have been sent is not touched,
nor what another batch brought in: both are named, with what to do about them. What was
withdrawn comes back under its own transaction_id with payrun retry BATCH --cancelled.`,
		Example: "  payrun cancel payroll --yes",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.cancelBatch(cmd.Context(), ledger.BatchID(args[0]), a.LedgerPath(sandboxed), yes)
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask before withdrawing")
	addLedgerFlags(cmd.Flags(), &sandboxed)
	return cmd
}

// withdrawn is what cancel prints for scripts. Its keys are documented in
// docs/json.md.
type withdrawn struct {
	Batch     ledger.BatchID `json:"batch"`
	Cancelled ledger.Count   `json:"cancelled"`
	// Payouts are those withdrawn; Sent and Elsewhere are queued still.
	Payouts   []ui.Payout `json:"payouts"`
	Sent      []ui.Payout `json:"sent"`
	Elsewhere []ui.Payout `json:"elsewhere"`
	// open is set if something may be with the provider.
	open bool
}

func (a *app) cancelBatch(ctx context.Context, id ledger.BatchID, path string, yes bool) error {
	store, err := a.openLedger(path)
	if err != nil {
		return err
	}
	defer a.closeLedger(store)
	to := service.New(service.Config{Ledger: store, Log: *a.Logger()})
	queued, err := to.PrepareCancel(ctx, id)
	if err != nil {
		return err
	}
	done := withdrawn{
		Batch: id, Payouts: ui.Payouts(queued.Never), Sent: ui.Payouts(queued.Sent), Elsewhere: ui.Payouts(queued.Elsewhere),
	}
	if total := queued.Total(); total.Count > 0 {
		if !a.JSON() {
			if err := a.SayLines(a.Names(a.Text("cancel.who"), done.Payouts)); err != nil {
				return err
			}
		}
		if !yes {
			if err := a.confirmCancel(id, total); err != nil {
				return err
			}
		}
		if done.Cancelled, err = to.Cancel(ctx, id); err != nil {
			return err
		}
	}
	if done.open, err = to.AnyOpen(ctx, id); err != nil {
		return err
	}
	return a.tellCancelled(done)
}

// onlyOne is the id of a list of one, none of another.
func onlyOne(payouts []ui.Payout) []ledger.TransactionID {
	if len(payouts) != 1 {
		return nil
	}
	return []ledger.TransactionID{payouts[0].TransactionID}
}

// tellCancelled says what was withdrawn, what was left, and what to do about that.
func (a *app) tellCancelled(done withdrawn) error {
	if a.JSON() {
		return a.PrintJSON(done)
	}
	id := string(done.Batch)
	var lines []string
	switch {
	case done.Cancelled.Count > 0:
		lines = append(lines, a.Text("cancel.done",
			"count", strconv.Itoa(done.Cancelled.Count), "amount", done.Cancelled.Amount.String(), "batch", id))
	case len(done.Sent)+len(done.Elsewhere) > 0:
	case done.open:
		lines = append(lines, a.Text("cancel.only_open", "batch", id, "command", a.ForBatch("resume", done.Batch)))
	default:
		lines = append(lines, a.Text("cancel.nothing", "batch", id))
	}
	lines = append(lines, a.Names(a.Text("cancel.sent", "resume", a.ForBatch("resume", done.Batch),
		"resolve", a.Resolving(done.Batch, onlyOne(done.Sent)...)), done.Sent)...)
	lines = append(lines, a.Names(a.Text("cancel.elsewhere"), done.Elsewhere)...)
	return a.SayLines(lines)
}

func (a *app) confirmCancel(id ledger.BatchID, queued ledger.Count) error {
	amount := queued.Amount.String()
	return a.TypeTotal(queued.Amount, ui.Question{
		About: a.Text("cancel.about", "count", strconv.Itoa(queued.Count), "amount", amount, "batch", string(id),
			"command", a.ForBatch("retry", id, "--cancelled")),
		Nobody: ui.Usage(a.Text("cancel.nobody"), a.Text("cancel.nobody_hint", "command", a.ForBatch("status", id))),
		None:   ui.Usage(a.Text("cancel.none")),
		Wrong:  func(typed string) error { return ui.Usage(a.Text("cancel.wrong", "typed", typed, "amount", amount)) },
	})
}

func (a *app) closeLedger(store ledger.Store) {
	if err := store.Close(); err != nil {
		a.Logger().Error().Err(err).Msg("close the ledger")
	}
}
