package annotate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestLibreOfficeReadsACopyAsItsFile has LibreOffice open annotated workbooks and
// save them anew, as a person does who mends one: rows that could be paid still
// can, and no others.
func TestLibreOfficeReadsACopyAsItsFile(t *testing.T) {
	soffice := libreOffice(t)
	folder := t.TempDir()
	var copies []string
	names := []string{"numbers.xlsx", "title-rows.xlsx", "libreoffice-numbers.xlsx", "french-excel.csv"}
	for _, name := range names {
		to := filepath.Join(folder, name+".xlsx")
		annotateFile(t, filepath.Join(samples, name), to)
		copies = append(copies, to)
	}
	args := append([]string{
		"--headless", "--norestore", "-env:UserInstallation=file://" + t.TempDir(),
		"--convert-to", "xlsx", "--outdir", filepath.Join(folder, "saved"),
	}, copies...)
	if out, err := exec.CommandContext(t.Context(), soffice, args...).CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
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

// libreOffice finds the program; CI has it, elsewhere the test is skipped without.
func libreOffice(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts another program")
	}
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("LibreOffice is not installed, and CI must have it")
	}
	t.Skip("LibreOffice is not installed")
	return ""
}
