package table

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

// conditioned returns a workbook whose cells get the formats on conditions.
func conditioned(t *testing.T, differential, behind string) string {
	t.Helper()
	sheet := strings.Replace(sheetOf(cellsOf(2, "", "A-1", "0701020304", "Awa", "5000", "ORANGE")), "</worksheet>", behind+"</worksheet>", 1)
	all := withSheets(sheet, "", `<worksheet><sheetData/></worksheet>`, "")
	all["xl/_rels/workbook.xml.rels"] = strings.Replace(all["xl/_rels/workbook.xml.rels"], "</Relationships>",
		`<Relationship Id="s" Type="x/styles" Target="styles.xml"/></Relationships>`, 1)
	all["xl/styles.xml"] = `<styleSheet><cellXfs><xf/></cellXfs><dxfs>` + differential + `</dxfs></styleSheet>`
	return parts(t, all)
}

// remarks returns the codes and places of what a file holds beside its rows.
func remarks(t *testing.T, path string) string {
	t.Helper()
	file := opened(t, path, Options{})
	collect(t, file)
	inventory, err := file.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, r := range inventory.Remarks {
		told = append(told, fmt.Sprintf("%s %s %d-%d", r.Code, r.Column, r.First, r.Last))
	}
	return strings.Join(told, ", ")
}

// TestAFormatOnAConditionIsToldOf reads workbooks that show other figures than they hold
// when a condition is met.
func TestAFormatOnAConditionIsToldOf(t *testing.T) {
	format := func(code string) string { return `<dxf><numFmt numFmtId="200" formatCode="` + code + `"/></dxf>` }
	rule := func(cells, style string) string {
		return `<conditionalFormatting sqref="` + cells + `"><cfRule type="cellIs" dxfId="` + style + `"><formula>1</formula></cfRule></conditionalFormatting>`
	}
	newer := func(code, cells string) string {
		return `<extLst><ext><x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type="expression"><xm:f>TRUE</xm:f><x14:dxf>` +
			`<x14:numFmt numFmtId="200" formatCode="` + code + `"/></x14:dxf></x14:cfRule><xm:sqref>` + cells + `</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>`
	}
	for why, test := range map[string]struct{ differential, behind, want string }{
		"thousands written by it":         {format(`0&quot;000&quot;`), rule("D2:D100", "0"), "column.format D 2-100"},
		"a currency":                      {format(`[$€-40C] #,##0`), rule("D2", "0"), "column.format D 2-2"},
		"nothing at all":                  {format(`;;;`), rule("A1:F50", "0"), "column.format A 2-50, column.format B 2-50, column.format C 2-50, column.format D 2-50, column.format E 2-50"},
		"the second block":                {format(`0.0%`), rule("H2:H9 D2:D9", "0"), "column.format D 2-9"},
		"the second style":                {`<dxf><font/></dxf>` + format(`#,##0,`), rule("D2:D9", "1"), "column.format D 2-9"},
		"the form of 2010":                {"", newer(`0&quot;000&quot;`, "D2:D9"), "column.format D 2-9"},
		"a colour":                        {`<dxf><font><color rgb="FFFF0000"/></font></dxf>`, rule("D2:D100", "0"), ""},
		"groups":                          {format(`#,##0`), rule("D2:D100", "0"), ""},
		"francs":                          {format(`#,##0&quot; FCFA&quot;`), rule("D2:D100", "0"), ""},
		"a column that is not read":       {format(`0&quot;000&quot;`), rule("G1:H100", "0"), ""},
		"above the rows":                  {format(`0&quot;000&quot;`), rule("D1", "0"), ""},
		"a style that is not there":       {"", rule("D2:D100", "7"), ""},
		"francs beside a telephone's":     {format(`0&quot; FCFA&quot;`), rule("B2:D9", "0"), "column.format B 2-9, column.format C 2-9"},
		"the form of 2010, only a colour": {"", strings.ReplaceAll(newer(`x`, "D2:D9"), `<x14:numFmt numFmtId="200" formatCode="x"/>`, `<x14:font/>`), ""},
	} {
		if got := remarks(t, conditioned(t, test.differential, test.behind)); got != test.want {
			t.Errorf("%s: %q, want %q", why, got, test.want)
		}
	}
}

// TestAFormatOnAConditionOfAnOpenDocumentIsToldOf reads what LibreOffice writes: the text
// of a cell is without what the condition makes of it.
func TestAFormatOnAConditionOfAnOpenDocumentIsToldOf(t *testing.T) {
	number := func(inside string) string {
		return `<number:number-style style:name="N1">` + inside + `</number:number-style>`
	}
	named := `<style:style style:name="Cond_5f_1" style:display-name="Cond_1" style:parent-style-name="Base"/><style:style style:name="Base" style:data-style-name="N1"/>`
	for why, test := range map[string]struct{ styles, target, want string }{
		"thousands written by it":      {number(`<number:number number:min-integer-digits="1"/><number:text>000</number:text>`) + named, "S.D2:S.D9", "column.format D 2-9"},
		"a sheet's name with blanks":   {number(`<number:number/><number:text>000</number:text>`) + named, `'L''été 1'.$D$2:'L''été 1'.$D$9`, "column.format D 2-9"},
		"divided by a thousand":        {number(`<number:number number:display-factor="1000"/>`) + named, "S.D2", "column.format D 2-2"},
		"zeros in front":               {number(`<number:number number:min-integer-digits="10"/>`) + named, "S.D2", "column.format D 2-2"},
		"euros":                        {`<number:currency-style style:name="N1"><number:number/><number:text> </number:text><number:currency-symbol>€</number:currency-symbol></number:currency-style>` + named, "S.D2", "column.format D 2-2"},
		"a date":                       {`<number:date-style style:name="N1"><number:day/></number:date-style>` + named, "S.D2", "column.format D 2-2"},
		"groups":                       {number(`<number:number number:grouping="true" number:min-integer-digits="1"/>`) + named, "S.D2:S.D9", ""},
		"francs":                       {`<number:currency-style style:name="N1"><number:number/><number:text> </number:text><number:currency-symbol>FCFA</number:currency-symbol></number:currency-style>` + named, "S.D2", ""},
		"a colour":                     {strings.Replace(named, ` style:data-style-name="N1"`, "", 1), "S.D2:S.D9", ""},
		"a column that is not read":    {number(`<number:number/><number:text>000</number:text>`) + named, "S.G2:S.G9", ""},
		"a style that follows itself":  {`<style:style style:name="Cond_1" style:parent-style-name="Cond_1"/>`, "S.D2", ""},
		"a style that is not declared": {"", "S.D2", ""},
	} {
		table := `<table:table table:name="S">` + odsTitles() + odsRow("", "A-1", `<table:table-cell office:value-type="float" office:value="5"><text:p>5</text:p></table:table-cell>`) +
			`<calcext:conditional-formats><calcext:conditional-format calcext:target-range-address="` + test.target + `">` +
			`<calcext:condition calcext:apply-style-name="Cond_1" calcext:value="&gt;1"/></calcext:conditional-format></calcext:conditional-formats></table:table>`
		path := withStyles(t, ods(t, "", table), `<office:document-styles>`+test.styles+`</office:document-styles>`)
		if got := remarks(t, path); got != test.want {
			t.Errorf("%s: %q, want %q", why, got, test.want)
		}
	}
}

// withStyles copies an OpenDocument file and adds its named styles.
func withStyles(t *testing.T, path, styles string) string {
	t.Helper()
	in, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, part := range in.File {
		if err := out.Copy(part); err != nil {
			t.Fatal(err)
		}
	}
	w, err := out.Create(odsStyles)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, styles); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	return written(t, "styled.ods", b.String())
}
