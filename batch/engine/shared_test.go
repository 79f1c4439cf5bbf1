package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// cell shares an account by way of a database that takes a little time.
type cell struct {
	turn chan struct{}
	text []byte
}

func newCell() *cell { return &cell{turn: make(chan struct{}, 1)} }

func (c *cell) Exchange(ctx context.Context, change func([]byte, time.Time) ([]byte, error)) error {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	<-time.After(3 * time.Millisecond)
	after, err := change(slices.Clone(c.text), time.Now())
	if err != nil {
		return err
	}
	if after != nil {
		c.text = after
	}
	return ctx.Err()
}

// machines has three engines pay one batch with one account.
func machines(t *testing.T, s *small, p *scripted, change func(*engine.Config)) []error {
	t.Helper()
	shared := newCell()
	errs := make([]error, 3)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			_, errs[i] = s.run(t, p, func(c *engine.Config) {
				c.Worker, c.Account = fmt.Sprintf("machine %d", i), shared
				change(c)
			})
		})
	}
	all.Wait()
	return errs
}

// TestThreeMachinesPayAtOneRate counts what a provider gets from three engines that pay one
// batch.
func TestThreeMachinesPayAtOneRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows, perSecond, within = 1300, 20, 5 * time.Second
		s := newSmall(t, rows)
		var mu sync.Mutex
		var times []time.Time
		p := &scripted{send: func(int) provider.Outcome {
			mu.Lock()
			times = append(times, time.Now())
			mu.Unlock()
			<-time.After(300 * time.Millisecond)
			return always(provider.Successful)(1)
		}, lookUp: always(provider.Successful)}
		for _, err := range machines(t, s, p, func(c *engine.Config) { c.Rate = perSecond }) {
			if err != nil {
				t.Error(err)
			}
		}
		if len(times) != rows {
			t.Errorf("%d of %d were sent", len(times), rows)
		}
		for first := range times {
			last := first
			for last < len(times) && times[last].Sub(times[first]) < within {
				last++
			}
			if last-first > perSecond*5+3 {
				t.Fatalf("%d requests within %s", last-first, within)
			}
		}
		if took := times[len(times)-1].Sub(times[0]); took > rows*time.Second/perSecond*100/95 {
			t.Errorf("%d requests took %s", rows, took)
		}
	})
}

// TestWhatStopsAnAccountStopsAllMachines has one of three machines hear that the account is
// empty, or that its key is refused.
func TestWhatStopsAnAccountStopsAllMachines(t *testing.T) {
	for class, reason := range map[provider.Class]error{provider.NoBalance: engine.ErrBalance, provider.Unauthorized: engine.ErrCredentials} {
		for _, perSecond := range []float64{0, 20} {
			synctest.Test(t, func(t *testing.T) {
				s := newSmall(t, 600)
				var count, after atomic.Int32
				p := &scripted{send: func(int) provider.Outcome {
					<-time.After(100 * time.Millisecond)
					switch n := count.Add(1); {
					case n == 50:
						return provider.Outcome{Class: class, Code: "NO", Message: "no"}
					case n > 50:
						after.Add(1)
					}
					return always(provider.Successful)(1)
				}, lookUp: always(provider.Successful)}
				heard := 0
				for _, err := range machines(t, s, p, func(c *engine.Config) { c.Rate, c.Workers = perSecond, 4 }) {
					if !errors.Is(err, reason) {
						t.Errorf("%v a second: a machine ended with %v, want %v", perSecond, err, reason)
					}
					if errors.Is(err, engine.ErrAccountStopped) {
						heard++
					}
				}
				if heard != 2 || after.Load() > 40 {
					t.Errorf("%v a second: %d machines heard of it, and %d requests were answered after it", perSecond, heard, after.Load())
				}
				for p, err := range s.store.Payouts(t.Context(), s.batch.ID, ledger.OpenStates()...) {
					if err != nil || p.State != ledger.Queued {
						t.Fatalf("%s is %s, %v", p.ID, p.State, err)
					}
				}
			})
		}
	}
}
