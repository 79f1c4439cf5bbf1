package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"payrun/ledger/boltledger"
)

// TestARunWaitsForTheLedger if it is told to: it pays once whoever had the ledger is done,
// and stops waiting when the person has enough.
func TestARunWaitsForTheLedger(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		then func(t *testing.T, holder *boltledger.Store, waiting *os.Process)
		want int
	}{
		"until it is free": {func(t *testing.T, holder *boltledger.Store, _ *os.Process) {
			t.Helper()
			if err := holder.Close(); err != nil {
				t.Error(err)
			}
		}, exitPaid},
		"until it is told to stop": {func(t *testing.T, _ *boltledger.Store, waiting *os.Process) {
			t.Helper()
			if err := waiting.Signal(syscall.SIGTERM); err != nil {
				t.Error(err)
			}
		}, exitInterrupted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file, path := filepath.Join(folder, "may.csv"), filepath.Join(folder, "ledger.db")
			writeRows(t, file, 1)
			holder, err := boltledger.Open(path, boltledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer holder.Close()
			cmd := exec.CommandContext(t.Context(), payrunBinary(t), "run", file, "--sandbox", "--yes", "--no-progress",
				"--ledger", path, "--report", filepath.Join(folder, "report"), "--wait-lock", "10m")
			cmd.Env = credentials(t)
			said, err := cmd.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			var all []string
			waited := false
			for lines := bufio.NewScanner(said); lines.Scan(); {
				all = append(all, lines.Text())
				if !waited && strings.Contains(lines.Text(), "waiting up to 10m0s") {
					waited = true
					c.then(t, holder, cmd.Process)
				}
			}
			if code := exitCodeOf(t, cmd.Wait()); code != c.want || !waited {
				t.Errorf("exit %d, want %d; waited: %t\n%s", code, c.want, waited, strings.Join(all, "\n"))
			}
		})
	}
}
