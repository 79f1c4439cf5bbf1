package annotate_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/internal/programtest"
)

// TestLibreOfficeReadsACopyAsItsFile has LibreOffice open annotated workbooks and
// save them anew, as a person does who mends one: rows that could be paid still
// can, and no others.
func TestLibreOfficeReadsACopyAsItsFile(t *testing.T) {
	office := programtest.NewOffice(t)
	folder := t.TempDir()
	var copies []string
	names := []string{"numbers.xlsx", "title-rows.xlsx", "libreoffice-numbers.xlsx", "french-excel.csv"}
	for _, name := range names {
		to := filepath.Join(folder, name+".xlsx")
		annotateFile(t, filepath.Join(samples, name), to)
		copies = append(copies, to)
	}
	office.Convert(t, "xlsx", filepath.Join(folder, "saved"), copies...)
	for _, name := range names {
		want, err := judge(t, filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := judge(t, filepath.Join(folder, "saved", name+".xlsx"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.valid, got.valid); diff != "" {
			t.Errorf("%s: payable rows differ (-file +saved copy):\n%s", name, diff)
		}
		if got.info.Errors < 0 {
			t.Errorf("%s: the column of errors is gone: %q", name, got.info.Columns)
		}
	}
}
