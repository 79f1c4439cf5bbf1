package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"payrun/cmd/payrun/ui"
	"payrun/ledger/boltledger/snapshot"
)

// TestAReaderThatDoesNotReadHoldsUpNobody asks for a copy of the ledger of a run and
// reads none of it: the run ends as it would.
func TestAReaderThatDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	const rows = 3000
	binary, folder := payrunBinary(t), t.TempDir()
	file, ledgerPath := filepath.Join(folder, "may.csv"), filepath.Join(folder, "ledger.db")
	writeRows(t, file, rows)
	run := startRun(t, binary, file, "--sandbox", "--rate", "1500", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"))
	var dialer net.Dialer
	until(t, "the socket answers", func() bool { // which it does a moment after it is there
		conn, err := dialer.DialContext(t.Context(), "unix", snapshot.Socket(ledgerPath))
		return err == nil && conn.Close() == nil
	})
	for range 5 {
		conn, err := dialer.DialContext(t.Context(), "unix", snapshot.Socket(ledgerPath))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "GET /snapshot HTTP/1.1\r\nHost: ledger\r\n\r\n"); err != nil {
			t.Fatal(err)
		}
	}
	if code := run.end(t); code != exitPaid {
		t.Errorf("exit %d\n%s", code, run.out.String())
	}
}

// TestAFrozenHolderIsTold: whoever asks a stopped run for its state hears that it does
// not answer.
func TestAFrozenHolderIsTold(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "ledger.db")
	var config net.ListenConfig
	silent, err := config.Listen(t.Context(), "unix", snapshot.Socket(path))
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	err = snapshot.Fetch(t.Context(), path, 50*time.Millisecond, io.Discard)
	if name, code := ui.TroubleOf(err), codeOf(err); name != "frozen" || code != exitUsage {
		t.Errorf("%v is called %q, exit %d", err, name, code)
	}
}

// TestNothingIsLeftOfACopyThatWasNotFinished whoever is killed while it is made.
func TestNothingIsLeftOfACopyThatWasNotFinished(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	ledgerPath, temporary := filepath.Join(folder, "ledger.db"), filepath.Join(folder, "tmp")
	if err := os.Mkdir(temporary, 0o700); err != nil {
		t.Fatal(err)
	}
	batchOfOne(t, ledgerPath, "may", 100)
	held, err := os.OpenFile(ledgerPath, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	begun := make(chan struct{})
	server, err := snapshot.Serve(t.Context(), ledgerPath, endless{begun})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	status := exec.CommandContext(t.Context(), binary, "status", "--ledger", ledgerPath)
	status.Env = append(credentials(t), "TMPDIR="+temporary)
	if err := status.Start(); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := status.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = status.Wait()
	if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// endless says when a copy was begun and never finishes one.
type endless struct{ begun chan struct{} }

func (e endless) Backup(ctx context.Context, w io.Writer) error {
	_, err := w.Write(make([]byte, 1<<20))
	close(e.begun)
	<-ctx.Done()
	return err
}

// TestTheSecondInterruptEndsWhateverIsWaitedFor: a pipe that stays open and empty
// would be read for ever.
func TestTheSecondInterruptEndsWhateverIsWaitedFor(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	pipe := filepath.Join(folder, "pipe.csv")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	writer, err := os.OpenFile(pipe, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	run := &process{Cmd: exec.CommandContext(t.Context(), binary, "validate", pipe)}
	run.Env, run.Stdout, run.Stderr = credentials(t), &run.out, &run.out
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the program reads", func() bool { return hasOpen(t, run.Process.Pid, pipe) })
	run.interruptTwice(t)
	asked := time.Now()
	code := run.end(t)
	if took := time.Since(asked); code != exitInterrupted || took > 5*time.Second {
		t.Errorf("exit %d after %s\n%s", code, took, run.out.String())
	}
}

// hasOpen reports whether a process has opened a file.
func hasOpen(t *testing.T, pid int, path string) bool {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(files, func(file string) bool {
		target, err := os.Readlink(file)
		return err == nil && target == path
	})
}
