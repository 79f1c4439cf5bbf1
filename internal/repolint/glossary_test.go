package repolint

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheGlossaryNamesWhatThereIs: a package or a name that the glossary points to
// exists.
func TestTheGlossaryNamesWhatThereIs(t *testing.T) {
	page, err := os.ReadFile(root + "/docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	declared := map[string]bool{}
	declaration := regexp.MustCompile(`(?m)^(?:type|func|\t)(?: ?\([a-z]+ \*?[A-Za-z]+\))? ?([A-Z][A-Za-z]*)\b`)
	for _, f := range source(t) {
		declared[f.folder()] = true
		if f.test() {
			continue
		}
		for _, match := range declaration.FindAllStringSubmatch(strings.Join(f.lines, "\n"), -1) {
			declared[f.folder()+"."+match[1]] = true
			declared[f.syntax.Name.Name+"."+match[1]] = true
		}
	}
	named := 0
	for _, match := range regexp.MustCompile("`((?:batch|ledger|provider|internal|cmd)[a-z/]*(?:\\.[A-Z][A-Za-z]*)?)`").FindAllStringSubmatch(string(page), -1) {
		named++
		if !declared[match[1]] {
			t.Errorf("docs/glossary.md names %s, which is nowhere", match[1])
		}
	}
	const fewest = 30
	if named < fewest {
		t.Errorf("only %d names were found in the glossary", named)
	}
}
