package retry

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/batch/evidence"
	"payrun/batch/reconcile"
	"payrun/ledger"
	"payrun/provider"
)

// HeldCode says why a payout gets no new attempt. Codes are stable.
type HeldCode string

// The reasons.
const (
	// HeldNot: nothing speaks against a new attempt.
	HeldNot HeldCode = ""
	// HeldUnresolved: what was once said of it contradicts what is recorded, and no
	// person has answered that.
	HeldUnresolved HeldCode = "unresolved"
	// HeldContradicted: the provider says now that an attempt was paid, is pending,
	// or is something else altogether.
	HeldContradicted HeldCode = "contradicted"
	// HeldUnanswered: a look-up brought no answer that can be trusted.
	HeldUnanswered HeldCode = "unanswered"
	// HeldNoPage: nor did it, since there is no look-up page where it was asked for.
	HeldNoPage HeldCode = "no_page"
	// HeldForgotten: the provider does not know what it once named.
	HeldForgotten HeldCode = "forgotten"
	// HeldBlind: look-ups do not find what is certainly there.
	HeldBlind HeldCode = "blind"
	// HeldNoControl: nothing is known to be there by which look-ups could be tried.
	HeldNoControl HeldCode = "no_control"
	// HeldNoYoungControl: nothing that was begun after its last request is known to be
	// there. An older payment is shown by a look-up page that still hides younger ones.
	HeldNoYoungControl HeldCode = "no_young_control"
	// HeldTooSoon: the provider may still take its last request, or show it late.
	HeldTooSoon HeldCode = "too_soon"
)

// Held is a payout that gets no new attempt, and why.
type Held struct {
	Payout ledger.Payout
	Code   HeldCode
	// Until is the time from which another try may end otherwise, by itself: for
	// HeldTooSoon and HeldNoYoungControl. Zero for others.
	Until time.Time
}

// graver returns the one that counts of what holds two attempts of a payout.
func (h Held) graver(other Held) Held {
	switch {
	case h.Code == HeldNot, other.Code == HeldContradicted:
		return other
	case h.Code == other.Code && other.Until.After(h.Until):
		return other
	default:
		return h
	}
}

// door lets a payout through to a new attempt only if every attempt that it had is
// finally not paid, at that moment and by the provider's word. What it hears is kept
// as evidence. It is safe for concurrent use on different payouts.
type door struct {
	retrier Retrier
	control *control
	actor   string
}

func newDoor(q Retrier, batch ledger.Batch, actor string, ids map[ledger.TransactionID]bool) *door {
	return &door{retrier: q, control: &control{retrier: q, batch: batch, ids: ids}, actor: actor}
}

// pass asks about every attempt of a payout. Its Code is HeldNot if it may be tried
// again.
func (d *door) pass(ctx context.Context, payout ledger.Payout) (Held, error) {
	if payout.Contradicted() {
		return Held{Payout: payout, Code: HeldUnresolved}, nil
	}
	held := Held{}
	for _, attempt := range payout.Attempts() {
		if attempt.NeverSent() {
			continue
		}
		one, err := d.attempt(ctx, payout, attempt)
		if err != nil {
			return Held{}, err
		}
		held = held.graver(one)
	}
	held.Payout = payout
	return held, nil
}

// attempt asks about one attempt, by our reference and by the provider's: one of its
// pages may know only one of them. What a "not found" would be worth is found out
// before it is asked for.
func (d *door) attempt(ctx context.Context, payout ledger.Payout, attempt ledger.Attempt) (Held, error) {
	ours := provider.Query{
		Reference: string(attempt.Reference), Number: attempt.Terms.Number, Amount: attempt.Terms.Amount,
	}
	absent := Held{Code: HeldForgotten}
	var err error
	if !attempt.Named() {
		if absent, err = d.worth(ctx, payout, attempt); err != nil {
			return Held{}, err
		}
	}
	said, err := d.retrier.LookUp(ctx, ours)
	if err != nil {
		return Held{}, err
	}
	answers := []provider.Outcome{said}
	if theirs := ours; attempt.Answer.ProviderRef != "" {
		theirs.ProviderRef = attempt.Answer.ProviderRef
		if said, err = d.retrier.LookUp(ctx, theirs); err != nil {
			return Held{}, err
		}
		answers = append(answers, said)
	}
	return d.judge(ctx, payout, attempt, answers, absent)
}

// worth says what holds back a payout of which an attempt is "not found" from now on:
// nothing, once the grace has passed and there is a control. What a person saw at the
// provider since is as good as a control.
func (d *door) worth(ctx context.Context, payout ledger.Payout, attempt ledger.Attempt) (Held, error) {
	now := time.Now()
	in := doubtOf(payout, attempt, now)
	if ripe := in.posted.Add(d.retrier.Grace); now.Before(ripe) {
		return Held{Code: HeldTooSoon, Until: ripe}, nil
	}
	if payout.SeenUnpaid(attempt) {
		return Held{}, nil
	}
	code, err := d.control.missed(ctx, in)
	held := Held{Code: code}
	if code == HeldNoYoungControl {
		held.Until = in.posted.Add(evidence.DoubtOld)
	}
	return held, err
}

// judge weighs what was said of one attempt, and keeps it. Absent is what a "not
// found" comes to.
func (d *door) judge(ctx context.Context, payout ledger.Payout, attempt ledger.Attempt, answers []provider.Outcome, absent Held) (Held, error) {
	failed, unanswered := false, HeldNot
	for _, said := range answers {
		switch {
		case said.Mismatch, evidence.AboutAnother(attempt.FirstIntent, said):
			return Held{Code: HeldContradicted}, d.hear(ctx, payout, attempt, said, ledger.DifferenceMismatch)
		case said.Class == provider.Successful, said.Class == provider.Pending:
			return Held{Code: HeldContradicted}, d.hear(ctx, payout, attempt, said, ledger.DifferencePaidThere)
		case said.Class == provider.Failed:
			failed = true
		case said.Class != provider.NotFound:
			unanswered = withoutAnswer(said)
		}
	}
	switch {
	case unanswered != HeldNot:
		return Held{Code: unanswered}, nil
	case failed:
		return d.failed(ctx, payout, attempt, answers)
	case absent.Code == HeldForgotten:
		return absent, d.hear(ctx, payout, attempt, answers[0], "")
	default:
		return absent, nil
	}
}

// failed lets an attempt through that failed by every answer. If it was sent more than
// once, look-ups may show one transfer of two: the list must not have another one.
func (d *door) failed(ctx context.Context, payout ledger.Payout, attempt ledger.Attempt, answers []provider.Outcome) (Held, error) {
	if attempt.Intents > 1 {
		other, err := d.control.beside(ctx, attempt, answers)
		if err != nil {
			return Held{}, err
		}
		if other.Reference != "" {
			return Held{Code: HeldContradicted}, d.hear(ctx, payout, attempt, other.Outcome(), ledger.DifferencePaidThere)
		}
	}
	return Held{}, d.hear(ctx, payout, attempt, provider.Outcome{Class: provider.Failed}, "")
}

// withoutAnswer returns why a payout is held back of which nothing was said.
func withoutAnswer(said provider.Outcome) HeldCode {
	if said.NoPage {
		return HeldNoPage
	}
	return HeldUnanswered
}

// hear keeps what was said of an attempt, with the difference that it makes if there
// is one.
func (d *door) hear(ctx context.Context, payout ledger.Payout, attempt ledger.Attempt, said provider.Outcome, code string) error {
	return reconcile.Observe(ctx, d.retrier.Store, reconcile.Observation{
		Payout: payout, Attempt: attempt, Said: said, Code: code, Actor: d.actor,
	})
}

// saltMax is how many names are tried for a new attempt.
const saltMax = 100

// begin starts a new attempt under the first derived reference that is free, with
// other terms if some are given.
func (d *door) begin(ctx context.Context, payout ledger.Payout, terms *ledger.Terms) error {
	can := d.retrier.Provider.Capabilities()
	for salt := range saltMax {
		_, err := d.retrier.Store.Apply(ctx, []ledger.Change{{
			ID: payout.ID, From: payout.State, To: ledger.Queued, At: time.Now().UTC(), Actor: d.actor, By: d.retrier.By,
			Reference: ledger.Reference(can.Derive(string(payout.ID), payout.Attempt+1, salt)), Terms: terms,
		}})
		if !errors.Is(err, ledger.ErrReferenceTaken) {
			return wrap(err, "start a new attempt of %q", payout.ID)
		}
	}
	return fmt.Errorf("start a new attempt of %q: %w", payout.ID, ledger.ErrReferenceTaken)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
