//go:build unix

package boltledger

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"payrun/internal/fsx"
	"payrun/ledger"
)

// TestALockIsWaitedFor as long as it may take, and then it is said who has it.
func TestALockIsWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		holder, waiter := openFile(t, path), openFile(t, path)
		if locked, err := fsx.TryLock(holder); !locked || err != nil {
			t.Fatal(locked, err)
		}
		begun := time.Now()
		err := lockShared(waiter, time.Minute)
		if found, ok := errors.AsType[*ledger.LockedError](err); !ok || found.Path != path || time.Since(begun) < time.Minute {
			t.Errorf("after %v: %v, want it locked for a minute", time.Since(begun), err)
		}
		if err := lockAlone(waiter); !errors.Is(err, ledger.ErrLocked) {
			t.Errorf("alone: %v, want it locked", err)
		}
		got := make(chan error, 1)
		go func() { got <- lockShared(waiter, time.Minute) }()
		synctest.Wait()
		if len(got) > 0 {
			t.Errorf("nothing was waited for: %v", <-got)
		}
		if err := holder.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-got; err != nil {
			t.Errorf("after the holder let go: %v", err)
		}
	})
}

func openFile(t *testing.T, path string) *os.File {
	t.Helper()
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}
