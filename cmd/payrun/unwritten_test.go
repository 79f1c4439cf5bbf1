package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestAReportThatCannotBeWrittenLeavesABatchItsCode takes the folder away while a run pays:
// what was paid is paid, and the person is told how to have the report.
func TestAReportThatCannotBeWrittenLeavesABatchItsCode(t *testing.T) {
	t.Parallel()
	for _, output := range []string{"table", "json"} {
		binary, folder := payrunBinary(t), t.TempDir()
		file, report := filepath.Join(folder, "may.csv"), filepath.Join(folder, "report")
		total := writeRows(t, file, 20)
		url := startSandbox(t, binary)
		p, stdout := startSplit(t, binary, file, "--api-url", url, "--rate", "10", "--output", output,
			"--ledger", filepath.Join(folder, "ledger.db"), "--report", report)
		until(t, "three are paid", func() bool { return readBooks(t, url).Credited.Count >= 3 })
		if err := os.RemoveAll(report); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(report, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		code := p.end(t)
		if books := readBooks(t, url); code != exitPaid || books.Credited.Amount != total {
			t.Errorf("exit %d, want %d; %d XOF paid, want %d\n%s", code, exitPaid, books.Credited.Amount, total, &p.out)
		}
		for _, says := range []string{"could not be written", "payrun report may"} {
			if !strings.Contains(p.out.String(), says) {
				t.Errorf("it does not say %q:\n%s", says, &p.out)
			}
		}
		if output != "json" {
			continue
		}
		if ending := endingIn(t, stdout); ending.Kind != "ending" || ending.Exit != int(exitPaid) || ending.ReportError == "" || len(ending.Reports) > 0 {
			t.Errorf("the object is %+v", ending)
		}
	}
}

// TestAnInterruptPrintsItsObject, while a run pays and before it does.
func TestAnInterruptPrintsItsObject(t *testing.T) {
	t.Parallel()
	binary, folder := payrunBinary(t), t.TempDir()
	file := filepath.Join(folder, "may.csv")
	writeRows(t, file, 150)
	url := startSandbox(t, binary)
	args := []string{file, "--api-url", url, "--rate", "10", "--output", "json", "--report", filepath.Join(folder, "report"), "--ledger"}
	p, stdout := startSplit(t, binary, append(args, filepath.Join(folder, "ledger.db"))...)
	until(t, "three are paid", func() bool { return readBooks(t, url).Credited.Count >= 3 })
	if err := p.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	code := p.end(t)
	ending := endingIn(t, stdout)
	if code != exitInterrupted || ending.Kind != "ending" || ending.Exit != int(exitInterrupted) || ending.Next == "" || ending.Stopped == "" {
		t.Errorf("exit %d, want %d, and the object %+v\n%s", code, exitInterrupted, ending, &p.out)
	}

	silent, _ := io.Pipe()
	interrupts := make(chan os.Signal, 1)
	interrupts <- os.Interrupt
	var shown bytes.Buffer
	code = run([]string{
		"run", file, "--sandbox", "--output", "json", "--no-progress",
		"--ledger", filepath.Join(folder, "other.db"), "--report", filepath.Join(folder, "other"),
	}, environment{stdin: silent, stdout: &shown, stderr: io.Discard, lookup: own(t).env, stdinTerminal: true, interrupts: interrupts})
	if ending := endingIn(t, &shown); code != exitInterrupted || ending.Kind != "error" || ending.Exit != int(exitInterrupted) {
		t.Errorf("at the question: exit %d, want %d, and the object %+v", code, exitInterrupted, ending)
	}
}

// ending are keys of the one object that a command prints.
type ending struct {
	Kind        string   `json:"kind"`
	Exit        int      `json:"exit"`
	Stopped     string   `json:"stopped"`
	Next        string   `json:"next"`
	ReportError string   `json:"report_error"`
	Reports     []string `json:"reports"`
}

func endingIn(t *testing.T, stdout *bytes.Buffer) (found ending) {
	t.Helper()
	if err := json.Unmarshal(stdout.Bytes(), &found); err != nil {
		t.Errorf("no object, but %q: %v", stdout, err)
	}
	return found
}

// startSplit starts a run whose results are apart from what it tells a person.
func startSplit(t *testing.T, binary string, args ...string) (*process, *bytes.Buffer) {
	t.Helper()
	stdout := new(bytes.Buffer)
	p := &process{Cmd: exec.CommandContext(t.Context(), binary, slices.Concat([]string{"run", "--yes", "--no-progress"}, args)...)}
	p.Env, p.Stdout, p.Stderr = credentials(t), stdout, &p.out
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	return p, stdout
}
