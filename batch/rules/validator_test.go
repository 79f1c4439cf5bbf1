package rules_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// goodRow is a row without a problem.
func goodRow() table.Row {
	return table.Row{
		Number:        2,
		TransactionID: table.Cell{Text: "PAY-1"},
		Beneficiary:   table.Cell{Text: "07 01 02 03 04"},
		Name:          table.Cell{Text: "Awa Koné"},
		Amount:        table.Cell{Text: "5 000"},
		Operator:      table.Cell{Text: "Orange"},
		Note:          table.Cell{Text: "Salaire"},
	}
}

// rowWith returns a good row with something changed.
func rowWith(change func(*table.Row)) table.Row {
	row := goodRow()
	change(&row)
	return row
}

// codes tells the problems' codes, those of warnings in brackets.
func codes(problems []rules.Problem) string {
	var told []string
	for _, p := range problems {
		code := p.Code
		if p.Severity == rules.Warning {
			code = "(" + code + ")"
		}
		told = append(told, code)
	}
	return strings.Join(told, " ")
}

func TestAGoodRowBecomesAnEntryThatMayBePaid(t *testing.T) {
	judged := rules.NewValidator(builtinRules(t), rules.Options{}).Check(goodRow())
	entry, problems := judged.Entry, judged.Problems
	if len(problems) > 0 {
		t.Errorf("problems %v, want none", problems)
	}
	want := ledger.Entry{Row: 2, Terms: ledger.Terms{
		ID: "PAY-1", Country: "CI", Operator: "ORANGE", Number: "+2250701020304", Name: "Awa Koné", Amount: money.XOF.Of(5000), Note: "Salaire",
	}}
	if diff := cmp.Diff(want, entry); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestEachRuleHoldsAtItsBoundary(t *testing.T) {
	for _, test := range []struct {
		why    string
		change func(*table.Row)
		want   string
	}{
		{"amount below the least", func(r *table.Row) { r.Amount.Text = "99" }, "amount.min"},
		{"the least amount", func(r *table.Row) { r.Amount.Text = "100" }, ""},
		{"the largest amount", func(r *table.Row) { r.Amount.Text = "1000000" }, ""},
		{"amount above the largest", func(r *table.Row) { r.Amount.Text = "1000001" }, "amount.max"},
		{"no amount", func(r *table.Row) { r.Amount.Text = "" }, "amount.missing"},

		{"an id of 20", func(r *table.Row) { r.TransactionID.Text = strings.Repeat("x", 20) }, ""},
		{"an id of 21", func(r *table.Row) { r.TransactionID.Text = strings.Repeat("x", 21) }, "id.length"},
		{"no id", func(r *table.Row) { r.TransactionID.Text = "" }, "id.missing"},
		{"an id of one", func(r *table.Row) { r.TransactionID.Text = "1" }, ""},
		{"ends of the alphabets", func(r *table.Row) { r.TransactionID.Text = "azAZ09-_." }, ""},
		{"an id that changes a path", func(r *table.Row) { r.TransactionID.Text = "PAY/1" }, "id.characters"},
		{"an id that begins a query", func(r *table.Row) { r.TransactionID.Text = "PAY?1" }, "id.characters"},
		{"an id that climbs a path", func(r *table.Row) { r.TransactionID.Text = ".." }, "id.characters"},
		{"an id with a space", func(r *table.Row) { r.TransactionID.Text = "PAY 1" }, "id.characters"},
		{"an id with an accent", func(r *table.Row) { r.TransactionID.Text = "PAYÉ" }, "id.characters"},
		{"neighbours of what is allowed: @", func(r *table.Row) { r.TransactionID.Text = "@" }, "id.characters"},
		{"neighbours of what is allowed: [", func(r *table.Row) { r.TransactionID.Text = "[" }, "id.characters"},
		{"neighbours of what is allowed: `", func(r *table.Row) { r.TransactionID.Text = "`" }, "id.characters"},
		{"neighbours of what is allowed: {", func(r *table.Row) { r.TransactionID.Text = "{" }, "id.characters"},
		{"neighbours of what is allowed: :", func(r *table.Row) { r.TransactionID.Text = ":" }, "id.characters"},

		{"a name of 100", func(r *table.Row) { r.Name.Text = strings.Repeat("é", 100) }, ""},
		{"a name of 101", func(r *table.Row) { r.Name.Text = strings.Repeat("é", 101) }, "name.length"},
		{"no name", func(r *table.Row) { r.Name.Text = "" }, "name.missing"},
		{"a broken character", func(r *table.Row) { r.Name.Text = "Awa Kon\ufffd" }, "(name.characters)"},
		{"names as they are", func(r *table.Row) { r.Name.Text = "N'Guessan-Kouamé d’Almeida (fils), 2e" }, ""},

		{"another operator's number", func(r *table.Row) { r.Beneficiary.Text = "0501020304" }, "(number.prefix)"},
		{"nobody's number", func(r *table.Row) { r.Beneficiary.Text = "2701020304" }, "number.unassigned"},
		{"a lost zero", func(r *table.Row) { r.Beneficiary = table.Cell{Text: "701020304", Numeric: true} }, "number.lost_zero"},
		{"another operator's lost zero", func(r *table.Row) { r.Beneficiary.Text = "501020304" }, "number.lost_zero (number.prefix)"},
		{"eight digits", func(r *table.Row) { r.Beneficiary.Text = "07010203" }, "number.old_format"},

		{"Wave on Orange", func(r *table.Row) { r.Operator.Text = "Wave" }, ""},
		{"Wave on MTN", func(r *table.Row) { r.Operator.Text, r.Beneficiary.Text = "WAVE_CI", "0501020304" }, ""},
		{"Wave on Moov", func(r *table.Row) { r.Operator.Text, r.Beneficiary.Text = "wave", "0101020304" }, ""},
		{"Wave on a land line", func(r *table.Row) { r.Operator.Text, r.Beneficiary.Text = "wave", "2701020304" }, "number.unassigned"},
		{"MTN", func(r *table.Row) { r.Operator.Text, r.Beneficiary.Text = "MoMo", "0501020304" }, ""},
		{"Moov", func(r *table.Row) { r.Operator.Text, r.Beneficiary.Text = "flooz", "0101020304" }, ""},
		{"no operator", func(r *table.Row) { r.Operator.Text = "" }, "operator.missing"},
		{"punctuation for an operator", func(r *table.Row) { r.Operator.Text = "-" }, "operator.unknown"},
		{"an unknown operator hides nothing", func(r *table.Row) {
			r.Operator.Text, r.Amount.Text, r.Beneficiary.Text = "Free", "1000001", "0901020304"
		}, "number.unassigned amount.max operator.unknown"},

		{"the currency", func(r *table.Row) { r.Currency.Text = "XOF" }, ""},
		{"the currency by another name", func(r *table.Row) { r.Currency.Text = "F CFA" }, ""},
		{"in small letters", func(r *table.Row) { r.Currency.Text = "xof" }, ""},
		{"another currency", func(r *table.Row) { r.Currency.Text = "EUR" }, "currency.unsupported"},
		{"another franc", func(r *table.Row) { r.Currency.Text = "XAF" }, "currency.unsupported"},
		{"the country", func(r *table.Row) { r.Country.Text = "CI" }, ""},
		{"the country in full", func(r *table.Row) { r.Country.Text = "COTE D’IVOIRE" }, ""},
		{"another country", func(r *table.Row) { r.Country.Text = "SN" }, "country.unsupported"},

		{"a hidden row", func(r *table.Row) { r.Problem = rules.CodeRowHidden }, "row.hidden"},
		{"a row marked as paid", func(r *table.Row) { r.Mark = &table.Mark{Title: "Statut", Text: "Payé"} }, "(row.marked)"},
		{"an old result", func(r *table.Row) { r.Amount.Problem = rules.CodeCellFormulaStale }, "(cell.formula_stale)"},
		{"a row above the titles", func(r *table.Row) { *r = table.Row{Number: 1, Problem: rules.CodeRowAboveHeader} }, "row.above_header"},
		{"a row too wide", func(r *table.Row) { r.Problem = rules.CodeRowWidth }, "row.width"},
		{"a code from nowhere", func(r *table.Row) { r.Problem = "row.new" }, "row.new"},
		{"an untrusted id", func(r *table.Row) { r.TransactionID.Problem = rules.CodeCellTooLong }, "cell.too_long"},
		{"an untrusted number", func(r *table.Row) { r.Beneficiary.Problem = rules.CodeCellDate }, "cell.date"},
		{"an untrusted name", func(r *table.Row) { r.Name.Problem = rules.CodeCellBoolean }, "cell.boolean"},
		{"an untrusted amount", func(r *table.Row) { r.Amount.Problem = rules.CodeCellMerged }, "cell.merged"},
		{"an untrusted operator", func(r *table.Row) { r.Operator.Problem = rules.CodeCellMerged }, "cell.merged"},
		{"an untrusted currency", func(r *table.Row) { r.Currency.Problem = rules.CodeCellDate }, "cell.date"},
		{"an untrusted country", func(r *table.Row) { r.Country.Problem = rules.CodeCellDate }, "cell.date"},
		{"a note is only a note", func(r *table.Row) { r.Note = table.Cell{Text: "#REF!", Problem: rules.CodeCellFormulaError} }, ""},
	} {
		judged := rules.NewValidator(builtinRules(t), rules.Options{}).Check(rowWith(test.change))
		entry, problems := judged.Entry, judged.Problems
		if got := codes(problems); got != test.want {
			t.Errorf("%s: problems %q, want %q", test.why, got, test.want)
		}
		if rejected := len(entry.Rejections) > 0; rejected != (test.want != "" && !strings.HasPrefix(test.want, "(")) {
			t.Errorf("%s: rejections %v with problems %q", test.why, entry.Rejections, test.want)
		}
	}
}

func TestAllProblemsOfARowAreToldInTheOrderOfTheColumns(t *testing.T) {
	row := table.Row{
		Number: 7, Problem: rules.CodeRowHidden, TransactionID: table.Cell{Text: "a b"},
		Beneficiary: table.Cell{Text: "7"}, Amount: table.Cell{Text: "1.000"}, Operator: table.Cell{Text: "?"},
		Currency: table.Cell{Text: "USD"}, Country: table.Cell{Text: "FR"},
	}
	problems := rules.NewValidator(builtinRules(t), rules.Options{
		Headers: map[table.Field]string{table.FieldAmount: "Montant"},
	}).Check(row).Problems
	want := "row.hidden id.characters number.length name.missing amount.ambiguous operator.unknown currency.unsupported country.unsupported"
	if got := codes(problems); got != want {
		t.Errorf("problems %q\nwant     %q", got, want)
	}
	amount := rules.Problem{
		Row: 7, Column: table.FieldAmount, Header: "Montant", Value: "1.000",
		Code: rules.CodeAmountAmbiguous, Severity: rules.Error,
		Details: map[string]string{"large": "1000", "small": "1"},
	}
	if diff := cmp.Diff(amount, problems[4]); diff != "" {
		t.Errorf("the amount's problem (-want +got):\n%s", diff)
	}
}

func TestARejectedRowKeepsWhatCouldBeReadAndWhy(t *testing.T) {
	row := goodRow()
	row.Operator.Text, row.Beneficiary.Text, row.Name.Text = "Free", "07-01", ""
	entry := rules.NewValidator(builtinRules(t), rules.Options{}).Check(row).Entry
	want := ledger.Entry{
		Row: 2,
		Terms: ledger.Terms{
			ID: "PAY-1", Country: "CI", Operator: "Free", Number: "0701", Amount: money.XOF.Of(5000), Note: "Salaire",
		},
		Rejections: []ledger.Rejection{
			{Code: rules.CodeNumberLength, Value: "07-01", Details: map[string]string{"country": "+225", "digits": "4", "length": "10"}},
			{Code: rules.CodeNameMissing},
			{Code: rules.CodeOperatorUnknown, Value: "Free", Details: map[string]string{"operators": "ORANGE, MTN, MOOV, WAVE"}},
		},
	}
	if diff := cmp.Diff(want, entry); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

// TestAFigureInAnotherCurrencyIsNoAmount: 5 000 euros must not be added up as francs, nor
// pass for the same payment as 5 000 francs.
func TestAFigureInAnotherCurrencyIsNoAmount(t *testing.T) {
	euros, francs := goodRow(), goodRow()
	euros.Currency.Text = "EUR"
	francs.Number, francs.TransactionID.Text = 3, "PAY-2"
	validator := rules.NewValidator(builtinRules(t), rules.Options{})
	if amount := validator.Check(euros).Entry.Amount; amount != (money.Amount{}) {
		t.Errorf("5 000 EUR count as %s", amount)
	}
	if judged := validator.Check(francs); len(judged.Problems) > 0 || judged.Entry.Amount != money.XOF.Of(5000) {
		t.Errorf("the row in francs: %s, problems %q", judged.Entry.Amount, codes(judged.Problems))
	}
}

func TestALeadingZeroIsRestoredOnlyOnRequestAndWithoutDoubt(t *testing.T) {
	for _, test := range []struct {
		why, number, operator string
		options               rules.Options
		wantNumber, wantCodes string
	}{
		{"not asked for", "701020304", "Orange", rules.Options{}, "701020304", "number.lost_zero"},
		{"asked for", "701020304", "Orange", rules.Options{RestoreLeadingZero: true}, "+2250701020304", "(number.zero_restored)"},
		{"asked for, strictly", "701020304", "Orange", rules.Options{RestoreLeadingZero: true, Strict: true}, "+2250701020304", "(number.zero_restored)"},
		{"with the country's prefix", "225701020304", "Orange", rules.Options{RestoreLeadingZero: true}, "+2250701020304", "(number.zero_restored)"},
		{"Wave takes any", "101020304", "Wave", rules.Options{RestoreLeadingZero: true}, "+2250101020304", "(number.zero_restored)"},
		{
			"another operator's", "501020304", "Orange",
			rules.Options{RestoreLeadingZero: true},
			"501020304", "number.lost_zero (number.prefix)",
		},
		{
			"operator unknown", "701020304", "Free",
			rules.Options{RestoreLeadingZero: true},
			"701020304", "number.lost_zero operator.unknown",
		},
		{"no zero was lost", "901020304", "Orange", rules.Options{RestoreLeadingZero: true}, "901020304", "number.length"},
	} {
		row := goodRow()
		row.Beneficiary.Text, row.Operator.Text = test.number, test.operator
		judged := rules.NewValidator(builtinRules(t), test.options).Check(row)
		entry, problems := judged.Entry, judged.Problems
		if entry.Number.Reveal() != test.wantNumber || codes(problems) != test.wantCodes {
			t.Errorf("%s: number %q, problems %q; want %q, %q",
				test.why, entry.Number.Reveal(), codes(problems), test.wantNumber, test.wantCodes)
		}
	}
}

func TestStrictTurnsWarningsIntoErrors(t *testing.T) {
	marked := rowWith(func(r *table.Row) { r.Mark = &table.Mark{Title: "Statut", Text: "Payé"} })
	judged := rules.NewValidator(builtinRules(t), rules.Options{Strict: true}).Check(marked)
	entry, problems := judged.Entry, judged.Problems
	if codes(problems) != "row.marked" || len(entry.Rejections) != 1 {
		t.Errorf("problems %q and rejections %v, want the marked row rejected", codes(problems), entry.Rejections)
	}
}

// sequence checks rows one after the other and tells the problems of each.
func sequence(t *testing.T, options rules.Options, rows ...table.Row) []string {
	t.Helper()
	v := rules.NewValidator(builtinRules(t), options)
	told := make([]string, len(rows))
	for i, row := range rows {
		row.Number = i + 2
		problems := v.Check(row).Problems
		told[i] = codes(problems)
		for _, p := range problems {
			if before := p.Details["row"]; before != "" {
				told[i] += " of row " + before
			}
		}
	}
	for _, p := range v.End() {
		told = append(told, fmt.Sprintf("row %d %s", p.Row, codes([]rules.Problem{p})))
	}
	return told
}

func TestRepetitionsNameTheRowTheyRepeat(t *testing.T) {
	first := goodRow()
	sameID := rowWith(func(r *table.Row) { r.Amount.Text = "6000" })
	samePayment := rowWith(func(r *table.Row) { r.TransactionID.Text = "PAY-2" })
	otherCase := rowWith(func(r *table.Row) { r.TransactionID.Text, r.Amount.Text = "pay-1", "7000" })
	otherOperator := rowWith(func(r *table.Row) { r.TransactionID.Text, r.Operator.Text = "PAY-3", "Wave" })
	otherNumber := rowWith(func(r *table.Row) { r.TransactionID.Text, r.Beneficiary.Text = "PAY-4", "0701020305" })
	got := sequence(t, rules.Options{}, first, first, sameID, samePayment, otherCase, otherOperator, otherNumber, samePayment)
	want := []string{
		"",
		"id.duplicate of row 2", // the payment is not told again
		"id.duplicate of row 2",
		"payment.repeated of row 2",
		"id.similar of row 2",
		"payment.repeated of row 2",
		"(name.repeated) of row 2",
		"id.duplicate payment.repeated of row 5 of row 2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems of the rows (-want +got):\n%s", diff)
	}
}

func TestARowWithAnotherProblemStillRepeats(t *testing.T) {
	nameless := rowWith(func(r *table.Row) { r.Name.Text = "" })
	second := rowWith(func(r *table.Row) { r.TransactionID.Text, r.Name.Text = "PAY-2", "" })
	unread := rowWith(func(r *table.Row) { r.TransactionID.Text, r.Amount.Text = "PAY-3", "1.000" })
	unread2 := rowWith(func(r *table.Row) { r.TransactionID.Text, r.Amount.Text = "PAY-4", "1.000" })
	got := sequence(t, rules.Options{}, nameless, second, unread, unread2)
	want := []string{
		"name.missing", "payment.repeated name.missing of row 2", "amount.ambiguous", "amount.ambiguous",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems of the rows (-want +got):\n%s", diff)
	}
}

// TestATitleInAnotherCurrencyPaysNobody: whoever named the column, its figures are none of
// the rules' currency, and none is counted as such.
func TestATitleInAnotherCurrencyPaysNobody(t *testing.T) {
	t.Parallel()
	for title, other := range map[string]string{
		"Montant": "", "Montant (FCFA)": "", "Net à payer (XOF)": "", "Montant en F CFA": "", "Montant F": "", "Amount ALL": "ALL",
		"ALL": "", "Montant (milliers de FCFA)": "", "EUR converti en XOF": "",
		"Montant (EUR)": "EUR", "Montant €": "EUR", "montant en euros": "EUR", "Salary (USD)": "USD", "Amount $": "USD",
		"Montant (XAF)": "XAF", "Montant (SEK)": "SEK", "Montant GNF": "GNF",
	} {
		row := goodRow()
		got := rules.NewValidator(builtinRules(t), rules.Options{Headers: map[table.Field]string{table.FieldAmount: title}}).Check(row)
		if other == "" {
			if len(got.Problems) > 0 {
				t.Errorf("%q: %+v", title, got.Problems)
			}
			continue
		}
		if len(got.Problems) != 1 || got.Problems[0].Code != rules.CodeCurrencyTitle || got.Problems[0].Details["named"] != other {
			t.Errorf("%q: %+v, want %s refused", title, got.Problems, other)
		}
		if got.Entry.Amount.Minor != 0 || len(got.Entry.Rejections) == 0 {
			t.Errorf("%q: %+v", title, got.Entry)
		}
	}
}
