package engine

import (
	"cmp"
	"context"
	"slices"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
)

// order finds out, from the audit log, for which payouts in doubt a transfer that the
// account has was begun after their last request. Recorded times would say it at once,
// but clocks are set; the log's order cannot be. It is asked only where an earlier
// process left payouts in doubt, and costs a walk through the log.
func (s *BatchSnapshot) order(ctx context.Context, store ledger.Store) error {
	if len(s.underWay) == 0 || len(s.known) == 0 {
		return nil
	}
	asked := map[ledger.TransactionID]bool{}
	for _, p := range s.underWay {
		asked[p.ID] = true
	}
	for _, k := range s.known {
		asked[k.id] = true
	}
	begun, err := evidence.ReadBegun(ctx, store, func(id ledger.TransactionID) bool { return asked[id] }, 0)
	if err != nil {
		return err
	}
	s.arrange(begun)
	s.posted = map[ledger.TransactionID]time.Time{}
	for _, p := range s.underWay {
		last := begun.Last[evidence.Try{ID: p.ID, Attempt: p.Attempt}]
		for _, k := range s.known {
			if begun.First[k.try()] > last {
				s.posted[p.ID] = k.accepted // the oldest that comes after it
				break
			}
		}
	}
	return nil
}

// arrange sorts the transfers that the account has as they were begun, and has none seem
// younger than one that was begun after it.
func (s *BatchSnapshot) arrange(begun evidence.Begun) {
	slices.SortFunc(s.known, func(a, b known) int { return cmp.Compare(begun.First[a.try()], begun.First[b.try()]) })
	for i := len(s.known) - 2; i >= 0; i-- {
		s.known[i] = s.known[i].before(s.known[i+1].accepted)
	}
}
