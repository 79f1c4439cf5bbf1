package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// saltMax is how many names are tried for a new attempt.
const saltMax = 100

// Retried is what a retry found and did.
type Retried struct {
	// Queued payouts got a new attempt; running the batch sends them.
	Queued ledger.Count
	// Contradicted payouts are failed here, but the provider no longer says
	// so: each is recorded with its difference and left alone.
	Contradicted []ledger.Payout
	// Unconfirmed payouts could not be looked up with a trustworthy answer and
	// stay failed.
	Unconfirmed []ledger.Payout
}

// retrying is one retry under way.
type retrying struct {
	store ledger.Store
	done  Retried
}

// Retry gives every failed payout of the batch a new attempt, under a new
// reference, once the provider has confirmed by look-up that the last one did
// not pay: that it failed, or that the provider does not know it. It sends
// nothing. It stops with the first error of the ledger or the context; what was
// done by then is durable.
func (q Inquiry) Retry(ctx context.Context, batch ledger.BatchID) (Retried, error) {
	r := retrying{store: q.Store}
	failed := func(p ledger.Payout) bool { return p.State == ledger.Failed }
	err := q.each(ctx, batch, failed, r.decide)
	return r.done, err
}

func (r *retrying) decide(ctx context.Context, payout ledger.Payout, outcome provider.Outcome) error {
	switch outcome.Class {
	case provider.Failed, provider.NotFound:
		if err := r.queue(ctx, payout); err != nil {
			return err
		}
		r.done.Queued.Add(payout.Amount)
	case provider.Successful, provider.Pending:
		if err := contradict(ctx, r.store, payout, outcome, "retry"); err != nil {
			return err
		}
		r.done.Contradicted = append(r.done.Contradicted, payout)
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.Throttled,
		provider.Unauthorized, provider.NoBalance:
		r.done.Unconfirmed = append(r.done.Unconfirmed, payout)
	}
	return nil
}

// queue starts the new attempt under the first derived reference that is free.
func (r *retrying) queue(ctx context.Context, payout ledger.Payout) error {
	for salt := range saltMax {
		err := r.store.Apply(ctx, []ledger.Change{{
			ID: payout.ID, From: ledger.Failed, To: ledger.Queued, At: time.Now().UTC(), Actor: "retry",
			Reference: ledger.DeriveReference(payout.ID, payout.Attempt+1, salt),
		}})
		if !errors.Is(err, ledger.ErrReferenceTaken) {
			return wrap(err, "start a new attempt of %q", payout.ID)
		}
	}
	return fmt.Errorf("start a new attempt of %q: %w", payout.ID, ledger.ErrReferenceTaken)
}

// contradict keeps the provider's word beside a final state, once.
func contradict(ctx context.Context, store ledger.Store, payout ledger.Payout, outcome provider.Outcome, actor string) error {
	difference := fmt.Sprintf("recorded as %s, but the provider says %s (%s)", payout.State, outcome.Class, outcome.Code)
	if payout.Difference == difference {
		return nil
	}
	err := store.Apply(ctx, []ledger.Change{{
		ID: payout.ID, From: payout.State, To: payout.State, At: time.Now().UTC(), Actor: actor,
		Difference: difference,
	}})
	return wrap(err, "record what the provider says of %q", payout.ID)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
