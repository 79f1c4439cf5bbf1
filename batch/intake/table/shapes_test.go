package table

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
)

// TestQuotesAreReadAsSpreadsheetsDo reads one row in many shapes, all of which are
// the same to a spreadsheet.
func TestQuotesAreReadAsSpreadsheetsDo(t *testing.T) {
	const title = `transaction_id,customer_id,name,amount,operator`
	quoted := func(line string) string { return `"` + strings.ReplaceAll(line, `"`, `""`) + `"` }
	for name, content := range map[string]string{
		"no quotes needed":            title + "\n" + `A-1,0701020304,"Awa, Koné",5000,ORANGE`,
		"a blank before the quotes":   `"transaction_id", "customer_id", "name", "amount", "operator"` + "\n" + `"A-1", "0701020304", "Awa, Koné", "5000", "ORANGE"`,
		"blanks around them":          title + "\n" + `A-1 ,0701020304 ,  "Awa, Koné"  ,"5000" , "ORANGE" `,
		"a no-break space before":     title + "\n" + "A-1,0701020304,\u00a0\"Awa, Koné\",5000,ORANGE",
		"formulas that are texts":     title + "\n" + `="A-1",="0701020304","Awa, Koné",5000,="ORANGE"`,
		"with a blank before":         title + "\n" + `A-1, ="0701020304" ,"Awa, Koné",5000,ORANGE`,
		"lines quoted whole":          quoted(title) + "\r\n" + quoted(`A-1,0701020304,"Awa, Koné",5000,ORANGE`) + "\r\n",
		"with what follows them":      quoted(title) + ";;\n" + quoted(`A-1,0701020304,"Awa, Koné",5000,ORANGE`) + ";;\n",
		"rows quoted whole, no title": title + "\n" + quoted(`A-1,0701020304,"Awa, Koné",5000,ORANGE`),
	} {
		rows := collect(t, opened(t, written(t, "f.csv", content), Options{}))
		want := Row{
			Number: 2, TransactionID: Cell{Text: "A-1"}, Beneficiary: Cell{Text: "0701020304"},
			Name: Cell{Text: "Awa, Koné"}, Amount: Cell{Text: "5000"}, Operator: Cell{Text: "ORANGE"},
		}
		if len(rows) != 1 || rows[0] != want {
			t.Errorf("%s: %+v, want %+v", name, rows, want)
		}
	}
}

// TestQuotesThatNobodyReadsAreStillRefused keeps the doubt where there is one.
func TestQuotesThatNobodyReadsAreStillRefused(t *testing.T) {
	for _, row := range []string{
		`A-1,0701020304,"Awa" Koné,5000,ORANGE`,
		`A-1,0701020304,Awa "Koné",5000,ORANGE`,
		`A-1,="0701,020304",Awa,5000,ORANGE`,
		`A-1,="0701020304"x,Awa,5000,ORANGE`,
	} {
		rows := collect(t, opened(t, written(t, "f.csv", plainHeader+row+"\n"), Options{}))
		if len(rows) != 1 || rows[0].Problem != problemQuotes {
			t.Errorf("%s: %+v, want the problem %s", row, rows, problemQuotes)
		}
	}
}

// TestLinesInQuotesKeepTheirBreaks reads a quoted field over two lines beside quotes
// that are mended.
func TestLinesInQuotesKeepTheirBreaks(t *testing.T) {
	rows := collect(t, opened(t, written(t, "f.csv", plainHeader+"A-1, \"0701020304\",\"Awa\n  Koné\" ,5000,ORANGE\n"+"A-2,0701020305,Yao,5000,ORANGE\n"), Options{}))
	if len(rows) != 2 || rows[0].Name.Text != "Awa\n  Koné" || rows[1].Number != 3 {
		t.Errorf("%+v, want two rows, the first with a name of two lines", rows)
	}
}

// TestTheNoteOfAnOpenWorkbookIsToldForWhatItIs makes Excel's file of 165 bytes.
func TestTheNoteOfAnOpenWorkbookIsToldForWhatItIs(t *testing.T) {
	const name = "Fatou"
	note := []byte{byte(len(name))}
	note = append(note, name...)
	note = append(note, bytes.Repeat([]byte{' '}, 54-len(name))...)
	note = append(note, byte(len(name)), 0)
	for _, letter := range name {
		note = append(note, byte(letter), 0) //nolint:gosec // the names are ASCII
	}
	note = append(note, bytes.Repeat([]byte{' ', 0}, (165-len(note))/2)...)
	if _, err := Open(written(t, "~$november.xlsx", string(note)), Options{}); !errors.Is(err, ErrLock) || Code(err) != "file.lock" {
		t.Errorf("%d bytes: error = %v, want ErrLock", len(note), err)
	}
}

func TestASheetInOneColumnIsToldForWhatItIs(t *testing.T) {
	for _, titles := range []string{semicolons, "RÃ©fÃ©rence;NumÃ©ro;Nom et prÃ©noms;Montant;OpÃ©rateur"} {
		sheet := `<worksheet><sheetData>` + cellsOf(1, "", titles) + cellsOf(2, "", "A-1;0701020304;Awa;5000;ORANGE") + `</sheetData></worksheet>`
		if _, err := Open(parts(t, map[string]string{sheetPartName: sheet}), Options{}); !errors.Is(err, ErrOneColumn) {
			t.Errorf("%s: error = %v, want ErrOneColumn", titles, err)
		}
	}
}

// ods makes an OpenDocument file of what stands in its spreadsheet.
func ods(t *testing.T, styles, spreadsheet string) string {
	t.Helper()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range [][2]string{
		{"mimetype", odsMimetype},
		{odsContent, `<office:document-content><office:automatic-styles>` + styles + `</office:automatic-styles><office:body><office:spreadsheet>` + spreadsheet +
			`</office:spreadsheet></office:body></office:document-content>`},
	} {
		w, err := out.Create(part[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, part[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "f.ods", b.String())
}

// odsRow is a row of texts, its amount as given.
func odsRow(attributes, id, amount string) string {
	text := func(text string) string {
		return `<table:table-cell office:value-type="string"><text:p>` + text + `</text:p></table:table-cell>`
	}
	return `<table:table-row` + attributes + `>` + text(id) + text("0701020304") + text("Awa <text:span>Koné</text:span>") + amount + text("ORANGE") + `</table:table-row>`
}

func odsTitles() string {
	var b strings.Builder
	for title := range strings.SplitSeq(semicolons, ";") {
		b.WriteString(`<table:table-cell office:value-type="string"><text:p>` + title + `</text:p></table:table-cell>`)
	}
	return `<table:table-header-rows><table:table-row>` + b.String() + `</table:table-row></table:table-header-rows>`
}

// TestAnOpenDocumentCellIsWhatIsSeen holds stored values against what is shown.
func TestAnOpenDocumentCellIsWhatIsSeen(t *testing.T) {
	number := func(kind, value, shown string) string {
		return `<table:table-cell office:value-type="` + kind + `" office:value="` + value + `" calcext:value-type="` + kind + `">` + shown + `</table:table-cell>`
	}
	for cell, want := range map[string]Cell{
		number("float", "5000", "<text:p>5000</text:p>"):                                                                    {Text: "5000", Numeric: true},
		number("float", "5000", "<text:p>5 000</text:p>"):                                                                   {Text: "5000", Numeric: true},
		number("float", "5E3", "<text:p>5000,00 F CFA</text:p>"):                                                            {Text: "5000", Numeric: true},
		number("float", "5000", ""):                                                                                         {Text: "5000", Numeric: true},
		number("currency", "5000", "<text:p>5<text:s/>000 FCFA</text:p>"):                                                   {Text: "5000", Numeric: true},
		number("float", "5", "<text:p>5 000</text:p>"):                                                                      {Text: "5 000", Problem: problemFormat},
		number("float", "500", "<text:p>500 €</text:p>"):                                                                    {Text: "500 €", Problem: problemFormat},
		number("float", "5000", "<text:p>5</text:p>"):                                                                       {Text: "5", Problem: problemFormat},
		number("float", "5000", "<text:p/>"):                                                                                {Text: "5000", Problem: problemInvisible},
		number("percentage", "50", "<text:p>5000%</text:p>"):                                                                {Text: "50", Problem: problemScaled},
		`<table:table-cell office:value-type="currency" office:currency="EUR" office:value="500"/>`:                         {Text: "500 EUR", Problem: problemFormat},
		`<table:table-cell office:value-type="date" office:date-value="2026-11-24"/>`:                                       {Text: "2026-11-24", Problem: problemDate},
		`<table:table-cell office:value-type="boolean" office:boolean-value="true"/>`:                                       {Text: "TRUE", Problem: problemBoolean},
		`<table:table-cell table:formula="of:=1"/>`:                                                                         {Problem: problemUncached},
		`<table:table-cell office:value-type="string" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>`: {Text: "#REF!", Problem: problemError},
		`<table:table-cell office:value-type="string"><office:annotation><text:p>x</text:p></office:annotation><text:p>5 000</text:p></table:table-cell>`: {Text: "5 000"},
	} {
		path := ods(t, "", `<table:table table:name="S">`+odsTitles()+odsRow("", "A-1", cell)+`</table:table>`)
		rows := collect(t, opened(t, path, Options{}))
		if len(rows) != 1 || rows[0].Amount != want || rows[0].Name.Text != "Awa Koné" {
			t.Errorf("%s: %+v, want the amount %+v", cell, rows, want)
		}
	}
}

// TestEveryRowOfAnOpenDocumentIsAccountedFor reads what is hidden, repeated and beside.
func TestEveryRowOfAnOpenDocumentIsAccountedFor(t *testing.T) {
	const amount = `<table:table-cell office:value-type="float" office:value="5000"><text:p>5000</text:p></table:table-cell>`
	path := ods(t, `<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>`,
		`<table:table table:name="S"><table:table-column table:number-columns-repeated="3"/><table:table-column table:visibility="collapse"/>`+odsTitles()+
			odsRow("", "A-1", amount)+`<table:table-row table:number-rows-repeated="3"><table:table-cell table:number-columns-repeated="5"/></table:table-row>`+
			odsRow(` table:visibility="filter"`, "A-2", amount)+odsRow(` table:number-rows-repeated="2"`, "A-3", amount)+
			`<table:table-row table:number-rows-repeated="1048568"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>`+
			`<table:table table:name="T" table:style-name="h"><table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>`)
	want := "2 A-1\n6 A-2 (row.hidden)\n7 A-3\n8 A-3\n6 rows: 1 titles, 4 read, 0 prefilled, 0 skipped, 1 unread T 1-1 hidden\ncolumn.hidden D S 1-1"
	if got := held(t, path, Options{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestCellsWithoutEndAreRefused repeats a cell as often as a sheet has places.
func TestCellsWithoutEndAreRefused(t *testing.T) {
	path := ods(t, "", `<table:table table:name="S">`+odsTitles()+`<table:table-row table:number-rows-repeated="1048575">`+
		`<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell></table:table-row></table:table>`)
	file, err := Open(path, Options{})
	if err == nil {
		_, err = pass(t.Context(), file)
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}
	if !errors.Is(err, ErrTooLarge) {
		t.Errorf("error = %v, want ErrTooLarge", err)
	}
}

// TestLibreOfficesFilesReadAlike holds an .ods of LibreOffice's against the .xlsx that
// it was made of.
func TestLibreOfficesFilesReadAlike(t *testing.T) {
	want := dump(t, filepath.Join(samples, "title-rows.xlsx"), Options{})
	got := dump(t, filepath.Join(samples, "libreoffice.ods"), Options{})
	if strings.Replace(got, "format ods", "format xlsx", 1) != want {
		t.Errorf("the .ods reads as\n%s\nthe .xlsx as\n%s", got, want)
	}
}
