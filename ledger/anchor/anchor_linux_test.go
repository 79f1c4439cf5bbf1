package anchor_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger/anchor"
)

// TestNothingElseUnderAnAnchorsNameIsWaitedForOrTrusted puts in its place what would
// hang a reader or was put there by somebody else.
func TestNothingElseUnderAnAnchorsNameIsWaitedForOrTrusted(t *testing.T) {
	t.Parallel()
	c := log(1, 10)
	for name, put := range map[string]func(t *testing.T, path string) error{
		"a FIFO":   func(_ *testing.T, path string) error { return syscall.Mkfifo(path, 0o600) },
		"a folder": func(_ *testing.T, path string) error { return os.Mkdir(path, 0o700) },
		"a link":   func(_ *testing.T, path string) error { return os.Symlink(path+".kept", path) },
		"another user's": func(t *testing.T, path string) error {
			t.Helper()
			if os.Geteuid() != 0 {
				t.Skip("only root gives a file away")
			}
			write(t, path, readFile(t, path+".kept"))
			return os.Chown(path, 12345, 12345)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			f, path := anchor.Open(folder), filepath.Join(folder, "led.anchor")
			advance(t, f, stands("led", c))
			if err := os.Rename(path, path+".kept"); err != nil {
				t.Fatal(err)
			}
			if err := put(t, path); err != nil {
				t.Fatal(err)
			}
			got, err := f.Vouch(t.Context(), stands("led", c), c)
			if err != nil || got.Standing != anchor.New || len(got.Damaged) != 1 {
				t.Errorf("%v, damaged %v, %v", got.Standing, got.Damaged, err)
			}
		})
	}
}

// TestALockThatNobodyLetsGoOfEndsTheWait has another process stopped in the middle of a
// write. Whoever would change the anchor is told, in time, that it is not alone; what
// stands there stays.
func TestALockThatNobodyLetsGoOfEndsTheWait(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	f, c := anchor.Open(folder), log(1, 10)
	advance(t, f, stands("led", c))
	held, err := os.OpenFile(filepath.Join(folder, "led.anchor"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	before, _, _, _ := f.Of("led")
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var overtaken *anchor.OvertakenError
		err := f.Watch(stands("led", c)).Advance(t.Context(), at(stands("led", log(1, 12)), noon.Add(time.Hour)))
		if !errors.As(err, &overtaken) || overtaken.By != before {
			t.Errorf("%v, want who holds it", err)
		}
		if took := time.Since(began); took < time.Second || took > 10*time.Second {
			t.Errorf("it waited %s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := f.Watch(stands("led", c)).Advance(ctx, at(stands("led", log(1, 12)), noon.Add(time.Hour))); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the caller's deadline", err)
		}
	})
}
