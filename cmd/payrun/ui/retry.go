package ui

import (
	"errors"
	"strconv"

	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
)

// Retried is a retry: who was chosen for it, and who got a new attempt.
type Retried struct {
	service.Retriable
	retry.Retried
}

// retried is a retry for scripts. Its keys are documented in docs/json.md.
type retried struct {
	Chosen []Payout `json:"chosen"`
	// Queued got a new attempt. Held are those of the chosen that got none.
	Queued ledger.Total `json:"queued"`
	Held   []Payout     `json:"held"`
	// PaidSince, Removed, Corrected, Unresolved and Sent were left out beforehand.
	PaidSince  []Payout `json:"paid_since"`
	Removed    []Payout `json:"removed"`
	Corrected  []Payout `json:"corrected"`
	Unresolved []Payout `json:"unresolved"`
	Sent       []Payout `json:"sent"`
}

func newRetried(r Retried) *retried {
	return &retried{
		Chosen: Payouts(r.Chosen), Queued: r.Queued, Held: HeldPayouts(r.Held), PaidSince: PaidSincePayouts(r.PaidSince),
		Removed: Payouts(r.Removed), Corrected: Payouts(r.Corrected), Unresolved: Payouts(r.Unresolved), Sent: Payouts(r.Sent),
	}
}

// WordNotRetriable says why a payout that was named is not tried again. Other errors stay
// as they are.
func (u *UI) WordNotRetriable(err error) error {
	refused, is := errors.AsType[*retry.NotRetriableError](err)
	if !is {
		return err
	}
	id := string(refused.ID)
	sentence := u.Text("retry.unknown", "id", id, "batch", string(refused.Batch))
	if refused.Known {
		sentence = u.Text("retry.not_failed", "id", id, "state", u.Text("state."+refused.State.String()))
	}
	return UsageOf(Worded(sentence, refused), u.Text("retry.ids_hint", "command", u.Commands.ForBatch("status", refused.Batch, "--state", "failed")))
}

// ShowRetriable names, for a person, who would be paid again and who is left out.
func (u *UI) ShowRetriable(r service.Retriable) error {
	if u.JSON() {
		return nil
	}
	again := r.Total()
	unresolved := Payouts(r.Unresolved)
	lines := u.Names(u.Text("retry.chosen", "count", strconv.Itoa(again.Count), "amount", again.Amount.String()), Payouts(r.Chosen))
	lines = append(lines, u.Names(u.Text("retry.paid_since"), PaidSincePayouts(r.PaidSince))...)
	lines = append(lines, u.Names(u.Text("retry.removed"), Payouts(r.Removed))...)
	lines = append(lines, u.Names(u.Text("retry.corrected"), Payouts(r.Corrected))...)
	lines = append(lines, u.Names(u.Text("retry.unresolved", "command", u.Resolving(r.Batch.ID, onlyOne(unresolved)...)), unresolved)...)
	lines = append(lines, u.Names(u.Text("retry.sent"), Payouts(r.Sent))...)
	return u.SayLines(lines)
}

// ConfirmRetry asks a person to type what the new attempts come to, together with what is
// queued.
func (u *UI) ConfirmRetry(yes bool, r service.Retriable, where string) error {
	total, queued := r.Released(), r.Waiting.Total()
	about := u.Text("confirm.about", "count", strconv.Itoa(total.Count), "amount", total.Amount.String(), "environment", where)
	if queued.Count > 0 {
		about += "\n" + u.Text("retry.queued", "count", strconv.Itoa(queued.Count), "amount", queued.Amount.String())
	}
	return u.ConfirmTotal(yes, total.Amount, about)
}

// SayRetried says who was held back, and why. A script reads that in the result.
func (u *UI) SayRetried(r Retried) error {
	if len(r.Chosen) == 0 {
		return nil
	}
	u.Logger().Info().Int("count", r.Queued.Count).Int64("amount_minor", r.Queued.Amount.Minor).Str("currency", string(r.Batch.Currency)).
		Int("held", len(r.Held)).Msg("failed payouts get a new attempt")
	return u.SayHeld(r.Held)
}

// SayHeld names, for a person, who was held back, and why.
func (u *UI) SayHeld(held []retry.Held) error {
	if u.JSON() {
		return nil
	}
	return u.SayLines(u.Names(u.Text("retry.held", "count", strconv.Itoa(len(held))), HeldPayouts(held)))
}
