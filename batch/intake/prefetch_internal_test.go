package intake

import (
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
)

// count yields the numbers below n and then the error, if there is one.
func count(n int, end error) func(context.Context) iter.Seq2[int, error] {
	return func(context.Context) iter.Seq2[int, error] {
		return func(yield func(int, error) bool) {
			for i := range n {
				if !yield(i, nil) {
					return
				}
			}
			if end != nil {
				yield(0, end)
			}
		}
	}
}

func TestReadingAheadLosesNothingAndKeepsTheOrder(t *testing.T) {
	errCut := errors.New("cut short")
	for _, n := range []int{0, 1, prefetchGroup - 1, prefetchGroup, 10*prefetchGroup + 3} {
		for _, end := range []error{nil, errCut} {
			synctest.Test(t, func(t *testing.T) {
				next := 0
				var got error
				for item, err := range each(prefetch(t.Context(), count(n, end))) {
					if got = err; err != nil {
						continue
					}
					if item != next {
						t.Fatalf("item %d, want %d", item, next)
					}
					next++
				}
				if next != n || !errors.Is(got, end) {
					t.Errorf("%d items and %v, want %d and %v", next, got, n, end)
				}
			})
		}
	}
}

// TestReadingAheadEndsWithItsUse: the bubble of synctest fails if the goroutine
// is left behind.
func TestReadingAheadEndsWithItsUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for item := range each(prefetch(t.Context(), count(1_000_000, nil))) {
			if item == 10 {
				break
			}
		}
	})
}

func TestReadingAheadHearsOfACancelledContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got error
		for item, err := range each(prefetch(ctx, count(1_000_000, nil))) {
			if item == 10 {
				cancel()
			}
			got = err
		}
		if !errors.Is(got, context.Canceled) {
			t.Errorf("ended with %v, want it cancelled", got)
		}
	})
}
