package boltledger_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// paidLedger makes a ledger with payouts in several states and closes it.
func paidLedger(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := open(t, path)
	entries := ledgertest.Entries("A", 50)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries[:20] {
		changes := []ledger.Change{
			ledgertest.Move(entry.ID, ledger.Queued, ledger.Submitting),
			ledgertest.Move(entry.ID, ledger.Submitting, ledger.Successful),
		}
		if err := store.Apply(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
	}
	sending := ledgertest.Move(entries[40].ID, ledger.Queued, ledger.Submitting)
	if err := store.Apply(t.Context(), []ledger.Change{sending}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Verify(t.Context()); err != nil {
		t.Fatalf("before tampering: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestVerifyNoticesWhatSomebodyChanged edits a ledger behind its back, as a
// program that knows bbolt could.
func TestVerifyNoticesWhatSomebodyChanged(t *testing.T) {
	sequence := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	flip := func(b *bbolt.Bucket, key []byte, at int) error {
		value := bytes.Clone(b.Get(key))
		value[at] ^= 1
		return b.Put(key, value)
	}
	for name, tamper := range map[string]func(tx *bbolt.Tx) error{
		"a byte of an event": func(tx *bbolt.Tx) error { return flip(tx.Bucket([]byte("events")), sequence(7), 3) },
		"an event's hash": func(tx *bbolt.Tx) error {
			events := tx.Bucket([]byte("events"))
			return flip(events, sequence(7), len(events.Get(sequence(7)))-1)
		},
		"an event is gone":       func(tx *bbolt.Tx) error { return tx.Bucket([]byte("events")).Delete(sequence(9)) },
		"the last event is gone": func(tx *bbolt.Tx) error { return tx.Bucket([]byte("events")).Delete(sequence(42)) },
		"all events are gone": func(tx *bbolt.Tx) error {
			if err := tx.DeleteBucket([]byte("events")); err != nil {
				return err
			}
			_, err := tx.CreateBucket([]byte("events"))
			return err
		},
		"the head":                   func(tx *bbolt.Tx) error { return flip(tx.Bucket([]byte("meta")), []byte("head"), 20) },
		"a payout's amount":          func(tx *bbolt.Tx) error { return replaceIn(tx, "A-00030", []byte("Awa"), []byte("Eva")) },
		"a paid payout's terms":      func(tx *bbolt.Tx) error { return replaceIn(tx, "A-00003", []byte("0700000003"), []byte("0500000003")) },
		"a payout's state":           swapRecord("A-00030", "A-00003"),
		"a payout is gone":           func(tx *bbolt.Tx) error { return tx.Bucket([]byte("payouts")).Delete([]byte("A-00030")) },
		"an open payout is not open": func(tx *bbolt.Tx) error { return openIndex(tx).Delete(binary.BigEndian.AppendUint32(nil, 31)) },
		"a paid payout is open again": func(tx *bbolt.Tx) error {
			return openIndex(tx).Put(binary.BigEndian.AppendUint32(nil, 1), openEntry(0, "A-00000"))
		},
		"a stranger is open": func(tx *bbolt.Tx) error {
			return openIndex(tx).Put(binary.BigEndian.AppendUint32(nil, 99), openEntry(0, "X"))
		},
		"an intent that was not recorded": func(tx *bbolt.Tx) error {
			return openIndex(tx).Put(binary.BigEndian.AppendUint32(nil, 31), openEntry(1, "A-00030"))
		},
		"an intent is gone": func(tx *bbolt.Tx) error {
			return openIndex(tx).Put(binary.BigEndian.AppendUint32(nil, 41), openEntry(0, "A-00040"))
		},
		"an intent's time": func(tx *bbolt.Tx) error {
			return openIndex(tx).Put(binary.BigEndian.AppendUint32(nil, 41), openEntry(1, "A-00040"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := paidLedger(t)
			edit(t, path, tamper)
			store := open(t, path)
			defer store.Close()
			if _, err := store.Verify(t.Context()); !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("verify: %v, want it noticed", err)
			}
		})
	}
}

func edit(t *testing.T, path string, change func(tx *bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(change), db.Close()); err != nil {
		t.Fatal(err)
	}
}

func openIndex(tx *bbolt.Tx) *bbolt.Bucket {
	return tx.Bucket([]byte("open")).Bucket([]byte("may"))
}

// openEntry is an entry of the index of open payouts as the layout has it.
func openEntry(intended uint64, id string) []byte {
	return append(binary.BigEndian.AppendUint64(nil, intended), id...)
}

func replaceIn(tx *bbolt.Tx, id string, old, with []byte) error {
	payouts := tx.Bucket([]byte("payouts"))
	return payouts.Put([]byte(id), bytes.Replace(payouts.Get([]byte(id)), old, with, 1))
}

// swapRecord gives a payout another's record under its own name.
func swapRecord(id, other string) func(tx *bbolt.Tx) error {
	return func(tx *bbolt.Tx) error {
		payouts := tx.Bucket([]byte("payouts"))
		return payouts.Put([]byte(id), bytes.ReplaceAll(payouts.Get([]byte(other)), []byte(other), []byte(id)))
	}
}

// TestWhatIsNoLedgerIsRefusedAndLeftAlone opens files that payrun must not touch.
func TestWhatIsNoLedgerIsRefusedAndLeftAlone(t *testing.T) {
	whole, err := os.ReadFile(paidLedger(t))
	if err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(t.TempDir(), "foreign.db")
	makeForeign(t, foreign)
	other, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	const page = 4096
	for name, content := range map[string][]byte{
		"an empty file":                   {},
		"text":                            []byte("transaction_id,amount\nA-1,100\n"),
		"another program's bbolt file":    other,
		"a ledger that lost its end":      whole[:len(whole)/2],
		"a ledger that lost all but boot": whole[:2*page],
		"a ledger with both boot pages damaged": append(append(bytes.Repeat([]byte{0xff}, page), bytes.Repeat([]byte{0xff}, page)...),
			whole[2*page:]...),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			store, err := boltledger.Open(path, boltledger.Options{})
			if err == nil {
				store.Close()
			}
			if !errors.Is(err, ledger.ErrCorrupt) {
				t.Errorf("open: %v, want ErrCorrupt", err)
			}
			after, err := os.ReadFile(path)
			if err != nil || !bytes.Equal(after, content) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

func makeForeign(t *testing.T, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucket([]byte("meta"))
		if err != nil {
			return err
		}
		return b.Put([]byte("format"), []byte("payrun-ledger 2"))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestAFlippedByteIsNoticedOrHarmless flips bytes all over a ledger file. Each
// time the file is refused, or Verify complains, or it verifies because the byte
// was not in use. It never crashes the process.
func TestAFlippedByteIsNoticedOrHarmless(t *testing.T) {
	source := paidLedger(t)
	whole, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ledger.db")
	noticed := 0
	const step = 97 // a prime, so that every place in a page has its turn
	for at := 0; at < len(whole); at += step {
		damaged := bytes.Clone(whole)
		damaged[at] ^= 0x40
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		store, err := boltledger.Open(path, boltledger.Options{NoSync: true})
		if err == nil {
			_, err = store.Verify(t.Context())
			store.Close()
		}
		if err != nil {
			noticed++
			if !errors.Is(err, ledger.ErrCorrupt) {
				t.Fatalf("byte %d: %v, want ErrCorrupt", at, err)
			}
		}
	}
	t.Logf("noticed %d of %d flips; the others hit pages that are not in use", noticed, len(whole)/step)
	if noticed == 0 {
		t.Error("no flip was noticed")
	}
}
