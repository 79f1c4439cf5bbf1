package engine_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// windowed counts the payouts that are claimed together.
type windowed struct {
	ledger.Store
	windows []int
}

func (w *windowed) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	w.windows = append(w.windows, len(request.Payouts))
	return w.Store.Claim(ctx, request)
}

func TestAWindowIsAsLargeAsIsWorthACommit(t *testing.T) {
	for _, test := range []struct {
		says    string
		latency time.Duration
		rate    float64
		workers int
		rows    int
		largest int
	}{
		{"twice the workers are enough for a slow provider", 50 * time.Millisecond, 0, 4, 200, 8},
		{"a fast one gets what lasts 50 ms", time.Millisecond, 0, 4, 2000, 256},
		{"never more than windowMax", time.Microsecond, 0, 4, 5000, 1024},
		{"more workers than that have what they need", time.Microsecond, 0, 600, 5000, 1200},
		{"never more than a second's work", time.Millisecond, 5, 4, 30, 5},
	} {
		t.Run(test.says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSmall(t, test.rows)
				store := &windowed{Store: s.store}
				p := &scripted{send: func(int) provider.Outcome {
					<-time.After(test.latency)
					return always(provider.Successful)(1)
				}}
				if _, err := s.run(t, p, func(c *engine.Config) {
					c.Store, c.Rate, c.Workers = store, test.rate, test.workers
				}); err != nil {
					t.Fatal(err)
				}
				largest := 0
				for _, window := range store.windows {
					largest = max(largest, window)
				}
				if largest != test.largest {
					t.Errorf("windows of %d, want %d at most", store.windows, test.largest)
				}
			})
		})
	}
}
