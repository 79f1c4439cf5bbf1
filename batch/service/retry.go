package service

import (
	"context"

	"payrun/batch/approval"
	"payrun/batch/reconcile"
	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider/policy"
)

// Retriable divides the payouts that a retry of a batch would send.
type Retriable struct {
	Batch ledger.Batch
	retry.Choosing
	// Waiting goes out together with the new attempts.
	Waiting Sendable
	// Fees is an estimate for all of it.
	Fees money.Fine
}

// Released returns how much a person is asked to release.
func (r Retriable) Released() ledger.Total {
	return r.Total().Plus(r.Waiting.Total())
}

// PrepareRetry says which payouts of a batch would be tried again, and what that comes to
// together with what is queued. It asks nobody. Whoever is named and cannot be tried again
// is a *retry.NotRetriableError.
func (s *Service) PrepareRetry(ctx context.Context, b ledger.Batch, choice retry.Choice) (Retriable, error) {
	chosen, err := retry.Choose(ctx, s.config.Ledger, b.ID, choice)
	if err != nil {
		return Retriable{}, err
	}
	waiting, err := s.sendable(ctx, b.ID)
	if err != nil {
		return Retriable{}, err
	}
	found := Retriable{Batch: b, Choosing: chosen, Waiting: waiting, Fees: waiting.Fees}
	for _, payout := range chosen.Chosen {
		found.Fees = found.Fees.Plus(s.config.Rules.Fee(payout.Operator, payout.Amount))
	}
	return found, nil
}

// Retry releases what was prepared and gives each of the chosen a new attempt, once the
// provider confirms that none of its attempts before was paid. It sends nothing: Pay does.
// If the ledger is not as it was prepared, the error is a *ReleaseError.
//
// Under a policy the new attempts are submitted for approval instead of released, unless
// the policy exempts them and the batch is approved as it was.
func (s *Service) Retry(ctx context.Context, by Actor, r Retriable) (retry.Retried, error) {
	by, err := s.maker(ctx, by)
	if err != nil {
		return retry.Retried{}, err
	}
	asks, err := s.asksRetry(ctx, r.Batch.ID)
	if err != nil {
		return retry.Retried{}, err
	}
	if !asks {
		if err := s.releaseRetry(ctx, by, r); err != nil || len(r.Chosen) == 0 {
			return retry.Retried{}, err
		}
		return s.tryAgain(ctx, by, r, false)
	}
	done, err := s.tryAgain(ctx, by, r, true)
	if err == nil {
		_, err = s.enter(ctx, by, r.Batch.ID, asked{})
	}
	return done, err
}

func (s *Service) tryAgain(ctx context.Context, by Actor, r Retriable, unreleased bool) (retry.Retried, error) {
	again := s.retrier(by, r.Batch.ID, unreleased)
	return policy.While(ctx, again.Provider, func(ctx context.Context) (retry.Retried, error) {
		return again.Retry(ctx, r.Batch, r.Chosen)
	})
}

// asksRetry reports whether a policy wants signatures before what failed is tried again in the
// same terms: the one by which the batch was approved, or the one in force now.
func (s *Service) asksRetry(ctx context.Context, id ledger.BatchID) (bool, error) {
	identity, err := s.config.Ledger.Identity(ctx)
	if err != nil || identity.Policies == 0 {
		return false, err
	}
	standing, err := s.Approval(ctx, id)
	if err != nil || standing.Policy == nil {
		return false, err
	}
	exempt := standing.Content != nil && !standing.Policy.Asks(approval.Retry) && standing.Pays(s.now())
	return !exempt, nil
}

// releaseRetry is Release of what is chosen together with what waits.
func (s *Service) releaseRetry(ctx context.Context, by Actor, r Retriable) error {
	id := r.Batch.ID
	if len(r.Chosen) == 0 {
		return s.Release(ctx, by, id, r.Released())
	}
	chosen := map[ledger.TransactionID]bool{}
	for _, payout := range r.Chosen {
		chosen[payout.ID] = true
	}
	return s.releaseOf(ctx, by, leave{batch: id, confirmed: r.Released()}, s.config.Ledger.Payouts(ctx, id), func(p ledger.Payout) bool {
		return maySend(p) || (chosen[p.ID] && (p.State == ledger.Failed || p.State == ledger.Cancelled))
	})
}

// StatusClient asks the provider at the pace of a run, and within the rate of all machines if
// they share one: see policy.While.
func (s *Service) StatusClient() reconcile.StatusClient {
	return reconcile.StatusClient{
		Store: s.config.Ledger, Provider: policy.NewPaced(policy.Observed(s.config.Provider, policy.Logger(&s.config.Log)), policy.Pace{
			Rate: s.config.Pace.Rate, Workers: s.config.Pace.Workers, OutageMax: s.config.Pace.OutageMax,
			Account: s.config.AccountCell, Log: s.config.Log,
		}),
		Workers: s.config.Pace.Workers,
	}
}

// retrier asks whether what failed may be tried again. What is unreleased has its batch wait.
func (s *Service) retrier(by Actor, id ledger.BatchID, unreleased bool) retry.Retrier {
	again := retry.Retrier{
		StatusClient: s.StatusClient(), Grace: s.config.Pace.LookupGrace, UsedElsewhere: s.used(), By: by.person(),
	}
	if unreleased {
		again.Before = func(ctx context.Context) error { return s.pause(ctx, by, id) }
	}
	return again
}

// pause has a batch that is being paid wait for a release, before something is given back that nobody
// released: others who pay the batch would send it by the release of the rest.
func (s *Service) pause(ctx context.Context, by Actor, id ledger.BatchID) error {
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil || b.State != ledger.BatchPaying {
		return err
	}
	return s.config.Ledger.Record(ctx, ledger.Act{Code: ledger.ActPaused, Batch: id, At: s.now(), By: by.person()})
}
