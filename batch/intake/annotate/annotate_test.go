package annotate_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"payrun/batch/intake/annotate"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/internal/sheet"
	"payrun/ledger"
)

const samples = "../../../testdata/input"

// judged is the rules' word about a file: by row, what may be paid, or the codes
// of its errors.
type judged struct {
	info   table.Info
	valid  map[int]ledger.Terms
	errors map[int][]string
}

func judge(t *testing.T, path string) (judged, error) {
	t.Helper()
	j := judged{valid: make(map[int]ledger.Terms), errors: make(map[int][]string)}
	file, err := table.Open(path, table.Options{})
	if err != nil {
		return j, err
	}
	defer func() { _ = file.Close() }()
	j.info = file.Info()
	validator := rules.NewValidator(builtIn(t), rules.Options{})
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			return j, err
		}
		entry := validator.Check(row).Entry
		// What is neither a person nor wrong (a ruled line) has no terms.
		if len(entry.Rejections) == 0 && entry.Terms != (ledger.Terms{}) {
			j.valid[row.Number] = entry.Terms
		}
		for _, rejection := range entry.Rejections {
			j.errors[row.Number] = append(j.errors[row.Number], rejection.Code)
		}
	}
	return j, nil
}

func builtIn(t *testing.T) *rules.Set {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// annotateFile copies a file with its errors beside the rows.
func annotateFile(t *testing.T, from, to string) {
	t.Helper()
	format, err := annotate.FormatOf(to)
	if err != nil {
		t.Fatal(err)
	}
	file, err := table.Open(from, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	copied, err := annotate.Begin(t.Context(), file, out, annotate.Options{
		Format: format, Separator: ';', Folder: t.TempDir(), Path: to,
		Column: annotate.Column{Title: "errors", At: file.Info().Errors},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = copied.Close() }()
	validator := rules.NewValidator(builtIn(t), rules.Options{})
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		problems := validator.Check(row).Problems
		if len(problems) == 0 {
			continue
		}
		note := annotate.Note{Marks: make(map[int]annotate.Mark)}
		for _, p := range problems {
			note.Text += p.Code + " "
			for at, field := range file.Info().Fields {
				if field == p.Column && field != "" {
					note.Marks[at] = annotate.Error
				}
			}
		}
		if err := copied.Row(row.Number, note); err != nil {
			t.Fatal(err)
		}
	}
	if err := copied.Finish(); err != nil {
		t.Fatal(err)
	}
}

// TestACopyReadsAsItsFile annotates every sample in both formats, and the copy
// once more. What may be paid is the same, to the name, in the same rows; what may
// not be paid is not made to look right; and the column is there once.
func TestACopyReadsAsItsFile(t *testing.T) {
	entries, err := os.ReadDir(samples)
	if err != nil {
		t.Fatal(err)
	}
	copied := 0
	for _, entry := range entries {
		from := filepath.Join(samples, entry.Name())
		want, err := judge(t, from)
		if entry.IsDir() || err != nil {
			continue
		}
		for _, extension := range []string{".csv", ".xlsx"} {
			copied++
			t.Run(entry.Name()+extension, func(t *testing.T) {
				once := filepath.Join(t.TempDir(), "once"+extension)
				annotateFile(t, from, once)
				got := sameRows(t, once, want)
				if len(got.info.Unknown) != len(want.info.Unknown) {
					t.Errorf("columns that are not read: %q, want %q", got.info.Unknown, want.info.Unknown)
				}
				if len(got.info.Columns) <= got.info.Errors || got.info.Errors < 0 {
					t.Fatalf("errors are in column %d of %q", got.info.Errors, got.info.Columns)
				}
				twice := filepath.Join(t.TempDir(), "twice"+extension)
				annotateFile(t, once, twice)
				again := sameRows(t, twice, want)
				if diff := cmp.Diff(got.info.Columns, again.info.Columns); diff != "" {
					t.Errorf("annotated twice, the columns differ (-once +twice):\n%s", diff)
				}
			})
		}
	}
	if copied < 20 {
		t.Errorf("only %d samples could be copied", copied)
	}
}

func sameRows(t *testing.T, path string, want judged) judged {
	t.Helper()
	got, err := judge(t, path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.valid, got.valid); diff != "" {
		t.Errorf("%s: payable rows differ (-file +copy):\n%s", filepath.Base(path), diff)
	}
	for row, codes := range want.errors {
		if len(got.errors[row]) == 0 {
			t.Errorf("%s: row %d had %q and has nothing wrong in the copy", filepath.Base(path), row, codes)
		}
	}
	return got
}

// TestARowWithACellTooManyIsNotMadeToFit: "250,000" in a text with commas is an
// amount of 250 and a cell too many. A column behind it would hide that.
func TestARowWithACellTooManyIsNotMadeToFit(t *testing.T) {
	from := filepath.Join(t.TempDir(), "width.csv")
	text := "transaction_id,customer_id,name,operator,amount\nW-1,0701020304,Awa,ORANGE,250,000\nW-2,0701020305,Awa,ORANGE,250\n"
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := judge(t, from)
	if err != nil || len(want.valid) != 1 {
		t.Fatalf("%d rows are valid (%v), want the second alone", len(want.valid), err)
	}
	for _, name := range []string{"copy.csv", "copy.xlsx"} {
		to := filepath.Join(t.TempDir(), name)
		annotateFile(t, from, to)
		sameRows(t, to, want)
	}
}

// TestOnlyTheRowsOfASheetAreItsRows packs elements of the same names elsewhere in the
// part: before the rows, around them, within one, and behind them. Neither the reader
// nor the copy takes them for rows, so that a note never stands in another row.
func TestOnlyTheRowsOfASheetAreItsRows(t *testing.T) {
	const (
		title = `<row r="1"><c t="inlineStr"><is><t>transaction_id</t></is></c><c t="inlineStr"><is><t>customer_id</t></is></c>` +
			`<c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>operator</t></is></c><c t="inlineStr"><is><t>amount</t></is></c></row>`
		wrong = `<row r="2"><c t="inlineStr"><is><t>A-1</t></is></c><c t="e"><v>#REF!</v></c><c t="inlineStr"><is><t>Awa</t></is></c>` +
			`<c t="inlineStr"><is><t>ORANGE</t></is></c><c><v>5000</v></c></row>`
		stray = `<row r="2"><c r="A2" t="inlineStr"><is><t>X-1</t></is></c></row>`
	)
	book := parts(t, filepath.Join(samples, "title-rows.xlsx"))
	for name, sheet := range map[string]string{
		"before": `<x>` + stray + `</x><sheetData>` + title + wrong + `</sheetData>`,
		"within": `<sheetData>` + title + `<x>` + stray + `</x>` + wrong + `</sheetData>`,
		"behind": `<sheetData>` + title + wrong + `</sheetData><extLst>` + stray + `</extLst><sheetData>` + stray + `</sheetData>`,
		"sizes":  `<dimension ref="A1"><row r="2"/></dimension><sheetData>` + title + wrong + `</sheetData>`,
	} {
		t.Run(name, func(t *testing.T) {
			from, to := filepath.Join(t.TempDir(), "file.xlsx"), filepath.Join(t.TempDir(), "copy.xlsx")
			pack(t, from, book, []byte(`<worksheet>`+sheet+`</worksheet>`))
			want, err := judge(t, from)
			if err != nil || len(want.valid) != 0 || len(want.errors) != 1 {
				t.Fatalf("%d rows are valid and %d wrong (%v), want one wrong", len(want.valid), len(want.errors), err)
			}
			annotateFile(t, from, to)
			sameRows(t, to, want)
		})
	}
	from := filepath.Join(t.TempDir(), "file.xlsx")
	pack(t, from, book, []byte(`<worksheet><dimension><sheetData>`+title+wrong+`</sheetData></dimension></worksheet>`))
	if _, err := judge(t, from); !errors.Is(err, table.ErrDamaged) {
		t.Errorf("a sheet whose rows are inside of something else: %v, want %v", err, table.ErrDamaged)
	}
}

// TestNothingElseOfAWorkbookChanges compares an annotated workbook with its
// original: every part but the sheet and the styles to the byte, and every cell's
// value, formula and number format.
func TestNothingElseOfAWorkbookChanges(t *testing.T) {
	for _, name := range []string{"numbers.xlsx", "traps.xlsx", "title-rows.xlsx", "hidden-list.xlsx", "libreoffice-traps.xlsx", "libreoffice-numbers.xlsx"} {
		t.Run(name, func(t *testing.T) {
			from, to := filepath.Join(samples, name), filepath.Join(t.TempDir(), "copy.xlsx")
			annotateFile(t, from, to)
			before, after := parts(t, from), parts(t, to)
			if len(before) != len(after) {
				t.Errorf("%d parts became %d", len(before), len(after))
			}
			changed := 0
			for part, content := range before {
				if !bytes.Equal(content, after[part]) {
					changed++
				}
			}
			if changed != 2 {
				t.Errorf("%d parts changed, want the sheet and the styles", changed)
			}
			sameCells(t, from, to)
		})
	}
}

func parts(tb testing.TB, path string) map[string][]byte {
	tb.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = archive.Close() }()
	found := make(map[string][]byte)
	for _, part := range archive.File {
		content, err := part.Open()
		if err != nil {
			tb.Fatal(err)
		}
		if found[part.Name], err = io.ReadAll(content); err != nil {
			tb.Fatal(err)
		}
	}
	return found
}

func sameCells(t *testing.T, from, to string) {
	t.Helper()
	before, after := cells(t, from), cells(t, to)
	for cell, want := range before {
		if got := after[cell]; got != want {
			t.Errorf("cell %s was %q and is %q", cell, want, got)
		}
	}
	if len(before) == 0 || len(after) <= len(before) {
		t.Errorf("%d cells became %d", len(before), len(after))
	}
}

// cells are those of all sheets: raw value, formula, and how it is shown.
func cells(t *testing.T, path string) map[string]string {
	t.Helper()
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	found := make(map[string]string)
	for _, sheet := range book.GetSheetList() {
		rows, err := book.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j := range row {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					t.Fatal(err)
				}
				raw, err := book.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatal(err)
				}
				formula, err := book.GetCellFormula(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				if raw+formula != "" {
					found[sheet+"!"+cell] = fmt.Sprintf("%s|%s|%s", raw, formula, format(t, book, sheet, cell))
				}
			}
		}
	}
	return found
}

// format shows a cell's number.
func format(t *testing.T, book *excelize.File, sheet, cell string) string {
	t.Helper()
	id, err := book.GetCellStyle(sheet, cell)
	if err != nil {
		t.Fatal(err)
	}
	style, err := book.GetStyle(id)
	if err != nil {
		t.Fatal(err)
	}
	if style.CustomNumFmt != nil {
		return *style.CustomNumFmt
	}
	return strconv.Itoa(style.NumFmt)
}

// TestBadCellsAreColoured looks at the fills of the copies of a workbook and a
// text.
func TestBadCellsAreColoured(t *testing.T) {
	for from, cell := range map[string]string{"numbers.xlsx": "B2", "french-excel.csv": "E5"} {
		to := filepath.Join(t.TempDir(), "copy.xlsx")
		annotateFile(t, filepath.Join(samples, from), to)
		book, err := excelize.OpenFile(to)
		if err != nil {
			t.Fatal(err)
		}
		sheet := book.GetSheetName(0)
		for name, want := range map[string]bool{cell: true, "C3": false} {
			id, err := book.GetCellStyle(sheet, name)
			if err != nil {
				t.Fatal(err)
			}
			style, err := book.GetStyle(id)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(style.Fill.Color, ""); (got != "") != want {
				t.Errorf("%s: %s is filled with %q", from, name, got)
			}
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFormulasAreInertAndReadBack writes cells that a spreadsheet would run.
func TestFormulasAreInertAndReadBack(t *testing.T) {
	for text, want := range map[string]string{
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`,
		"@SUM(A1)":               "'@SUM(A1)",
		"-2+3+cmd|' /C calc'!A0": "'-2+3+cmd|' /C calc'!A0",
		"\t=1+1":                 "'\t=1+1",
		"+225 07 01 02 03 04":    "+225 07 01 02 03 04",
		"-5000":                  "-5000",
		`="0701020304"`:          `="0701020304"`,
		"Koné=Awa":               "Koné=Awa",
		"-A1":                    "'-A1",
		"":                       "",
	} {
		if got := sheet.EscapeCopied(text); got != want {
			t.Errorf("EscapeCopied(%q) = %q, want %q", text, got, want)
		}
	}
	from := filepath.Join(t.TempDir(), "formulas.csv")
	text := "transaction_id,customer_id,name,amount,operator\n-A1,+2250701020304,=cmd|' /C calc'!A0,500,ORANGE\n"
	if err := os.WriteFile(from, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want, err := judge(t, from)
	if err != nil || len(want.valid) != 1 {
		t.Fatalf("the row is not valid: %v (%v)", want.errors, err)
	}
	to := filepath.Join(t.TempDir(), "copy.csv")
	annotateFile(t, from, to)
	sameRows(t, to, want)
}

// TestAZeroThatIsTypedAgainStays: in a cell for numbers a spreadsheet would drop the
// first zero of a telephone number once more.
func TestAZeroThatIsTypedAgainStays(t *testing.T) {
	from, to := filepath.Join(t.TempDir(), "from.xlsx"), filepath.Join(t.TempDir(), "to.xlsx")
	book := excelize.NewFile()
	for cell, value := range map[string]any{
		"A1": "transaction_id", "B1": "customer_id", "C1": "name", "D1": "amount", "E1": "operator",
		"A2": "Z-1", "B2": 709112233, "C2": "Awa", "D2": 5000, "E2": "ORANGE",
	} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(book.SaveAs(from), book.Close()); err != nil {
		t.Fatal(err)
	}
	file, err := table.Open(from, table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	copied, err := annotate.Begin(t.Context(), file, out, annotate.Options{
		Format: annotate.XLSX, Folder: t.TempDir(), Path: to, Column: annotate.Column{Title: "errors", At: -1},
	})
	if err != nil {
		t.Fatal(err)
	}
	note := annotate.Note{Text: "nine digits", Marks: map[int]annotate.Mark{1: annotate.ForceText, 3: annotate.Error}}
	if err := errors.Join(copied.Row(2, note), copied.Finish(), copied.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	mended, err := excelize.OpenFile(to)
	if err != nil {
		t.Fatal(err)
	}
	defer mended.Close()
	const text, general = "49", "0"
	if number, amount := format(t, mended, "Sheet1", "B2"), format(t, mended, "Sheet1", "D2"); number != text || amount != general {
		t.Errorf("the number's format is %s and the amount's %s, want %s and %s", number, amount, text, general)
	}
	if value, err := mended.GetCellValue("Sheet1", "B2"); err != nil || value != "709112233" {
		t.Errorf("the number became %q (%v)", value, err)
	}
}
