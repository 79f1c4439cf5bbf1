package table

import (
	"errors"
	"strings"
	"testing"
)

// TestTitlesMayStandInTwoRows reads tables with a row of headings above their titles.
func TestTitlesMayStandInTwoRows(t *testing.T) {
	for name, titles := range map[string]string{
		"a heading over several columns": "Référence;Bénéficiaire;;Paiement;\n;Nom;Numéro mobile money;Montant à payer;Opérateur",
		"a title split over two rows":    "Référence;Nom;Numéro;Montant;Opérateur\nde paiement;;du bénéficiaire;à payer;",
		"titles in the upper row alone":  "transaction_id;name;customer_id;;\n;;;amount;operator",
		"under a letterhead":             "Société X;;;;\nRéférence;Bénéficiaire;;Paiement;\n;Nom;Téléphone;Montant;Opérateur",
	} {
		file := opened(t, written(t, "f.csv", titles+"\nA-1;Awa Koné;0701020304;5000;ORANGE\n"), Options{})
		rows := collect(t, file)
		want := Row{
			Number: strings.Count(titles, "\n") + 2, TransactionID: Cell{Text: "A-1"}, Name: Cell{Text: "Awa Koné"},
			Beneficiary: Cell{Text: "0701020304"}, Amount: Cell{Text: "5000"}, Operator: Cell{Text: "ORANGE"},
		}
		if len(rows) != 1 || rows[0] != want {
			t.Errorf("%s: %+v, want %+v", name, rows, want)
		}
		inventory, err := file.Inventory(t.Context())
		if err != nil || inventory.Titles != want.Number-1 || inventory.Rows() != want.Number {
			t.Errorf("%s: %+v (%v), want %d rows of titles", name, inventory, err, want.Number-1)
		}
	}
}

// TestARowOfFiguresIsNoTitle keeps people from becoming titles.
func TestARowOfFiguresIsNoTitle(t *testing.T) {
	for _, content := range []string{
		"transaction_id;name;customer_id;amount\nA-1;Awa;0701020304;5000\n;;;;operator\n",
		"transaction_id;name;customer_id;amount\n\n;;;;operator\nA-1;Awa;0701020304;5000;ORANGE\n",
	} {
		file, err := Open(written(t, "f.csv", content), Options{})
		if err == nil {
			_ = file.Close()
		}
		if !errors.As(err, new(*HeaderError)) {
			t.Errorf("%q: error = %v, want that a column is missing", content, err)
		}
	}
}

// TestTwoAmountsUnderOneHeadingAreARivalry keeps gross and net apart.
func TestTwoAmountsUnderOneHeadingAreARivalry(t *testing.T) {
	file, err := Open(written(t, "f.csv", "Référence;Nom;Téléphone;Montant;;Opérateur\n;;;brut;net;\nA-1;Awa;0701020304;250000;198000;ORANGE\n"), Options{})
	if err == nil {
		_ = file.Close()
	}
	if err == nil || Code(err) != "file.columns" {
		t.Errorf("error = %v, want the question which amount is meant", err)
	}
}
