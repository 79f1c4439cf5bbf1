package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// witness notes what an engine tells its observer, from one goroutine.
type witness struct {
	waits   []time.Duration
	breaker []string
	rates   []float64
}

func (w *witness) RateWaited(wait time.Duration) { w.waits = append(w.waits, wait) }

func (w *witness) RateChanged(perSecond float64) { w.rates = append(w.rates, perSecond) }

func (w *witness) BreakerChanged(state string) { w.breaker = append(w.breaker, state) }

// TestTheObserverHearsOfEveryWaitForTheRate: at two requests a second, all but the
// first wait half a second, and the waits make up the whole run.
func TestTheObserverHearsOfEveryWaitForTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows, gap = 21, 500 * time.Millisecond
		var seen witness
		p := &scripted{send: always(provider.Successful)}
		if _, err := newSmall(t, rows).run(t, p, func(c *engine.Config) { c.Rate, c.Observer = 2, &seen }); err != nil {
			t.Fatal(err)
		}
		if len(seen.waits) != rows {
			t.Fatalf("%d waits for %d requests", len(seen.waits), rows)
		}
		var total time.Duration
		for _, wait := range seen.waits {
			total += wait
		}
		if want := (rows - 1) * gap; total < want-gap || total > want+gap {
			t.Errorf("waited %s in all, want about %s", total, want)
		}
		if len(seen.breaker) != 0 {
			t.Errorf("the breaker changed: %v", seen.breaker)
		}
	})
}

func TestTheObserverHearsOfNoWaitWhereThereIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen witness
		p := &scripted{send: always(provider.Successful)}
		if _, err := newSmall(t, 30).run(t, p, func(c *engine.Config) { c.Observer = &seen }); err != nil {
			t.Fatal(err)
		}
		if len(seen.waits) != 30 || slices.Max(seen.waits) != 0 {
			t.Errorf("waits %v, want thirty of nothing", seen.waits)
		}
	})
}

// TestTheObserverSeesTheBreakerOpenAndClose follows an outage of two minutes.
func TestTheObserverSeesTheBreakerOpenAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen witness
		p := &scripted{}
		p.send = func(int) provider.Outcome {
			if time.Since(p.began) < 2*time.Minute {
				return provider.Outcome{Class: provider.NotSent}
			}
			return provider.Outcome{Class: provider.Successful}
		}
		tally, err := newSmall(t, 50).run(t, p, func(c *engine.Config) { c.Observer = &seen })
		if err != nil || tally.In(ledger.Successful).Count != 50 {
			t.Fatalf("tally %+v, error %v, want all paid", tally, err)
		}
		if len(seen.breaker) < 3 || seen.breaker[0] != "open" || seen.breaker[1] != "half-open" ||
			seen.breaker[len(seen.breaker)-1] != "closed" {
			t.Errorf("the breaker went %v, want open, half-open, …, closed", seen.breaker)
		}
	})
}
