package repolint

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const decisions = "docs/decisions"

// TestEveryDependencyIsArguedFor wants a line in the decision on dependencies for
// each module that go.mod requires directly.
func TestEveryDependencyIsArguedFor(t *testing.T) {
	const page = decisions + "/0012-dependencies.md"
	argued := read(t, page)
	for _, required := range directlyRequired(read(t, "go.mod")) {
		name := strings.TrimPrefix(required, "github.com/")
		if !strings.Contains(argued, "`"+name+"`") {
			t.Errorf("%s: no line for `%s`, which go.mod requires", page, name)
		}
	}
}

// TestEveryDecisionIsListed keeps the list of decisions complete.
func TestEveryDecisionIsListed(t *testing.T) {
	list := read(t, decisions+"/README.md")
	pages, err := filepath.Glob(filepath.Join(root, decisions, "[0-9]*.md"))
	if err != nil || len(pages) == 0 {
		t.Fatalf("no decisions found: %v", err)
	}
	for _, page := range pages {
		if name := filepath.Base(page); !strings.Contains(list, "("+name+")") {
			t.Errorf("%s/README.md does not list %s", decisions, name)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return string(text)
}

// directlyRequired lists the modules in go.mod that are not there for the sake of
// another one.
func directlyRequired(gomod string) []string {
	var modules []string
	inside := false
	for line := range strings.Lines(gomod) {
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 2 && fields[0] == "require" && fields[1] == "(":
			inside = true
		case len(fields) == 1 && fields[0] == ")":
			inside = false
		case len(fields) >= 2 && !strings.HasSuffix(strings.TrimSpace(line), "// indirect"):
			if fields[0] == "require" {
				fields = fields[1:]
			} else if !inside {
				continue
			}
			modules = append(modules, fields[0])
		}
	}
	return modules
}

// link finds the target of a link to a file of this repository.
var link = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)

// TestLinksLeadSomewhere follows every link from one document to another.
func TestLinksLeadSomewhere(t *testing.T) {
	var followed int
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && skipped(entry.Name()):
			return filepath.SkipDir
		case filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path) //nolint:gosec // the tests own checkout
		if err != nil {
			return err
		}
		for _, match := range link.FindAllStringSubmatch(string(text), -1) {
			followed++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), match[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", path, match[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const fewest = 20
	if followed < fewest {
		t.Errorf("only %d links found: this test looks in the wrong place", followed)
	}
}
