package engine_test

import (
	"context"
	"iter"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// The engine reads one clock, which in a bubble is everybody's. A machine whose wall clock is
// ahead is one that writes later times, reads what others wrote as earlier, and finds the
// provider's clock behind: skewed has a ledger be as such a machine sees it, skewedProvider a
// provider.

// skewed is a ledger as a machine sees it whose clock is ahead.
type skewed struct {
	ledger.Store
	ahead time.Duration
}

func shifted(at time.Time, by time.Duration) time.Time {
	if at.IsZero() {
		return at
	}
	return at.Add(by)
}

func (s skewed) written(changes []ledger.Change) []ledger.Change {
	all := append([]ledger.Change{}, changes...)
	for i := range all {
		all[i].At = shifted(all[i].At, s.ahead)
	}
	return all
}

func (s skewed) read(p ledger.Payout) ledger.Payout {
	p.QueuedAt, p.FirstIntent = shifted(p.QueuedAt, -s.ahead), shifted(p.FirstIntent, -s.ahead)
	p.SubmittedAt, p.SettledAt = shifted(p.SubmittedAt, -s.ahead), shifted(p.SettledAt, -s.ahead)
	return p
}

func (s skewed) all(payouts []ledger.Payout) []ledger.Payout {
	for i := range payouts {
		payouts[i] = s.read(payouts[i])
	}
	return payouts
}

func (s skewed) Apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	return s.Store.Apply(ctx, s.written(changes))
}

func (s skewed) Claim(ctx context.Context, r ledger.ClaimRequest) (ledger.Claimed, error) {
	r.At, r.Changes = shifted(r.At, s.ahead), s.written(r.Changes)
	done, err := s.Store.Claim(ctx, r)
	done.Payouts = s.all(done.Payouts)
	return done, err
}

func (s skewed) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	taken, err := s.Store.TakeOver(ctx, claim, payouts)
	return s.all(taken), err
}

func (s skewed) Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	p, err := s.Store.Payout(ctx, id)
	return s.read(p), err
}

func (s skewed) Payouts(ctx context.Context, batch ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		for p, err := range s.Store.Payouts(ctx, batch, states...) {
			if !yield(s.read(p), err) {
				return
			}
		}
	}
}

func (s skewed) PayoutsFrom(ctx context.Context, batch ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	return func(yield func(ledger.Placed, error) bool) {
		for p, err := range s.Store.PayoutsFrom(ctx, batch, from, of) {
			if p.Payout = s.read(p.Payout); !yield(p, err) {
				return
			}
		}
	}
}

func (s skewed) Record(ctx context.Context, act ledger.Act) error {
	act.At = shifted(act.At, s.ahead)
	return s.Store.Record(ctx, act)
}

func (s skewed) Identity(ctx context.Context) (ledger.Identity, error) {
	i, err := s.Store.Identity(ctx)
	i.LookFirst, i.Proven, i.Began = shifted(i.LookFirst, -s.ahead), shifted(i.Proven, -s.ahead), shifted(i.Began, -s.ahead)
	return i, err
}

// skewedProvider is a provider as a machine sees it whose clock is ahead.
type skewedProvider struct {
	provider.Provider
	ahead time.Duration
}

func (s skewedProvider) seen(o provider.Outcome) provider.Outcome {
	o.Described.At, o.Clock = shifted(o.Described.At, -s.ahead), shifted(o.Clock, -s.ahead)
	o.Described.Updated = shifted(o.Described.Updated, -s.ahead)
	return o
}

func (s skewedProvider) Send(ctx context.Context, r provider.Request) provider.Outcome {
	return s.seen(s.Provider.Send(ctx, r))
}

func (s skewedProvider) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	return s.seen(s.Provider.LookUp(ctx, q))
}

func (s skewedProvider) Transactions(ctx context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		lister, can := provider.AsLister(s.Provider)
		if !can {
			yield(provider.Transaction{}, errNoList)
			return
		}
		for t, err := range lister.Transactions(ctx) {
			t.At = shifted(t.At, -s.ahead)
			if !yield(t, err) {
				return
			}
		}
	}
}
