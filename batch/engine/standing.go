package engine

import (
	"context"
	"fmt"

	"payrun/ledger"
)

// Standing is where a batch stands. It holds as long as nobody writes to the
// ledger.
type Standing struct {
	batch ledger.Batch
	tally Tally
	// underWay are the payouts that an earlier run left half-way.
	underWay []ledger.Payout
}

// Look reads where a batch stands. Payouts that are queued or final are counted,
// not kept.
func Look(ctx context.Context, store ledger.Store, batch ledger.Batch) (Standing, error) {
	s := Standing{batch: batch}
	for payout, err := range store.Payouts(ctx, batch.ID) {
		if err != nil {
			return Standing{}, fmt.Errorf("read batch %q: %w", batch.ID, err)
		}
		s.tally.Add(payout)
		if payout.State.Open() && payout.State != ledger.Queued {
			s.underWay = append(s.underWay, payout)
		}
	}
	return s, nil
}

// Tally counts the batch's payouts by state.
func (s Standing) Tally() Tally { return s.tally }
