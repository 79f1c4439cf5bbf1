package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"payrun/ledger/pgledger/pgtest"
)

// TestAFullDiskStopsTheRunBeforeItSendsWhatItCannotRecord fills the file system
// under the ledger of a real run, then makes room again.
func TestAFullDiskStopsTheRunBeforeItSendsWhatItCannotRecord(t *testing.T) {
	t.Parallel()
	const rows, size = 300, "1m"
	binary, folder := payrunBinary(t), t.TempDir()
	disk := filepath.Join(folder, "disk")
	mountSmallDisk(t, disk, size)
	file, poor, ledgerPath := filepath.Join(folder, "may.csv"), filepath.Join(folder, "poor.yaml"), filepath.Join(disk, "ledger.db")
	total := writeRows(t, file, rows)
	if err := os.WriteFile(poor, []byte("balance: 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(folder, "report")
	args := []string{"run", file, "--yes", "--no-progress", "--rate", "0", "--workers", "4", "--ledger", ledgerPath, "--report", report}

	// With an empty account the file is enrolled and nothing is sent.
	url, stop := startSandboxUntil(t, binary, "--scenario", poor)
	if code, out := runPayrun(t, binary, append(args, "--allow-partial", "--api-url", url)...); code != exitStopped {
		t.Fatalf("enrol: exit %d\n%s", code, out)
	}
	stop()
	ballast := fillDisk(t, disk)
	startSandbox(t, binary, "--addr", strings.TrimPrefix(url, "http://"))
	code, out := runPayrun(t, binary, append(args, "--api-url", url)...)
	if code != exitStopped || !strings.Contains(out, "stopped recording") {
		t.Fatalf("on a full disk: exit %d, want %d\n%s", code, exitStopped, out)
	}
	if paid := readBooks(t, url).Credited.Count; paid == rows {
		t.Fatalf("all %d were sent: the disk was never full", paid)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	code, out = runPayrun(t, binary, append(args, "--lookup-grace", "1s", "--api-url", url)...)
	if code != exitPaid {
		t.Fatalf("with room again: exit %d\n%s", code, out)
	}
	books := readBooks(t, url)
	if books.Credited.Count != rows || books.Credited.Amount != total || len(books.PaidTwice) > 0 {
		t.Errorf("the provider credited %+v, twice %v, want %d rows of %d XOF once", books.Credited, books.PaidTwice, rows, total)
	}
	verifyLedger(t, ledgerPath)
}

// TestAFullDiskUnderTheDatabaseStopsSending fills the file system under a server in the middle
// of a run, and makes room again.
func TestAFullDiskUnderTheDatabaseStopsSending(t *testing.T) {
	t.Parallel()
	const rows, size = 2000, "160m"
	place, err := os.MkdirTemp("/tmp", "payrun-disk-") //nolint:usetesting // where the server's user may go
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(place) })
	if err := os.Chmod(place, 0o755); err != nil { //nolint:gosec // for the server's user
		t.Fatal(err)
	}
	disk := filepath.Join(place, "disk")
	mountSmallDisk(t, disk, size)
	server, err := pgtest.StartIn(disk, "-c", "max_wal_size=32MB")
	pgtest.Must(t, err)
	t.Cleanup(func() {
		if err := server.Remove(); err != nil {
			t.Error(err)
		}
	})
	s, address := setScene(t, ""), server.Address("full")
	m := s.machine("caisse")
	m.pays(exitPaid, "is begun", "ledger", "init", "--ledger", address)
	m.pays(exitPaid, "", append([]string{"run", s.rows("known.csv", rows+1), "--ledger", address}, atOnce()...)...)
	args := append([]string{"run", s.rows("may.csv", upTo(1, rows)...), "--ledger", address}, slowly(200)...)
	run := m.starts(args...)
	s.untilPaid(100)
	ballast := fillDisk(t, disk)
	if code := exitCodeOf(t, run.Wait()); code != exitStopped || !strings.Contains(run.out.String(), "stopped recording") {
		t.Fatalf("on a full disk: exit %d\n%s", code, run.out.String())
	}
	if paid := s.books().Credited.Count; paid > rows {
		t.Fatalf("all %d were sent: the disk was never full", paid)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	m.pays(exitPaid, "", args...)
	s.nobodyTwice(rows + 1)
	m.pays(exitPaid, "holds together", "ledger", "verify", "--ledger", address)
}

// mountSmallDisk mounts a file system of memory, which takes root.
func mountSmallDisk(t *testing.T, path, size string) {
	t.Helper()
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	err := syscall.Mount("tmpfs", path, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skipf("mount a small disk: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
}

// fillDisk leaves no byte free and returns the file that takes the room.
func fillDisk(t *testing.T, disk string) string {
	t.Helper()
	path := filepath.Join(disk, "ballast")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 4096); ; {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			return path
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
