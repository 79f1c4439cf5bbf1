package boltledger_test

import (
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestActsOfManyPagesAreEachReadOnce, from the beginning and from any of them on.
func TestActsOfManyPagesAreEachReadOnce(t *testing.T) {
	store, err := boltledger.Open(filepath.Join(t.TempDir(), "may.db"), boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ledgertest.Reach(t, store, ledger.Queued)
	const count = 2*512 + 1 // two pages and one
	for i := range count {
		act := ledger.Act{Code: ledger.ActAnswered, Batch: "may", At: time.Now().UTC(), Digest: strconv.Itoa(i), Text: "{}"}
		if err := store.Record(t.Context(), act); err != nil {
			t.Fatal(err)
		}
	}
	next, middle := 0, uint64(0)
	for event, err := range store.Acts(t.Context(), "may") {
		if err != nil {
			t.Fatal(err)
		}
		if event.Act != ledger.ActAnswered {
			continue
		}
		if event.AsAct().Digest != strconv.Itoa(next) {
			t.Fatalf("%q is read in place %d", event.AsAct().Digest, next)
		}
		if next++; next == 300 {
			middle = event.Sequence
		}
	}
	if next != count {
		t.Errorf("%d are read, want %d", next, count)
	}
	rest := 0
	for _, err := range store.ActsFrom(t.Context(), "may", middle) {
		if err != nil {
			t.Fatal(err)
		}
		rest++
	}
	if rest != count-299 {
		t.Errorf("%d are read from the 300th on, want %d", rest, count-299)
	}
}
