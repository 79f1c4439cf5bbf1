package service

import (
	"context"
	"errors"
	"iter"

	"payrun/batch/reconcile"
	"payrun/ledger"
	"payrun/provider/policy"
)

// Reconciled is a batch that was held against the provider, and where it stands since. It has
// to be closed.
type Reconciled struct {
	reconcile.Result
	Batch ledger.Batch
	After ledger.ByState
	// Disputed counts the payouts about which something is on record that nobody resolved.
	Disputed int
}

// Reconcile holds every payout of a batch against the provider's list and its answers to
// look-ups. Accepting ends it gently: what was recorded by then stays. Nothing is sent. A batch of which nothing is open then is closed.
func (s *Service) Reconcile(ctx, accepting context.Context, by Actor, b ledger.Batch) (Reconciled, error) {
	client := s.StatusClient()
	return s.reconciled(ctx, by, b, func() (reconcile.Result, error) {
		return policy.While(accepting, client.Provider, func(ctx context.Context) (reconcile.Result, error) {
			return reconcile.WithProvider(ctx, client, b, s.config.Rules.Fee)
		})
	})
}

// ReconcileStatement holds every payout of a batch against a statement that was read. It
// needs no provider.
func (s *Service) ReconcileStatement(ctx, accepting context.Context, by Actor, b ledger.Batch, statement iter.Seq2[reconcile.Transfer, error]) (Reconciled, error) {
	return s.reconciled(ctx, by, b, func() (reconcile.Result, error) {
		return reconcile.WithStatement(accepting, s.config.Ledger, b, statement, s.config.Rules.Fee)
	})
}

// reconciled compares, and says where the batch stands then.
func (s *Service) reconciled(ctx context.Context, by Actor, b ledger.Batch, compare func() (reconcile.Result, error)) (Reconciled, error) {
	found := Reconciled{Batch: b}
	err := s.closing(ctx, by, func() (err error) {
		found.Result, err = compare()
		return err
	})
	if err != nil {
		return Reconciled{}, errors.Join(err, found.Close())
	}
	for payout, err := range s.config.Ledger.Payouts(ctx, b.ID) {
		if err != nil {
			return Reconciled{}, errors.Join(err, found.Close())
		}
		found.After.Add(payout)
		if len(payout.Unresolved()) > 0 {
			found.Disputed++
		}
	}
	return found, nil
}

// Gap is why not everything was compared. Its words are stable.
type Gap string

// The gaps.
const (
	// NoGap: everything was compared.
	NoGap Gap = ""
	// Unanswered: look-ups had no answer that can be trusted.
	Unanswered Gap = "unanswered"
	// NoLookUpPage: nor had they, since they find no page.
	NoLookUpPage Gap = "no_page"
	// ListUnread: the provider's list could not be read to its end.
	ListUnread Gap = "list"
	// NoList: the provider has no list.
	NoList Gap = "no_list"
	// ListShort: the list lacks what is known to be there.
	ListShort Gap = "list_short"
)

// Gap is the gravest reason why not everything was compared.
func (r Reconciled) Gap() Gap {
	switch {
	case r.Unanswered > 0 && r.NoLookUpPage:
		return NoLookUpPage
	case r.Unanswered > 0:
		return Unanswered
	case errors.Is(r.ListError, reconcile.ErrNoList):
		return NoList
	case r.ListError != nil:
		return ListUnread
	case !r.Whole():
		return ListShort
	default:
		return NoGap
	}
}

// Outcome is Conflict for differences that nobody has resolved, Stopped where the provider
// had no answer, StillOpen for payouts without an end and where something may be hidden.
func (r Reconciled) Outcome() Outcome {
	switch gap := r.Gap(); {
	case r.Differences.Open() > 0, r.Disputed > 0:
		return Conflict
	case gap == Unanswered, gap == NoLookUpPage, gap == ListUnread:
		return Stopped
	case gap != NoGap, r.Open.Count > 0:
		return StillOpen
	default:
		return AllPaid
	}
}
