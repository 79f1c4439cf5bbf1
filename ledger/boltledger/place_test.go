//go:build unix

package boltledger_test

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestNothingIsIntendedInAFileWithoutAName takes a ledger away while it is open: the
// next window of intents is refused, and what was sent before can still be recorded.
func TestNothingIsIntendedInAFileWithoutAName(t *testing.T) {
	for name, take := range map[string]func(path string) error{
		"removed": os.Remove,
		"moved":   func(path string) error { return os.Rename(path, path+".away") },
		"replaced by a rename": func(path string) error {
			return errors.Join(os.WriteFile(path+".new", nil, 0o600), os.Rename(path+".new", path))
		},
		"replaced by a copy": func(path string) error {
			content, err := os.ReadFile(path)
			return errors.Join(err, os.Remove(path), os.WriteFile(path, content, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ledger.db")
			store := open(t, path)
			defer store.Close()
			entries := ledgertest.Entries("A", 2)
			if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
				t.Fatal(err)
			}
			intent := func(i int) error {
				_, err := store.Claim(t.Context(), ledger.ClaimRequest{Payouts: []ledger.TransactionID{entries[i].ID}, At: time.Now().UTC(), Actor: "test"})
				return err
			}
			if err := intent(0); err != nil {
				t.Fatal(err)
			}
			if err := take(path); err != nil {
				t.Fatal(err)
			}
			if err := intent(1); !errors.Is(err, ledger.ErrReplaced) {
				t.Errorf("an intent: %v, want ErrReplaced", err)
			}
			outcome := ledgertest.Move(entries[0].ID, ledger.Submitting, ledger.Unknown)
			if _, err := store.Apply(t.Context(), []ledger.Change{outcome}); err != nil {
				t.Errorf("an outcome: %v", err)
			}
		})
	}
}

// TestWhatStandsInALedgersPlaceIsNamed at once, without waiting for anybody.
func TestWhatStandsInALedgersPlaceIsNamed(t *testing.T) {
	for kind, put := range map[string]func(path string) error{
		"a folder": func(path string) error { return os.Mkdir(path, 0o700) },
		"a pipe":   func(path string) error { return syscall.Mkfifo(path, 0o600) },
		"a socket": func(path string) error {
			var config net.ListenConfig
			listener, err := config.Listen(t.Context(), "unix", path)
			if err == nil {
				t.Cleanup(func() { listener.Close() })
			}
			return err
		},
		"a device": func(path string) error { return os.Symlink("/dev/null", path) },
	} {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "l.db")
			if err := put(path); err != nil {
				t.Fatal(err)
			}
			_, err := boltledger.Open(path, boltledger.Options{})
			if none, ok := errors.AsType[*ledger.NoLedgerError](err); !ok || none.Kind != kind {
				t.Errorf("%v, want %s", err, kind)
			}
		})
	}
}
