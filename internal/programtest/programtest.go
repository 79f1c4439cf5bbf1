// Package programtest finds and runs the programs of others that tests hold files against.
package programtest

import (
	"os"
	"os/exec"
	"testing"
)

// Find returns the path of the first of the names that is installed. Without any the test
// is skipped; in CI, which has them all, it fails.
func Find(t *testing.T, names ...string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts another program")
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("none of %q is installed, and CI must have one", names)
	}
	t.Skipf("none of %q is installed", names)
	return ""
}

// Office is LibreOffice with a profile of its own, which a test may change.
type Office struct{ program, profile string }

// NewOffice finds LibreOffice, as Find does.
func NewOffice(t *testing.T) Office {
	t.Helper()
	return Office{program: Find(t, "soffice", "libreoffice"), profile: t.TempDir()}
}

// Profile is the folder of its settings.
func (o Office) Profile() string { return o.profile }

// Run runs it without a window, and fails the test if it fails.
func (o Office) Run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), o.program, //nolint:gosec // found by Find, for a test
		append([]string{"--headless", "--norestore", "-env:UserInstallation=file://" + o.profile}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
}

// Convert saves files in another format, with the options of its filter if there are any,
// into a folder.
func (o Office) Convert(t *testing.T, format, folder string, files ...string) {
	t.Helper()
	o.Run(t, append([]string{"--convert-to", format, "--outdir", folder}, files...)...)
}
