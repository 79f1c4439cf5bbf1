package boltledger_test

import (
	"errors"
	"path/filepath"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// checkpointed makes a ledger with a checkpoint at its last event, closes it, and returns the
// number of that. The last rows are cancelled by a single move, queued and pending.
func checkpointed(t *testing.T) (path string, last uint64) {
	t.Helper()
	path = longLedger(t)
	store := open(t, path)
	defer store.Close()
	if err := store.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	last, _, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return path, last
}

// longLedger makes a ledger of so many events that they are worth a checkpoint.
func longLedger(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "ledger.db")
	store := open(t, path)
	defer store.Close()
	entries := ledgertest.Entries("A", 603)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries[:600] {
		move(t, store, entry.ID, ledger.Submitting, ledger.Successful)
	}
	move(t, store, entries[600].ID, ledger.Cancelled)
	move(t, store, entries[602].ID, ledger.Submitting, ledger.Pending)
	return path
}

// move has a queued payout be in one state after the other.
func move(t *testing.T, store *boltledger.Store, id ledger.TransactionID, states ...ledger.State) {
	t.Helper()
	var changes []ledger.Change
	at := ledger.Queued
	for _, state := range states {
		changes, at = append(changes, ledgertest.Move(id, at, state)), state
	}
	if _, err := store.Apply(t.Context(), changes); err != nil {
		t.Fatal(err)
	}
}

// TestACheckpointSparesWhatWasCheckedBefore has a ledger check itself twice: the
// second time only what came since is replayed, so damage to an old event that
// nobody reads is left for Verify.
func TestACheckpointSparesWhatWasCheckedBefore(t *testing.T) {
	path, _ := checkpointed(t)
	edit(t, path, forgery{bucket: "events", key: sequence(7), change: rotten(3)}.commit)
	store := open(t, path)
	defer store.Close()
	move(t, store, "A-00601", ledger.Submitting, ledger.Failed)
	if err := store.Check(t.Context()); err != nil {
		t.Errorf("check: %v, want it to begin at the checkpoint", err)
	}
	if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("verify: %v, want ErrCorrupt", err)
	}
}

// rotten turns a bit of a value, which gets a right checksum again.
func rotten(at int) func(value []byte) []byte {
	return func(value []byte) []byte {
		value[(at+len(value))%len(value)] ^= 1
		return value
	}
}

// TestACheckpointIsNotBelievedBlindly: the event at which it stands must still be the one.
func TestACheckpointIsNotBelievedBlindly(t *testing.T) {
	path, last := checkpointed(t)
	edit(t, path, forgery{bucket: "events", key: sequence(last), change: rotten(-1)}.commit)
	store := open(t, path)
	defer store.Close()
	if err := store.Check(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("check: %v, want ErrCorrupt", err)
	}
}

// TestNoCheckpointIsMadeOfDamage however much of the log was right before: whoever checks again
// is told again.
func TestNoCheckpointIsMadeOfDamage(t *testing.T) {
	for name, forged := range map[string]forgery{
		"a late event": {bucket: "events", key: sequence(1150), change: rotten(3)},
		"what was cancelled is open again": {bucket: "open", batch: "may", key: position(601), change: func([]byte) []byte {
			return boltledger.OpenEntry(0, 1, "A-00600")
		}},
		"what is pending is open as another": {bucket: "open", batch: "may", key: position(603), change: func([]byte) []byte {
			return boltledger.OpenEntry(0, 1, "A-00601")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			path := longLedger(t)
			edit(t, path, forged.commit)
			store := open(t, path)
			defer store.Close()
			for range 2 {
				if err := store.Check(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
					t.Errorf("check: %v, want ErrCorrupt", err)
				}
			}
		})
	}
}
