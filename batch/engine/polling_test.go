package engine_test

import (
	"context"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/providertest"
)

// deliberate takes every transfer, and settles it after a time of its own.
type deliberate struct {
	random *rand.Rand

	mu       sync.Mutex
	began    time.Time
	requests []sent
	settles  map[string]time.Time
	looked   map[string]time.Time
	// delays are the waits of each settlement for the look-up that found it, and
	// intervals the times since the look-up before.
	delays, intervals []time.Duration
	goroutines        int
}

func (d *deliberate) Send(_ context.Context, r provider.Request) provider.Outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.request(r.Reference)
	d.settles[r.Reference] = now.Add(5*time.Second + time.Duration(d.random.Int64N(int64(time.Minute))))
	d.looked[r.Reference] = now
	return provider.Outcome{Class: provider.Pending, Code: "PENDING"}
}

func (d *deliberate) LookUp(_ context.Context, q provider.Query) provider.Outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	now, before := d.request(q.Reference), d.looked[q.Reference]
	d.looked[q.Reference] = now
	d.goroutines = max(d.goroutines, runtime.NumGoroutine())
	settled := d.settles[q.Reference]
	if now.Before(settled) {
		return provider.Outcome{Class: provider.Pending, Code: "PENDING"}
	}
	d.delays, d.intervals = append(d.delays, now.Sub(settled)), append(d.intervals, now.Sub(before))
	return provider.Outcome{Class: provider.Successful, Code: "SUCCESSFUL"}
}

func (d *deliberate) Capabilities() provider.Capabilities { return providertest.Capabilities() }

func (d *deliberate) Balance(context.Context) (money.Amount, error) { return money.Amount{}, nil }

// request notes that one came, and returns when.
func (d *deliberate) request(reference string) time.Time {
	now := time.Now()
	d.requests = append(d.requests, sent{reference, now.Sub(d.began)})
	return now
}

// TestTenThousandPendingPayoutsAreFollowedUnderOneRate: look-ups take the same
// tokens as transfers, no payout has a goroutine, and a settlement is found
// within the interval at which its payout is looked up.
func TestTenThousandPendingPayoutsAreFollowedUnderOneRate(t *testing.T) {
	const rows, workers, rate, pollMax = 10_000, 8, 2000, 15 * time.Second
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, rows)
		d := &deliberate{
			random: rand.New(rand.NewPCG(1, 2)), began: time.Now(),
			settles: map[string]time.Time{}, looked: map[string]time.Time{},
		}
		before := runtime.NumGoroutine()
		tally, err := run(t.Context(), engine.Config{
			Trust: engine.Trust{Vouched: true},
			Store: batch.store, Provider: d, Request: request, Workers: workers, Rate: rate,
			PollMin: 500 * time.Millisecond, PollMax: pollMax, Wait: time.Hour,
		}, batch.batch, nil)
		if err != nil || tally.In(ledger.Successful).Count != rows {
			t.Fatalf("tally %+v, error %v, want all paid", tally, err)
		}
		// The workers, the recorder and the reading of the queue.
		if most := before + workers + 3; d.goroutines > most {
			t.Errorf("%d goroutines, want %d at most", d.goroutines, most)
		}
		checkCeiling(t, d.requests, rate)
		slices.Sort(d.delays)
		slices.Sort(d.intervals)
		if delay, interval := d.delays[rows/2], d.intervals[rows/2]; delay > interval {
			t.Errorf("half of the settlements were found after more than %s; payouts were looked up every %s", delay, interval)
		}
		if longest := d.intervals[rows-1]; longest > pollMax+time.Second {
			t.Errorf("a payout was not looked up for %s, want %s at most", longest, pollMax)
		}
	})
}

// TestAPayoutThatFallsDueWhileTheDispatcherWorksIsLookedUp: a moment that passes
// between looking for what may go and choosing when to wake must not be slept
// through. On a busy machine a run waited to its end for a payout that had long
// been settled.
func TestAPayoutThatFallsDueWhileTheDispatcherWorksIsLookedUp(t *testing.T) {
	for _, busy := range []time.Duration{100 * time.Millisecond, 600 * time.Millisecond, 2 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			batch, began := newSmall(t, 3), time.Now()
			d := &deliberate{
				random: rand.New(rand.NewPCG(1, 2)), began: began,
				settles: map[string]time.Time{}, looked: map[string]time.Time{},
			}
			tally, err := run(t.Context(), engine.Config{
				Trust: engine.Trust{Vouched: true},
				Store: batch.store, Provider: d, Request: request, Workers: 2,
				PollMin: 500 * time.Millisecond, PollMax: 15 * time.Second, Wait: time.Hour,
				Progress: func(engine.Progress) { <-time.After(busy) },
			}, batch.batch, nil)
			if paid := tally.In(ledger.Successful).Count; err != nil || paid != 3 {
				t.Errorf("busy for %s: %d of 3 are paid (%v)", busy, paid, err)
			}
			const longest = 3 * time.Minute
			if took := time.Since(began); took > longest {
				t.Errorf("busy for %s: the run took %s", busy, took)
			}
		})
	}
}
