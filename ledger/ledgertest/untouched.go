package ledgertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
)

// untouched has a store that sums up batches say of each what its payouts say one by one, through
// all that can happen to one.
func untouched(t *testing.T, store ledger.Store) {
	t.Helper()
	far, can := store.(ledger.Summariser)
	if !can {
		return
	}
	expect := func(batch ledger.BatchID, want bool) {
		t.Helper()
		sum, is, err := far.Untouched(t.Context(), batch)
		if err != nil || is != want {
			t.Errorf("%s is untouched: %t, %v, want %t", batch, is, err, want)
		}
		if !is {
			return
		}
		if diff := cmp.Diff(summed(t, store, batch), sum); diff != "" {
			t.Errorf("the sum of %s (-one by one +summed up):\n%s", batch, diff)
		}
	}
	entries := Entries("A", 5)
	entries[3].Country = "SN"
	enrol(t, store, "may", entries[:3])
	expect("may", true)
	enrol(t, store, "may", entries) // rows were added later
	expect("may", true)
	claimed := claimFirst(t, store)
	expect("may", false)
	apply(t, store, Move(claimed, ledger.Submitting, ledger.Queued)) // its request never left
	expect("may", false)

	enrol(t, store, "june", append(Entries("B", 2), entries[0])) // the last was brought in by May
	expect("june", false)
	enrol(t, store, "july", Entries("C", 2))
	expect("july", true)
	apply(t, store, Move("C-00001", ledger.Queued, ledger.Cancelled))
	expect("july", false)
	enrol(t, store, "august", nil)
	expect("august", false)
	if _, _, err := far.Untouched(t.Context(), "never"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown batch: %v, want ErrNotFound", err)
	}
}

// begun has a store that sums up batches say of one that was begun what its payouts say one by one.
func begun(t *testing.T, store ledger.Store) {
	t.Helper()
	far, can := store.(ledger.Summariser)
	if !can {
		return
	}
	expect := func(batch ledger.BatchID, others ...ledger.TransactionID) {
		t.Helper()
		sum, is, err := far.Begun(t.Context(), batch, len(others))
		if err != nil || !is {
			t.Fatalf("%s is not summed up: %t, %v", batch, is, err)
		}
		comesTo(t, store, batch, sum, others)
		if _, is, err := far.Begun(t.Context(), batch, len(others)-1); err != nil || is && len(others) > 0 {
			t.Errorf("%s is summed up with fewer others than it has: %t, %v", batch, is, err)
		}
	}
	entries := Entries("A", 9)
	entries[7].Country = "SN"
	enrol(t, store, "may", entries)
	expect("may")
	pay := func(id ledger.TransactionID, after time.Duration) {
		t.Helper()
		for _, change := range []ledger.Change{Move(id, ledger.Queued, ledger.Submitting), Move(id, ledger.Submitting, ledger.Successful)} {
			change.At = change.At.Add(after)
			apply(t, store, change)
		}
	}
	pay("A-00000", 0)
	expect("may", "A-00000") // those that were begun last
	pay("A-00001", time.Second)
	pay("A-00003", time.Second)
	pay("A-00008", time.Minute)
	expect("may", "A-00001", "A-00003", "A-00008")
	apply(t, store, Move("A-00002", ledger.Queued, ledger.Submitting))
	apply(t, store, Move("A-00004", ledger.Queued, ledger.Submitting))
	apply(t, store, Move("A-00004", ledger.Submitting, ledger.Queued)) // its request never left
	apply(t, store, Move("A-00005", ledger.Queued, ledger.Cancelled))
	expect("may", "A-00001", "A-00002", "A-00003", "A-00004", "A-00005", "A-00008")
	enrol(t, store, "june", append(Entries("B", 1), entries[0], entries[3], entries[6])) // all but the first were brought in by May
	expect("june", "A-00000", "A-00003")
	enrol(t, store, "july", nil)
	expect("july")
	if _, _, err := far.Begun(t.Context(), "never", 1); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown batch: %v, want ErrNotFound", err)
	}
}

// comesTo has a sum with those others count each payout of a batch once.
func comesTo(t *testing.T, store ledger.Store, batch ledger.BatchID, sum ledger.Begun, others []ledger.TransactionID) {
	t.Helper()
	var all, want ledger.ByState
	all.AddTotal(ledger.Queued, sum.Untouched.Total)
	all.AddTotal(ledger.Successful, sum.Paid)
	for _, p := range sum.Others {
		all.Add(p)
		if one, err := store.Payout(t.Context(), p.ID); err != nil || p.Terms != one.Terms || p.State != one.State || p.Intents != one.Intents {
			t.Errorf("%s is another among the others: %v", p.ID, err)
		}
	}
	for _, p := range collect(t, store.Payouts(t.Context(), batch)) {
		want.Add(p)
	}
	if got := ids(sum.Others); all != want || !slices.Equal(got, others) {
		t.Errorf("%s comes to %v with others %v, want %v with %v", batch, all, got, want, others)
	}
}

// over has a store that sums up batches say of each whether anything is left to do, and what it
// came to.
func over(t *testing.T, store ledger.Store) {
	t.Helper()
	far, can := store.(ledger.Summariser)
	if !can {
		return
	}
	expect := func(batch ledger.BatchID, want bool) {
		t.Helper()
		counts, err := store.Counts(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		sum, is, err := far.Over(t.Context(), batch)
		if err != nil || is != want || is && sum != counts.ByState() {
			t.Errorf("%s is over: %t, %v, %v, want %t, %v", batch, is, sum, err, want, counts.ByState())
		}
	}
	Reach(t, store, ledger.Successful, ledger.Failed, ledger.Cancelled, ledger.Pending)
	expect("may", false)
	apply(t, store, Move("A-00003", ledger.Pending, ledger.Successful))
	expect("may", true)
	enrol(t, store, "june", append(Entries("B", 1), Entries("A", 1)...)) // the last was brought in by May
	expect("june", false)
	apply(t, store, Move("B-00000", ledger.Queued, ledger.Submitting))
	apply(t, store, Move("B-00000", ledger.Submitting, ledger.Queued))
	apply(t, store, Move("B-00000", ledger.Queued, ledger.Submitting))
	apply(t, store, Move("B-00000", ledger.Submitting, ledger.Successful))
	expect("june", false) // it was sent twice
	enrol(t, store, "july", Entries("A", 2))
	expect("july", true)
	if _, _, err := far.Over(t.Context(), "never"); !errors.Is(err, ledger.ErrNotFound) {
		t.Errorf("an unknown batch: %v, want ErrNotFound", err)
	}
}

// claimFirst claims the first payout of May.
func claimFirst(t *testing.T, store ledger.Store) ledger.TransactionID {
	t.Helper()
	by, err := store.Join(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	const first = "A-00000"
	if got := claim(t, store, by, []ledger.TransactionID{first}); len(got.Payouts) != 1 {
		t.Fatalf("claimed %d payouts, want 1", len(got.Payouts))
	}
	return first
}

// summed sums up a batch payout by payout.
func summed(t *testing.T, store ledger.Store, batch ledger.BatchID) (sum ledger.Untouched) {
	t.Helper()
	for _, p := range collect(t, store.Payouts(t.Context(), batch)) {
		sum.Total.Add(p.Amount)
		if sum.Oldest.IsZero() || p.QueuedAt.Before(sum.Oldest) {
			sum.Oldest = p.QueuedAt
		}
		if p.QueuedAt.After(sum.Newest) {
			sum.Newest = p.QueuedAt
		}
		if !slices.Contains(sum.Countries, p.Country) {
			sum.Countries = append(sum.Countries, p.Country)
		}
	}
	slices.Sort(sum.Countries)
	return sum
}
