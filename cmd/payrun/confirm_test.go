package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// screen is a terminal's output that a test may read while it is written.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestMoneyMovesOnlyForAPersonWhoTypesTheTotal answers the question in the ways
// people do.
func TestMoneyMovesOnlyForAPersonWhoTypesTheTotal(t *testing.T) {
	for name, test := range map[string]struct {
		typed string
		code  int
		says  string
	}{
		"the total":             {"237\n", exitPaid, ""},
		"the total, as shown":   {"237 XOF\n", exitPaid, ""},
		"yes":                   {"yes\n", exitUsage, "is not the total"},
		"another total":         {"273\n", exitUsage, "is not the total"},
		"nothing, and goes":     {"", exitUsage, "not confirmed"},
		"Ctrl-C, at the prompt": {"^C", exitInterrupted, "run the same command again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file, ledgerPath := filepath.Join(folder, "may.csv"), filepath.Join(folder, "ledger.db")
			if total := writeRows(t, file, 2); total != 237 {
				t.Fatalf("the file comes to %d", total)
			}
			interrupts := make(chan os.Signal, 1)
			stderr := &screen{}
			world := surroundings{
				stdin: strings.NewReader(test.typed), stdout: io.Discard, stderr: stderr,
				env:           func(string) (string, bool) { return "", false },
				stdinTerminal: true, interrupts: interrupts,
			}
			if test.typed == "^C" {
				silent, _ := io.Pipe()
				world.stdin = silent
				interrupts <- os.Interrupt
			}
			code := run([]string{
				"run", file, "--sandbox", "--no-progress", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"),
			}, world)
			if code != test.code || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("exit %d, want %d and %q in\n%s", code, test.code, test.says, stderr)
			}
			books, err := os.ReadFile(ledgerPath + ".sandbox.jsonl")
			if sent := bytes.Contains(books, []byte("KILL-00000")); err != nil || sent != (test.code == exitPaid) {
				t.Errorf("sent: %t, %v", sent, err)
			}
		})
	}
}

// TestARetryAsksForAllThatItSends: what an interrupted run left queued goes out
// with the new attempts, so it is part of the total that a person types.
func TestARetryAsksForAllThatItSends(t *testing.T) {
	for typed, want := range map[string]int{"100\n": exitUsage, "300\n": exitPaid} {
		folder := t.TempDir()
		ledgerPath := filepath.Join(folder, "ledger.db")
		oneFailedTwoQueued(t, ledgerPath)
		stderr := &screen{}
		code := run([]string{
			"retry", "may", "--sandbox", "--no-progress", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"),
		}, surroundings{
			stdin: strings.NewReader(typed), stdout: io.Discard, stderr: stderr,
			env: func(string) (string, bool) { return "", false }, stdinTerminal: true,
		})
		if code != want {
			t.Errorf("typed %q: exit %d, want %d\n%s", typed, code, want, stderr)
		}
	}
}

// oneFailedTwoQueued makes a ledger with a batch of three times 100 XOF.
func oneFailedTwoQueued(t *testing.T, path string) {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	entries := ledgertest.Entries("A", 3)
	for i := range entries {
		entries[i].Amount = 100
	}
	b := ledgertest.Batch("may")
	b.Environment = environmentSandbox
	if _, err := store.Enrol(t.Context(), b, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	err = store.Apply(t.Context(), []ledger.Change{
		ledgertest.Move(entries[0].ID, ledger.Queued, ledger.Submitting),
		ledgertest.Move(entries[0].ID, ledger.Submitting, ledger.Failed),
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNothingIsWithdrawnUnlessAPersonTypesTheSum: whoever cancels is told what goes,
// rows that are still in the file among it.
func TestNothingIsWithdrawnUnlessAPersonTypesTheSum(t *testing.T) {
	for name, test := range map[string]struct {
		typed string
		code  int
		says  string
		left  int
	}{
		"the sum":      {"237\n", exitPaid, "all that is queued of may: 2 payouts", 0},
		"another sum":  {"100\n", exitUsage, "nothing was withdrawn", 2},
		"only a key":   {"\n", exitUsage, "nothing was withdrawn", 2},
		"nobody, gone": {"", exitUsage, "nothing was withdrawn", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			file, poor, path := filepath.Join(folder, "may.csv"), filepath.Join(folder, "poor.yaml"), filepath.Join(folder, "ledger.db")
			writeRows(t, file, 2)
			if err := os.WriteFile(poor, []byte("balance: 0\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			stderr := &screen{}
			world := surroundings{
				stdin: strings.NewReader(test.typed), stdout: io.Discard, stderr: stderr,
				env: func(string) (string, bool) { return "", false }, stdinTerminal: true,
			}
			enrol := []string{
				"run", file, "--sandbox", "--scenario", poor, "--yes", "--allow-partial", "--no-progress",
				"--ledger", path, "--report", filepath.Join(folder, "report"),
			}
			if code := run(enrol, world); code != exitStopped {
				t.Fatalf("enrol: exit %d\n%s", code, stderr)
			}
			if code := run([]string{"cancel", "may", "--ledger", path}, world); code != test.code || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("exit %d, want %d and %q in\n%s", code, test.code, test.says, stderr)
			}
			store, err := boltledger.Open(path, boltledger.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer store.Close()
			if queued, err := countIn(t.Context(), store, "may", ledger.Queued); err != nil || queued.Count != test.left {
				t.Errorf("%d are queued (%v), want %d", queued.Count, err, test.left)
			}
		})
	}
}
