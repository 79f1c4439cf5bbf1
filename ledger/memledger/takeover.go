package memledger

import (
	"context"
	"slices"
	"time"

	"payrun/ledger"
)

// leaseSlack is added to the wait for the end of a lease.
const leaseSlack = 10 * time.Millisecond

// TakeOver implements ledger.Claimer. A worker whose session is gone and whose lease is not
// over yet is waited for: it comes back, or it is gone.
func (m *Machine) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) (taken []ledger.Payout, err error) {
	for {
		wait := time.Duration(0)
		err := m.link(ctx, func() error {
			wait = m.shared.endGone(payouts)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if wait == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(wait+leaseSlack, m.shared.lease)):
		}
	}
	err = m.link(ctx, func() error {
		taken, err = m.shared.takeOver(ctx, claim, payouts)
		return err
	})
	return taken, err
}

// endGone ends the workers that hold any of the payouts and are gone, and returns how long the
// lease of one lasts whose session is.
func (s *Shared) endGone(payouts []ledger.TransactionID) (wait time.Duration) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	for _, w := range s.workers {
		holds := slices.ContainsFunc(payouts, func(id ledger.TransactionID) bool { return s.store.claims.Holder(id) == w.claim })
		if w.ended || !holds || w.session != nil {
			continue
		}
		left := w.until.Sub(s.now())
		w.ended = left <= 0
		wait = max(wait, left)
	}
	return wait
}

func (s *Shared) takeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	s.atWork()
	if s.store.claims.Over(claim) {
		return nil, claim.Ended()
	}
	return s.store.takeOver(ctx, claim, payouts)
}
