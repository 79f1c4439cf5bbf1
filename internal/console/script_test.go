package console_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// TestThePagesHaveWhatTheScriptLooksFor: an attribute that no page has is a promise that no page keeps.
func TestThePagesHaveWhatTheScriptLooksFor(t *testing.T) {
	script, err := os.ReadFile("static/payrun.js")
	if err != nil {
		t.Fatal(err)
	}
	var pages []byte
	for _, pattern := range []string{"templates/*.html", "templates/parts/*.html"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, text...)
		}
	}
	looksFor := regexp.MustCompile(`\[(data-[a-z-]+)\]`).FindAllSubmatch(script, -1)
	if len(looksFor) == 0 {
		t.Fatal("the script looks for nothing")
	}
	for _, one := range looksFor {
		if !regexp.MustCompile(`<[^>]*\s` + string(one[1]) + `[\s=>{]`).Match(pages) {
			t.Errorf("no page has %s", one[1])
		}
	}
}
