package engine_test

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/provider"
)

// moody is a bank that takes its time for each answer, and turns a transfer in a hundred
// away, at random, with a pause of its own.
type moody struct {
	*bank
	latency, shortest, longest time.Duration

	mu     sync.Mutex
	random *rand.Rand
	// until is when the last of those that were turned away can be paid at the earliest: after
	// its pause, a look-up and a transfer.
	until time.Time
	// turned is how many were, and first when the last payout was sent for the first time.
	turned int
	first  time.Time
	known  map[string]bool
}

func (m *moody) Send(ctx context.Context, r provider.Request) provider.Outcome {
	sent := time.Now()
	pass(m.latency)
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.known[r.Reference] {
		m.known[r.Reference], m.first = true, sent
	}
	if m.random.IntN(100) > 0 || len(m.known) == 1 {
		return m.bank.Send(ctx, r)
	}
	o := provider.Outcome{Class: provider.Throttled, Code: "TOO_FAST", Documented: true, BackOff: true}
	const own = time.Second // what the engine waits where nothing is asked for
	wait := own
	if m.longest > 0 {
		o.RetryAfter = m.shortest + time.Duration(m.random.Int64N(int64(m.longest-m.shortest)))
		wait = max(own, o.RetryAfter)
	}
	if at := time.Now().Add(wait + 2*m.latency); at.After(m.until) {
		m.until = at
	}
	m.turned++
	return o
}

func (m *moody) LookUp(ctx context.Context, q provider.Query) provider.Outcome {
	pass(m.latency)
	return m.bank.LookUp(ctx, q)
}

// TestAPauseCostsNothingButItself: where one transfer in a hundred is turned away the others are
// sent as fast as the workers can, and the run ends when the last one can be paid. The first of
// all is left out: what the first answer asks for is asked of everybody.
func TestAPauseCostsNothingButItself(t *testing.T) {
	const (
		rows, workers = 600, 16
		latency       = 50 * time.Millisecond
	)
	for _, asked := range [][2]time.Duration{{}, {time.Second, 3 * time.Second}} {
		for seed := range uint64(20) {
			synctest.Test(t, func(t *testing.T) {
				m := &moody{
					bank: &bank{}, latency: latency, shortest: asked[0], longest: asked[1], known: map[string]bool{},
					random: rand.New(rand.NewPCG(seed, 3)),
				}
				batch := newSmall(t, rows)
				began := time.Now()
				if _, err := batch.pay(t, m.bank, func(c *engine.Config) { c.Provider, c.Workers = m, workers }); err != nil {
					t.Fatal(err)
				}
				// Whoever was turned away is looked up and sent once more.
				busy := (time.Duration(rows+2*m.turned)/workers + 2) * latency
				if at := m.first.Sub(began); at > busy {
					t.Errorf("seed %d: %d were turned away, and the last was first sent after %s, want %s", seed, m.turned, at, busy)
				}
				if took, want := time.Since(began), max(m.until.Sub(began), busy); took > want+latency {
					t.Errorf("seed %d: %d were turned away, and %s passed, want %s", seed, m.turned, took, want)
				}
			})
		}
	}
}
