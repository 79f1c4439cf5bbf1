package reports_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/reports"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestReportsReadAsTheyShould compares whole reports with files that people have
// read, in both languages.
func TestReportsReadAsTheyShould(t *testing.T) {
	english := write(t, eachState(), header(), reports.Options{})
	french := write(t, eachState(), header(), reports.Options{French: true, FrenchCSV: true})
	for _, c := range []struct{ golden, path string }{
		{"payroll.csv", english.Files[0]},
		{"payroll.json", english.Files[2]},
		{"payroll.html", english.Files[3]},
		{"payroll.fr.csv", french.Files[0]},
		{"payroll.fr.html", french.Files[3]},
	} {
		t.Run(c.golden, func(t *testing.T) { compare(t, c.golden, c.path) })
	}
}

func TestAnEmptyBatchHasAReport(t *testing.T) {
	written := write(t, books{}, header(), reports.Options{})
	compare(t, "empty.csv", written.Files[0])
	compare(t, "empty.json", written.Files[2])
}

func compare(t *testing.T, golden, path string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join("testdata", golden)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got, go test ./reports -update writes it anew):\n%s", path, diff)
	}
}
