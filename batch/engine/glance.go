package engine

import (
	"context"
	"fmt"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

const (
	// glanceFirst is the number of the first queued payouts that are looked up, beside the
	// last, where a vouched-for ledger goes on with what was queued b.before.
	glanceFirst = 4
	// glanceTries bounds the questions about each without a usable answer.
	glanceTries = 2
)

// glance asks the provider about a few payouts that an earlier command left queued. An
// anchor tells what happened on this machine only: if a copy of the ledger was paid
// from on another one since, that began with the same payouts. A "not found" needs no
// control here, and no answer stops nobody: the anchor vouches.
func (b probe) glance(ctx context.Context, drain <-chan struct{}) error {
	sample, err := b.leftQueued(ctx)
	if err != nil || len(sample) == 0 {
		return err
	}
	return b.lookUp(ctx, drain, sample, b.unlessSentHere(ctx, func(p *payment, o provider.Outcome, now time.Time) (bool, error) {
		again, err := probed(p, o, now)
		if o.Class != provider.NotFound && p.tries >= glanceTries {
			again = false
		}
		return again, err
	}))
}

// leftQueued returns the first payouts, and the last, that were queued before the
// command began and of which no request ever left this ledger.
func (b probe) leftQueued(ctx context.Context) ([]*payment, error) {
	since := b.config.Trust.Since
	if since.IsZero() || !b.queuedEarlier(b.before.oldest) && !b.queuedEarlier(b.before.newest) {
		return nil, nil // a file that this command brought in is not read once more
	}
	var drawn []*payment
	var last *payment
	for payout, err := range b.config.Store.Payouts(ctx, b.before.batch.ID, ledger.Queued) {
		if err != nil {
			return nil, fmt.Errorf("read batch %q: %w", b.before.batch.ID, err)
		}
		if !b.wasLeft(payout) {
			continue
		}
		last = &payment{payout: payout, memory: memory{names: []name{nameOf(payout)}}}
		if len(drawn) < glanceFirst {
			drawn = append(drawn, last)
		}
	}
	if len(drawn) == glanceFirst && last != drawn[glanceFirst-1] {
		drawn = append(drawn, last)
	}
	return drawn, nil
}

// wasLeft reports whether a payout was left queued by an earlier command and never sent.
// What a later look-up is due for anyway is not among them.
func (b probe) wasLeft(p ledger.Payout) bool {
	return b.queuedEarlier(p.QueuedAt) && !mustLookFirst(p, b.before.identity)
}

// queuedEarlier reports whether a payout that was queued at a moment was so before this
// command began. A time that is still to come was recorded by another clock.
func (b probe) queuedEarlier(at time.Time) bool {
	return at.Before(b.config.Trust.Since) || at.After(time.Now())
}
