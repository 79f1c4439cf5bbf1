package engine_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger"
	"payrun/provider/sandbox"
)

var (
	simSeeds = flag.Int("sim.seeds", 0, "how many seeds to simulate (default: about a minute's worth)")
	simSeed  = flag.Uint64("sim.seed", 0, "simulate this seed only")
)

const (
	seedsDefault = 3000
	seedsShort   = 100
)

type auditedStore interface {
	ledger.Store
	ledger.Auditor
}

func (w *world) ctx() context.Context { return context.Background() }

// chosenSeeds returns the seeds of this test run: the one that was asked for, or
// a row of them from a random start.
func chosenSeeds(share int) []uint64 {
	if *simSeed != 0 {
		return []uint64{*simSeed}
	}
	count := *simSeeds
	switch {
	case count > 0:
	case testing.Short():
		count = seedsShort
	default:
		count = seedsDefault
	}
	start := rand.Uint64N(1 << 40)
	seeds := make([]uint64, max(1, count/share))
	for i := range seeds {
		seeds[i] = start + uint64(i) + 1
	}
	return seeds
}

// failWith reports a seed so that one command replays it.
func failWith(t *testing.T, seed uint64, test string, err error) {
	t.Helper()
	t.Errorf("seed %d: %v\nreplay: go test ./batch/engine -run '^%s$' -sim.seed=%d", seed, err, test, seed)
}

// inWorlds runs a simulation for each seed, each in virtual time of its own, on
// as many cores as there are.
func inWorlds(t *testing.T, share int, simulate func(t *testing.T, seed uint64)) {
	t.Helper()
	seeds := chosenSeeds(share)
	t.Logf("simulating %d seeds from %d", len(seeds), seeds[0])
	const lanes = 8
	for lane := range lanes {
		t.Run(fmt.Sprintf("lane %d", lane), func(t *testing.T) {
			t.Parallel()
			for i := lane; i < len(seeds); i += lanes {
				synctest.Test(t, func(t *testing.T) { simulate(t, seeds[i]) })
			}
		})
	}
}

// seen counts what happened over all seeds, so that a simulation in which
// nothing goes wrong is noticed.
type seen struct {
	mu     sync.Mutex
	counts map[string]int
}

func (s *seen) add(counts map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = map[string]int{}
	}
	for key, count := range counts {
		s.counts[key] += count
	}
}

func (s *seen) missing(keys []string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(keys, func(key string) bool { return s.counts[key] > 0 })
}

// TestSimulation runs each world through a few processes that die at random
// writes, then one that does not, and holds the ledger against the provider's
// books. Every fault of the catalogue and every move that the engine may make
// must have happened over all seeds.
func TestSimulation(t *testing.T) {
	var faults, moves seen
	t.Run("worlds", func(t *testing.T) {
		inWorlds(t, 1, func(t *testing.T, seed uint64) {
			w := newWorld(t, seed)
			if err := w.survive(t, randomCrashes(seed)); err != nil {
				failWith(t, seed, "TestSimulation", err)
			}
			faults.add(w.sandbox.Fired())
			moves.add(w.moves(t))
		})
	})
	if *simSeed != 0 || *simSeeds > 0 && *simSeeds < seedsShort {
		return
	}
	if missing := faults.missing(everyFault()); len(missing) > 0 {
		t.Errorf("faults that never struck: %v", missing)
	}
	if missing := moves.missing(everyMove()); len(missing) > 0 {
		t.Errorf("moves that were never made: %v", missing)
	}
	t.Logf("faults: %v", faults.counts)
	t.Logf("moves: %v", moves.counts)
}

// randomCrashes plans up to four lives that end early.
func randomCrashes(seed uint64) []*crash {
	random := rand.New(rand.NewPCG(seed, 1))
	plans := make([]*crash, random.IntN(5))
	for i := range plans {
		plans[i] = &crash{at: 1 + random.IntN(12), written: random.IntN(2) == 0}
	}
	return plans
}

// survive lives through the crashes and then to the end, and returns what the
// oracle says.
func (w *world) survive(t *testing.T, plans []*crash) error {
	for _, plan := range plans {
		if _, err := w.live(t, plan); !expectedEnd(err) {
			return fmt.Errorf("a life ended with %w", err)
		}
	}
	tally, err := w.live(t, nil)
	if !expectedEnd(err) {
		return fmt.Errorf("the last life ended with %w", err)
	}
	// What the provider accepted late shows itself only then.
	<-time.After(time.Hour)
	store := w.enrolled(t)
	defer store.Close()
	wrong := judge(w, store, tally)
	if open := tally.Open(); open.Count > 0 && err == nil {
		wrong = errors.Join(wrong, fmt.Errorf("%d payouts are open although the provider would have settled them", open.Count))
	}
	return wrong
}

// moves counts the moves in the audit log.
func (w *world) moves(t *testing.T) map[string]int {
	t.Helper()
	store := w.enrolled(t)
	defer store.Close()
	counts := map[string]int{}
	for event, err := range store.Events(t.Context()) {
		if err != nil {
			t.Fatalf("seed %d: read the audit log: %v", w.seed, err)
		}
		if event.Payout != "" {
			counts[moveName(event.From, event.To)]++
		}
	}
	return counts
}

func moveName(from, to ledger.State) string { return from.String() + " → " + to.String() }

// everyMove lists the moves that are the engine's: the others belong to cancel,
// retry and reconcile.
func everyMove() []string {
	var names []string
	for _, move := range ledger.Transitions() {
		if move.NewAttempt || move.To == ledger.Cancelled || (move.Observation() && move.From.Final()) {
			continue
		}
		names = append(names, moveName(move.From, move.To))
	}
	return names
}

func everyFault() []string {
	var names []string
	for _, entry := range sandbox.Catalogue() {
		names = append(names, string(entry.Fault))
	}
	return names
}

// TestACrashAtEveryWriteIsSurvived takes each world through a crash at its first
// durable write, then at its second, and so on to its last, once with the write
// lost and once with it on disk.
func TestACrashAtEveryWriteIsSurvived(t *testing.T) {
	inWorlds(t, 60, func(t *testing.T, seed uint64) {
		for at, writes := 1, 1; at <= writes; at++ {
			for _, written := range []bool{false, true} {
				w := newWorld(t, seed)
				plan := &crash{at: at, written: written}
				if err := w.survive(t, []*crash{plan}); err != nil {
					failWith(t, seed, "TestACrashAtEveryWriteIsSurvived",
						fmt.Errorf("crash at write %d, written %t: %w", at, written, err))
					return
				}
				if plan.died {
					writes = at + 1
				}
			}
		}
	})
}

// TestASeedReplaysOneHistory keeps the simulation honest about its seeds: the
// same one must give the same audit log to the last byte, or "replay" means
// nothing. Each life is in a bubble of its own, so that both begin at the same
// instant.
func TestASeedReplaysOneHistory(t *testing.T) {
	for _, seed := range chosenSeeds(60) {
		var heads [2]string
		for i := range heads {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, seed)
				if _, err := w.live(t, nil); !expectedEnd(err) {
					t.Fatalf("seed %d: %v", seed, err)
				}
				heads[i] = w.head(t)
			})
		}
		if heads[0] != heads[1] {
			t.Errorf("seed %d gave two histories", seed)
		}
	}
}

// head returns the hash that stands for the whole audit log.
func (w *world) head(t *testing.T) string {
	t.Helper()
	store := w.enrolled(t)
	defer store.Close()
	_, head, err := store.Head(t.Context())
	if err != nil {
		t.Fatalf("seed %d: %v", w.seed, err)
	}
	return head
}
