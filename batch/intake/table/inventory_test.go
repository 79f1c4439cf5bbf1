package table

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// held writes what a file holds: its rows with their problems and marks, and where
// everything else is.
func held(t *testing.T, path string, opts Options) string {
	t.Helper()
	file := opened(t, path, opts)
	var b strings.Builder
	for _, row := range collect(t, file) {
		fmt.Fprintf(&b, "%d %s", row.Number, row.TransactionID.Text)
		if row.Problem != "" {
			fmt.Fprintf(&b, " (%s)", row.Problem)
		}
		if row.Mark != nil {
			fmt.Fprintf(&b, " %s: %s", row.Mark.Title, row.Mark.Text)
		}
		b.WriteByte('\n')
	}
	i, err := file.Inventory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%d rows: %d titles, %d read, %d prefilled, %d skipped", i.Rows(), i.Titles, i.Read, i.Prefilled, i.Skipped)
	for _, place := range i.Unread {
		fmt.Fprintf(&b, ", %d unread %s", place.Rows, where(place))
	}
	for _, remark := range i.Remarks {
		fmt.Fprintf(&b, "\n%s", remark.Code)
		if remark.Column != "" {
			fmt.Fprintf(&b, " %s", remark.Column)
		}
		fmt.Fprintf(&b, " %s", where(remark.Place))
	}
	return b.String()
}

func where(place Place) string {
	text := fmt.Sprintf("%d-%d", place.First, place.Last)
	if place.Sheet != "" {
		text = place.Sheet + " " + text
	}
	if place.Hidden {
		text += " hidden"
	}
	return text
}

const semicolons = "transaction_id;customer_id;name;amount;operator"

// besideATable are files with more in them than a table of payments.
var besideATable = []struct{ name, content, want string }{
	{
		"a plain file",
		semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n\nA-2;0701020305;Yao;5000;ORANGE\n",
		"2 A-1\n4 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped",
	},
	{
		"people beside the table",
		semicolons + ";x;y;z\nA-1;0701020304;Awa;5000;ORANGE;;;\n;;;;;A-2;0701020305;Yao\n;;;;;A-3;0701020306;Zoe\n",
		"2 A-1\n4 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 2 unread 3-4\nrows.unread 3-4",
	},
	{
		"people beside the table, right under its titles",
		semicolons + ";x;y;z\n;;;;;A-2;0701020305;Yao\nA-1;0701020304;Awa;5000;ORANGE;;;\n",
		"3 A-1\n3 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread 2-2\nrows.unread 2-2",
	},
	{
		"two words that are titles elsewhere",
		semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n;Bénéficiaire;Contact;;\n",
		"2 A-1\n3 \n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped",
	},
	{
		"places that nobody filled in",
		"N°;" + semicolons + ";Total\n1;A-1;0701020304;Awa;5000;ORANGE;5000\n2;;;;;;0\n3;;;;;;-\n",
		"2 A-1\n4 rows: 1 titles, 1 read, 2 prefilled, 0 skipped",
	},
	{
		"rows numbered without a title",
		";" + semicolons + "\n1;A-1;0701020304;Awa;5000;ORANGE\n2;A-2;0701020305;Yao;5000;ORANGE\n",
		"2 A-1\n3 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped",
	},
	{
		"words without a title",
		semicolons + ";\nA-1;0701020304;Awa;5000;ORANGE;\nA-2;0701020305;Yao;5000;ORANGE;voir avec Paul\n",
		"2 A-1\n3 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped\ncells.unread F 3-3",
	},
	{
		"another list beside the table",
		semicolons + ";;Réf;Tél;Nom;Mt\nA-1;0701020304;Awa;5000;ORANGE;;B-1;0701020305;Yao;7000\nA-2;0701020306;Ali;5000;ORANGE;;;;;\n",
		"2 A-1\n3 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped",
	},
	{
		"another list with an amount",
		semicolons + ";;Réf;Tél;Nom;Montant\nA-1;0701020304;Awa;5000;ORANGE;;B-1;0701020305;Yao;7000\nA-2;0701020306;Ali;5000;ORANGE;;;;;\n",
		"2 A-1\n3 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped\nlist.unread G-J 2-2",
	},
	{
		"another list without titles",
		semicolons + ";B-1;0701020305;Yao;7000\nA-1;0701020304;Awa;5000;ORANGE;B-2;0701020307;Ali;8000\nA-2;0701020306;Eve;5000;ORANGE;;;;\n",
		"2 A-1\n3 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped\nlist.unread F-I 1-2",
	},
	{
		"days as titles",
		semicolons + ";01/11/2026;02/11/2026;20261103;Total;2026\nA-1;0701020304;Awa;5000;ORANGE;1;1;0;2;2\n",
		"2 A-1\n2 rows: 1 titles, 1 read, 0 prefilled, 0 skipped",
	},
	{
		"columns of the table that are not read",
		semicolons + ";Réf;Tél;Nom;Montant\nA-1;0701020304;Awa;5000;ORANGE;B-1;0701020305;Yao;7000\n",
		"2 A-1\n2 rows: 1 titles, 1 read, 0 prefilled, 0 skipped",
	},
	{
		"rows above the titles",
		"Société X;;;;\nA-0;0701020303;Aya;7000;ORANGE\n" + semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n",
		"2  (row.above_header)\n4 A-1\n4 rows: 2 titles, 2 read, 0 prefilled, 0 skipped",
	},
	{
		"figures that are no francs, says the heading",
		"Société X;;;;\nPaie;novembre (en milliers de FCFA);;;\nDevise : EUR;;;;\n" + semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n",
		"5 A-1\n5 rows: 4 titles, 1 read, 0 prefilled, 0 skipped\nunit.said 2-2\nunit.said 3-3",
	},
	{
		"figures that are, and titles that are not read",
		"Paie de novembre en francs CFA, mille mercis;;;;;\n" + semicolons + ";Montant (EUR)\nA-1;0701020304;Awa;5000;ORANGE;7\n",
		"3 A-1\n3 rows: 2 titles, 1 read, 0 prefilled, 0 skipped",
	},
	{
		"a letterhead",
		"Société X;;Tél. 27 20 30 40 50;;\nPaie;novembre 2026;;30/11/2026;\n" + semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n",
		"4 A-1\n4 rows: 3 titles, 1 read, 0 prefilled, 0 skipped",
	},
	{
		"a telephone and a year above the titles",
		";;07 20 30 40 50;2026;\n" + semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n",
		"3 A-1\n3 rows: 2 titles, 1 read, 0 prefilled, 0 skipped",
	},
	{
		"the days of a period above the titles",
		"Période;01/11/2026;au;30/11/2026;\ndu;2026-11-01;au;2026-11-30;2026\n" + semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n",
		"4 A-1\n4 rows: 3 titles, 1 read, 0 prefilled, 0 skipped",
	},
	{
		"a number that is none of the row's",
		semicolons + ";\nA-1;0701020304;Awa;5000;ORANGE;voir Paul\nA-2;0701020305;Yao;5000;ORANGE;1\n",
		"2 A-1\n3 A-2\n3 rows: 1 titles, 2 read, 0 prefilled, 0 skipped\ncells.unread F 2-3",
	},
	{
		"titles in other columns further down",
		semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\noperator;transaction_id;customer_id;name;amount\nORANGE;A-2;0701020305;Yao;5000\n",
		"2 A-1\n3  (row.header_other)\n4  (row.under_other_header)\n4 rows: 1 titles, 3 read, 0 prefilled, 0 skipped",
	},
	{
		"a better header further down swallows nothing",
		semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\ncustomer_id;transaction_id;name;amount;operator;note\n0701020305;A-2;Yao;5000;ORANGE;x\n",
		"2 A-1\n3  (row.header_other)\n4  (row.under_other_header)\n4 rows: 1 titles, 3 read, 0 prefilled, 0 skipped",
	},
	{
		"the same titles on each page",
		semicolons + "\nA-1;0701020304;Awa;5000;ORANGE\n" + semicolons + "\nA-2;0701020305;Yao;5000;ORANGE\n",
		"2 A-1\n3 transaction_id\n4 A-2\n4 rows: 1 titles, 3 read, 0 prefilled, 0 skipped",
	},
	{
		"states beside the table",
		semicolons + ";Statut;Payé ?;note\nA-1;0701020304;Awa;5000;ORANGE;PAYÉ;;\nA-2;0701020305;Yao;5000;ORANGE;En attente;oui;\n" +
			"A-3;0701020306;Zoe;5000;ORANGE;;non;\nA-4;0701020307;Ali;5000;ORANGE;;;Annulé\nA-5;0701020308;Eve;5000;ORANGE;payée le 12/11;;prime\n",
		"2 A-1 Statut: PAYÉ\n3 A-2 Payé ?: oui\n4 A-3\n5 A-4 note: Annulé\n6 A-5 Statut: payée le 12/11\n6 rows: 1 titles, 5 read, 0 prefilled, 0 skipped",
	},
}

// TestEveryRowOfATextIsAccountedFor reads what people write beside a table.
func TestEveryRowOfATextIsAccountedFor(t *testing.T) {
	for _, test := range besideATable {
		t.Run(test.name, func(t *testing.T) {
			got := held(t, written(t, "f.csv", test.content), Options{})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestAnAmountThatItsCommasCutIsNoticed reads thousands in a file of commas.
func TestAnAmountThatItsCommasCutIsNoticed(t *testing.T) {
	const header = "transaction_id,customer_id,name,operator,amount,note,agency\n"
	for row, want := range map[string]string{
		"A-1,0701020304,Awa,ORANGE,150,000":       problemThousands,
		"A-1,0701020304,Awa,ORANGE,1,500,000":     problemThousands,
		"A-1,0701020304,Awa,ORANGE,1,500,000,x":   problemThousands,
		"A-1,0701020304,Awa,ORANGE, 150 , 000 ,":  problemThousands,
		`A-1,0701020304,Awa,ORANGE,"150,000",x`:   "",
		"A-1,0701020304,Awa,ORANGE,150000,000":    "",
		"A-1,0701020304,Awa,ORANGE,150,12":        "",
		"A-1,0701020304,Awa,ORANGE,0,101":         "",
		"A-1,0701020304,Awa,ORANGE,150,janvier":   "",
		"A-1,0701020304,Awa,ORANGE,150,,101":      "",
		"A-1,0701020304,Awa,ORANGE,5000,x,y,more": problemWidth,
	} {
		rows := collect(t, opened(t, written(t, "f.csv", header+row+"\n"), Options{}))
		if len(rows) != 1 || rows[0].Problem != want {
			t.Errorf("%s: %+v, want the problem %q", row, rows, want)
		}
	}
	rows := collect(t, opened(t, written(t, "f.csv", strings.ReplaceAll(header, ",", ";")+"A-1;0701020304;Awa;ORANGE;150;000\n"), Options{}))
	if rows[0].Problem != "" {
		t.Errorf("between semicolons: %s, want nothing", rows[0].Problem)
	}
}

// cellsOf writes a row of a sheet of inline texts; an empty one has no cell.
func cellsOf(number int, attributes string, texts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<row r="%d"%s>`, number, attributes)
	for column, text := range texts {
		if text != "" {
			fmt.Fprintf(&b, `<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>`, ColumnName(column), number, text)
		}
	}
	return b.String() + `</row>`
}

const secondSheet = `<worksheet><sheetData>` +
	`<row r="3"><c t="inlineStr"><is><t>A-7</t></is></c><c><v>701020304</v></c></row>` +
	`<row r="9"><c t="inlineStr"><is><t>A-8</t></is></c><c><v>701020305</v></c></row></sheetData></worksheet>`

// withSheets returns the parts of a workbook of two sheets.
func withSheets(first, firstState, second, secondState string) map[string]string {
	return map[string]string{
		sheetPartName: first, "xl/worksheets/other.xml": second,
		"xl/workbook.xml": `<workbook><sheets><sheet name="Siège" r:id="a"` + firstState + `/><sheet name="Agences" r:id="b"` + secondState + `/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="a" Type="x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="b" Type="x/worksheet" Target="worksheets/other.xml"/></Relationships>`,
	}
}

// TestEveryRowOfAWorkbookIsAccountedFor reads what people hide, and write beside a
// table.
func TestEveryRowOfAWorkbookIsAccountedFor(t *testing.T) {
	const hidden = ` hidden="1"`
	row := func(number int, attributes, id string) string {
		return cellsOf(number, attributes, id, "0701020304", "Awa", "5000", "ORANGE")
	}
	sheet := func(rows ...string) string { return sheetOf(strings.Join(rows, "")) }
	columns := func(columns string, sheet string) string {
		return strings.Replace(sheet, "<sheetData>", "<cols>"+columns+"</cols><sheetData>", 1)
	}
	prose := `<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>Comment remplir</t></is></c></row></sheetData></worksheet>`
	for _, test := range []struct {
		name  string
		parts map[string]string
		opts  Options
		want  string
	}{
		{
			"people beside the table", withSheets(sheet(row(2, "", "A-1"), cellsOf(3, "", "", "", "", "", "", "", "A-2", "0701020305")), "", prose, ""),
			Options{},
			"2 A-1\n4 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread Siège 3-3, 1 unread Agences 1-1\nrows.unread Siège 3-3",
		},
		{
			"people on another sheet", withSheets(sheet(row(2, "", "A-1")), "", secondSheet, ""),
			Options{},
			"2 A-1\n4 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 2 unread Agences 3-9\nsheet.unread Agences 3-9",
		},
		{
			"a hidden sheet that is not read is silent", withSheets(sheet(row(2, "", "A-1")), "", secondSheet, ` state="veryHidden"`),
			Options{},
			"2 A-1\n4 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 2 unread Agences 3-9 hidden",
		},
		{
			"a hidden sheet that is read", withSheets(sheet(row(2, "", "A-1")), ` state="hidden"`, prose, ""),
			Options{Sheet: "Siège"},
			"2 A-1\n3 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1\nsheet.hidden Siège 0-0 hidden",
		},
		{
			"a hidden sheet that may be read", withSheets(sheet(row(2, "", "A-1")), ` state="hidden"`, prose, ""),
			Options{Sheet: "Siège", Hidden: HiddenPay},
			"2 A-1\n3 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1",
		},
		{
			"hidden rows", withSheets(sheet(row(2, "", "A-1"), row(3, hidden, "A-2"), row(4, ` ht="0" customHeight="1"`, "A-3")), "", prose, ""),
			Options{},
			"2 A-1\n3 A-2 (row.hidden)\n4 A-3 (row.hidden)\n5 rows: 1 titles, 3 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1",
		},
		{
			"hidden rows that are meant", withSheets(sheet(row(2, "", "A-1"), row(3, hidden, "A-2")), "", prose, ""),
			Options{Hidden: HiddenPay},
			"2 A-1\n3 A-2\n4 rows: 1 titles, 2 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1",
		},
		{
			"hidden rows that are not", withSheets(sheet(row(2, "", "A-1"), row(3, hidden, "A-2"), cellsOf(4, hidden)), "", prose, ""),
			Options{Hidden: HiddenSkip},
			"2 A-1\n4 rows: 1 titles, 1 read, 0 prefilled, 1 skipped, 1 unread Agences 1-1",
		},
		{
			"hidden columns that are read", withSheets(columns(`<col min="2" max="2" width="0"/><col min="4" max="9" hidden="true"/>`, sheet(row(2, "", "A-1"))), "", prose, ""),
			Options{},
			"2 A-1\n3 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1\ncolumn.hidden B Siège 1-1\ncolumn.hidden D Siège 1-1\ncolumn.hidden E Siège 1-1",
		},
		{
			"columns and rows of next to no size", withSheets(columns(`<col min="2" max="2" width="0.1"/><col min="4" max="4" width="1"/>`,
				sheet(row(2, ` ht="0.75"`, "A-1"), row(3, ` ht="6"`, "A-2"))), "", prose, ""),
			Options{},
			"2 A-1 (row.hidden)\n3 A-2\n4 rows: 1 titles, 2 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1\ncolumn.hidden B Siège 1-1",
		},
		{
			"hidden columns that are not", withSheets(columns(`<col min="1" max="5" width="9"/><col min="6" max="9" hidden="1"/>`, sheet(row(2, "", "A-1"))), "", prose, ""),
			Options{},
			"2 A-1\n3 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1",
		},
		{
			"titles in other columns further down", withSheets(sheet(row(2, "", "A-1"), cellsOf(4, "", "name", "amount", "customer_id", "operator", "transaction_id"),
				cellsOf(5, "", "Yao", "6000", "0701020305", "ORANGE", "A-2")), "", prose, ""),
			Options{},
			"2 A-1\n4  (row.header_other)\n5  (row.under_other_header)\n5 rows: 1 titles, 3 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1",
		},
		{
			"a row marked as paid", withSheets(sheet(cellsOf(2, "", "A-1", "0701020304", "Awa", "5000", "ORANGE", "payé")), "", prose, ""),
			Options{},
			"2 A-1 F: payé\n3 rows: 1 titles, 1 read, 0 prefilled, 0 skipped, 1 unread Agences 1-1\ncells.unread F Siège 2-2",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := held(t, parts(t, test.parts), test.opts)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestResultsOfBeforeAreDoubted reads formulas of a workbook that wants to be
// calculated.
func TestResultsOfBeforeAreDoubted(t *testing.T) {
	for calculation, want := range map[string][3]Cell{
		``:                                 {{Text: "5000", Numeric: true}, {Text: "0", Numeric: true}, {Text: "7000", Numeric: true}},
		`<calcPr calcId="191029"/>`:        {{Text: "5000", Numeric: true}, {Text: "0", Numeric: true}, {Text: "7000", Numeric: true}},
		`<calcPr calcMode="autoNoTable"/>`: {{Text: "5000", Numeric: true}, {Text: "0", Numeric: true}, {Text: "7000", Numeric: true}},
		`<calcPr fullCalcOnLoad="1"/>`:     {{Text: "5000", Problem: problemStale, Numeric: true}, {Problem: problemUncached}, {Text: "7000", Numeric: true}},
		`<calcPr calcCompleted="0"/>`:      {{Text: "5000", Problem: problemStale, Numeric: true}, {Problem: problemUncached}, {Text: "7000", Numeric: true}},
		`<calcPr calcMode="manual"/>`:      {{Text: "5000", Problem: problemStale, Numeric: true}, {Problem: problemUncached}, {Text: "7000", Numeric: true}},
	} {
		replaced := withSheets(sheetOf(
			`<row r="2"><c r="A2"><v>1</v></c><c r="D2"><f>A2+4999</f><v>5000</v></c></row>`+
				`<row r="3"><c r="A3"><v>1</v></c><c r="D3"><f>A2+4999</f><v>0</v></c></row>`+
				`<row r="4"><c r="A4"><v>1</v></c><c r="D4"><v>7000</v></c></row>`), "", `<worksheet><sheetData/></worksheet>`, "")
		replaced["xl/workbook.xml"] = strings.Replace(replaced["xl/workbook.xml"], "</workbook>", calculation+"</workbook>", 1)
		rows := collect(t, opened(t, parts(t, replaced), Options{}))
		if got := [3]Cell{rows[0].Amount, rows[1].Amount, rows[2].Amount}; got != want {
			t.Errorf("%s: %+v, want %+v", calculation, got, want)
		}
	}
}

// TestPartsMayLieAnywhere reads workbooks that no spreadsheet has trouble with.
func TestPartsMayLieAnywhere(t *testing.T) {
	for _, folder := range []string{"", "data/"} {
		path := parts(t, map[string]string{
			"_rels/.rels":                         `<Relationships><Relationship Id="1" Type="x/officeDocument" Target="/` + folder + `book.xml"/></Relationships>`,
			folder + "book.xml":                   `<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>`,
			folder + "_rels/book.xml.rels":        `<Relationships><Relationship Id="a" Type="x/worksheet" Target="s.xml"/><Relationship Id="b" Type="x/styles" Target="/looks.xml"/></Relationships>`,
			folder + "s.xml":                      sheetOf(`<row r="2"><c r="A2"><v>1</v></c><c r="B2" s="1"><v>701020304</v></c></row>`),
			"looks.xml":                           `<styleSheet><numFmts><numFmt numFmtId="170" formatCode="0000000000"/></numFmts><cellXfs><xf/><xf numFmtId="170"/></cellXfs></styleSheet>`,
			"[Content_Types].xml":                 "<Types/>",
			"xl/worksheets/_rels/sheet1.xml.rels": "<Relationships/>",
		})
		rows := collect(t, opened(t, path, Options{}))
		if len(rows) != 1 || rows[0].Beneficiary.Text != "0701020304" {
			t.Errorf("in folder %q: %+v, want the row with its number", folder, rows)
		}
	}
}
