package pgledger_test

import (
	"slices"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
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

// machine is a store that a test can have vanish.
type machine struct {
	*pgledger.Store
	t *testing.T
	// address is that of the ledger, to watch it from elsewhere.
	address string
}

// Vanish ends the process, and waits until the server has noticed.
func (m machine) Vanish() {
	m.Store.Vanish()
	watch := open(m.t, m.address)
	defer watch.Close()
	untilGone(m.t, watch, "one")
}

func TestMachinesKeepLeasesAndTakeOver(t *testing.T) {
	pgtest.Shared(t)
	ledgertest.Leases(t, options().Lease, func(t *testing.T) func() ledgertest.Machine {
		t.Helper()
		address := begin(t)
		return func() ledgertest.Machine { return machine{open(t, address), t, address} }
	}, func(t *testing.T, test func(*testing.T)) {
		t.Helper()
		t.Parallel()
		test(t)
	})
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

// TestAStoppedWorkerIsListedWithItsSession: its lease is over, and its session is there.
func TestAStoppedWorkerIsListedWithItsSession(t *testing.T) {
	address := begin(t)
	frozen, here := open(t, address), open(t, address)
	defer frozen.Close()
	defer here.Close()
	ids := enrol(t, here, 3)
	stopped := join(t, frozen, "one")
	join(t, here, "two")
	claim(t, frozen, stopped, ids[:2]...)
	frozen.Freeze()
	if err := here.Exec(t.Context(), "update workers set lease_until = clock_timestamp() - interval '1 hour' where name = 'one'"); err != nil {
		t.Fatal(err)
	}
	workers, err := here.Workers(t.Context())
	if err != nil || len(workers) != 2 || !workers[0].Session || workers[0].Holds != 2 || workers[0].Claim != stopped {
		t.Errorf("workers %+v, %v, want the stopped one with two payouts and its session", workers, err)
	}
}
