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

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider/sandbox"
)

var (
	simSeeds = flag.Int("sim.seeds", 0, "how many seeds to simulate (default: as many as a change can wait for)")
	simSeed  = flag.Uint64("sim.seed", 0, "simulate this seed only")
)

const (
	seedsDefault = 250
	seedsShort   = 100
)

func (w *world) ctx() context.Context { return context.Background() }

// chosenSeeds returns the seeds of this test run: the one that was asked for, or a row
// of them. Those that every change is held against are the same each time; a longer row,
// which is a search, begins anywhere.
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
	start := uint64(0)
	if count > seedsDefault {
		start = rand.Uint64N(1 << 40)
	}
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

// mustEnd ends the test, naming the seed, if the worlds of a seed are still at work after
// a time in which all of them have ended, each crash of them included: a run that waits
// for ever would else be a test that never answers.
func mustEnd(seed uint64) *time.Timer {
	const farTooLong = 50 * 365 * 24 * time.Hour
	return time.AfterFunc(farTooLong, func() { panic(fmt.Sprintf("seed %d: the run does not end", seed)) })
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
				synctest.Test(t, func(t *testing.T) {
					defer mustEnd(seeds[i]).Stop()
					simulate(t, seeds[i])
				})
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
	if testing.Short() || *simSeed != 0 || *simSeeds > 0 && *simSeeds < seedsShort { // too few for the rarest
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
	// What look-ups brought nothing usable about is left, and the command given again.
	for again := 0; errors.Is(err, engine.ErrOutage) && again < 5; again++ {
		tally, err = w.live(t, nil)
	}
	if !expectedEnd(err) {
		return fmt.Errorf("the last life ended with %w", err)
	}
	// What the provider accepted late shows itself only then.
	<-time.After(time.Hour)
	store := w.enrolled(t)
	defer store.Close()
	wrong := judge(w, store, tally)
	known := tally.In(ledger.Successful).Count + tally.In(ledger.Pending).Count
	if open := tally.Open(); open.Count > 0 && (err == nil || (uncontrolled(err) && known > 0)) {
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
	for event, err := range store.Events(t.Context(), 0) {
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
		// A look-up before the first send, and a worker who lost a payout, have tests of
		// their own.
		if aheadOfSend(move) || move.From == ledger.Submitting && move.Observation() || move.NewAttempt || move.ByPerson || move.To == ledger.Cancelled || (move.Observation() && move.From.Final()) {
			continue
		}
		names = append(names, moveName(move.From, move.To))
	}
	return names
}

// aheadOfSend reports whether a look-up before the first send makes the move. What
// cannot be believed there is kept as a difference, and the payout stays queued.
func aheadOfSend(move ledger.Transition) bool {
	return move.From == ledger.Queued && (move.To == ledger.Pending || move.To.Final() && move.To != ledger.Cancelled ||
		move.To == ledger.Unknown || move.To == ledger.Queued)
}

// TestALostLedgerIsBegunAnewAndAdopted: a process dies, its ledger is gone, and a new
// one is adopted. What the provider has is taken over; nobody is paid twice, and what
// is not paid is open or shown.
func TestALostLedgerIsBegunAnewAndAdopted(t *testing.T) {
	var moves seen
	t.Run("worlds", func(t *testing.T) {
		inWorlds(t, 4, func(t *testing.T, seed uint64) {
			w := newWorld(t, seed)
			if err := w.adopted(t); err != nil {
				failWith(t, seed, "TestALostLedgerIsBegunAnewAndAdopted", err)
			}
			moves.add(w.moves(t))
		})
	})
	if *simSeed != 0 || testing.Short() {
		return
	}
	taken := []string{
		moveName(ledger.Queued, ledger.Successful), moveName(ledger.Queued, ledger.Pending), moveName(ledger.Queued, ledger.Failed),
	}
	if missing := moves.missing(taken); len(missing) > 0 {
		t.Errorf("moves that were never made: %v", missing)
	}
}

// adopted pays a part, loses the ledger, and goes on with a new one.
func (w *world) adopted(t *testing.T) error {
	if _, err := w.live(t, &crash{at: 6, written: true}); !expectedEnd(err) {
		return fmt.Errorf("the first life ended with %w", err)
	}
	w.path += ".new"
	w.beforeRun = func(t *testing.T, store ledger.Store) {
		t.Helper()
		if err := store.Record(t.Context(), ledger.Act{Code: ledger.ActAdopted, At: time.Now().UTC()}); err != nil {
			t.Fatal(err)
		}
	}
	tally, err := w.live(t, nil)
	if !expectedEnd(err) {
		return fmt.Errorf("the last life ended with %w", err)
	}
	<-time.After(time.Hour)
	store := w.enrolled(t)
	defer store.Close()
	w.shown = err != nil
	for payout, readErr := range store.Payouts(t.Context(), simBatch) {
		w.shown = w.shown || readErr == nil && len(payout.Unresolved()) > 0
	}
	return judge(w, store, tally)
}

func everyFault() []string {
	var names []string
	for _, entry := range sandbox.Catalogue() {
		if entry.Beyond == "" {
			names = append(names, string(entry.Fault))
		}
	}
	return names
}

// TestACrashAtEveryWriteIsSurvived takes each world through a crash at its first
// durable write, then at its second, and so on to its last, once with the write
// lost and once with it on disk.
//
// A world is lived as often as it has writes, some of them through days of look-ups, so
// that a seed can take minutes: where nobody names a seed or asks for many, few worlds are
// crashed at their first writes and at some of the later ones.
func TestACrashAtEveryWriteIsSurvived(t *testing.T) {
	const few, dense = 300, 3
	asked := *simSeed != 0 || *simSeeds > seedsDefault
	inWorlds(t, few, func(t *testing.T, seed uint64) {
		for at, writes := 1, 1; at <= writes; at++ {
			if !asked {
				at += at / dense
			}
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
