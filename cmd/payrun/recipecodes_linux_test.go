package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// standIns writes programs that stand for others into a folder, and returns an environment in
// which they come first.
func standIns(t *testing.T, programs map[string]string) []string {
	t.Helper()
	folder := t.TempDir()
	for name, script := range programs {
		if err := os.WriteFile(filepath.Join(folder, name), []byte("#!/bin/sh\n"+script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"))
}

// TestWhatAnInboxDoesWithEachExitCode: where the file goes, whether the next one is tried, what
// is said, and with what it ends. The first file ends with the code, the second is paid.
func TestWhatAnInboxDoesWithEachExitCode(t *testing.T) {
	env := standIns(t, map[string]string{
		"date":   "echo 2026-12-02\n",
		"payrun": "case $2 in *2026-12-01*) exit \"$CODE\" ;; esac\n",
	})
	for code, goesOn := range map[int]bool{
		exitPaid: true, exitInternal: false, exitUsage: false, exitFile: true, exitFailed: true, exitStopped: false,
		exitOpen: true, exitConflict: true, exitUnapproved: true, exitInterrupted: false, 137: false, 143: false,
	} {
		t.Run(strconv.Itoa(code), func(t *testing.T) {
			inbox := t.TempDir()
			for _, name := range []string{"2026-12-01.csv", "2026-12-02.csv", "2026-12-03.csv"} {
				write(t, filepath.Join(inbox, name), "")
			}
			script, err := filepath.Abs(filepath.Join(recipes, "systemd", "payrun-inbox"))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), script, inbox)
			cmd.Env = append(slices.Clone(env), "CODE="+strconv.Itoa(code))
			out, err := cmd.CombinedOutput()
			if got := exitCodeOf(t, err); got != code {
				t.Errorf("it ends with %d, want %d", got, code)
			}
			there := func(name string) bool {
				_, err := os.Stat(filepath.Join(inbox, name))
				return err == nil
			}
			if done := there("done/2026-12-01.csv"); done != (code == exitPaid) || done == there("2026-12-01.csv") {
				t.Errorf("the file is done: %t", done)
			}
			if there("done/2026-12-02.csv") != goesOn {
				t.Errorf("the next file is done: %t, want %t", !goesOn, goesOn)
			}
			if !there("2026-12-03.csv") {
				t.Error("tomorrow's file did not wait")
			}
			said := "2026-12-01.csv is kept, exit code " + strconv.Itoa(code)
			if !goesOn {
				said = "2026-12-01.csv is kept and what follows waits, exit code " + strconv.Itoa(code)
			}
			if code == exitPaid {
				said = "2026-12-01.csv is paid"
			}
			if !strings.Contains(string(out), said) {
				t.Errorf("it says %q, want %q", out, said)
			}
		})
	}
}

// TestTheGravestCodeOfAnInboxIsTold, in the order in which a person has to hear of them.
func TestTheGravestCodeOfAnInboxIsTold(t *testing.T) {
	env := standIns(t, map[string]string{
		"date":   "echo 2026-12-31\n",
		"payrun": "code=${2##*-}; exit \"${code%.csv}\"\n",
	})
	script, err := filepath.Abs(filepath.Join(recipes, "systemd", "payrun-inbox"))
	if err != nil {
		t.Fatal(err)
	}
	order := []int{exitFailed, exitOpen, exitUnapproved, exitFile, exitConflict}
	for i := range order {
		inbox := t.TempDir()
		for _, code := range order[:i+1] {
			write(t, filepath.Join(inbox, "2026-12-01-"+strconv.Itoa(code)+".csv"), "")
		}
		cmd := exec.CommandContext(t.Context(), script, inbox)
		cmd.Env = env
		if got := exitCodeOf(t, cmd.Run()); got != order[i] {
			t.Errorf("of %v it ends with %d, want %d", order[:i+1], got, order[i])
		}
	}
}

// TestAFailureIsTold with the unit, its code in words, and its last lines.
func TestAFailureIsTold(t *testing.T) {
	env := standIns(t, map[string]string{
		"systemctl":  "echo \"$CODE\"\n",
		"journalctl": "echo \"the last lines of $2\"\n",
		"hostname":   "echo desk\n",
	})
	text, err := os.ReadFile(filepath.Join(recipes, "systemd", "payrun-failed"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	tell, told := filepath.Join(folder, "tell"), filepath.Join(folder, "told")
	script := filepath.Join(folder, "payrun-failed")
	for path, content := range map[string]string{
		script: strings.ReplaceAll(string(text), "/etc/payrun/tell", tell),
		tell:   "#!/bin/sh\n{ echo \"$1\"; cat; } >" + told + "\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for code, means := range map[int]string{
		exitInternal: "damaged ledger: keep the ledger", exitUsage: "the ledger is in use", exitFile: "nothing of it was sent",
		exitFailed: "somebody was not paid", exitStopped: "stopped early", exitOpen: "still open",
		exitConflict: "somebody has to look", exitUnapproved: "people have to approve", 137: "ended from outside",
	} {
		cmd := exec.CommandContext(t.Context(), script, "payrun-inbox.service")
		cmd.Env = append(slices.Clone(env), "CODE="+strconv.Itoa(code))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%d: %v\n%s", code, err, out)
		}
		got, err := os.ReadFile(told)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"payrun: payrun-inbox.service ended with " + strconv.Itoa(code) + "\n",
			"desk: payrun-inbox.service ended with " + strconv.Itoa(code) + ": ", means, "the last lines of payrun-inbox.service",
		} {
			if !strings.Contains(string(got), want) {
				t.Errorf("of %d it tells %q, which lacks %q", code, got, want)
			}
		}
	}
}
