package ledgertest

import (
	"context"
	"testing"
	"time"

	"payrun/ledger"
)

// Reach enters a batch "may" of the entries "A", one for each state, and brings each into
// its state by legal moves.
func Reach(tb testing.TB, store ledger.Store, wanted ...ledger.State) {
	tb.Helper()
	entries := Entries("A", len(wanted))
	if _, err := store.Enrol(tb.Context(), Batch("may"), Each(entries)); err != nil {
		tb.Fatal(err)
	}
	for i, state := range wanted {
		var path []ledger.State
		switch state {
		case ledger.Queued:
		case ledger.Submitting, ledger.Cancelled:
			path = []ledger.State{state}
		case ledger.Unknown, ledger.Pending, ledger.Successful, ledger.Failed:
			path = []ledger.State{ledger.Submitting, state}
		}
		at := ledger.Queued
		for _, step := range path {
			Apply(tb, store, Move(entries[i].ID, at, step))
			at = step
		}
	}
}

// Release has a batch be paying, as a person's confirmation does.
func Release(ctx context.Context, store ledger.Store, id ledger.BatchID) error {
	b, err := store.Batch(ctx, id)
	if err != nil || b.State == ledger.BatchPaying {
		return err
	}
	return store.Record(ctx, ledger.Act{Code: ledger.ActReleased, Batch: id, At: time.Now().UTC(), By: ledger.Person{Name: "awa"}})
}

// Apply makes changes that must be legal.
func Apply(tb testing.TB, store ledger.Store, changes ...ledger.Change) {
	tb.Helper()
	if _, err := store.Apply(tb.Context(), changes); err != nil {
		tb.Fatal(err)
	}
}

// States returns where the payouts of a batch stand, in file order.
func States(tb testing.TB, store ledger.Store, batch ledger.BatchID) []ledger.State {
	tb.Helper()
	var all []ledger.State
	for payout, err := range store.Payouts(tb.Context(), batch) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, payout.State)
	}
	return all
}
