package engine

import (
	"context"
	"errors"

	"payrun/ledger"
)

// recorder is the only writer of a run: it makes groups durable, one at a time, and
// claims the payouts of their windows.
type recorder struct {
	store ledger.Writer
	claim ledger.Claim
}

// commitAll commits groups until there are no more.
func (r recorder) commitAll(ctx context.Context, groups <-chan group, commits chan<- commit) {
	for g := range groups {
		commits <- r.commit(ctx, g)
	}
}

func (r recorder) commit(ctx context.Context, g group) commit {
	done := commit{window: g.window}
	if len(g.window) == 0 {
		done.claimed.Lost, done.err = r.store.Apply(ctx, g.changes)
		return done
	}
	request := ledger.ClaimRequest{
		Claim: r.claim, Payouts: make([]ledger.TransactionID, 0, len(g.window)), Changes: g.changes, At: g.intended, Actor: actor,
	}
	for _, p := range g.window {
		request.Payouts = append(request.Payouts, p.payout.ID)
	}
	done.claimed, done.err = r.store.Claim(ctx, request)
	if errors.Is(done.err, ledger.ErrEvicted) {
		// Nothing is sent any more, and what was heard is recorded all the same.
		done.evicted = done.err
		done.claimed.Lost, done.err = r.store.Apply(ctx, g.changes)
	}
	return done
}
