package batch

import (
	"context"
	"fmt"

	"payrun/ledger"
	"payrun/ledger/money"
)

// EstimateFees returns what the provider probably charges for the batch's queued
// payouts.
func EstimateFees(ctx context.Context, store ledger.Store, id ledger.BatchID, estimate FeeEstimate) (money.Centimes, error) {
	var fees money.Centimes
	for payout, err := range store.OpenPayouts(ctx, id) {
		if err != nil {
			return 0, fmt.Errorf("read batch %q: %w", id, err)
		}
		if payout.State == ledger.Queued {
			fees += estimate(payout.Operator, payout.Amount)
		}
	}
	return fees, nil
}
