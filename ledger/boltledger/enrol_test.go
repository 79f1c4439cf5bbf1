package boltledger_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestALongFileIsEnteredInGroups, of which those that were whole are there when it is cut short.
func TestALongFileIsEnteredInGroups(t *testing.T) {
	store := open(t, filepath.Join(t.TempDir(), "ledger.db"))
	defer store.Close()
	ledgertest.InGroups(t, store, boltledger.EnrolFirst)
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
	ledgertest.Holds(t, store, entries)
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
