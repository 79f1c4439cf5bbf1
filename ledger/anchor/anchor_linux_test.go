package anchor_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

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
