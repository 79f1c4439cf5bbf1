package pgledger_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
)

var at = time.Date(2026, 11, 24, 9, 0, 0, 123456789, time.UTC)

func join(t *testing.T, store ledger.Store, worker string) ledger.Claim {
	t.Helper()
	claim, err := store.Join(t.Context(), worker)
	if err != nil {
		t.Fatal(err)
	}
	return claim
}

func claim(t *testing.T, store ledger.Store, by ledger.Claim, ids ...ledger.TransactionID) []ledger.Payout {
	t.Helper()
	claimed, err := store.Claim(t.Context(), ledger.ClaimRequest{Claim: by, Payouts: ids, At: at, Actor: "engine"})
	if err != nil {
		t.Fatal(err)
	}
	return claimed.Payouts
}

func takeOver(t *testing.T, store ledger.Store, by ledger.Claim, ids ...ledger.TransactionID) int {
	t.Helper()
	taken, err := store.TakeOver(t.Context(), by, ids)
	if err != nil {
		t.Fatal(err)
	}
	return len(taken)
}

func enrol(t *testing.T, store ledger.Store, rows int) []ledger.TransactionID {
	t.Helper()
	entries := ledgertest.Entries("A", rows)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	var ids []ledger.TransactionID
	for _, entry := range entries {
		ids = append(ids, entry.ID)
	}
	return ids
}

// TestAWorkerThatIsGoneIsTakenOverWhenItsLeaseIsOver: a process was killed. Its session is
// gone at once, and its lease is waited for.
func TestAWorkerThatIsGoneIsTakenOverWhenItsLeaseIsOver(t *testing.T) {
	address := begin(t)
	gone, here := open(t, address), open(t, address)
	defer here.Close()
	ids := enrol(t, here, 3)
	claim(t, gone, join(t, gone, "one"), ids...)
	gone.Vanish()
	untilGone(t, here, "one")
	began := time.Now()
	if taken := takeOver(t, here, join(t, here, "two"), ids...); taken != 3 {
		t.Errorf("took over %d, want all", taken)
	}
	if passed := time.Since(began); passed < time.Second/2 || passed > 10*time.Second {
		t.Errorf("it took %s, want about the lease of two seconds", passed)
	}
}

// untilGone waits until the server has noticed that a worker's session ended.
func untilGone(t *testing.T, store *pgledger.Store, worker string) {
	t.Helper()
	for {
		workers, err := store.Workers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(workers, func(w pgledger.Worker) bool { return w.Worker == worker && w.Session }) {
			return
		}
		select {
		case <-t.Context().Done():
			t.Fatal("the session does not end")
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// TestWhatOthersHaveUnderWayIsCounted: held by whoever is at work, and left by whoever is
// gone, but not what this store's own workers had.
func TestWhatOthersHaveUnderWayIsCounted(t *testing.T) {
	address := begin(t)
	one, two := open(t, address), open(t, address)
	defer two.Close()
	ids := enrol(t, one, 3)
	claim(t, one, join(t, one, "one"), ids[:2]...)
	claim(t, two, join(t, two, "two"), ids[2])
	counts := func(held, left int) {
		t.Helper()
		if h, l, err := two.Held(t.Context(), "may"); h != held || l != left || err != nil {
			t.Errorf("others hold %d and left %d, %v, want %d and %d", h, l, err, held, left)
		}
	}
	counts(2, 0)
	if err := one.Close(); err != nil {
		t.Fatal(err)
	}
	counts(0, 2)
	if taken := takeOver(t, two, join(t, two, "three"), ids...); taken != 2 {
		t.Errorf("took over %d, want what was left", taken)
	}
	counts(0, 0)
}

// TestAFrozenWorkerKeepsWhatItHoldsUntilAPersonEvictsIt: the process is stopped. Its lease is
// over, and its session is there.
func TestAFrozenWorkerKeepsWhatItHoldsUntilAPersonEvictsIt(t *testing.T) {
	address := begin(t)
	frozen, here := open(t, address), open(t, address)
	defer frozen.Close()
	defer here.Close()
	ids := enrol(t, here, 3)
	stopped, two := join(t, frozen, "one"), join(t, here, "two")
	claim(t, frozen, stopped, ids[:2]...)
	frozen.Freeze()
	if err := here.Exec(t.Context(), "update workers set lease_until = clock_timestamp() - interval '1 hour' where name = 'one'"); err != nil {
		t.Fatal(err)
	}
	if taken := takeOver(t, here, two, ids...); taken != 0 {
		t.Errorf("took over %d from a worker that is only stopped", taken)
	}
	workers, err := here.Workers(t.Context())
	if err != nil || len(workers) != 2 || !workers[0].Session || workers[0].Holds != 2 || workers[0].Claim != stopped {
		t.Errorf("workers %+v, %v, want the stopped one with two payouts and its session", workers, err)
	}
	if err := here.Evict(t.Context(), stopped.Epoch, "the machine is off"); err != nil {
		t.Fatal(err)
	}
	if err := here.Evict(t.Context(), stopped.Epoch, "again"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("evicted twice: %v, want ErrNotFound", err)
	}
	if taken := takeOver(t, here, two, ids...); taken != 2 {
		t.Errorf("took over %d, want what the evicted one held", taken)
	}
	// It thaws. Nothing that it claims or moves is made, and what it heard is kept.
	if _, err := frozen.Claim(t.Context(), ledger.ClaimRequest{Claim: stopped, Payouts: ids[2:], At: at}); !errors.Is(err, pgledger.ErrEvicted) {
		t.Errorf("the evicted one claimed: %v, want ErrEvicted", err)
	}
	paid := ledgertest.Move(ids[0], ledger.Submitting, ledger.Successful)
	paid.Claim, paid.Attempt, paid.Answer.ProviderRef = stopped, 1, "P-1"
	lost, err := frozen.Apply(t.Context(), []ledger.Change{paid})
	if err != nil || len(lost) != 1 {
		t.Errorf("lost %v, %v, want the move of the evicted one", lost, err)
	}
	p, err := here.Payout(t.Context(), ids[0])
	if err != nil || p.State != ledger.Submitting || !p.Said.Has(ledger.SaidSuccessful) || p.Answer.ProviderRef != "P-1" {
		t.Errorf("the payout is %+v, %v, want it in doubt, with what was heard", p, err)
	}
}

// TestAnEvictedWorkerMovesNothingEvenBeforeItIsTakenOver: between the two nobody holds the
// payout.
func TestAnEvictedWorkerMovesNothingEvenBeforeItIsTakenOver(t *testing.T) {
	store := open(t, begin(t))
	defer store.Close()
	ids := enrol(t, store, 1)
	by := join(t, store, "one")
	claim(t, store, by, ids...)
	if err := store.Evict(t.Context(), by.Epoch, "test"); err != nil {
		t.Fatal(err)
	}
	released := ledgertest.Move(ids[0], ledger.Submitting, ledger.Queued)
	released.Claim, released.Attempt, released.Unused = by, 1, true
	if lost, err := store.Apply(t.Context(), []ledger.Change{released}); err != nil || len(lost) != 1 {
		t.Errorf("lost %v, %v, want the release", lost, err)
	}
	if p, err := store.Payout(t.Context(), ids[0]); err != nil || p.State != ledger.Submitting {
		t.Errorf("the payout is %s, %v", p.State, err)
	}
}

// TestARequestMayLeaveOnlyShortlyAfterALeaseAnswer: without renewals the permission ends
// within a second, long before the lease.
func TestARequestMayLeaveOnlyShortlyAfterALeaseAnswer(t *testing.T) {
	store := open(t, begin(t))
	defer store.Close()
	if _, err := store.MaySend(); err != nil {
		t.Errorf("without a worker: %v", err)
	}
	join(t, store, "one")
	if within, err := store.MaySend(); err != nil || within <= 0 || within > options().Lease {
		t.Errorf("a request may take %s, %v", within, err)
	}
	store.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if _, err := store.MaySend(); !errors.Is(err, pgledger.ErrLease) {
		t.Errorf("without an answer for longer than a second: %v, want ErrLease", err)
	}
}

// TestEachPayoutIsClaimedByOneOfManyMachines has four machines claim the same window at once,
// again and again.
func TestEachPayoutIsClaimedByOneOfManyMachines(t *testing.T) {
	const machines, rows = 4, 400
	address := begin(t)
	first := open(t, address)
	ids := enrol(t, first, rows)
	got := make([][]ledger.TransactionID, machines)
	var all sync.WaitGroup
	for i := range machines {
		store := first
		if i > 0 {
			store = open(t, address)
		}
		defer store.Close()
		by := join(t, store, "worker")
		all.Go(func() {
			const window = 40
			for from := 0; from < rows; from += window {
				claimed, err := store.Claim(t.Context(), ledger.ClaimRequest{Claim: by, Payouts: ids[from : from+window], At: at, Actor: "engine"})
				if err != nil {
					t.Error(err)
					return
				}
				for _, p := range claimed.Payouts {
					got[i] = append(got[i], p.ID)
				}
			}
		})
	}
	all.Wait()
	seen := map[ledger.TransactionID]bool{}
	for _, mine := range got {
		for _, id := range mine {
			if seen[id] {
				t.Errorf("%s was claimed twice", id)
			}
			seen[id] = true
		}
	}
	// A window that was skipped because another machine was about to claim it is that
	// machine's.
	if len(seen) != rows {
		t.Errorf("%d of %d were claimed", len(seen), rows)
	}
	if _, err := first.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
