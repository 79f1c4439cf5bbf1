package audit_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"payrun/ledger/anchor"
)

// TestThePublishedCheckpointHolds: the example in the documentation is a real one.
func TestThePublishedCheckpointHolds(t *testing.T) {
	page := evidencePage(t)
	example := regexp.MustCompile("(?s)```text\n(payrun-ledger/.*?)```.*?```text\n(.*?)\n```").FindStringSubmatch(page)
	if example == nil {
		t.Fatal("no example")
	}
	if id, head, err := anchor.Verify(example[1], example[2]); err != nil || id == "" || head.Events != 9 {
		t.Errorf("%q, %+v, %v", id, head, err)
	}
}

// TestEveryFileAndCheckIsPublished in the documentation of the folder, and nothing else.
func TestEveryFileAndCheckIsPublished(t *testing.T) {
	_, page, _ := strings.Cut(evidencePage(t), "## The folder of evidence")
	folder, _ := exported(t)
	for _, name := range names(t, folder) {
		if strings.HasPrefix(name, "reports/report.") {
			name = name[len("reports/report"):]
		}
		if name != "file.csv" && name != ".csv" && !strings.Contains(page, "`"+name+"`") {
			t.Errorf("docs/evidence.md does not tell of %s", name)
		}
	}
	result, err := verify(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	var checks []string
	for _, check := range result.Checks {
		checks = append(checks, string(check.Name))
	}
	_, table, _ := strings.Cut(page, "| check |")
	var published []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z]+)` \\|").FindAllStringSubmatch(table, -1) {
		published = append(published, row[1])
	}
	if !slices.Equal(checks, published) {
		t.Errorf("the checks are %q, published are %q", checks, published)
	}
}

func evidencePage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/evidence.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
