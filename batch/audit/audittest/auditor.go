// Package audittest plays an auditor: somebody with a folder of evidence, a shell and a few
// public tools, and no payrun. It does what the folder's own instructions say.
package audittest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Auditor has a path with public tools, and nothing else.
type Auditor struct{ path string }

// tools are all that an auditor has.
func tools() []string {
	return []string{
		"awk", "base64", "cat", "cmp", "cut", "find", "fold", "grep", "head", "jq", "mkdir", "mktemp", "od", "rm", "sed", "sh",
		"sha256sum", "sort", "split", "ssh-keygen", "tail", "tr", "wc", "xargs",
	}
}

// New returns an auditor. CI has all tools; elsewhere the test is skipped without.
func New(tb testing.TB) Auditor {
	tb.Helper()
	a := Auditor{path: tb.TempDir()}
	for _, name := range tools() {
		found, err := exec.LookPath(name)
		switch {
		case err != nil && os.Getenv("CI") == "true":
			tb.Fatalf("%s is not installed, and CI must have it", name)
		case err != nil:
			tb.Skipf("%s is not installed", name)
		}
		if err := os.Symlink(found, filepath.Join(a.path, name)); err != nil {
			tb.Fatal(err)
		}
	}
	return a
}

var blocks = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")

// Commands are those of a folder's instructions, by their file.
func Commands(tb testing.TB, folder, file string) []string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(folder, file)) //nolint:gosec // a test's own folder
	if err != nil {
		tb.Fatal(err)
	}
	var found []string
	for _, match := range blocks.FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 || strings.Count(string(text), "```") != 2*len(found) {
		tb.Fatalf("%s has %d blocks of commands", file, len(found))
	}
	return found
}

// Audit runs commands in a folder, and returns what they said; an error for the first that
// failed.
func (a Auditor) Audit(tb testing.TB, folder string, commands []string) (said string, err error) {
	tb.Helper()
	for i, block := range commands {
		cmd := exec.CommandContext(tb.Context(), filepath.Join(a.path, "sh"), "-c", block) //nolint:gosec // a test's own commands
		cmd.Dir, cmd.Env = folder, []string{"PATH=" + a.path, "TMPDIR=" + tb.TempDir(), "LANG=C.UTF-8"}
		printed, err := cmd.CombinedOutput()
		said += string(printed)
		if err != nil {
			return said, errors.Join(err, fmt.Errorf("block %d: %s", i+1, printed))
		}
	}
	return said, nil
}
