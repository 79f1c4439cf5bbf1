package house

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const decisions = "docs/decisions"

// TestEveryDependencyIsArguedFor wants a line in the decision on dependencies for
// each module that go.mod requires directly.
func TestEveryDependencyIsArguedFor(t *testing.T) {
	const page = decisions + "/0012-what-is-depended-on.md"
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
