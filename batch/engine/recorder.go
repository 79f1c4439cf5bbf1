package engine

import (
	"context"
	"errors"

	"payrun/batch/clearance"
	"payrun/ledger"
)

// recorder is the only writer of a run: it makes groups durable, one at a time, and
// claims the payouts of their windows.
type recorder struct {
	store ledger.Writer
	claim ledger.Claim
	batch ledger.BatchID
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
		Claim: r.claim, Batch: r.batch, Payouts: make([]ledger.TransactionID, 0, len(g.window)), Changes: g.changes, At: g.intended, Actor: actor,
	}
	for _, p := range g.window {
		request.Payouts = append(request.Payouts, p.payout.ID)
	}
	done.claimed, done.err = r.store.Claim(ctx, request)
	if errors.Is(done.err, ledger.ErrEvicted) || mayNotBePaid(done.err) {
		// Nothing is sent any more, and what was heard is recorded all the same.
		done.refused = done.err
		done.claimed.Lost, done.err = r.store.Apply(ctx, g.changes)
	}
	return done
}

// mayNotBePaid reports whether a claim was refused since the batch is no longer one that may be
// paid: rows entered it, or others decided otherwise.
func mayNotBePaid(refused error) bool {
	return errors.Is(refused, ledger.ErrUnreleased) || errors.Is(refused, ledger.ErrNotYet) || errors.Is(refused, clearance.ErrUnapproved)
}
