package ledgertest

import (
	"errors"
	"slices"
	"testing"

	"payrun/ledger"
)

// InGroups holds a store to entering a long file in groups, of which the first has so many rows
// and the second twice as many: when the file is cut short those that were whole are there, and the
// next time the rest is entered, and what is told is of all of it. The store is empty.
func InGroups(t *testing.T, store ledger.Store, first int) {
	t.Helper()
	whole := first + 2*first //nolint:mnd // the second is twice as large
	entries := Entries("A", whole+3)
	cut := errors.New("the file ended")
	_, err := store.Enrol(t.Context(), Batch("may"), func(yield func(ledger.Entry, error) bool) {
		for _, entry := range entries[:whole+1] {
			if !yield(entry, nil) {
				return
			}
		}
		yield(ledger.Entry{}, cut)
	})
	if !errors.Is(err, cut) {
		t.Fatal(err)
	}
	there := has(t, store, entries)
	if there < whole || there > whole+1 {
		t.Errorf("of %d rows that were read %d are there", whole+1, there)
	}
	if b, err := store.Batch(t.Context(), "may"); err != nil || b.Sealed {
		t.Errorf("cut short it is sealed: %t, %v", b.Sealed, err)
	}

	// Two rows are in other terms than before, and two are new: one of each in either group.
	again := slices.Clone(entries)
	again[1].Amount.Minor++
	again[first+1].Amount.Minor++
	again = slices.Concat(Entries("B", 1), again[:first], Entries("C", 1), again[first:])
	done, err := store.Enrol(t.Context(), Batch("may"), Each(again))
	if err != nil {
		t.Fatal(err)
	}
	entered := slices.Concat(Entries("B", 1), Entries("C", 1), entries[there:])
	if done.Known.Count != there-2 || done.New.Count != len(entered) || done.Rejected.Count != 2 || len(done.Conflicts) != 2 {
		t.Errorf("%d known, %d new, %d rejected, %d conflicts", done.Known.Count, done.New.Count, done.Rejected.Count, len(done.Conflicts))
	}
	list := ledger.NewListDigest()
	for i := range entered {
		list.Add(&entered[i].Terms)
	}
	if done.List != list.Hex() {
		t.Error("the digest is of another list than of the new ones")
	}
	Holds(t, store, slices.Concat(entries[:there], entered))
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// Holds has the batch be those entries, in their order and each to be found.
func Holds(t *testing.T, store ledger.Store, entries []ledger.Entry) {
	t.Helper()
	if found := has(t, store, entries); found != len(entries) {
		t.Errorf("%d payouts, want %d", found, len(entries))
	}
}

// has counts the payouts of the batch, which are the first of those entries, in their order and
// each to be found.
func has(t *testing.T, store ledger.Store, entries []ledger.Entry) (count int) {
	t.Helper()
	for payout, err := range store.Payouts(t.Context(), "may") {
		if err != nil {
			t.Fatal(err)
		}
		if count < len(entries) && payout.Terms != entries[count].Terms {
			t.Fatalf("payout %d is %s, want %s", count, payout.ID, entries[count].ID)
		}
		count++
	}
	found := entries[:min(count, len(entries))]
	if len(found) == 0 {
		return count
	}
	for _, entry := range []ledger.Entry{found[0], found[len(found)/2], found[len(found)-1]} {
		if p, err := store.Payout(t.Context(), entry.ID); err != nil || p.Terms != entry.Terms {
			t.Errorf("%s: %v", entry.ID, err)
		}
	}
	return count
}
