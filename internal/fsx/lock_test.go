package fsx_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"payrun/internal/fsx"
)

// TestALockKeepsOthersOut: whoever has a file alone keeps everybody out, those who share it
// keep out whoever wants it alone, and closing lets go.
func TestALockKeepsOthersOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	alone, shared := fsx.TryLock, fsx.TryLockShared
	for name, c := range map[string]struct {
		first, second func(*os.File) (bool, error)
		both          bool
	}{
		"alone, alone":   {alone, alone, false},
		"alone, shared":  {alone, shared, false},
		"shared, alone":  {shared, alone, false},
		"shared, shared": {shared, shared, true},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := open(t, path), open(t, path)
			if locked, err := c.first(first); err != nil || !locked {
				t.Fatalf("the first: %t, %v", locked, err)
			}
			if locked, err := c.second(second); err != nil || locked != c.both {
				t.Errorf("the second: %t, %v", locked, err)
			}
			if text, err := fsx.ReadFile(path); err != nil || string(text) != "x" {
				t.Errorf("a locked file reads %q, %v", text, err)
			}
			if err := first.Close(); err != nil {
				t.Fatal(err)
			}
			if locked, err := c.second(second); err != nil || !locked {
				t.Errorf("the second after the first let go: %t, %v", locked, err)
			}
		})
	}
}

// TestALockIsTheOneOfADatabase, so that a ledger that is in use is seen to be.
func TestALockIsTheOneOfADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "database")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	file := open(t, path)
	if locked, err := fsx.TryLockShared(file); err != nil || locked {
		t.Errorf("while it is open: %t, %v", locked, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if locked, err := fsx.TryLockShared(file); err != nil || !locked {
		t.Errorf("when it is closed: %t, %v", locked, err)
	}
}

func open(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return file
}
