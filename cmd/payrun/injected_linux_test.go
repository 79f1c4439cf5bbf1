package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// everyPoint asks the test below for all its points instead of a few of each kind.
const everyPoint = "PAYRUN_TEST_EVERY_FAULT"

// TestAnyCallToTheSystemMayFail has a run killed, or refused by the disk, at the N-th
// of each call by which it writes, and then runs the same command again until it is
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
	binary := payrunBinary(t)
	points := faultPoints()
	every := 7 // still one of each call and of each fault
	switch {
	case os.Getenv(everyPoint) != "":
		every = 1
	case testing.Short():
		every = 28
	}
	points = slices.DeleteFunc(points, func(p faultPoint) bool { return p.number%every != 0 })
	for _, point := range points {
		t.Run(point.String(), func(t *testing.T) {
			t.Parallel()
			point.survive(t, strace, binary)
		})
	}
}

// faultPoint is one way in which the system fails.
type faultPoint struct {
	number     int
	call, what string
	nth        int
}

func (p faultPoint) String() string { return fmt.Sprintf("%s %d %s", p.call, p.nth, p.what) }

// faultPoints goes as far with each call as a run of this size makes it.
func faultPoints() []faultPoint {
	var points []faultPoint
	for _, c := range []struct {
		call string
		nth  []int
	}{
		{"linkat", []int{1}},
		{"fdatasync", []int{1, 2, 3, 5, 8, 13, 21, 34}},
		{"pwrite64", []int{1, 2, 3, 5, 8, 13, 21, 34, 55, 89}},
		{"fsync", []int{1, 2, 3, 4, 5}},
		{"ftruncate", []int{1, 2}},
		{"renameat", []int{1, 2, 3, 4}},
		{"write", []int{1, 3, 8, 21, 55}},
	} {
		for i, nth := range c.nth {
			for _, what := range []string{"signal=KILL", "error=EIO", "error=ENOSPC"} {
				if c.call == "write" && what != "signal=KILL" {
					continue // a terminal or a socket that fails says nothing of the disk
				}
				// Neighbours in the list differ in the fault, so that a few are of each.
				points = append(points, faultPoint{len(points) + i, c.call, what, nth})
			}
		}
	}
	return points
}

func (p faultPoint) survive(t *testing.T, strace, binary string) {
	t.Helper()
	const rows = 60
	folder := t.TempDir()
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
		"-f", "-o", os.DevNull, "-e", "trace=" + p.call,
		"-e", fmt.Sprintf("inject=%s:%s:when=%d", p.call, p.what, p.nth), "--", binary,
	}, args...)...)
	injected.Env = credentials(t)
	first, err := injected.CombinedOutput()
	if bytes.Contains(first, []byte("PTRACE")) {
		t.Skipf("tracing is not allowed here: %s", first)
	}
	file := &payroll{path: path, rows: rows, total: total}
	code, out := file.runUntilNothingIsOpen(t, func() (int, string) { return runPayrun(t, binary, args...) })
	books := readBooks(t, url)
	if code != exitPaid || books.Credited.Count != file.rows || books.Credited.Amount != file.total {
		t.Errorf("exit %d, credited %+v, want %d rows of %d XOF\nfirst run (%v):\n%s\nlast run:\n%s",
			code, books.Credited, file.rows, file.total, err, strings.TrimSpace(string(first)), out)
	}
	file.judge(t, books, filepath.Join(folder, "report", "may.json"), ledgerPath)
}
