package batch

import (
	"context"
	"fmt"
	"time"

	"payrun/ledger"
)

// withdrawGroup is how many payouts are withdrawn in one durable group.
const withdrawGroup = 500

// Cancel withdraws every payout of the batch that is still queued and was never
// sent in this attempt, and returns what they come to. Payouts of which a
// request may have left stay as they are. It must not run beside a run of the
// same ledger.
func Cancel(ctx context.Context, store ledger.Store, batch ledger.BatchID) (ledger.Count, error) {
	var cancelled ledger.Count
	var group []ledger.Change
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		if err := store.Apply(ctx, group); err != nil {
			return fmt.Errorf("withdraw payouts of batch %q: %w", batch, err)
		}
		group = group[:0]
		return nil
	}
	for payout, err := range store.OpenPayouts(ctx, batch) {
		if err != nil {
			return cancelled, fmt.Errorf("read batch %q: %w", batch, err)
		}
		if payout.State != ledger.Queued {
			continue
		}
		group = append(group, ledger.Change{
			ID: payout.ID, From: ledger.Queued, To: ledger.Cancelled, At: time.Now().UTC(), Actor: "cancel",
		})
		cancelled.Add(payout.Amount)
		if len(group) == withdrawGroup {
			if err := flush(); err != nil {
				return cancelled, err
			}
		}
	}
	return cancelled, flush()
}
