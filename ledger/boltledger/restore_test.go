package boltledger_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

var restoring = time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)

// backedUp makes a ledger with a batch of two and a backup of it, and closes it.
func backedUp(t *testing.T) (path, backup string) {
	t.Helper()
	folder := t.TempDir()
	path, backup = filepath.Join(folder, "ledger.db"), filepath.Join(folder, "backup.db")
	store := open(t, path)
	defer store.Close()
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 2))); err != nil {
		t.Fatal(err)
	}
	var copied bytes.Buffer
	if err := store.Backup(t.Context(), &copied); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(backup, copied.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, backup
}

// TestARestoredLedgerIsMarkedAndWhatLayThereIsKept whatever lay there.
func TestARestoredLedgerIsMarkedAndWhatLayThereIsKept(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(path string) error{
		"damaged":   func(path string) error { return os.Truncate(path, 5000) },
		"emptied":   func(path string) error { return os.Truncate(path, 0) },
		"healthy":   func(string) error { return nil },
		"not there": os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, backup := backedUp(t)
			if err := spoil(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			if err := boltledger.Look(backup); err != nil {
				t.Errorf("a look at the backup: %v", err)
			}
			done, err := boltledger.Restore(t.Context(), path, backup, ledger.Person{Name: "awa"}, restoring)
			if err != nil || done.Backup.Payouts != 2 {
				t.Fatalf("%+v, %v", done, err)
			}
			if (done.Kept == "") != (name == "not there") {
				t.Errorf("kept as %q", done.Kept)
			}
			if done.Kept != "" {
				if kept, err := os.ReadFile(done.Kept); err != nil || !bytes.Equal(kept, before) {
					t.Errorf("what lay there is not what is kept (%v)", err)
				}
			}
			store := open(t, path)
			defer store.Close()
			identity, err := store.Identity(t.Context())
			if err != nil || !identity.Restored.Equal(restoring) || !identity.LookFirst.Equal(restoring) {
				t.Errorf("%+v, %v", identity, err)
			}
			if _, err := store.Verify(t.Context()); err != nil {
				t.Error(err)
			}
			left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestABadBackupChangesNothing and is called by its own name, at a first look too.
func TestABadBackupChangesNothing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(backup string) error
		want  error
	}{
		"cut short": {func(backup string) error { return os.Truncate(backup, 9000) }, ledger.ErrCorrupt},
		"empty":     {func(backup string) error { return os.Truncate(backup, 0) }, ledger.ErrNoLedger},
		"missing":   {os.Remove, os.ErrNotExist},
		"a folder":  {func(backup string) error { return errors.Join(os.Remove(backup), os.Mkdir(backup, 0o700)) }, ledger.ErrNoLedger},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, backup := backedUp(t)
			if err := test.spoil(backup); err != nil {
				t.Fatal(err)
			}
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, err = boltledger.Restore(t.Context(), path, backup, ledger.Person{}, restoring)
			for _, err := range []error{boltledger.Look(backup), err} {
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), "backup.db") {
					t.Errorf("%v, want %v about the backup", err, test.want)
				}
			}
			if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
				t.Errorf("the ledger was changed (%v)", err)
			}
		})
	}
}

// TestALedgerInUseIsNotReplaced under the hands of who uses it.
func TestALedgerInUseIsNotReplaced(t *testing.T) {
	t.Parallel()
	path, backup := backedUp(t)
	store := open(t, path)
	defer store.Close()
	if _, err := boltledger.Restore(t.Context(), path, backup, ledger.Person{}, restoring); !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("%v, want ErrLocked", err)
	}
}
