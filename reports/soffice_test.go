package reports_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"payrun/internal/programtest"
	"payrun/reports"
)

// TestASpreadsheetCalculatesTheSameTotals lets LibreOffice forget every value in
// the Summary and calculate it from the formulas: the test takes the cached values
// out of the file, so that only the formulas are left.
func TestASpreadsheetCalculatesTheSameTotals(t *testing.T) {
	office := programtest.NewOffice(t)
	written := write(t, eachState(), header(), reports.Options{})
	cached := cells(t, written.Files[1], "Summary")
	folder := t.TempDir()
	path := filepath.Join(folder, "stale.xlsx")
	withoutCachedValues(t, written.Files[1], path)

	filter := "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,1"
	office.Convert(t, filter, folder, path)
	found, err := filepath.Glob(filepath.Join(folder, "*.csv"))
	if err != nil || len(found) != 1 {
		t.Fatalf("soffice wrote %q (%v)", found, err)
	}
	file, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	reader := csv.NewReader(file)
	reader.FieldsPerRecord = -1
	calculated, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}

	figures := 0
	for i, row := range cached {
		for j, want := range row {
			got := ""
			if i < len(calculated) && j < len(calculated[i]) {
				got = calculated[i][j]
			}
			if number(want) {
				figures++
			}
			if got != want {
				t.Errorf("row %d, column %d: LibreOffice comes to %q, the report says %q", i+1, j+1, got, want)
			}
		}
	}
	const figuresMin = 60
	if figures < figuresMin {
		t.Errorf("only %d figures were compared, want at least %d", figures, figuresMin)
	}
}

func number(text string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}
