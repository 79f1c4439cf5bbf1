package ledgertest

import (
	"errors"
	"slices"
	"testing"

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
