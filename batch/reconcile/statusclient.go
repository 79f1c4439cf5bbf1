package reconcile

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"payrun/ledger"
	"payrun/provider"
	"payrun/provider/policy"
)

// StatusClient asks the provider what became of payouts, outside a run. It must not be
// used beside a run of the same ledger.
type StatusClient struct {
	Store ledger.Store
	// Provider spaces the look-ups, of which Workers may be under way at once.
	Provider *policy.Paced
	Workers  int
}

// askedMax is the number of times that a look-up is tried which is answered with
// "slower".
const askedMax = 3

// LookUp asks at the provider's pace, and again, when it is time, where it asked for
// patience. Others may be asked about meanwhile. The error is
// the context's, or policy.ErrOutage.
func (c StatusClient) LookUp(ctx context.Context, query provider.Query) (provider.Outcome, error) {
	for asked := 1; ; asked++ {
		said := c.Provider.LookUp(ctx, query)
		err := ctx.Err()
		if err == nil && said.Class == provider.NotSent {
			err = c.Provider.Err()
		}
		if err != nil {
			return said, fmt.Errorf("look up %q: %w", query.Reference, err)
		}
		if !said.BackOff || asked == askedMax {
			return said, nil
		}
		select {
		case <-ctx.Done():
		case <-time.After(said.RetryAfter):
		}
	}
}

// Each has decide called with the wanted payouts of a batch, several at once and in
// no particular order. It ends with the first error of the ledger, of decide or of
// the context.
func (c StatusClient) Each(ctx context.Context, batch ledger.BatchID, wanted func(ledger.Payout) bool,
	decide func(context.Context, ledger.Payout) error,
) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, c.Workers))
	for payout, err := range c.Store.Payouts(ctx, batch) {
		if err == nil && !wanted(payout) {
			continue
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			// The group's own error, if there is one, came first and is the cause.
			group.Go(func() error { return fmt.Errorf("look up the payouts of batch %q: %w", batch, err) })
			break
		}
		group.Go(func() error { return decide(ctx, payout) })
	}
	return group.Wait()
}
