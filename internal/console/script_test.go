package console_test

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"payrun/internal/programtest"
)

// TestTheScriptIsTypedAndShort: TypeScript checks it by its comments, and a person can read it
// whole.
func TestTheScriptIsTypedAndShort(t *testing.T) {
	const script, linesMax = "static/payrun.js", 300
	text, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	if lines := bytes.Count(text, []byte("\n")); lines >= linesMax {
		t.Errorf("it has %d lines, not fewer than %d", lines, linesMax)
	}
	node, compiler := programtest.Find(t, "node"), programtest.Package(t, "typescript/bin/tsc")
	said, err := exec.CommandContext(t.Context(), node, compiler, "--noEmit", "--allowJs", "--checkJs", "--strict",
		"--target", "es2022", "--lib", "es2022,dom,dom.iterable", "--types", "", script).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
