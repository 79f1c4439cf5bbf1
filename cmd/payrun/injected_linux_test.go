package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"payrun/ledger"
)

// everyPoint asks the test below for each so-manieth of its points, and for all if it is 1.
const everyPoint = "PAYRUNTEST_EVERY_FAULT"

// TestAnyCallToTheSystemMayFail has a run killed, or refused by the disk, at the N-th
// of each call by which it reads and writes, and then runs the same command again until it is
// done. Whatever happened, the provider's books hold every row once.
func TestAnyCallToTheSystemMayFail(t *testing.T) {
	t.Parallel()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing")
		}
		t.Skip("strace is not installed")
	}
	binary, points := payrunBinary(t), chosenPoints(t)
	var mutex sync.Mutex
	tried, failed := map[string]int{}, map[string]int{}
	t.Run("at", func(t *testing.T) {
		for _, point := range points {
			t.Run(point.String(), func(t *testing.T) {
				t.Parallel()
				happened := point.survive(t, strace, binary)
				mutex.Lock()
				defer mutex.Unlock()
				tried[point.call]++
				failed[point.call] += happened
			})
		}
	})
	t.Logf("%d points; what failed, and how often: %v", len(points), failed)
	for _, c := range faultyCalls() {
		if tried[c.name] >= c.often && failed[c.name] == 0 {
			t.Errorf("no %s failed: what a run calls is not in the table any more", c.name)
		}
	}
}

// faultyCall is a call by which a run reads or writes.
type faultyCall struct {
	name string
	// often is how many times a run of this size calls it.
	often int
	// whats are the ways in which it fails.
	whats []string
}

func faultyCalls() []faultyCall {
	const kill, unreadable, full = "signal=KILL", "error=EIO", "error=ENOSPC"
	written := []string{kill, unreadable, full}
	return []faultyCall{
		{"linkat", 2, written},
		{"fdatasync", 45, written},
		{"pwrite64", 180, written},
		{"fsync", 19, written},
		{"ftruncate", 4, written},
		{"renameat", 4, written},
		{"unlinkat", 11, []string{kill, unreadable}},
		{"mkdirat", 3, written},
		{"openat", 93, written},
		{"pread64", 280, []string{unreadable}},
		// A terminal or a socket that fails says nothing of the disk.
		{"write", 230, []string{kill}},
	}
}

// faultPoint is one way in which the system fails.
type faultPoint struct {
	number     int
	call, what string
	nth        int
}

func (p faultPoint) String() string { return fmt.Sprintf("%s %d %s", p.call, p.nth, p.what) }

// chosenPoints are a few of each call: of the first, and one or two of the later; or as many as
// somebody asks for, of all of them if they want each.
func chosenPoints(t *testing.T) []faultPoint {
	t.Helper()
	every := 28 // still one of most calls and of each fault
	if asked := os.Getenv(everyPoint); asked != "" {
		var err error
		if every, err = strconv.Atoi(asked); err != nil || every < 1 {
			t.Fatalf("%s=%q is no number from 1 on", everyPoint, asked)
		}
	}
	if every == 1 {
		return faultPoints(func(nth int) int { return nth + 1 })
	}
	points := faultPoints(func(nth int) int { return nth + (nth+1)/2 })
	return slices.DeleteFunc(points, func(p faultPoint) bool { return p.number%every != 0 })
}

// faultPoints goes as far with each call as a run of this size makes it, by steps.
func faultPoints(next func(nth int) int) []faultPoint {
	var points []faultPoint
	for _, c := range faultyCalls() {
		for i, nth := 0, 1; nth <= c.often; i, nth = i+1, next(nth) {
			for _, what := range c.whats {
				// Neighbours in the list differ in the fault, so that a few are of each.
				points = append(points, faultPoint{len(points) + i, c.name, what, nth})
			}
		}
	}
	return points
}

// survive has a run fail at a point, and the same run again until nothing is open. It returns how
// often the call failed, which may be never: the tracer counts the calls of each thread.
func (p faultPoint) survive(t *testing.T, strace, binary string) (happened int) {
	t.Helper()
	const rows = 60
	folder := t.TempDir()
	trace := filepath.Join(folder, "trace")
	path, scenario := filepath.Join(folder, "may.csv"), filepath.Join(folder, "scenario.yaml")
	total := writeRows(t, path, rows)
	faults := fmt.Sprintf("seed: %d\nfaults: {drop_after: 6, drop_before: 6, pending: 6, http_500: 4}\n", p.number+1)
	if err := os.WriteFile(scenario, []byte(faults), 0o600); err != nil {
		t.Fatal(err)
	}
	url, ledgerPath := startSandbox(t, binary, "--scenario", scenario), filepath.Join(folder, "ledger.db")
	args := []string{
		"run", path, "--yes", "--no-progress", "--rate", "0", "--workers", "4", "--lookup-grace", "1s", "--poll-min", "50ms", "--wait", "20s",
		"--ledger", ledgerPath, "--report", filepath.Join(folder, "report"), "--api-url", url,
	}
	injected := exec.CommandContext(t.Context(), strace, append([]string{
		"-f", "-o", trace, "-e", "trace=" + p.call,
		"-e", fmt.Sprintf("inject=%s:%s:when=%d", p.call, p.what, p.nth), "--", binary,
	}, args...)...)
	injected.Env = credentials(t)
	first, err := injected.CombinedOutput()
	if bytes.Contains(first, []byte("PTRACE")) {
		t.Skipf("tracing is not allowed here: %s", first)
	}
	file := &payroll{path: path, rows: rows, total: total}
	person := &diligent{
		tries: 3, run: func() (int, string) { return runPayrun(t, binary, args...) },
		retry: func() (int, string) { return runPayrun(t, binary, append([]string{"retry", "may"}, args[2:]...)...) },
	}
	code, out := file.runUntilNothingIsOpen(t, func() (int, string) {
		return person.pays(t, binary, url, ledgerPath, filepath.Join(folder, "report", "may.json"))
	})
	books := readBooks(t, url)
	if code != exitPaid || books.Credited.Count != file.rows || books.Credited.Amount != file.total {
		t.Errorf("exit %d, credited %+v, want %d rows of %d XOF\nfirst run (%v):\n%s\nlast run:\n%s",
			code, books.Credited, file.rows, file.total, err, strings.TrimSpace(string(first)), out)
	}
	file.judge(t, books, filepath.Join(folder, "report", "may.json"), ledgerPath)
	traced, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	if killed := bytes.Contains(traced, []byte("killed by SIGKILL")); killed {
		return 1
	}
	return bytes.Count(traced, []byte("(INJECTED)"))
}

// diligent is a person who does what a run that ended early told them.
type diligent struct {
	run, retry func() (code int, out string)
	resolved   bool
	// tries is how often they run it again before they do more.
	tries int
}

// pays runs the command: again where the provider was away. Where nobody was paid, for want of a
// transfer that look-ups could be tried with, they look at the provider and say what they saw, and
// have those tried again.
func (d *diligent) pays(t *testing.T, binary, url, ledgerPath, reportPath string) (code int, out string) {
	t.Helper()
	for range d.tries {
		if code, out = d.run(); code != exitStopped {
			break
		}
	}
	if code == exitFailed && d.resolved {
		if code, out = d.retry(); code == exitStopped {
			code, out = d.run()
		}
		return code, out
	}
	there := readBooks(t, url)
	if code != exitOpen || there.Credited.Count+there.InTheAir > 0 {
		return code, out
	}
	if d.tries--; d.tries > 0 {
		return code, out
	}
	d.tries, d.resolved = 1, true
	for _, row := range readReport(t, reportPath).Payouts {
		if row.State != ledger.Unknown.String() {
			continue
		}
		saw := []string{"resolve", "may", row.TransactionID, "--not-paid", "--because", "the provider has none", "--yes", "--ledger", ledgerPath}
		if code, out := runPayrun(t, binary, saw...); code != exitPaid {
			t.Fatalf("exit %d of a person's word\n%s", code, out)
		}
	}
	return code, out
}
