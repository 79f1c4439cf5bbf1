package pgledger_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"payrun/ledger/pgledger/pgtest"
)

// TestAHintReachesEveryProcess that heeds them, of this ledger and of no other.
func TestAHintReachesEveryProcess(t *testing.T) {
	pgtest.Shared(t)
	address := begin(t)
	one, two, elsewhere := open(t, address), open(t, address), open(t, begin(t))
	defer one.Close()
	defer two.Close()
	defer elsewhere.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	heard, foreign := make(chan []string, 100), make(chan []string, 100)
	var all sync.WaitGroup
	all.Go(func() { two.Heed(ctx, func(references []string) { heard <- references }) })
	all.Go(func() { elsewhere.Heed(ctx, func(references []string) { foreign <- references }) })
	ticker := time.NewTicker(20 * time.Millisecond) // until it listens
	defer ticker.Stop()
	for got := []string(nil); !slices.Equal(got, []string{"A-1", "DP1"}); {
		select {
		case got = <-heard:
		case <-ticker.C:
			if err := one.Hint(ctx, []string{"A-1", "DP1"}); err != nil {
				t.Fatal(err)
			}
		case <-ctx.Done():
			t.Fatal("nothing was heard")
		}
	}
	if err := one.Hint(ctx, slices.Repeat([]string{strings.Repeat("x", 100)}, 1000)); err != nil {
		t.Errorf("more than fits: %v", err)
	}
	cancel()
	all.Wait()
	if len(foreign) > 0 {
		t.Errorf("another ledger heard %q", <-foreign)
	}
}
