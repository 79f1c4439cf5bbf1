package table_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"payrun/batch/intake/table"
	"payrun/provider/digitalpaye"
)

// form is that of the statements of these tests.
func form(t *testing.T) table.StatementForm {
	t.Helper()
	form, err := table.LoadStatementForm(digitalpaye.StatementForm())
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// statementRows reads a statement's rows as lines of text.
func statementRows(t *testing.T, path string, opts table.Options) [][]string {
	t.Helper()
	statement, err := table.OpenStatement(path, form(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	var got [][]string
	for row, err := range statement.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		var cells []string
		for _, field := range []table.Field{table.FieldTransactionID, table.FieldAmount, table.FieldStatus, table.FieldDate} {
			cells = append(cells, row.Cell(field).Text+row.Cell(field).Problem)
		}
		got = append(got, cells)
	}
	return got
}

func TestAStatementIsReadAsTextOrWorkbook(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "statement.csv")
	if err := os.WriteFile(text, []byte("Relevé du mois\n\nStatut;Montant (FCFA);Transaction ID\nPAYÉ;5 000;MAY-1\n;;\nÉchoué;#REF!;MAY-2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"MAY-1", "5 000", "PAYÉ", ""}, {"MAY-2", "#REF!cell.formula_error", "Échoué", ""}}
	if diff := cmp.Diff(want, statementRows(t, text, table.Options{})); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}

	book := excelize.NewFile()
	defer book.Close()
	for at, row := range map[string][]any{
		"A1": {"transaction_id", "amount", "status", "date"},
		"A2": {"MAY-1", 5000, "SUCCESSFUL", "2026-11-24 10:00:00"},
		"A3": {"MAY-2", true, "FAILED", ""},
	} {
		if err := book.SetSheetRow("Sheet1", at, &row); err != nil {
			t.Fatal(err)
		}
	}
	workbook := filepath.Join(folder, "statement.xlsx")
	if err := book.SaveAs(workbook); err != nil {
		t.Fatal(err)
	}
	want = [][]string{{"MAY-1", "5000", "SUCCESSFUL", "2026-11-24 10:00:00"}, {"MAY-2", "TRUEcell.boolean", "FAILED", ""}}
	if diff := cmp.Diff(want, statementRows(t, workbook, table.Options{})); diff != "" {
		t.Errorf("workbook (-want +got):\n%s", diff)
	}
}

func TestAStatementKnowsItsWords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "statement.csv")
	if err := os.WriteFile(path, []byte("ref,amount,status\nDP1,5000,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	statement, err := table.OpenStatement(path, form(t), table.Options{}) // the provider's reference will do
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	for word, want := range map[string]string{
		"SUCCESSFUL": "successful", "Réussi": "successful", "échec": "failed", "CANCEL": "failed", "En attente": "pending", "litige": "",
	} {
		if got, known := statement.Status(word); got != want || known != (want != "") {
			t.Errorf("%q means %q, %t, want %q", word, got, known, want)
		}
	}
	for kind, want := range map[string]bool{"": true, "transfert": true, "Transfert Orange Money": true, "payment": false, "Dépôt": false} {
		if got := statement.Transfer(kind); got != want {
			t.Errorf("type %q is a transfer: %t, want %t", kind, got, want)
		}
	}
}

func TestAStatementSaysWhichColumnsItIgnoresAndWhatTheyCouldBe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "statement.csv")
	text := "Id transaction;Référence;Réf Digitalpaye;Numéro marchand;Montant;Statut;Solde\nMAY-1;x;DP1;07;5000;Réussi;1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	statement, err := table.OpenStatement(path, form(t), table.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer statement.Close()
	want := []table.Ignored{
		{Title: "Référence", Fields: []table.Field{table.FieldTransactionID, table.FieldProviderRef}},
		{Title: "Numéro marchand", Fields: []table.Field{table.FieldNumber}},
		{Title: "Solde"},
	}
	if diff := cmp.Diff(want, statement.Ignored()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestEveryTitleAndWordOfAStatementIsDocumented holds the page for people
// against the form of the provider's.
func TestEveryTitleAndWordOfAStatementIsDocumented(t *testing.T) {
	page, err := os.ReadFile("../../../docs/reconcile.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(digitalpaye.StatementForm())) {
		word, listed := strings.CutPrefix(strings.TrimSpace(line), "- ")
		if listed && !strings.Contains(string(page), word) {
			t.Errorf("docs/reconcile.md does not have %q", word)
		}
	}
}
