package rules_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestABadFileHasTheProblemsOfItsGoldenFile reads testdata/bad.csv, in which each
// row says what is bad about it.
func TestABadFileHasTheProblemsOfItsGoldenFile(t *testing.T) {
	const golden = "testdata/bad.golden"
	file, err := table.Open("testdata/bad.csv", table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	v := rules.NewValidator(builtinRules(t), rules.Options{
		Headers: file.Info().Headers,
	})
	var b strings.Builder
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		problems := v.Check(row).Problems
		fmt.Fprintf(&b, "%d: %s\n", row.Number, row.Note.Text)
		for _, p := range problems {
			fmt.Fprintf(&b, "\t%s %s %s %q %q%s\n", p.Severity, p.Code, p.Column, p.Header, p.Value, details(p))
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("problems differ from %s (-want +got):\n%s", golden, diff)
	}
}

func details(p rules.Problem) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(p.Details)) {
		fmt.Fprintf(&b, "\n\t\t%s: %s", key, p.Details[key])
	}
	return b.String()
}
