package boltledger_test

import (
	"errors"
	"path/filepath"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestAMovedLedgerIsNotPaidFrom any more, from the moment that it was moved and by whoever opens it
// later. It can be read.
func TestAMovedLedgerIsNotPaidFrom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := open(t, path)
	entries := ledgertest.Entries("A", 2)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	act := func(code ledger.ActCode, text string) error {
		return store.Record(t.Context(), ledger.Act{Code: code, At: restoring, By: ledger.Person{Name: "awa"}, Text: text})
	}
	if err := act(ledger.ActRestored, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(entries[1].ID, ledger.Queued, ledger.Cancelled)}); err != nil {
		t.Errorf("after an act that moves nothing: %v", err)
	}
	if err := act(ledger.ActMoved, "postgres db.example/payrun"); err != nil {
		t.Fatal(err)
	}
	refuses(t, store, "since it was moved")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open(t, path)
	defer store.Close()
	refuses(t, store, "opened later")
}

// refuses asks a ledger that was moved for all by which something could be paid.
func refuses(t *testing.T, store *boltledger.Store, when string) {
	t.Helper()
	id := ledgertest.Entries("A", 1)[0].ID
	for what, ask := range map[string]func() error{
		"enrol": func() error {
			_, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 3)))
			return err
		},
		"apply": func() error {
			_, err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(id, ledger.Queued, ledger.Submitting)})
			return err
		},
		"claim": func() error {
			_, err := store.Claim(t.Context(), ledger.ClaimRequest{Payouts: []ledger.TransactionID{id}, At: restoring, Actor: "test"})
			return err
		},
		"record": func() error {
			return store.Record(t.Context(), ledger.Act{Code: ledger.ActReleased, Batch: "may", At: restoring})
		},
		"check": func() error { return store.Check(t.Context()) },
		"join":  func() error { _, err := store.Join(t.Context(), "one"); return err },
	} {
		moved, ok := errors.AsType[*ledger.MovedError](ask())
		if !ok || moved.To.Address != "db.example/payrun" {
			t.Errorf("%s, %s: %v, want where it was moved", what, when, moved)
		}
	}
	if p, err := store.Payout(t.Context(), id); err != nil || p.State != ledger.Queued {
		t.Errorf("%s: %s, %v, want it as it was", when, p.State, err)
	}
}
