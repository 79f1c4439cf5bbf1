package table

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/internal/programtest"
)

// TestLibreOfficeSavesBothKindsAlike has LibreOffice save workbooks in both of its forms,
// and holds the two against each other: rows, cells with their doubts, and where
// everything else is. What one reader would see and the other not is money.
func TestLibreOfficeSavesBothKindsAlike(t *testing.T) {
	office := programtest.NewOffice(t)
	folder := t.TempDir()
	var books []string
	for _, name := range []string{"numbers.xlsx", "title-rows.xlsx", "libreoffice-numbers.xlsx", "libreoffice-text-columns.xlsx", "hidden-list.xlsx"} {
		content, err := os.ReadFile(filepath.Join(samples, name))
		if err != nil {
			t.Fatal(err)
		}
		books = append(books, filepath.Join(folder, name))
		if err := os.WriteFile(books[len(books)-1], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	formats, rows := formattedBook(t)
	books = append(books, formats)
	for _, kind := range []string{"xlsx", "ods"} {
		office.Convert(t, kind, filepath.Join(folder, kind), books...)
	}
	// What is shown of an amount that is refused stands in the one kind and is made up from
	// its format in the other: the signs between groups differ, and which code it is.
	shown := regexp.MustCompile(`="[^"]*"\(cell\.(scaled|format)\)`)
	for _, book := range books {
		name := strings.TrimSuffix(filepath.Base(book), ".xlsx")
		var read [2]string
		for i, kind := range []string{"xlsx", "ods"} {
			path := filepath.Join(folder, kind, name+"."+kind)
			all := dump(t, path, Options{}) + held(t, path, Options{})
			read[i] = shown.ReplaceAllString(strings.Replace(all, "format "+kind, "format", 1), "=(refused)")
		}
		if diff := cmp.Diff(read[0], read[1]); diff != "" {
			t.Errorf("%s reads otherwise (-xlsx +ods):\n%s", name, diff)
		}
		if book == formats && strings.Count(read[0], "\n") < rows {
			t.Errorf("the workbook of formats has lost rows:\n%s", read[0])
		}
	}
}

// formattedBook makes a workbook of cells that show something else than they hold, or do
// not, a row for each, with rows and columns that are hidden and a second sheet.
func formattedBook(t *testing.T) (path string, count int) {
	t.Helper()
	codes := []string{
		"General", "#,##0", "0.00", `0"000"`, `#,##0" FCFA"`, `#,##0\ "€"`, "[$€-40C] #,##0", "0000000000", ";;;", `"net "0`,
		"[Red]#,##0", `[>1000]#,##0" M";0`, "@",
	}
	var formats, styles, rows strings.Builder
	for i, code := range codes {
		fmt.Fprintf(&formats, `<numFmt numFmtId="%d" formatCode="%s"/>`, 200+i, strings.ReplaceAll(code, `"`, "&quot;"))
		fmt.Fprintf(&styles, `<xf numFmtId="%d" fontId="0" fillId="0" borderId="0" applyNumberFormat="1"/>`, 200+i)
		attributes := ""
		if i == 2 {
			attributes = ` hidden="1"`
		}
		row := cellsOf(i+2, attributes, fmt.Sprintf("A-%d", i), "0701020304", "Awa  Koné", "", "ORANGE")
		rows.WriteString(strings.Replace(row, fmt.Sprintf(`<c r="E%d"`, i+2), fmt.Sprintf(`<c r="D%d" s="%d"><v>5000</v></c><c r="E%d"`, i+2, i+1, i+2), 1))
	}
	sheet := strings.Replace(sheetOf(rows.String()), "<sheetData>", `<cols><col min="6" max="6" width="9" hidden="1"/></cols><sheetData>`, 1)
	sheet = strings.Replace(sheet, "</worksheet>", `<conditionalFormatting sqref="D2:D9"><cfRule type="expression" dxfId="0" priority="1">`+
		`<formula>TRUE</formula></cfRule></conditionalFormatting></worksheet>`, 1)
	all := withSheets(sheet, "", strings.Replace(secondSheet, "<worksheet>", `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">`, 1), "")
	const relationships = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	all["xl/workbook.xml"] = strings.Replace(all["xl/workbook.xml"], "<workbook>",
		`<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="`+office+`">`, 1)
	all["xl/workbook.xml"] = strings.NewReplacer(`name="Siège"`, `name="Siège" sheetId="1"`, `name="Agences"`, `name="Agences" sheetId="2"`).Replace(all["xl/workbook.xml"])
	all["xl/_rels/workbook.xml.rels"] = strings.NewReplacer(
		"<Relationships>", "<Relationships "+relationships+">", `Type="x/`, `Type="`+office+"/",
		"</Relationships>", `<Relationship Id="s" Type="`+office+`/styles" Target="styles.xml"/></Relationships>`,
	).Replace(all["xl/_rels/workbook.xml.rels"])
	all["xl/styles.xml"] = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="` + strconv.Itoa(len(codes)) + `">` + formats.String() +
		`</numFmts><fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>` +
		`<cellXfs><xf/>` + styles.String() + `</cellXfs><dxfs count="1"><dxf><numFmt numFmtId="300" formatCode="0&quot;000&quot;"/></dxf></dxfs></styleSheet>`
	all["[Content_Types].xml"] = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/worksheets/other.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`
	return parts(t, all), len(codes)
}
