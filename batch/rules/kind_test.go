package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

// titles are those of the files in these tests.
func titles() map[table.Field]string {
	return map[table.Field]string{
		table.FieldTransactionID: "Référence", table.FieldNumber: "Téléphone", table.FieldName: "Nom et prénoms",
		table.FieldAmount: "Net à payer", table.FieldOperator: "Opérateur",
	}
}

// line is a row of id, number, name, amount and operator, divided by "|".
func line(number int, text string) table.Row {
	cells := strings.Split(text, "|")
	cells = append(cells, make([]string, 6-len(cells))...)
	return table.Row{
		Number: number, TransactionID: table.Cell{Text: cells[0]}, Beneficiary: table.Cell{Text: cells[1]},
		Name: table.Cell{Text: cells[2]}, Amount: table.Cell{Text: cells[3]}, Operator: table.Cell{Text: cells[4]},
		Note: table.Cell{Text: cells[5]},
	}
}

func TestWhatARowIs(t *testing.T) {
	for _, test := range []struct {
		text string
		want rules.Kind
	}{
		{"A-1|0701020304|Awa Koné|5000|Orange", rules.KindPerson},
		{"Référence|Téléphone|Nom et prénoms|Net à payer|Opérateur", rules.KindHeader},
		{"Référence|Téléphone|Nom et prénoms|Montant (FCFA)|Opérateur", rules.KindHeader},
		{"Référence|Téléphone|Nom et prénoms|à payer|Opérateur", rules.KindHeader},
		{"Référence|Téléphone|Nom et prénoms|Net à payer (EUR)|Opérateur", rules.KindOtherHeader},
		{"Référence|Téléphone|Nom et prénoms|Salaire brut|Opérateur", rules.KindOtherHeader},
		{"Référence|Téléphone d'urgence|Nom et prénoms|Net à payer|Opérateur", rules.KindOtherHeader},
		{"Matricule|Téléphone|Nom et prénoms|Net à payer|Opérateur", rules.KindOtherHeader},
		{"|0701020304|Awa Koné|5000|Orange", rules.KindPerson},
		{"A-1||Awa Koné|5000|Orange", rules.KindPerson},
		{"||Awa Koné|5000", rules.KindPerson},
		{"A-1|0701020304||5000|Orange", rules.KindPerson},
		{"A-1|0701020304||||", rules.KindPerson},
		{"A-1|||5000|Orange", rules.KindPerson},
		{"A-1||Awa Koné||Orange", rules.KindPerson},
		{"|070102030|Awa", rules.KindPerson}, // a digit is missing
		{"A-7|0701020304|TOTAL ENERGIES|5000|Orange", rules.KindPerson},
		{"A-7||TOTAL ENERGIES|5000|Orange", rules.KindPerson},
		{"A-1|0701020304|Directeur Koffi|5000|Orange", rules.KindPerson},
		{"A-1||Directeur Koffi|5000|Orange", rules.KindPerson},
		{"A-1||Fatou Date||Orange", rules.KindPerson},
		{"A-1|Voir Koffi|Awa|5000|Orange", rules.KindPerson},

		{"||TOTAL|270000", rules.KindTotal},
		{"TOTAL GÉNÉRAL|||270000", rules.KindTotal},
		{"|Total||270000", rules.KindTotal},
		{"A-9||Sous-total|270000", rules.KindTotal},
		{"||Sous-total Abidjan|270000", rules.KindTotal},
		{"||S/Total|270000", rules.KindTotal},
		{"||TOTAL (2 agents)|270000", rules.KindTotal},
		{"||Montant total à payer|270000 FCFA", rules.KindTotal},
		{"TOTAL|270000", rules.KindTotal},
		{"||Total Orange|150000|Orange", rules.KindTotal},
		{"A-9||Total|150000|Orange", rules.KindTotal},
		{"||À reporter|270000", rules.KindTotal},
		{"|||TOTAL : 270 000", rules.KindTotal},
		{"||||TOTAL", rules.KindTotal},
		{"||Total:agents|270000", rules.KindTotal},
		{"||Total\u2014net|270000", rules.KindTotal},
		{"||S/T|270000", rules.KindTotal},
		{"||Somme|270000", rules.KindTotal},
		{"||Report|270000", rules.KindTotal},
		{"||Ensemble|270000", rules.KindTotal},
		{"|2|TOTAL|270000", rules.KindTotal}, // a count
		{"||Somme Awa|270000", rules.KindPerson},
		{"A-1||T Koné|5000|Orange", rules.KindPerson},
		{"|||270000", rules.KindFigure},

		{"A-1||Awa Koné", rules.KindPerson},
		{"||Awa Koné||Orange", rules.KindPerson},
		{"|123456", rules.KindPerson},
		{"|12345", rules.KindRemark},
		{"A-1|07 01 02 03 04|Nom et prénoms|5000|Orange", rules.KindPerson},
		{"||Nom et prénoms|Montant 2", rules.KindPerson},
		{"||Nom et prénoms", rules.KindUnclear},
		{"||Contact", rules.KindUnclear},
		{"||Awa T", rules.KindUnclear},
		{"||Kouassi Konan Aya Marie Laure Awa", rules.KindUnclear},
		{"||Awa;Koné;cinq mille;Orange", rules.KindUnclear},
		{"Awa\tKoné\tcinq mille\tOrange", rules.KindUnclear},
		{"tél 701020304 pour Awa", rules.KindUnclear},
		{"NB payé le 30 11 2026", rules.KindRemark},

		{"Référence|Téléphone|Nom et prénoms|Net à payer|Opérateur", rules.KindHeader},
		{"REFERENCE|telephone|NOM ET PRENOMS|NET A PAYER|OPERATEUR", rules.KindHeader},
		{"Nom|Prénoms|Montant|Réseau", rules.KindOtherHeader},
		{"transaction_id|customer_id|name|amount|operator", rules.KindOtherHeader},

		{"||Le Directeur Général", rules.KindSignature},
		{"Le Directeur|||Le Comptable", rules.KindSignature},
		{"Fait à Abidjan, le 30/11/2026", rules.KindSignature},
		{"Fait à Abidjan, le|30/11/2026", rules.KindSignature},
		{"||Arrêté à la somme de deux cent mille francs", rules.KindSignature},
		{"||Prepared by:", rules.KindSignature},
		{"|||||Visa DAF", rules.KindSignature},

		{"NB : les primes sont versées en décembre", rules.KindRemark},
		{"||NB les primes suivent", rules.KindRemark},
		{"||* sous réserve", rules.KindRemark},
		{"merci de payer avant vendredi", rules.KindRemark},
		{"|||||à voir", rules.KindRemark},

		{"||||ORANGE", rules.KindPrefilled},
		{"N-004", rules.KindPrefilled},
		{"N-004||||ORANGE", rules.KindPrefilled},
		{"N-004|||0|ORANGE", rules.KindPrefilled},
		{"|||-|ORANGE", rules.KindPrefilled},

		{"\x1a", rules.KindEnd},
		{"FIN", rules.KindEnd},
		{"||fin de liste", rules.KindEnd},
		{"***|***|***", rules.KindEnd},
		{"-----", rules.KindEnd},

		{"A-1;0701020304;Awa Koné;5000;Orange", rules.KindUnclear}, // a line that was not cut
		{"Awa Koné 07 01 02 03 04", rules.KindUnclear},
		{"||Awa Koné, tél. 0701020304", rules.KindUnclear},
		{"\"", rules.KindUnclear},
		{"||Awa Koné", rules.KindUnclear},
		{"||Kouassi N'Guessan Marie-Laure", rules.KindUnclear},
	} {
		if got := builtinRules(t).Kind(line(7, test.text), titles()); got != test.want {
			t.Errorf("%q is of kind %d, want %d", test.text, got, test.want)
		}
	}
}

// TestARowThatPaysNobodyIsToldByOneProblem: not by one for each cell that it lacks.
func TestARowThatPaysNobodyIsToldByOneProblem(t *testing.T) {
	for _, test := range []struct {
		why  string
		rows []string
		want []string
	}{
		{"a total that is right", []string{
			"A-1|0701020304|Awa|150000|Orange", "||Sous-total Abidjan|150 000", "A-2|0501020304|Yao|120000|MTN",
			"||TOTAL (2 agents)|270000", "|||270000",
		}, []string{"", "[total.agrees] 2-2", "", "[total.agrees] 2-4", "[total.agrees] 2-4"}},
		{"a total that leaves a row out", []string{
			"A-1|0701020304|Awa|150000|Orange", "A-2|0501020304|Yao|120000|MTN", "||TOTAL|150000",
		}, []string{"", "", "total.differs 2-3"}},
		{"a total of one section", []string{
			"A-1|0701020304|Awa|150000|Orange", "||Total|150000", "A-2|0501020304|Yao|120000|MTN", "||Total|120000",
		}, []string{"", "[total.agrees] 2-2", "", "[total.agrees] 4-4"}},
		{"a grand total of one section", []string{
			"A-1|0701020304|Awa|150000|Orange", "||Total|150000", "A-2|0501020304|Yao|120000|MTN", "||TOTAL GÉNÉRAL|120000",
		}, []string{"", "[total.agrees] 2-2", "", "total.differs 2-4"}},
		{"totals of operators", []string{
			"A-1|0701020304|Awa|150000|Orange", "A-2|0501020304|Yao|120000|MTN", "A-3|0701020305|Ali|10000|Orange",
			"||Total Orange|160000", "||Total|120000|MTN", "||Total MTN|160000", "||TOTAL|280000",
		}, []string{"", "", "", "[total.agrees] 2-4", "[total.agrees] 2-4", "total.differs 2-4", "[total.agrees] 2-4"}},
		{"a total of two sections of three", []string{
			"A-1|0701020304|Awa|1000|Orange", "||S/Total|1000", "A-2|0701020305|Yao|2000|Orange", "||S/Total|2000",
			"A-3|0701020306|Ali|4000|Orange", "||S/Total|4000", "||Total Sud|6000", "||Total|7000",
		}, []string{
			"", "[total.agrees] 2-2", "", "[total.agrees] 4-4", "", "[total.agrees] 6-6", "[total.agrees] 4-6", "[total.agrees] 2-6",
		}},
		{"in another column", []string{"A-1|0701020304|Awa|150000|Orange", "TOTAL|150 000", "TOTAL||||150000", "Total : 150000 FCFA"}, []string{
			"", "[total.agrees] 2-2", "[total.agrees] 2-2", "[total.agrees] 2-2",
		}},
		{"written in a way of two meanings", []string{"A-1|0701020304|Awa|150000|Orange", "||Total|150.000"}, []string{"", "[total.agrees] 2-2"}},
		{"without a figure", []string{"A-1|0701020304|Awa|150000|Orange", "||TOTAL"}, []string{"", "[row.total]"}},
		{"of nothing, says the formula", []string{"A-1|0701020304|Awa|150000|Orange", "||TOTAL|0"}, []string{"", "total.differs 2-2"}},
		{"a row above is not read", []string{"A-1|0701020304|Awa|1,5|Orange", "||TOTAL|150000"}, []string{"amount.fraction", "[row.total]"}},
		{"a row above is not read, and what is read comes to it", []string{
			"A-1|0701020304|Awa|150000|Orange", "A-2|0701020305|Yao|1,5|Orange", "||TOTAL|150000",
		}, []string{"", "amount.fraction", "[row.total]"}},
		{"a rejected row whose amount is read", []string{"A-1|070102030|Awa|150000|Orange", "||TOTAL|150000"}, []string{
			"number.length", "[total.agrees] 2-2",
		}},
		{"behind a section with a row that is not read", []string{
			"A-1|0701020304|Awa|1,5|Orange", "||Total|150000", "A-2|0501020304|Yao|120000|MTN", "||Total|120000",
		}, []string{"amount.fraction", "[row.total]", "", "[total.agrees] 4-4"}},
		{"of an operator that has no row", []string{"A-1|0701020304|Awa|150000|Orange", "||Total MTN|150000"}, []string{"", "total.differs 2-2"}},
		{"beside a year", []string{"A-1|0701020304|Awa|150000|Orange", "||TOTAL 2026"}, []string{"", "[row.total]"}},
		{"larger than any amount", []string{
			"A-1|0701020304|Awa|60000000000|Orange", "A-2|0701020305|Yao|60000000000|Orange", "||TOTAL|120 000 000 000",
		}, []string{"amount.max", "amount.max", "[total.agrees] 2-3"}},
		{"larger than a number", []string{"A-1|0701020304|Awa|150000|Orange", "||TOTAL|99999999999999999999999"}, []string{"", "[row.total]"}},
		{"larger than an amount", append(slicesOf(20, "A-%d|07010203%02d|Awa N°%[1]d|1000000|Orange"), "||TOTAL|20 000 000"), append(
			make([]string, 20), "[total.agrees] 2-21")},
		{"a figure that is no sum", []string{"A-1|0701020304|Awa|150000|Orange", "|||90000"}, []string{"", "row.unclear"}},
		{"only a name", []string{"||Awa Koné"}, []string{"row.unclear"}},
		{"what the figures are", []string{"NB : montants en milliers de FCFA", "NB : montants en FCFA"}, []string{"(unit.said)", "[row.remark]"}},
		{"the end of the page", []string{
			"Référence|Téléphone|Nom et prénoms|Net à payer|Opérateur", "||Le Directeur", "NB : à payer vendredi", "||||Orange", "\x1a",
			"Nom|Prénoms|Montant|Réseau",
		}, []string{"[row.header]", "[row.signature]", "[row.remark]", "[row.prefilled]", "[row.end]", "row.header_other"}},
	} {
		v := rules.NewValidator(builtinRules(t), rules.Options{Headers: titles()})
		for i, text := range test.rows {
			judged := v.Check(line(i+2, text))
			if got := toldAs(judged.Problems); got != test.want[i] {
				t.Errorf("%s: %q has %q, want %q", test.why, text, got, test.want[i])
			}
			if judged.Kind == rules.KindUnclear && len(judged.Entry.Rejections) == 0 {
				t.Errorf("%s: %q would be paid", test.why, text)
			}
		}
		if problems := v.End(); len(problems) > 0 {
			t.Errorf("%s: at the end %v", test.why, problems)
		}
	}
}

// slicesOf numbers a text.
func slicesOf(count int, format string) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = fmt.Sprintf(format, i, i)
	}
	return texts
}

// toldAs tells the problems' codes, those of notes in square brackets, with the rows
// that a total adds up.
func toldAs(problems []rules.Problem) string {
	var told []string
	for _, p := range problems {
		text := codes([]rules.Problem{p})
		if p.Severity == rules.Note {
			text = "[" + p.Code + "]"
		}
		if from := p.Details["from"]; from != "" {
			text += " " + from + "-" + p.Details["to"]
		}
		told = append(told, text)
	}
	return strings.Join(told, " ")
}

// TestARowWhoseCellsMayBeMisplacedIsNoTotal, whatever it looks like: its problem is told.
func TestARowWhoseCellsMayBeMisplacedIsNoTotal(t *testing.T) {
	cell := func(code string) table.Cell { return table.Cell{Problem: code} }
	for why, test := range map[string]struct {
		row  table.Row
		want rules.Kind
	}{
		"a hidden total":                      {table.Row{Problem: rules.CodeRowHidden, Name: table.Cell{Text: "TOTAL"}, Amount: table.Cell{Text: "5000"}}, rules.KindPerson},
		"only a number":                       {table.Row{Problem: rules.CodeRowWidth, Beneficiary: table.Cell{Text: "Awa"}}, rules.KindPerson},
		"only an amount":                      {table.Row{Problem: rules.CodeRowWidth, Amount: table.Cell{Text: "5000"}}, rules.KindPerson},
		"only a name":                         {table.Row{Problem: rules.CodeRowWidth, Name: table.Cell{Text: "TOTAL"}}, rules.KindPerson},
		"only a note":                         {table.Row{Problem: rules.CodeRowWidth, Note: table.Cell{Text: "TOTAL"}}, rules.KindUnclear},
		"what only wants a look is as it is":  {table.Row{Problem: rules.CodeRowMarked, Name: table.Cell{Text: "TOTAL"}, Amount: table.Cell{Text: "5000"}}, rules.KindTotal},
		"a number that cannot be read":        {table.Row{Beneficiary: cell(rules.CodeCellDate)}, rules.KindPerson},
		"a number within a merged cell":       {table.Row{Beneficiary: cell(rules.CodeCellMerged)}, rules.KindPrefilled},
		"a name that cannot be read":          {table.Row{Name: cell(rules.CodeCellDate), Operator: table.Cell{Text: "Orange"}}, rules.KindPerson},
		"a name within a merged cell":         {table.Row{Name: cell(rules.CodeCellMerged), Operator: table.Cell{Text: "Orange"}}, rules.KindPrefilled},
		"an amount that cannot be read":       {table.Row{Amount: cell(rules.CodeCellFormulaError)}, rules.KindFigure},
		"an amount within a merged cell":      {table.Row{Amount: cell(rules.CodeCellMerged)}, rules.KindPrefilled},
		"two titles, one of two lines' lower": {line(2, "||Nom et prénoms|payer|Opérateur"), rules.KindHeader},
	} {
		if got := builtinRules(t).Kind(test.row, titles()); got != test.want {
			t.Errorf("%s: kind %d, want %d", why, got, test.want)
		}
	}
	for kind, pays := range map[rules.Kind]bool{
		rules.KindPerson: true, rules.KindUnclear: true, rules.KindTotal: false, rules.KindFigure: false, rules.KindHeader: false,
		rules.KindOtherHeader: false, rules.KindRemark: false, rules.KindSignature: false, rules.KindPrefilled: false, rules.KindEnd: false,
	} {
		if kind.Pays() != pays {
			t.Errorf("kind %d pays: %t", kind, !pays)
		}
	}
}

// TestATotalBeyondAnyAmountIsReadInItsCurrency, which may have decimals.
func TestATotalBeyondAnyAmountIsReadInItsCurrency(t *testing.T) {
	euros := strings.Replace(rulesWith(t, "currency: XOF", "currency: EUR"), "amount_max: 1000000", "amount_max: 99999999999", 1)
	set, err := rules.Load(strings.NewReader(euros))
	if err != nil {
		t.Fatal(err)
	}
	v := rules.NewValidator(set, rules.Options{})
	for i, row := range []struct{ text, want string }{
		{"A-1|0701020304|Awa|999 999 999,25|Orange", ""},
		{"A-2|0701020305|Yao|999 999 999,25|Orange", ""},
		{"||TOTAL|1 999 999 998,50", "[total.agrees] 2-3"},
		{"||TOTAL|1 999 999 998,05", "total.differs 2-3"},
	} {
		if got := toldAs(v.Check(line(i+2, row.text)).Problems); got != row.want {
			t.Errorf("%q has %q, want %q", row.text, got, row.want)
		}
	}
}

// TestATotalWithoutAFigureIsToldWhereItStands, above the rows, too.
func TestATotalWithoutAFigureIsToldWhereItStands(t *testing.T) {
	v := rules.NewValidator(builtinRules(t), rules.Options{Headers: titles()})
	if got := toldAs(v.Check(line(2, "||TOTAL")).Problems); got != "[row.total]" || len(v.End()) > 0 {
		t.Errorf("told %q, and more at the end", got)
	}
}

func TestATotalAboveTheRowsIsHeldAgainstAllOfThem(t *testing.T) {
	for figure, want := range map[string]string{"270000": "[total.agrees] 3-4", "150000": "total.differs 3-4"} {
		v := rules.NewValidator(builtinRules(t), rules.Options{Headers: titles()})
		rows := []string{"||Total à payer|" + figure, "A-1|0701020304|Awa|150000|Orange", "A-2|0501020304|Yao|120000|MTN"}
		for i, text := range rows {
			if problems := v.Check(line(i+2, text)).Problems; len(problems) > 0 {
				t.Errorf("%q has %v, want nothing before the end", text, problems)
			}
		}
		end := v.End()
		if got := toldAs(end); got != want || end[0].Row != 2 {
			t.Errorf("a total of %s above the rows: %q, want %q", figure, got, want)
		}
	}
}
