package batch

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"payrun/ledger"
	"payrun/provider"
)

// Inquiry asks the provider about payouts of a batch, outside a run. It must not
// be used beside a run of the same ledger.
type Inquiry struct {
	Store    ledger.Store
	Provider provider.Provider
	// Limiter spaces the look-ups, of which Workers may be under way at once.
	Limiter *rate.Limiter
	Workers int
}

// each looks up the wanted payouts of a batch and gives decide every answer, one
// at a time, in no particular order. It ends with the first error of the ledger,
// of decide or of the context.
func (q Inquiry) each(ctx context.Context, batch ledger.BatchID, wanted func(ledger.Payout) bool,
	decide func(context.Context, ledger.Payout, provider.Outcome) error,
) error {
	var deciding sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, q.Workers))
	for payout, err := range q.Store.Payouts(ctx, batch) {
		if err == nil && !wanted(payout) {
			continue
		}
		if err == nil {
			err = q.Limiter.Wait(ctx)
		}
		if err != nil {
			// The group's own error, if there is one, came first and is the cause.
			group.Go(func() error { return fmt.Errorf("look up the payouts of batch %q: %w", batch, err) })
			break
		}
		group.Go(func() error {
			outcome := q.Provider.LookUp(ctx, provider.Query{
				Reference:   string(payout.Reference),
				ProviderRef: payout.Answer.ProviderRef,
				Number:      payout.Number,
				Amount:      payout.Amount,
			})
			deciding.Lock()
			defer deciding.Unlock()
			return decide(ctx, payout, outcome)
		})
	}
	return group.Wait()
}
