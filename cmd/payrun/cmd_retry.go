package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
)

// retryOptions say whom a retry is about.
type retryOptions struct {
	pay          payOptions
	only, except []string
	removed      bool
	cancelled    bool
}

func (a *app) retryCommand() *cobra.Command {
	var o retryOptions
	cmd := &cobra.Command{
		Use:   "retry BATCH",
		Short: "Pay the failed payouts of a batch again",
		Long: `Shows who would be paid again and why each was not paid, and asks. Then every
attempt of each is looked up once more: if the provider confirms that none was paid,
the payout gets a new attempt under a new reference, and the batch is paid on; what is
still queued is sent as well. A payout that the provider says was paid after all is
left alone, recorded as a difference, and waits for payrun resolve.

Left out, too, is whoever was paid the same amount since under another id, by number or
by name, unless --only names them. Rows that are no longer in the batch's file are left out unless --only names them or
--removed takes them in. What was withdrawn and never sent comes back with --cancelled.
To pay somebody at another number, correct the row in the file and run the file again.`,
		Example: "  payrun retry payroll --only NOV-0017\n  payrun retry payroll --yes",
		Args:    settings.Args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.sandboxDefaults(cmd, &o.pay)
			return a.retry(cmd.Context(), ledger.BatchID(args[0]), o)
		},
	}
	o.pay.addFlags(cmd.Flags())
	cmd.Flags().StringSliceVar(&o.only, "only", nil, "try only the payouts with these `IDS`")
	cmd.Flags().StringSliceVar(&o.except, "except", nil, "leave out the payouts with these `IDS`")
	cmd.Flags().BoolVar(&o.removed, "removed", false, "also try rows that are no longer in the batch's file")
	cmd.Flags().BoolVar(&o.cancelled, "cancelled", false, "also bring back what was withdrawn and never sent")
	return cmd
}

func (o retryOptions) choice() retry.Choice {
	return retry.Choice{Only: idsOf(o.only), Except: idsOf(o.except), Removed: o.removed, Cancelled: o.cancelled}
}

func idsOf(words []string) []ledger.TransactionID {
	ids := make([]ledger.TransactionID, 0, len(words))
	for _, word := range words {
		ids = append(ids, ledger.TransactionID(word))
	}
	return ids
}

// retried is what a retry came to. Its JSON keys are documented in docs/json.md.
type retried struct {
	Chosen []ui.Payout `json:"chosen"`
	// Queued got a new attempt. Held are those of the chosen that got none.
	Queued ledger.Count `json:"queued"`
	Held   []ui.Payout  `json:"held"`
	// PaidSince, Removed, Unresolved and Sent were left out beforehand.
	PaidSince  []ui.Payout `json:"paid_since"`
	Removed    []ui.Payout `json:"removed"`
	Unresolved []ui.Payout `json:"unresolved"`
	Sent       []ui.Payout `json:"sent"`
}

func (a *app) retry(ctx context.Context, id ledger.BatchID, o retryOptions) error {
	s, err := a.startSession(ctx, o.pay, false)
	if err != nil {
		return err
	}
	defer s.close()
	found, err := s.Open(ctx, s.actor(), id)
	if err != nil {
		return err
	}
	prepared, err := s.PrepareRetry(ctx, found, o.choice())
	if refused, ok := errors.AsType[*retry.NotRetriableError](err); ok {
		return a.notRetriable(refused)
	}
	if err != nil {
		return err
	}
	e := ending{retried: &retried{
		Chosen: ui.Payouts(prepared.Chosen), Held: []ui.Payout{}, Removed: ui.Payouts(prepared.Removed),
		PaidSince: ui.PaidSincePayouts(prepared.PaidSince), Unresolved: ui.Payouts(prepared.Unresolved), Sent: ui.Payouts(prepared.Sent),
	}}
	if err := s.clearRetry(ctx, prepared, e.retried); err != nil {
		return err
	}
	done, err := s.Retry(a.Accepting, s.actor(), prepared)
	if err != nil {
		return err
	}
	e.Held, e.retried.Queued, e.retried.Held = done.Held, done.Queued, ui.HeldPayouts(done.Held)
	if len(prepared.Chosen) > 0 {
		if err := a.tellRetried(e.retried); err != nil {
			return err
		}
	}
	return concluded(s.pay(ctx, found, e))
}

func (a *app) notRetriable(refused *retry.NotRetriableError) error {
	id, batchID := string(refused.ID), string(refused.Batch)
	sentence := a.Text("retry.unknown", "id", id, "batch", batchID)
	if refused.Known {
		sentence = a.Text("retry.not_failed", "id", id, "state", a.Text("state."+refused.State.String()))
	}
	return ui.UsageOf(ui.Worded(sentence, refused), a.Text("retry.ids_hint", "command", a.ForBatch("status", refused.Batch, "--state", "failed")))
}

// clearRetry shows who would be paid and who is left out, and asks before money moves.
// What is queued goes out together with the new attempts.
func (s *session) clearRetry(ctx context.Context, prepared service.Retriable, shown *retried) error {
	a, id := s.app, prepared.Batch.ID
	if !a.JSON() {
		again := prepared.Total()
		lines := a.Names(a.Text("retry.chosen", "count", strconv.Itoa(again.Count), "amount", again.Amount.String()), shown.Chosen)
		lines = append(lines, a.Names(a.Text("retry.paid_since"), shown.PaidSince)...)
		lines = append(lines, a.Names(a.Text("retry.removed"), shown.Removed)...)
		lines = append(lines, a.Names(a.Text("retry.unresolved", "command", a.Resolving(id, onlyOne(shown.Unresolved)...)), shown.Unresolved)...)
		lines = append(lines, a.Names(a.Text("retry.sent"), shown.Sent)...)
		if err := a.SayLines(lines); err != nil {
			return err
		}
	}
	total, queued := prepared.Released(), prepared.Waiting.Total()
	if total.Count == 0 {
		return nil
	}
	about := a.Text("confirm.about", "count", strconv.Itoa(total.Count), "amount", total.Amount.String(),
		"environment", s.connection.account.Place())
	if queued.Count > 0 {
		about += "\n" + a.Text("retry.queued", "count", strconv.Itoa(queued.Count), "amount", queued.Amount.String())
	}
	balance, err := s.Balance(ctx)
	if err != nil {
		return err
	}
	if err := s.covered(service.Covers(balance, total.Amount, prepared.Fees)); err != nil {
		return err
	}
	return a.ConfirmTotal(s.options.yes, total.Amount, about)
}

// tellRetried says who was held back, and why. A script reads that in the result.
func (a *app) tellRetried(done *retried) error {
	a.Logger().Info().Int("count", done.Queued.Count).Int64("amount_xof", int64(done.Queued.Amount)).
		Int("held", len(done.Held)).Msg("failed payouts get a new attempt")
	if a.JSON() {
		return nil
	}
	return a.SayLines(a.Names(a.Text("retry.held", "count", strconv.Itoa(len(done.Held))), done.Held))
}
