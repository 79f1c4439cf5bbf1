package fix_test

import (
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"payrun/batch/intake/fix"
	"payrun/batch/intake/table"
)

// TestACopyHidesNoDoubt refuses files whose doubt a clean copy would no longer show: a
// hidden column that is read, a row that a column beside the table calls paid.
func TestACopyHidesNoDoubt(t *testing.T) {
	marked := prepare(t, write(t, "transaction_id;customer_id;name;amount;operator;Statut",
		"A-1;0701020304;Awa Koné;5000;ORANGE;Payé", "A-2;0701020305;Yao Koffi;6000;ORANGE;"))
	if len(marked.Problems) != 1 || marked.Problems[0].Code != "row.marked" {
		t.Errorf("problems %+v, want the row that is marked as paid", marked.Problems)
	}

	book := excelize.NewFile()
	for i, row := range [][]any{
		{"transaction_id", "customer_id", "name", "amount", "operator"},
		{"A-1", "0701020304", "Awa Koné", 5000, "ORANGE"},
	} {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "hidden.xlsx")
	for _, err := range []error{book.SetColVisible("Sheet1", "D", false), book.SaveAs(path), book.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	hidden := prepare(t, open(t, path))
	if len(hidden.Problems) != 1 || hidden.Problems[0].Code != "column.hidden" {
		t.Errorf("problems %+v, want the hidden column", hidden.Problems)
	}
}

// TestACopyLosesNobody refuses files of which a clean copy would leave somebody out
// without a word, or with the word that the row pays nobody.
func TestACopyLosesNobody(t *testing.T) {
	const titles, row = "transaction_id;customer_id;name;amount;operator", "A-1;0701020304;Awa Koné;5000;ORANGE"
	for why, test := range map[string]struct {
		lines []string
		want  string
	}{
		"a person beside the table":    {[]string{titles + ";a;b;c", row + ";;;", ";;;;;A-2;0701020305;Yao"}, "rows.unread"},
		"a person without a number":    {[]string{titles + ";a;b;c", row + ";;;", ";;;;;A;Yao;7000"}, "rows.unread"},
		"another list":                 {[]string{titles + ";;Réf;Tél;Nom;Montant", row + ";;A-2;0701020305;Yao;7000"}, "list.unread"},
		"a signature beside the table": {[]string{titles + ";Émargement", row + ";", ";;;;;Le Directeur"}, ""},
		"places that nobody filled in": {[]string{"N°;" + titles + ";a;b", "1;" + row + ";;", "2;;;;;;0;0"}, ""},
		"figures that are thousands":   {[]string{"Paie (en milliers de FCFA);;;;", titles, row}, "unit.said"},
		"the same below the list":      {[]string{titles, row, "NB : en milliers;;;;"}, "unit.said"},
		"a letterhead":                 {[]string{"Société X;Tél;27 20 30 40 50;;", titles, row}, ""},
	} {
		got := ""
		for _, problem := range prepare(t, write(t, test.lines...)).Problems {
			got += problem.Code
		}
		if got != test.want {
			t.Errorf("%s: problems %q, want %q", why, got, test.want)
		}
	}
}

// TestACopyAsksForTheSheetsThatItLeavesOut: naming the sheet is the answer.
func TestACopyAsksForTheSheetsThatItLeavesOut(t *testing.T) {
	book := excelize.NewFile()
	style, err := book.NewConditionalStyle(&excelize.Style{CustomNumFmt: new(`0"000"`)})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sheets.xlsx")
	_, other := book.NewSheet("Suite")
	for _, err := range []error{
		other,
		book.SetSheetRow("Sheet1", "A1", &[]any{"transaction_id", "customer_id", "name", "amount", "operator"}),
		book.SetSheetRow("Sheet1", "A2", &[]any{"A-1", "0701020304", "Awa Koné", 5000, "ORANGE"}),
		book.SetSheetRow("Suite", "A1", &[]any{"A-2", "0701020305", "Yao Koffi", 6000, "ORANGE"}),
		book.SetConditionalFormat("Sheet1", "D2:D9", []excelize.ConditionalFormatOptions{{Type: "cell", Criteria: ">", Value: "1", Format: &style}}),
		book.SaveAs(path), book.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for named, want := range map[bool]string{false: "column.format sheet.unread ", true: "column.format "} {
		plan, err := fix.Prepare(t.Context(), open(t, path), builtin(t), fix.Options{Sheet: named})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, problem := range plan.Problems {
			got += problem.Code + " "
		}
		if got != want {
			t.Errorf("with the sheet named %t: problems %q, want %q", named, got, want)
		}
	}
}

// TestAHiddenRowIsNotSaidToPayNobody: it was left out because a person said so.
func TestAHiddenRowIsNotSaidToPayNobody(t *testing.T) {
	book := excelize.NewFile()
	path := filepath.Join(t.TempDir(), "rows.xlsx")
	for _, err := range []error{
		book.SetSheetRow("Sheet1", "A1", &[]any{"transaction_id", "customer_id", "name", "amount", "operator"}),
		book.SetSheetRow("Sheet1", "A2", &[]any{"A-1", "0701020304", "Awa Koné", 5000, "ORANGE"}),
		book.SetSheetRow("Sheet1", "A3", &[]any{"A-2", "0701020305", "Yao Koffi", 6000, "ORANGE"}),
		book.SetRowVisible("Sheet1", 3, false), book.SaveAs(path), book.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	file, err := table.Open(path, table.Options{Hidden: table.HiddenSkip})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plan := prepare(t, file)
	if len(plan.Problems) > 0 || len(plan.Changes) != 1 || plan.Changes[0].Code != fix.CodeSkipped || plan.Changes[0].Row != 3 {
		t.Errorf("changes %+v and problems %+v, want the hidden row told as what it is", plan.Changes, plan.Problems)
	}
}
