package batch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/time/rate"

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

// Retrying is what a retry works with.
type Retrying struct {
	Store    ledger.Store
	Provider provider.Provider
	// Limiter spaces the look-ups.
	Limiter *rate.Limiter
}

// Retry gives every failed payout of the batch a new attempt, under a new
// reference, once the provider has confirmed by look-up that the last one did
// not pay: that it failed, or that the provider does not know it. It sends
// nothing. It stops with the first error of the ledger or the context; what was
// done by then is durable.
func (r Retrying) Retry(ctx context.Context, batch ledger.BatchID) (Retried, error) {
	var done Retried
	for payout, err := range r.Store.Payouts(ctx, batch) {
		if err != nil {
			return done, fmt.Errorf("read batch %q: %w", batch, err)
		}
		if payout.State != ledger.Failed {
			continue
		}
		if err := r.Limiter.Wait(ctx); err != nil {
			return done, fmt.Errorf("look up %q: %w", payout.ID, err)
		}
		outcome := r.Provider.LookUp(ctx, provider.Query{
			Reference:   string(payout.Reference),
			ProviderRef: payout.Answer.ProviderRef,
			Number:      payout.Number,
			Amount:      payout.Amount,
		})
		if err := r.decide(ctx, payout, outcome, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (r Retrying) decide(ctx context.Context, payout ledger.Payout, outcome provider.Outcome, done *Retried) error {
	switch outcome.Class {
	case provider.Failed, provider.NotFound:
		if err := r.queue(ctx, payout); err != nil {
			return err
		}
		done.Queued.Add(payout.Amount)
	case provider.Successful, provider.Pending:
		if err := r.contradict(ctx, payout, outcome); err != nil {
			return err
		}
		done.Contradicted = append(done.Contradicted, payout)
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.Throttled,
		provider.Unauthorized, provider.NoBalance:
		done.Unconfirmed = append(done.Unconfirmed, payout)
	}
	return nil
}

// queue starts the new attempt under the first derived reference that is free.
func (r Retrying) queue(ctx context.Context, payout ledger.Payout) error {
	for salt := range saltMax {
		err := r.Store.Apply(ctx, []ledger.Change{{
			ID: payout.ID, From: ledger.Failed, To: ledger.Queued, At: time.Now().UTC(), Actor: "retry",
			Reference: ledger.DeriveReference(payout.ID, payout.Attempt+1, salt),
		}})
		if !errors.Is(err, ledger.ErrReferenceTaken) {
			return wrap(err, "start a new attempt of %q", payout.ID)
		}
	}
	return fmt.Errorf("start a new attempt of %q: %w", payout.ID, ledger.ErrReferenceTaken)
}

// contradict keeps the provider's word beside the recorded state.
func (r Retrying) contradict(ctx context.Context, payout ledger.Payout, outcome provider.Outcome) error {
	err := r.Store.Apply(ctx, []ledger.Change{{
		ID: payout.ID, From: ledger.Failed, To: ledger.Failed, At: time.Now().UTC(), Actor: "retry",
		Difference: fmt.Sprintf("recorded as failed, but the provider says %s (%s)", outcome.Class, outcome.Code),
	}})
	return wrap(err, "record what the provider says of %q", payout.ID)
}

func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf(format+": %w", append(args, err)...)
}
