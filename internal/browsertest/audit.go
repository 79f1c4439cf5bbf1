package browsertest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"payrun/internal/programtest"
)

// sticksOut is the script that names the elements that make a page wider than its window.
const sticksOut = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right > root.clientWidth + 0.5)
    .map(e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + (e.className ? "." + e.className : "")).slice(0, 10);
})()`

// Fits fails the test if the page is wider than any of the windows, in CSS pixels. Where
// tests keep what they made a picture of each is kept, too.
func (p *Page) Fits(widths ...int64) {
	p.t.Helper()
	for _, width := range widths {
		p.Width(width)
		if wide := Value[[]string](p, sticksOut); len(wide) > 0 {
			p.t.Errorf("%s at %d px: wider than the window: %s", p.Address(), width, strings.Join(wide, ", "))
		}
		p.keep(width)
	}
}

// notOfName are the characters of an address that the name of a file does without.
var notOfName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// keep keeps a picture of the page among what the test keeps, if it is to keep anything.
func (p *Page) keep(width int64) {
	p.t.Helper()
	if wanted := flag.Lookup("test.artifacts"); wanted == nil || wanted.Value.String() != "true" {
		return
	}
	p.pictures++
	_, path, _ := strings.Cut(strings.TrimPrefix(p.Address(), "http://"), "/")
	name := fmt.Sprintf("%s-%03d-%.60s-%d.png", p.name, p.pictures, notOfName.ReplaceAllString(path, "-"), width)
	if err := os.WriteFile(filepath.Join(p.t.ArtifactDir(), name), p.Picture(), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// Axe is the axe-core of npm, which looks for what keeps people with a disability out.
type Axe struct{ source string }

// FindAxe reads it, or skips the test, as programtest.Package does.
func FindAxe(t *testing.T) Axe {
	t.Helper()
	source, err := os.ReadFile(programtest.Package(t, "axe-core/axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return Axe{string(source)}
}

// run has axe hold the page against the rules of WCAG 2.2, levels A and AA.
const run = `axe.run(document, {preload: false, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]})
  .then(found => JSON.stringify(found.violations.map(v => ({id: v.id, impact: v.impact, help: v.help, where: v.nodes.map(n => n.html).slice(0, 3)}))))`

// Accessible fails the test if axe finds anything serious on the page.
func (p *Page) Accessible(axe Axe) {
	p.t.Helper()
	Value[bool](p, "typeof axe !== 'undefined' || ("+"(()=>{"+axe.source+"\n})(), true)")
	var violations []struct {
		ID, Impact, Help string
		Where            []string
	}
	if err := json.Unmarshal([]byte(Value[string](p, run)), &violations); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range violations {
		if v.Impact == "serious" || v.Impact == "critical" {
			p.t.Errorf("%s: %s (%s): %s\n%s", p.Address(), v.ID, v.Impact, v.Help, strings.Join(v.Where, "\n"))
		}
	}
}
