package ledgertest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
)

// sharedRows has a file name payouts that another batch brought in, then fewer of them and of its
// own, one in other terms, and then all again: each payout has the row in which the file has
// it, none while the file has not.
func sharedRows(t *testing.T, store ledger.Store) {
	t.Helper()
	enrol(t, store, "may", Entries("A", 3))
	file := append(Entries("A", 3), Entries("B", 3)...)
	for i := range file {
		file[i].Row = 40 + i
	}
	rows := func(batch ledger.BatchID) map[ledger.TransactionID]int {
		of := map[ledger.TransactionID]int{}
		for _, payout := range collect(t, store.Payouts(t.Context(), batch)) {
			of[payout.ID] = payout.Row
		}
		return of
	}
	whole := map[ledger.TransactionID]int{"A-00000": 40, "A-00001": 41, "A-00002": 42, "B-00000": 43, "B-00001": 44, "B-00002": 45}
	changed := file[1]
	changed.Amount = money.XOF.Of(99999)
	for _, step := range []struct {
		entries []ledger.Entry
		want    map[ledger.TransactionID]int
	}{
		{file, whole},
		{[]ledger.Entry{changed, file[3]}, map[ledger.TransactionID]int{
			"A-00000": 0, "A-00001": 41, "A-00002": 0, "B-00000": 43, "B-00001": 0, "B-00002": 0,
		}},
		{file[:2], map[ledger.TransactionID]int{"A-00000": 40, "A-00001": 41, "A-00002": 0, "B-00000": 0, "B-00001": 0, "B-00002": 0}},
		{file, whole},
	} {
		enrol(t, store, "june", step.entries)
		if diff := cmp.Diff(step.want, rows("june")); diff != "" {
			t.Errorf("rows of a file with %d (-want +got):\n%s", len(step.entries), diff)
		}
	}
	if diff := cmp.Diff(map[ledger.TransactionID]int{"A-00000": 2, "A-00001": 3, "A-00002": 4}, rows("may")); diff != "" {
		t.Errorf("rows of the batch that brought them in (-want +got):\n%s", diff)
	}
}

// movedRows has a large file come again with a title more above its rows.
func movedRows(t *testing.T, store ledger.Store) {
	t.Helper()
	entries := Entries("A", 1100)
	enrol(t, store, "may", entries)
	for i := range entries {
		entries[i].Row++
	}
	enrol(t, store, "may", entries)
	for i, payout := range collect(t, store.Payouts(t.Context(), "may")) {
		if payout.ID != entries[i].ID || payout.Row != entries[i].Row {
			t.Fatalf("payout %d is %s in row %d, want %s in %d", i, payout.ID, payout.Row, entries[i].ID, entries[i].Row)
		}
	}
}
