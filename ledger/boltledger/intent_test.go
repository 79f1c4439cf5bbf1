package boltledger_test

import (
	"path/filepath"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
)

// TestAnIntentIsKeptWhateverTheClockSays: machines without a battery begin in 1970, and what is not
// known to be sent would be sent again.
func TestAnIntentIsKeptWhateverTheClockSays(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	clocks := []time.Time{time.Unix(0, 1), time.Unix(0, -1), time.Unix(-86400, 0), time.Unix(1, 0)}
	entries := ledgertest.Entries("A", len(clocks))
	store := open(t, path)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	for i, at := range clocks {
		request := ledger.ClaimRequest{Payouts: []ledger.TransactionID{entries[i].ID}, At: at.UTC(), Actor: "test"}
		if _, err := store.Claim(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open(t, path)
	defer store.Close()
	for i, at := range clocks {
		if p, err := store.Payout(t.Context(), entries[i].ID); err != nil || p.State != ledger.Submitting || p.Intents != 1 {
			t.Errorf("an intent of %v: %s, %d intents, %v", at.UTC(), p.State, p.Intents, err)
		}
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
