//go:build unix

package boltledger_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// roleVariable makes the test binary play another process.
const roleVariable = "BOLTLEDGER_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleVariable) {
	case "hold":
		os.Exit(hold(os.Args[1])) //nolint:forbidigo // another process
	case "fill":
		os.Exit(fill(os.Args[1])) //nolint:forbidigo // another process
	default:
		os.Exit(m.Run()) //nolint:forbidigo // the test binary's main
	}
}

// play starts this test binary in a role.
func play(t *testing.T, role string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...) //nolint:gosec // this binary
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	return cmd
}

// hold keeps a ledger open until it is killed.
func hold(path string) int {
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer store.Close()
	fmt.Fprintln(os.Stdout, "held")
	select {}
}

func TestASecondProcessIsToldWhoHoldsTheLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	holder := play(t, "hold", path)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "held\n" {
		t.Fatalf("the holder said %q, %v", line, err)
	}
	_, err = boltledger.Open(path, boltledger.Options{LockTimeout: 10 * time.Millisecond})
	var locked *ledger.LockedError
	if !errors.As(err, &locked) || locked.PID != holder.Process.Pid || !errors.Is(err, ledger.ErrLocked) {
		t.Errorf("open: %v, want it in use by process %d", err, holder.Process.Pid)
	}
	if err := holder.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = holder.Wait()
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		t.Fatalf("after the holder was killed: %v", err)
	}
	store.Close()
}

func TestALedgerIsMadeWholeAndForItsOwnerAlone(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "ledger.db")
	store := open(t, path)
	defer store.Close()
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v, want 0600", info.Mode(), err)
	}
	names, err := os.ReadDir(folder)
	if err != nil || len(names) != 1 {
		t.Errorf("the folder holds %v, %v, want the ledger alone", names, err)
	}
	if _, err := boltledger.Open(filepath.Join(folder, "none", "ledger.db"), boltledger.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("in a folder that is not there: %v, want ErrNotExist", err)
	}
}

// fill limits the size of files, so that the ledger cannot grow, and records
// until it is stopped. It prints how many changes were recorded.
func fill(path string) int {
	signal.Ignore(syscall.SIGXFSZ)
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer store.Close()
	info, err := os.Stat(path)
	if err != nil {
		return 1
	}
	size := uint64(info.Size()) //nolint:gosec // sizes are positive
	limit := syscall.Rlimit{Cur: size, Max: size}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return recordUntilStopped(store)
}

func recordUntilStopped(store *boltledger.Store) int {
	for i, entry := range ledgertest.Entries("A", 3000) {
		change := ledgertest.Move(entry.ID, ledger.Queued, ledger.Submitting)
		change.Answer.Message = strings.Repeat("long ", 200)
		_, err := store.Apply(context.Background(), []ledger.Change{change})
		if err == nil {
			continue
		}
		_, again := store.Apply(context.Background(), []ledger.Change{ledgertest.Move(entry.ID, ledger.Queued, ledger.Cancelled)})
		if !errors.Is(err, ledger.ErrStopped) || !errors.Is(again, ledger.ErrStopped) {
			fmt.Fprintf(os.Stderr, "%v; then %v\n", err, again)
			return 1
		}
		fmt.Fprintln(os.Stdout, i)
		return 0
	}
	fmt.Fprintln(os.Stderr, "the disk was never full")
	return 1
}

// TestAStoreThatCannotWriteStopsForGood fills the disk under a store in another
// process and opens what it left behind.
func TestAStoreThatCannotWriteStopsForGood(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	store := open(t, path)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 3000))); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	writer := play(t, "fill", path)
	writer.Stderr = &errs
	out, err := writer.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	var recorded int
	if _, err := fmt.Sscan(string(out), &recorded); err != nil {
		t.Fatal(err)
	}
	store = open(t, path)
	defer store.Close()
	verification, err := store.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	// The change that failed may be there or not; all before it must be.
	if got := verification.ByState.In(ledger.Submitting).Count; got != recorded && got != recorded+1 {
		t.Errorf("%d changes are on disk, want the %d that were confirmed, or one more", got, recorded)
	}
}
