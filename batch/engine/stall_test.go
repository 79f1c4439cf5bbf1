package engine_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// TestAProcessThatStoodStillSendsNothingMore: whatever it had ready when it was stopped,
// or its machine fell asleep, somebody else may have paid since.
func TestAProcessThatStoodStillSendsNothingMore(t *testing.T) {
	for name, test := range map[string]struct {
		still time.Duration
		says  error
	}{
		"for ten minutes":    {10 * time.Minute, engine.ErrStoodStill},
		"for a moment":       {5 * time.Second, nil},
		"for half the grace": {31 * time.Second, engine.ErrStoodStill},
	} {
		for _, rate := range []float64{0, 5} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b, batch := &bank{}, newSmall(t, 200)
					once, sent := false, 0
					tally, err := batch.pay(t, b, func(c *engine.Config) {
						c.Rate, c.Workers = rate, 2
						c.Progress = func(now engine.Progress) {
							if paid := now.Tally.In(ledger.Successful).Count; paid >= 10 && !once {
								once = true
								<-time.After(test.still)
								b.mu.Lock()
								sent = len(b.sends)
								b.mu.Unlock()
							}
						}
					})
					if !errors.Is(err, test.says) {
						t.Fatalf("error %v, want %v", err, test.says)
					}
					if test.says == nil {
						return
					}
					if more := len(b.sends) - sent; more > 0 {
						t.Errorf("%d left after it woke", more)
					}
					if doubts := tally.In(ledger.Unknown).Count + tally.In(ledger.Submitting).Count; doubts > 0 {
						t.Errorf("%d are in doubt", doubts)
					}
					tally, err = batch.pay(t, b, nil)
					if err != nil || tally.In(ledger.Successful).Count != 200 || len(b.twice()) > 0 {
						t.Errorf("run again: %+v, %v, twice %v", tally, err, b.twice())
					}
				})
			})
		}
	}
}

// slowBank takes long for its first transfer.
type slowBank struct {
	*bank
	first atomic.Bool
}

func (s *slowBank) Send(ctx context.Context, r provider.Request) provider.Outcome {
	if s.first.CompareAndSwap(false, true) {
		<-time.After(5 * time.Minute)
	}
	return s.bank.Send(ctx, r)
}

// TestATransferThatLayTooLongIsIntendedAnew: it lay ready behind a request that took
// long, which is no reason not to pay.
func TestATransferThatLayTooLongIsIntendedAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch, began := &bank{}, newSmall(t, 5), time.Now()
		tally, err := batch.pay(t, b, func(c *engine.Config) { c.Workers, c.Provider = 1, &slowBank{bank: b} })
		if err != nil || tally.In(ledger.Successful).Count != 5 || len(b.twice()) > 0 || len(b.sends) != 5 {
			t.Errorf("%+v, %v, sent %v", tally, err, b.sends)
		}
		if p := batch.payouts(t)["T-002"]; p.Intents != 1 || p.FirstIntent.Sub(began) < 5*time.Minute {
			t.Errorf("the one behind it counts %d intents, the first after %s", p.Intents, p.FirstIntent.Sub(began))
		}
	})
}
