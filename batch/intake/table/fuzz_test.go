package table

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzCSV gives any bytes to the reader: it must neither panic nor hold more of
// a cell than it promises, and must number rows upwards and twice alike.
func FuzzCSV(f *testing.F) {
	seed(f, ".csv", ".txt")
	f.Fuzz(func(t *testing.T, content []byte) {
		readAnything(t, content)
	})
}

// FuzzXLSX puts any bytes in the place of a workbook's sheet, strings and
// styles: random changes to the zip itself hardly ever get past its checksums.
func FuzzXLSX(f *testing.F) {
	entries, err := filepath.Glob(filepath.Join(samples, "*.xlsx"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range entries {
		f.Add(partOf(f, path, sheetPartName), partOf(f, path, stringsPartName), partOf(f, path, "xl/styles.xml"))
	}
	base := filepath.Join(samples, "title-rows.xlsx")
	fixed := make(map[string][]byte)
	for _, name := range []string{"[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} {
		fixed[name] = partOf(f, base, name)
	}
	f.Fuzz(func(t *testing.T, sheet, strings, styles []byte) {
		var b bytes.Buffer
		out := zip.NewWriter(&b)
		write := func(name string, content []byte) {
			w, err := out.CreateHeader(&zip.FileHeader{Name: name})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(content); err != nil {
				t.Fatal(err)
			}
		}
		for name, content := range fixed {
			write(name, content)
		}
		write(sheetPartName, sheet)
		write(stringsPartName, strings)
		write("xl/styles.xml", styles)
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		readAnything(t, b.Bytes())
	})
}

// FuzzWorkbookBytes changes the zip itself.
func FuzzWorkbookBytes(f *testing.F) {
	seed(f, ".xlsx", ".xls", ".ods")
	f.Fuzz(func(t *testing.T, content []byte) {
		readAnything(t, content)
	})
}

func seed(f *testing.F, extensions ...string) {
	f.Helper()
	for _, extension := range extensions {
		paths, err := filepath.Glob(filepath.Join(samples, "*"+extension))
		if err != nil || len(paths) == 0 {
			f.Fatalf("no %s among the samples (%v)", extension, err)
		}
		for _, path := range paths {
			content, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(content)
		}
	}
}

// partOf returns a part of a workbook, nothing if it is none or has no such part.
func partOf(f *testing.F, path, name string) []byte {
	f.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		return nil
	}
	defer archive.Close()
	part, err := archive.Open(name)
	if err != nil {
		return nil
	}
	defer part.Close()
	content, err := io.ReadAll(part)
	if err != nil {
		f.Fatal(err)
	}
	return content
}

func readAnything(t *testing.T, content []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := Open(path, Options{})
	if err != nil {
		if strings.TrimSpace(err.Error()) == "" {
			t.Error("an error without words")
		}
		return
	}
	defer file.Close()
	first, failure := pass(t.Context(), file)
	last := 0
	for _, row := range first {
		if row.Number <= last {
			t.Fatalf("row %d comes after row %d", row.Number, last)
		}
		last = row.Number
		for _, field := range knownFields {
			if cell := row.Cell(field); len(cell.Text) > 2*cellMax+1 {
				t.Errorf("row %d: %s of %d bytes", row.Number, field, len(cell.Text))
			}
		}
	}
	second, again := pass(t.Context(), file)
	if len(second) != len(first) || (failure == nil) != (again == nil) {
		t.Errorf("passes of %d rows (%v) and %d rows (%v)", len(first), failure, len(second), again)
	}
}
