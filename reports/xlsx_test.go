package reports_test

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"payrun/reports"
)

// cells returns a sheet's values as they are stored.
func cells(t *testing.T, path, sheet string) [][]string {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	rows, err := book.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// withoutCachedValues copies a workbook and leaves out what its formulas come to.
func withoutCachedValues(t *testing.T, from, to string) {
	t.Helper()
	archive, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	file, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	out := zip.NewWriter(file)
	cached := regexp.MustCompile(`(</f>)<v>[^<]*</v>`)
	for _, part := range archive.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		w, err := out.Create(part.Name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(cached.ReplaceAll(text, []byte("$1"))); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestTheWorkbookIsTyped looks at what a cell is, not at what it shows.
func TestTheWorkbookIsTyped(t *testing.T) {
	written := write(t, eachState(), header(), reports.Options{})
	book, err := excelize.OpenFile(written.Files[1])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	for _, c := range []struct {
		why, cell, value string
		kind             excelize.CellType
		format           string
	}{
		{"a number keeps its zero", "G2", "0700086771", excelize.CellTypeInlineString, "@"},
		{"an id is text", "B2", "PAY-0001", excelize.CellTypeInlineString, "@"},
		{"an amount can be added up", "I3", "97000", excelize.CellTypeUnset, "# ##0"},
		{"a million has two separators", "I2", "1000000", excelize.CellTypeUnset, "[>=1000000000]# ### ### ##0;[>=1000000]# ### ##0;# ##0"},
		{"fees have decimals", "K2", "7.5", excelize.CellTypeUnset, "[>=1000000]# ### ##0.00;# ##0.00"},
		{"a formula in a name is none", "H4", `'=HYPERLINK("http://evil.example";"x")`, excelize.CellTypeInlineString, "@"},
		{"fees of a failed payout are none", "K4", "", excelize.CellTypeUnset, ""},
	} {
		value, err := book.GetCellValue("Payouts", c.cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		kind, err := book.GetCellType("Payouts", c.cell)
		if err != nil {
			t.Fatal(err)
		}
		if value != c.value || kind != c.kind {
			t.Errorf("%s: %s is %q of type %d, want %q of type %d", c.why, c.cell, value, kind, c.value, c.kind)
		}
		if got := numberFormat(t, book, c.cell); got != c.format {
			t.Errorf("%s: %s has the format %q, want %q", c.why, c.cell, got, c.format)
		}
		formula, err := book.GetCellFormula("Payouts", c.cell)
		if err != nil || formula != "" {
			t.Errorf("%s: %s has the formula %q (%v)", c.why, c.cell, formula, err)
		}
	}
}

func numberFormat(t *testing.T, book *excelize.File, cell string) string {
	t.Helper()
	id, err := book.GetCellStyle("Payouts", cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := book.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	const text = 49
	switch {
	case style.CustomNumFmt != nil:
		return *style.CustomNumFmt
	case style.NumFmt == text:
		return "@"
	default:
		return ""
	}
}

// TestFailuresHaveASheetOfTheirOwn: what failed, was turned away, is open or is
// contradicted, and nothing else.
func TestFailuresHaveASheetOfTheirOwn(t *testing.T) {
	written := write(t, eachState(), header(), reports.Options{})
	var ids []string
	for _, row := range cells(t, written.Files[1], "Failures")[1:] {
		ids = append(ids, row[1])
	}
	want := []string{
		"PAY-0002", "PAY-0003", "PAY-0009", "PAY-0004", "PAY-0005", "PAY-0006", "PAY-0007", "PAY-0010",
	}
	if len(ids) != len(want) {
		t.Fatalf("got %q, want %q", ids, want)
	}
	for i, id := range ids {
		if id != want[i] {
			t.Errorf("line %d: got %q, want %q", i, id, want[i])
		}
	}
}

// TestASheetCanBeWorkedWith: the header stays in sight, every column filters,
// text that looks like a number raises no flag, and paper takes the width. The
// test reads the file itself, because a library may answer from what it was told.
func TestASheetCanBeWorkedWith(t *testing.T) {
	written := write(t, eachState(), header(), reports.Options{})
	for part, lines := range map[string]int{"xl/worksheets/sheet3.xml": 10, "xl/worksheets/sheet4.xml": 8} {
		text := partOf(t, written.Files[1], part)
		all := fmt.Sprintf("A1:R%d", lines+1)
		for what, want := range map[string]string{
			"frozen header":   `<pane activePane="bottomLeft" state="frozen" topLeftCell="A2" ySplit="1">`,
			"filter":          `<autoFilter ref="` + fmt.Sprintf("$A$1:$R$%d", lines+1) + `">`,
			"no warnings":     `<ignoredError sqref="` + all + `" numberStoredAsText="true">`,
			"landscape A4":    `orientation="landscape" paperSize="9"`,
			"fit to the page": `<pageSetUpPr fitToPage="true">`,
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %s: no %s", part, what, want)
			}
		}
		last := 0
		for _, match := range regexp.MustCompile(`<col min="(\d+)"`).FindAllStringSubmatch(text, -1) {
			column, err := strconv.Atoi(match[1])
			if err != nil || column != last+1 {
				t.Errorf("%s: column %s comes after %d", part, match[1], last)
			}
			last = column
		}
		if last != 18 {
			t.Errorf("%s: %d columns have a width", part, last)
		}
	}
}

// partOf returns one part of a workbook's archive.
func partOf(t *testing.T, path, name string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	part, err := archive.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(part)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
