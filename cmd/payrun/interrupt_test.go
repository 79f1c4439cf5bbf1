package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"payrun/ledger/boltledger"
)

// process is a run of the real program in the background.
type process struct {
	*exec.Cmd
	out transcript
}

// transcript collects a program's output so far. It is safe for concurrent use.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (t *transcript) Write(text []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(text)
}

// String implements fmt.Stringer.
func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}

// interruptTwice has the program asked to stop, and once more when it has heard that: of
// two signals that wait together the system keeps one.
func (p *process) interruptTwice(t *testing.T) {
	t.Helper()
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	until(t, "it has heard that it is to stop", func() bool { return strings.Contains(p.out.String(), "stopping") })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
}

func startRun(t *testing.T, binary string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), binary, append([]string{"run", "--yes", "--no-progress"}, args...)...)}
	p.Env, p.Stdout, p.Stderr = credentials(t), &p.out, &p.out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

// end waits for the program and returns its exit code.
func (p *process) end(t *testing.T) int {
	t.Helper()
	return exitCodeOf(t, p.Wait())
}

func exitCodeOf(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	default:
		t.Fatal(err)
		return 0
	}
}

// paidBefore is the amount that payBefore pays.
const paidBefore = 5000

// payBefore pays one person in another batch. From then on the ledger is vouched for: what
// follows is not preceded by questions about a sample of its rows.
func payBefore(t *testing.T, binary string, args ...string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "april.csv")
	text := fmt.Appendf(nil, "transaction_id,customer_id,name,amount,operator\nAPRIL-1,0799999999,Yao N'Guessan,%d,ORANGE\n", paidBefore)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out := runPayrun(t, binary, append([]string{"run", file, "--yes", "--no-progress"}, args...)...); code != exitPaid {
		t.Fatalf("the payment before: exit %d\n%s", code, out)
	}
}

func runPayrun(t *testing.T, binary string, args ...string) (code int, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Env = credentials(t)
	text, err := cmd.CombinedOutput()
	return exitCodeOf(t, err), string(text)
}

// until waits for a condition that another process brings about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline.C:
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func verifyLedger(t *testing.T, path string) {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestAnInterruptedRunFinishesWhatIsUnderWay does to a run what people do to it:
// look at its status, copy its ledger, start it a second time, and stop it.
func TestAnInterruptedRunFinishesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	const rows = 150
	binary, folder := payrunBinary(t), t.TempDir()
	file, ledgerPath := filepath.Join(folder, "may.csv"), filepath.Join(folder, "ledger.db")
	total := writeRows(t, file, rows)
	url := startSandbox(t, binary)
	payBefore(t, binary, "--api-url", url, "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"))
	// Fifteen seconds: whatever else the machine does, it is still going on below.
	args := []string{file, "--api-url", url, "--rate", "10", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report")}

	first := startRun(t, binary, args...)
	until(t, "ten are paid", func() bool { return readBooks(t, url).Credited.Count >= 10 })

	if code, out := runPayrun(t, binary, "status", "may", "--ledger", ledgerPath); code != 0 || !strings.Contains(out, "paid") {
		t.Errorf("status during the run: exit %d\n%s", code, out)
	}
	backup := filepath.Join(folder, "backup.db")
	if code, out := runPayrun(t, binary, "ledger", "backup", backup, "--ledger", ledgerPath); code != 0 {
		t.Errorf("backup during the run: exit %d\n%s", code, out)
	}
	verifyLedger(t, backup)
	code, out := runPayrun(t, binary, append([]string{"run", "--yes"}, args...)...)
	if holder := fmt.Sprintf("in use by process %d", first.Process.Pid); code != exitUsage || !strings.Contains(out, holder) {
		t.Errorf("a second run: exit %d, want %d and %q in\n%s", code, exitUsage, holder, out)
	}

	if err := first.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := first.end(t); code != exitInterrupted {
		t.Fatalf("interrupted: exit %d, want %d\n%s", code, exitInterrupted, first.out.String())
	}
	verifyLedger(t, ledgerPath)
	if code, out := runPayrun(t, binary, "status", "may", "--ledger", ledgerPath); strings.Contains(out, "under way") || strings.Contains(out, "unknown") {
		t.Errorf("after a gentle stop something is in doubt: exit %d\n%s", code, out)
	}

	again := startRun(t, binary, append(args, "--rate", "500")...)
	if code := again.end(t); code != exitPaid {
		t.Fatalf("run again: exit %d\n%s", code, again.out.String())
	}
	books := readBooks(t, url)
	if books.Credited.Count != rows+1 || books.Credited.Amount != total+paidBefore || len(books.PaidTwice) > 0 {
		t.Errorf("the provider credited %+v, twice %v, want %d rows of %d XOF once, and the one before",
			books.Credited, books.PaidTwice, rows, total)
	}
}

// TestASecondInterruptLeavesAtOnce stops a run whose provider never answers.
func TestASecondInterruptLeavesAtOnce(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	file, scenario := filepath.Join(folder, "may.csv"), filepath.Join(folder, "silent.yaml")
	writeRows(t, file, 5)
	if err := os.WriteFile(scenario, []byte("faults: {hang_after: 100}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := startSandbox(t, binary, "--scenario", scenario)
	run := startRun(t, binary, file, "--api-url", url, "--rate", "0", "--request-timeout", "10m",
		"--ledger", filepath.Join(folder, "ledger.db"), "--report", filepath.Join(folder, "report"))
	// The first payout of a new ledger goes out alone.
	until(t, "the first hangs", func() bool { return len(readBooks(t, url).Transfers) == 1 })
	run.interruptTwice(t)
	if code := run.end(t); code != exitInterrupted {
		t.Errorf("exit %d, want %d\n%s", code, exitInterrupted, run.out.String())
	}
	code, out := runPayrun(t, binary, "run", file, "--yes", "--no-progress", "--api-url", url, "--request-timeout", "1s",
		"--ledger", filepath.Join(folder, "ledger.db"), "--report", filepath.Join(folder, "report"))
	if books := readBooks(t, url); code != exitPaid || len(books.Transfers) != 5 || len(books.PaidTwice) > 0 {
		t.Errorf("run again: exit %d, %d transfers, twice %v\n%s", code, len(books.Transfers), books.PaidTwice, out)
	}
}
