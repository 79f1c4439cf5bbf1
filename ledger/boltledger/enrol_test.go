package boltledger_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestALongFileIsEnteredInGroups, of which those that were whole are there when it is cut short; the
// next time the rest is entered, and what is told is of all of it.
func TestALongFileIsEnteredInGroups(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer store.Close()
	const first = boltledger.EnrolFirst
	const whole = first + 2*first // each group is twice the one before
	entries := ledgertest.Entries("A", whole+3)
	cut := errors.New("the file ended")
	_, err := store.Enrol(t.Context(), ledgertest.Batch("may"), func(yield func(ledger.Entry, error) bool) {
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
	holds(t, store, entries[:whole])
	if b, err := store.Batch(t.Context(), "may"); err != nil || b.Sealed {
		t.Errorf("cut short it is sealed: %t, %v", b.Sealed, err)
	}

	// Two rows are in other terms than before, and three are new: one of each in either group.
	again := slices.Clone(entries)
	again[1].Amount.Minor++
	again[first+1].Amount.Minor++
	again = append(append(ledgertest.Entries("B", 1), again[:first]...), append(ledgertest.Entries("C", 1), again[first:]...)...)
	done, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(again))
	if err != nil {
		t.Fatal(err)
	}
	if done.Known.Count != whole-2 || done.New.Count != 5 || done.Rejected.Count != 2 || len(done.Conflicts) != 2 {
		t.Errorf("%d known, %d new, %d rejected, %d conflicts", done.Known.Count, done.New.Count, done.Rejected.Count, len(done.Conflicts))
	}
	entered := append(append(ledgertest.Entries("B", 1), ledgertest.Entries("C", 1)...), entries[whole:]...)
	list := ledger.NewListDigest()
	for i := range entered {
		list.Add(&entered[i].Terms)
	}
	if done.List != list.Hex() {
		t.Error("the digest is of another list than of the new ones")
	}
	holds(t, store, append(slices.Clip(entries[:whole]), entered...))
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTwoRowsOfOneIDAreOnePayout, in one group and in two.
func TestTwoRowsOfOneIDAreOnePayout(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer store.Close()
	entries := ledgertest.Entries("A", boltledger.EnrolFirst)
	twice := append(slices.Clip(entries), entries[7], entries[boltledger.EnrolFirst-1], entries[7])
	twice = append(twice[:20:20], append(ledgertest.Entries("A", 3), twice[20:]...)...)
	done, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(twice))
	if err != nil || done.New.Count != boltledger.EnrolFirst || done.Known.Count != 6 {
		t.Errorf("%d new, %d known, %v", done.New.Count, done.Known.Count, err)
	}
	holds(t, store, entries)
}

// TestManyFilesEnter, each found by what is made of them: runs of the index become one meanwhile.
func TestManyFilesEnter(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer store.Close()
	for month := range 20 {
		batch := ledgertest.Batch(ledger.BatchID(fmt.Sprintf("m%d", month)))
		entries := ledgertest.Entries(fmt.Sprintf("M%d-", month), 40)
		if done, err := store.Enrol(t.Context(), batch, ledgertest.Each(entries)); err != nil || done.New.Count != len(entries) {
			t.Fatalf("file %d: %d new, %v", month, done.New.Count, err)
		}
	}
	if verified, err := store.Verify(t.Context()); err != nil || verified.Batches != 20 {
		t.Errorf("%d batches, %v", verified.Batches, err)
	}
}

// holds has the batch be those entries, in their order and each to be found.
func holds(t *testing.T, store *boltledger.Store, entries []ledger.Entry) {
	t.Helper()
	i := 0
	for payout, err := range store.Payouts(t.Context(), "may") {
		if err != nil {
			t.Fatal(err)
		}
		if i < len(entries) && payout.Terms != entries[i].Terms {
			t.Fatalf("payout %d is %s, want %s", i, payout.ID, entries[i].ID)
		}
		i++
	}
	if i != len(entries) {
		t.Errorf("%d payouts, want %d", i, len(entries))
	}
	for _, at := range []int{0, len(entries) / 2, len(entries) - 1} {
		if p, err := store.Payout(t.Context(), entries[at].ID); err != nil || p.Terms != entries[at].Terms {
			t.Errorf("%s: %v", entries[at].ID, err)
		}
	}
}
