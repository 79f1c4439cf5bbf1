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
	"payrun/ledger/money"
	"payrun/provider"
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
		"yes, then the total":   {"yes\n237\n", exitPaid, "2 more tries"},
		"wrong to the end":      {"1\n2\n3\n237\n", exitUsage, "is not the total"},
		"no, whatever follows":  {"no\n237\n", exitUsage, "is not the total"},
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
			env := environment{
				stdin: strings.NewReader(test.typed), stdout: io.Discard, stderr: stderr,
				lookup:        own(t).env,
				stdinTerminal: true, interrupts: interrupts,
			}
			if test.typed == "^C" {
				silent, _ := io.Pipe()
				env.stdin = silent
				interrupts <- os.Interrupt
			}
			code := run([]string{
				"run", file, "--sandbox", "--no-progress", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"),
			}, env)
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
		}, environment{
			stdin: strings.NewReader(typed), stdout: io.Discard, stderr: stderr,
			lookup: own(t).env, stdinTerminal: true,
		})
		if code != want {
			t.Errorf("typed %q: exit %d, want %d\n%s", typed, code, want, stderr)
		}
	}
}

// TestResumingEverythingAsksForEachBatch: a person continues one of two, and the other
// stays as it is.
func TestResumingEverythingAsksForEachBatch(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ledgerPath := filepath.Join(folder, "ledger.db")
	for i, name := range []string{"april", "may"} {
		batchOfOne(t, ledgerPath, name, int64(100*(i+1)))
	}
	stderr := &screen{}
	code := run([]string{
		"resume", "--sandbox", "--no-progress", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"),
	}, environment{
		stdin: strings.NewReader("no\n200\n"), stdout: io.Discard, stderr: stderr,
		lookup: own(t).env, stdinTerminal: true,
	})
	if code != exitOpen {
		t.Errorf("exit %d, want %d\n%s", code, exitOpen, stderr)
	}
	store, err := boltledger.Open(ledgerPath, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for id, want := range map[ledger.BatchID]int{"april": 1, "may": 0} {
		if queued, err := countIn(t.Context(), store, id, ledger.Queued); err != nil || queued.Count != want {
			t.Errorf("%s: %d queued (%v), want %d\n%s", id, queued.Count, err, want, stderr)
		}
	}
}

// TestWhatNobodyReleasedIsNotSweptUp with --yes for all batches at once; its name says
// that it is meant.
func TestWhatNobodyReleasedIsNotSweptUp(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ledgerPath := filepath.Join(folder, "ledger.db")
	batchOfOne(t, ledgerPath, "may", 100)
	resume := func(args ...string) (int, string) {
		stderr := &screen{}
		code := run(append([]string{
			"resume", "--sandbox", "--yes", "--no-progress", "--ledger", ledgerPath, "--report", filepath.Join(folder, "report"),
		}, args...), environment{
			stdin: strings.NewReader(""), stdout: io.Discard, stderr: stderr, lookup: own(t).env,
		})
		return code, stderr.String()
	}
	if code, said := resume(); code != exitOpen || !strings.Contains(said, "may was entered and never released") {
		t.Errorf("all: exit %d\n%s", code, said)
	}
	if code, said := resume("may"); code != exitPaid {
		t.Errorf("by its name: exit %d\n%s", code, said)
	}
	store, err := boltledger.Open(ledgerPath, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	batches, err := store.Batches(t.Context())
	if err != nil || batches[0].Release == nil || batches[0].Release.By.Confirmed != "yes" || batches[0].Release.Count.Amount.Minor != 100 {
		t.Errorf("recorded is %+v, %v", batches[0].Release, err)
	}
}

// batchOfOne enrols a batch with one payout for rehearsals.
func batchOfOne(t *testing.T, path, name string, amount int64) {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	entries := ledgertest.Entries(strings.ToUpper(name), 1)
	entries[0].Amount = money.XOF.Of(amount)
	b := ledgertest.Batch(ledger.BatchID(name))
	b.Account.Place = provider.SimulatorPlace
	if _, err := store.Enrol(t.Context(), b, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
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
		entries[i].Amount = money.XOF.Of(100)
	}
	b := ledgertest.Batch("may")
	b.Account.Place = provider.SimulatorPlace
	if _, err := store.Enrol(t.Context(), b, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	refused := ledgertest.Move(entries[0].ID, ledger.Submitting, ledger.Failed)
	refused.Said = ledger.SaidRefused // the simulator does not know it
	_, err = store.Apply(t.Context(), []ledger.Change{ledgertest.Move(entries[0].ID, ledger.Queued, ledger.Submitting), refused})
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
		"the sum":      {"237\n", exitPaid, "never sent of may: 2 payouts", 0},
		"another sum":  {"100\n", exitUsage, "nothing was withdrawn", 2},
		"only a key":   {"\n", exitUsage, "nothing was withdrawn", 2},
		"nobody, gone": {"", exitUsage, "nothing was withdrawn", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			path := filepath.Join(folder, "ledger.db")
			twoQueued(t, path)
			stderr := &screen{}
			env := environment{
				stdin: strings.NewReader(test.typed), stdout: io.Discard, stderr: stderr,
				lookup: own(t).env, stdinTerminal: true,
			}
			if code := run([]string{"cancel", "may", "--ledger", path}, env); code != test.code || !strings.Contains(stderr.String(), test.says) {
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

// twoQueued makes a ledger with a batch of 237 XOF of which nothing was ever sent.
func twoQueued(t *testing.T, path string) {
	t.Helper()
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	entries := ledgertest.Entries("A", 2)
	entries[0].Amount, entries[1].Amount = money.XOF.Of(100), money.XOF.Of(137)
	b := ledgertest.Batch("may")
	b.Account.Place = provider.SimulatorPlace
	if _, err := store.Enrol(t.Context(), b, ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
}
