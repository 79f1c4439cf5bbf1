package table

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
)

func TestASheetCanBeNamed(t *testing.T) {
	for sheet, want := range map[string]string{"Siège": "L-Siège", "SIÈGE": "L-Siège", "Agences": "L-Agences"} {
		// In hidden-list.xlsx "Siège" is hidden: read when asked for.
		for _, name := range []string{"two-lists.xlsx", "hidden-list.xlsx"} {
			rows := collect(t, opened(t, filepath.Join(samples, name), Options{Sheet: sheet}))
			if len(rows) != 1 || rows[0].TransactionID.Text != want {
				t.Errorf("%s, sheet %s: rows %+v, want the one of %s", name, sheet, rows, want)
			}
		}
	}
	var got *SheetError
	_, err := Open(filepath.Join(samples, "two-lists.xlsx"), Options{Sheet: "Paie"})
	if !errors.As(err, &got) || len(got.Sheets) != 3 {
		t.Errorf("error = %v, want a SheetError with the three there are", err)
	}
	var header *HeaderError
	if _, err := Open(filepath.Join(samples, "two-lists.xlsx"), Options{Sheet: "Sheet1"}); !errors.Is(err, ErrEmpty) && !errors.As(err, &header) {
		t.Errorf("error = %v, want one about that sheet", err)
	}
}

// parts builds a zip; a workbook's parts are those of a sample, replaced by the
// given ones.
func parts(t *testing.T, replaced map[string]string) string {
	t.Helper()
	sample, err := zip.OpenReader(filepath.Join(samples, "title-rows.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer sample.Close()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range sample.File {
		if _, ok := replaced[part.Name]; !ok {
			if err := out.Copy(part); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, content := range replaced {
		w, err := out.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "book.xlsx", b.String())
}

const (
	sheetPartName   = "xl/worksheets/sheet1.xml"
	stringsPartName = "xl/sharedStrings.xml"
)

// sheetOf is a sheet's XML around rows of inline text.
func sheetOf(rows string) string {
	const cell, end = `<c t="inlineStr"><is><t>`, `</t></is></c>`
	header := cell + strings.ReplaceAll(strings.TrimSpace(plainHeader), ",", end+cell) + end
	return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">` +
		header + `</row>` + rows + `</sheetData></worksheet>`
}

func TestDamagedWorkbooksAreRefused(t *testing.T) {
	good := `<row r="2"><c t="inlineStr"><is><t>A</t></is></c></row>`
	for name, test := range map[string]struct {
		replaced map[string]string
		want     error
	}{
		"no sheets":             {map[string]string{"xl/workbook.xml": "<workbook/>"}, ErrDamaged},
		"no XML":                {map[string]string{"xl/workbook.xml": "\x00\x01"}, ErrDamaged},
		"broken styles":         {map[string]string{"xl/styles.xml": "<styleSheet><cellXfs>"}, ErrDamaged},
		"sheet cut off":         {map[string]string{sheetPartName: strings.TrimSuffix(sheetOf(good), "</sheetData></worksheet>")}, ErrDamaged},
		"sheet cut off in text": {map[string]string{sheetPartName: sheetOf(`<row r="2"><c t="inlineStr"><is><t>A`)}, ErrDamaged},
		"a row that ends twice": {map[string]string{sheetPartName: sheetOf(good + `</row><row r="3"><c r="A3"><v>1</v></c></row>`)}, ErrDamaged},
		"a cell ends a row":     {map[string]string{sheetPartName: sheetOf(`<row r="2"><c r="A2"><v>1</v></c></c></row>`)}, ErrDamaged},
		"elements without end":  {map[string]string{sheetPartName: sheetOf(strings.Repeat("<x>", 300) + strings.Repeat("</x>", 300) + good)}, ErrDamaged},
		"rows out of order":     {map[string]string{sheetPartName: sheetOf(good + good)}, ErrDamaged},
		"columns out of order":  {map[string]string{sheetPartName: sheetOf(`<row r="2"><c r="B2"><v>1</v></c><c r="A2"><v>1</v></c></row>`)}, ErrDamaged},
		"a cell with no name":   {map[string]string{sheetPartName: sheetOf(`<row r="2"><c r="2B"><v>1</v></c></row>`)}, ErrDamaged},
		"a row too far down":    {map[string]string{sheetPartName: sheetOf(`<row r="1048577"><c><v>1</v></c></row>`)}, ErrTooLarge},
		"strings cut off":       {map[string]string{stringsPartName: `<sst><si><t>A</t></si>`}, ErrDamaged},
		"one huge string":       {map[string]string{stringsPartName: `<sst><si><t>` + strings.Repeat("A", 2*elementMax)}, ErrTooLarge},
		"one huge row":          {map[string]string{sheetPartName: sheetOf(`<row r="2">` + strings.Repeat(`<c><v>1</v></c>`, elementMax/10))}, ErrTooLarge},
		"a document":            {map[string]string{"_rels/.rels": `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="word/document.xml"/></Relationships>`, "word/document.xml": `<w:document/>`}, ErrNotTable},
		"a binary workbook":     {map[string]string{"_rels/.rels": `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.bin"/></Relationships>`}, ErrNotTable},
		"an OpenDocument text":  {map[string]string{"mimetype": "application/vnd.oasis.opendocument.text"}, ErrNotTable},
		"an empty OpenDocument": {map[string]string{"mimetype": odsMimetype, odsContent: "<office:document-content/>"}, ErrDamaged},
		"no content":            {map[string]string{"mimetype": odsMimetype}, ErrDamaged},
		"a locked OpenDocument": {map[string]string{"mimetype": odsMimetype, "META-INF/manifest.xml": "<manifest:encryption-data/>"}, ErrEncrypted},
	} {
		t.Run(name, func(t *testing.T) {
			file, err := Open(parts(t, test.replaced), Options{})
			if err == nil {
				_, err = pass(t.Context(), file)
				if err := file.Close(); err != nil {
					t.Error(err)
				}
			}
			if !errors.Is(err, test.want) {
				t.Errorf("error = %v, want %v", err, test.want)
			}
		})
	}
}

// TestAZipBombIsRefusedUnread claims a size that nothing of which is unpacked.
func TestAZipBombIsRefusedUnread(t *testing.T) {
	for name, part := range map[string]string{
		"a sheet": sheetPartName, "the strings": stringsPartName, "a picture": "xl/media/image1.png",
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			out := zip.NewWriter(&b)
			w, err := out.CreateRaw(&zip.FileHeader{
				Name: part, Method: zip.Deflate, CompressedSize64: 3, UncompressedSize64: 10 << 30,
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write([]byte("xxx")); err != nil {
				t.Fatal(err)
			}
			if err := out.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(written(t, "bomb.xlsx", b.String()), Options{}); !errors.Is(err, ErrTooLarge) {
				t.Errorf("error = %v, want ErrTooLarge", err)
			}
		})
	}
}

func TestAZipOfManyFilesIsRefused(t *testing.T) {
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for i := range partsMax + 1 {
		if _, err := out.Create(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(written(t, "many.xlsx", b.String()), Options{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want ErrTooLarge", err)
	}
}

// TestTruncatedWorkbooksAreRefused cuts a workbook at many places.
func TestTruncatedWorkbooksAreRefused(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(samples, "libreoffice-traps.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	for cut := 100; cut < len(content); cut += len(content) / 20 {
		if _, err := Open(written(t, "cut.xlsx", string(content[:cut])), Options{}); !errors.Is(err, ErrDamaged) {
			t.Errorf("cut to %d bytes: error = %v, want ErrDamaged", cut, err)
		}
	}
}

func TestCellsWithoutReferencesFollowEachOther(t *testing.T) {
	rows := collect(t, opened(t, parts(t, map[string]string{sheetPartName: sheetOf(
		`<row><c t="str"><v>A_x000D_</v></c><c><v>7E8</v></c><c t="inlineStr"><is><r><t>Koffi</t></r><r><t xml:space="preserve"> Aya</t></r><rPh><t>x</t></rPh></is></c>` +
			`<c><f>1+1</f><v>5000</v></c><c t="str"><f>A1</f><v></v></c></row>`)}), Options{}))
	want := Row{
		Number: 2, TransactionID: Cell{Text: "A"}, Beneficiary: Cell{Text: "700000000", Numeric: true},
		Name: Cell{Text: "Koffi Aya"}, Amount: Cell{Text: "5000", Numeric: true},
	}
	if len(rows) != 1 || rows[0] != want {
		t.Errorf("rows = %+v, want %+v", rows, want)
	}
}

func TestMergedCellsAreFollowedDownwards(t *testing.T) {
	m := merges{all: []merge{{top: 2, bottom: 4, left: 1, right: 1}, {top: 3, bottom: 3, left: 2, right: 3}, {top: 9, bottom: 9, left: 0, right: 1}}}
	for _, test := range []struct {
		row, column int
		unclear     bool
	}{
		{1, 1, false}, {2, 1, true}, {2, 2, false}, {3, 1, true}, {3, 2, false}, {3, 3, true}, {4, 1, true}, {4, 3, false}, {10, 1, false},
	} {
		got := false
		for _, one := range m.at(test.row) {
			got = got || one.unclear(test.column)
		}
		if got != test.unclear {
			t.Errorf("row %d, column %d unclear = %t, want %t", test.row, test.column, got, test.unclear)
		}
	}
}

// TestTheListOfMergesIsFoundBehindManyRows puts the end of the rows at every
// place around the edge of the window in which it is sought.
func TestTheListOfMergesIsFoundBehindManyRows(t *testing.T) {
	for shift := range 40 {
		var b bytes.Buffer
		out := zip.NewWriter(&b)
		w, err := out.Create("sheet.xml")
		if err != nil {
			t.Fatal(err)
		}
		pad := strings.Repeat("x", sampleSize-30+shift)
		fmt.Fprintf(w, `<x:worksheet><x:sheetData>%s</x:sheetData><x:mergeCells><x:mergeCell ref="B2:B3"/></x:mergeCells></x:worksheet>`, pad)
		if err := out.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := readTail(sheetPart{part: r.File[0]}, &styles{})
		if err != nil || len(got) != 1 || got[0] != (merge{top: 2, bottom: 3, left: 1, right: 1}) {
			t.Errorf("shift %d: merges = %v (%v), want the one of B2:B3", shift, got, err)
		}
	}
}

// TestCellsAreReadByTheirKind gives each cell as a workbook stores it, style 1
// being a percentage, 2 a date, both by number only.
func TestCellsAreReadByTheirKind(t *testing.T) {
	const styles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<cellXfs><xf numFmtId="0"/><xf numFmtId="9"/><xf numFmtId="14"/></cellXfs></styleSheet>`
	for stored, want := range map[string]Cell{
		`<c r="D2"><v>5000</v></c>`:                                               {Text: "5000", Numeric: true},
		`<c r="D2" t="n" s="7"><v>5000</v></c>`:                                   {Text: "5000", Numeric: true},
		`<c r="D2" s="1"><v>5000</v></c>`:                                         {Text: "5000", Problem: problemScaled},
		`<c r="D2" s="2"><v>46350</v></c>`:                                        {Text: "2026-11-24", Problem: problemDate},
		`<c r="D2" s="2"><v>99999999</v></c>`:                                     {Text: "99999999", Problem: problemDate},
		`<c r="D2" t="d"><v>2026-11-24</v></c>`:                                   {Text: "2026-11-24", Problem: problemDate},
		`<c r="D2" t="e"><v>#REF!</v></c>`:                                        {Text: "#REF!", Problem: problemError},
		`<c r="D2" t="e"><f>1/0</f><v>#DIV/0!</v></c>`:                            {Text: "#DIV/0!", Problem: problemError},
		`<c r="D2" t="str"><f>A1</f><v>#N/A</v></c>`:                              {Text: "#N/A", Problem: problemError},
		`<c r="D2" t="str"><f>A1</f><v>5 000</v></c>`:                             {Text: "5 000"},
		`<c r="D2"><f>A1</f><v/></c>`:                                             {Problem: problemUncached},
		`<c r="D2" t="str"><f>A1</f></c>`:                                         {Problem: problemUncached},
		`<c r="D2" t="b"><v>1</v></c>`:                                            {Text: "TRUE", Problem: problemBoolean},
		`<c r="D2" t="b"><v>0</v></c>`:                                            {Text: "FALSE", Problem: problemBoolean},
		`<c r="D2" t="s"><v>1</v></c>`:                                            {Text: "b"},
		`<c r="D2" t="s"><v>2</v></c>`:                                            {Text: "#REF!", Problem: problemError},
		`<c r="D2" t="s"><v>-1</v></c>`:                                           {Text: "#REF!", Problem: problemError},
		`<c r="D2" t="s"><v>x</v></c>`:                                            {Text: "#REF!", Problem: problemError},
		`<c r="D2"><v>five</v></c>`:                                               {Text: "five"},
		`<c r="D2"/>`:                                                             {},
		`<c r="D2"><extLst><ext/></extLst></c>`:                                   {},
		`<c r="D2" t="inlineStr"><is><t>="5000"</t></is></c>`:                     {Text: "5000"},
		`<c r="D2" t="inlineStr"><is><t>=5000</t></is></c>`:                       {Text: "=5000"},
		`<c r="D2" t="inlineStr"><is><t>` + "\u200b 5000\u00a0" + `</t></is></c>`: {Text: "5000"},
	} {
		rows := collect(t, opened(t, parts(t, map[string]string{
			"xl/styles.xml": styles,
			stringsPartName: `<sst><si><t>a</t></si><si><t>b</t></si></sst>`,
			sheetPartName:   sheetOf(`<row r="2"><c r="A2"><v>1</v></c>` + stored + `</row>`),
		}), Options{}))
		if got := rows[0].Amount; got != want {
			t.Errorf("%s = %+v, want %+v", stored, got, want)
		}
	}
}
