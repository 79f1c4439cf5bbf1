package ledgertest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"payrun/ledger"
)

// Machine is a store as one machine has it that shares it with others.
type Machine interface {
	ledger.Store
	// MaySend returns for how long a request that leaves now may take, and ledger.ErrLease
	// or ledger.ErrEvicted if none may leave.
	MaySend() (within time.Duration, err error)
	// Evict ends an epoch, whatever its worker does. It returns ledger.ErrNotFound if it is
	// not at work.
	Evict(ctx context.Context, epoch uint64, because string) error
	// Freeze has the machine's leases be renewed no more, as in a process that is stopped:
	// its session stays. Vanish ends the process, and the ledger has noticed.
	Freeze()
	Vanish()
}

// Leases holds a store that machines share to what claims, leases and take-overs promise.
// Begin begins an empty ledger and returns how a machine opens it, with the lease given. Run
// takes each test, in virtual time if it likes.
func Leases(t *testing.T, lease time.Duration, begin func(t *testing.T) (open func() Machine), run func(t *testing.T, test func(*testing.T))) {
	t.Helper()
	for name, test := range map[string]func(*testing.T, func() Machine, time.Duration){
		"who is gone is taken over when its lease is over":           goneIsTakenOver,
		"who is frozen keeps what it holds until a person evicts it": frozenIsEvicted,
		"who was evicted moves nothing even before it is taken over": evictedMovesNothing,
		"a request may leave only shortly after a lease's answer":    maySend,
		"each payout is claimed by one of many machines":             manyClaim,
		"a proof is shared by those at work on the batch":            proofIsShared,
		"a proof goes with the last that had it":                     proofEnds,
	} {
		t.Run(name, func(t *testing.T) {
			run(t, func(t *testing.T) {
				t.Helper()
				test(t, begin(t), lease)
			})
		})
	}
}

// opened opens a machine until the test ends.
func opened(t *testing.T, open func() Machine) Machine {
	t.Helper()
	m := open()
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func enrolled(t *testing.T, store ledger.Store, rows int) []ledger.TransactionID {
	t.Helper()
	entries := Entries("A", rows)
	enrol(t, store, "may", entries)
	all := make([]ledger.TransactionID, 0, rows)
	for _, entry := range entries {
		all = append(all, entry.ID)
	}
	return all
}

func takeOver(t *testing.T, store ledger.Store, by ledger.Claim, payouts []ledger.TransactionID, want int) {
	t.Helper()
	taken, err := store.TakeOver(t.Context(), by, payouts)
	if err != nil || len(taken) != want {
		t.Errorf("took over %d, %v, want %d", len(taken), err, want)
	}
}

// goneIsTakenOver: a process was killed. Its session is gone at once, and its lease is waited
// for.
func goneIsTakenOver(t *testing.T, open func() Machine, lease time.Duration) {
	t.Helper()
	gone, here := open(), opened(t, open)
	all := enrolled(t, here, 3)
	claim(t, gone, join(t, gone, "one"), all)
	gone.Vanish()
	began := time.Now()
	takeOver(t, here, join(t, here, "two"), all, 3)
	if passed := time.Since(began); passed < lease/4 || passed > 5*lease {
		t.Errorf("it took %s, want about the lease of %s", passed, lease)
	}
}

// frozenIsEvicted: the process is stopped. Its lease is over, and its session is there.
func frozenIsEvicted(t *testing.T, open func() Machine, lease time.Duration) {
	t.Helper()
	frozen, here := opened(t, open), opened(t, open)
	all := enrolled(t, here, 3)
	stopped, two := join(t, frozen, "one"), join(t, here, "two")
	claim(t, frozen, stopped, all[:2])
	frozen.Freeze()
	passes(t, lease+lease/4)
	takeOver(t, here, two, all, 0)
	if err := here.Evict(t.Context(), stopped.Epoch, "the machine is off"); err != nil {
		t.Fatal(err)
	}
	if err := here.Evict(t.Context(), stopped.Epoch, "again"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("evicted twice: %v, want ErrNotFound", err)
	}
	takeOver(t, here, two, all, 2)
	// It thaws. Nothing that it claims, takes over or moves is made, and what it heard is kept.
	if _, err := frozen.Claim(t.Context(), ledger.ClaimRequest{Claim: stopped, Payouts: all[2:], At: claimedAt}); !errors.Is(err, ledger.ErrEvicted) {
		t.Errorf("the evicted one claimed: %v, want ErrEvicted", err)
	}
	if _, err := frozen.TakeOver(t.Context(), stopped, all); !errors.Is(err, ledger.ErrEvicted) {
		t.Errorf("the evicted one took over: %v, want ErrEvicted", err)
	}
	paid := held(stopped, all[0], ledger.Submitting, ledger.Successful)
	paid.Answer.ProviderRef = "P-1"
	lost(t, frozen, all[:1], paid)
	p, err := here.Payout(t.Context(), all[0])
	if err != nil || p.State != ledger.Submitting || !p.Said.Has(ledger.SaidSuccessful) || p.Answer.ProviderRef != "P-1" {
		t.Errorf("the payout is %+v, %v, want it in doubt, with what was heard", p, err)
	}
	// Who took it over goes on, and may not give it back.
	lost(t, here, nil, held(two, all[0], ledger.Submitting, ledger.Unknown))
	lost(t, here, all[:1], held(two, all[0], ledger.Unknown, ledger.Queued))
	lost(t, here, nil, held(two, all[0], ledger.Unknown, ledger.Successful))
}

// evictedMovesNothing: between eviction and take-over nobody holds the payout.
func evictedMovesNothing(t *testing.T, open func() Machine, _ time.Duration) {
	t.Helper()
	m := opened(t, open)
	all := enrolled(t, m, 1)
	by := join(t, m, "one")
	claim(t, m, by, all)
	if err := m.Evict(t.Context(), by.Epoch, "test"); err != nil {
		t.Fatal(err)
	}
	released := held(by, all[0], ledger.Submitting, ledger.Queued)
	released.Unused = true
	lost(t, m, all, released)
	if now := state(t, m, all[0]); now != ledger.Submitting {
		t.Errorf("the payout is %s", now)
	}
}

// maySend: without renewals the permission ends within a second, long before the lease.
func maySend(t *testing.T, open func() Machine, lease time.Duration) {
	t.Helper()
	m := opened(t, open)
	if _, err := m.MaySend(); err != nil {
		t.Errorf("without a worker: %v", err)
	}
	by := join(t, m, "one")
	if within, err := m.MaySend(); err != nil || within <= 0 || within > lease {
		t.Errorf("a request may take %s, %v", within, err)
	}
	passes(t, 1500*time.Millisecond)
	if _, err := m.MaySend(); err != nil {
		t.Errorf("while the lease is renewed: %v", err)
	}
	m.Freeze()
	passes(t, 1500*time.Millisecond)
	if _, err := m.MaySend(); !errors.Is(err, ledger.ErrLease) {
		t.Errorf("without an answer for longer than a second: %v, want ErrLease", err)
	}
	// A window renews the lease as well.
	claim(t, m, by, enrolled(t, m, 1))
	if _, err := m.MaySend(); err != nil {
		t.Errorf("right after a claim: %v", err)
	}
}

// passes lets time go by, virtual or not.
func passes(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-t.Context().Done():
	case <-time.After(d):
	}
}

// manyClaim has four machines claim the same window at once, again and again.
func manyClaim(t *testing.T, open func() Machine, _ time.Duration) {
	t.Helper()
	const machines, rows, window = 4, 400, 40
	first := opened(t, open)
	all := enrolled(t, first, rows)
	got := make([][]ledger.TransactionID, machines)
	var done sync.WaitGroup
	for i := range machines {
		m := first
		if i > 0 {
			m = opened(t, open)
		}
		by := join(t, m, "worker")
		done.Go(func() {
			for from := 0; from < rows; from += window {
				claimed, err := m.Claim(t.Context(), ledger.ClaimRequest{Claim: by, Payouts: all[from : from+window], At: claimedAt, Actor: "engine"})
				if err != nil {
					t.Error(err)
					return
				}
				got[i] = append(got[i], ids(claimed.Payouts)...)
			}
		})
	}
	done.Wait()
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

// proves has a worker ask for a proof, or say that it has it.
func proves(t *testing.T, m Machine, by ledger.Claim, batch ledger.BatchID, done bool, want ledger.Proof) {
	t.Helper()
	if got, err := m.Prove(t.Context(), by, batch, done); err != nil || got != want {
		t.Errorf("worker %q about %q: %d, %v, want %d", by.Worker, batch, got, err, want)
	}
}

// proofIsShared: the first makes the proof, the others wait, and whoever comes while one of them
// has it needs none of its own. Each batch has its own.
func proofIsShared(t *testing.T, open func() Machine, _ time.Duration) {
	t.Helper()
	first, second, third := opened(t, open), opened(t, open), opened(t, open)
	enrolled(t, first, 1)
	enrol(t, first, "june", Entries("B", 1))
	one, two := join(t, first, "one"), join(t, second, "two")
	proves(t, first, one, "may", false, ledger.ProofWanted)
	proves(t, first, one, "may", false, ledger.ProofWanted) // its own is nobody else's
	proves(t, second, two, "may", false, ledger.ProofUnderWay)
	proves(t, third, join(t, third, "other"), "june", false, ledger.ProofWanted)
	proves(t, first, one, "may", true, ledger.ProofWanted)
	proves(t, second, two, "may", false, ledger.Proven)
	if err := first.Leave(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	three := join(t, third, "three")
	proves(t, third, three, "may", false, ledger.Proven)
	if err := second.Evict(t.Context(), two.Epoch, "test"); err != nil {
		t.Fatal(err)
	}
	proves(t, first, join(t, first, "one"), "may", false, ledger.Proven) // of the third
}

// proofEnds: whoever comes when nobody at work has the proof makes it anew, whether the others
// left, died or stand still.
func proofEnds(t *testing.T, open func() Machine, lease time.Duration) {
	t.Helper()
	left, gone, frozen, here := opened(t, open), open(), opened(t, open), opened(t, open)
	enrolled(t, here, 1)
	asks := func(want ledger.Proof) {
		t.Helper()
		by := join(t, here, "here")
		proves(t, here, by, "may", false, want)
		if err := here.Leave(t.Context(), by); err != nil {
			t.Fatal(err)
		}
	}
	one := join(t, left, "left")
	proves(t, left, one, "may", true, ledger.ProofWanted)
	asks(ledger.Proven)
	if err := left.Leave(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	asks(ledger.ProofWanted)
	proves(t, gone, join(t, gone, "gone"), "may", true, ledger.ProofWanted)
	asks(ledger.Proven)
	gone.Vanish()
	asks(ledger.ProofWanted)
	proves(t, frozen, join(t, frozen, "frozen"), "may", true, ledger.ProofWanted)
	asks(ledger.Proven)
	frozen.Freeze()
	passes(t, lease+lease/4)
	asks(ledger.ProofWanted)
}
