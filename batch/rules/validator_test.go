package rules_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// goodRow is a row without a problem.
func goodRow() input.Row {
	return input.Row{
		Number:        2,
		TransactionID: input.Cell{Text: "PAY-1"},
		Beneficiary:   input.Cell{Text: "07 01 02 03 04"},
		Name:          input.Cell{Text: "Awa Koné"},
		Amount:        input.Cell{Text: "5 000"},
		Operator:      input.Cell{Text: "Orange"},
		Note:          input.Cell{Text: "Salaire"},
	}
}

// rowWith returns a good row with something changed.
func rowWith(change func(*input.Row)) input.Row {
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
	entry, problems := rules.NewValidator(builtinRules(t), rules.Options{}).Check(goodRow())
	if len(problems) > 0 {
		t.Errorf("problems %v, want none", problems)
	}
	want := ledger.Entry{Row: 2, Terms: ledger.Terms{
		ID: "PAY-1", Operator: "ORANGE", Number: "0701020304", Name: "Awa Koné", Amount: 5000, Note: "Salaire",
	}}
	if diff := cmp.Diff(want, entry); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestEachRuleHoldsAtItsBoundary(t *testing.T) {
	for _, test := range []struct {
		why    string
		change func(*input.Row)
		want   string
	}{
		{"amount below the least", func(r *input.Row) { r.Amount.Text = "99" }, "amount.min"},
		{"the least amount", func(r *input.Row) { r.Amount.Text = "100" }, ""},
		{"the largest amount", func(r *input.Row) { r.Amount.Text = "1000000" }, ""},
		{"amount above the largest", func(r *input.Row) { r.Amount.Text = "1000001" }, "amount.max"},
		{"no amount", func(r *input.Row) { r.Amount.Text = "" }, "amount.missing"},

		{"an id of 20", func(r *input.Row) { r.TransactionID.Text = strings.Repeat("x", 20) }, ""},
		{"an id of 21", func(r *input.Row) { r.TransactionID.Text = strings.Repeat("x", 21) }, "id.length"},
		{"no id", func(r *input.Row) { r.TransactionID.Text = "" }, "id.missing"},
		{"an id of one", func(r *input.Row) { r.TransactionID.Text = "1" }, ""},
		{"ends of the alphabets", func(r *input.Row) { r.TransactionID.Text = "azAZ09-_." }, ""},
		{"an id that changes a path", func(r *input.Row) { r.TransactionID.Text = "PAY/1" }, "id.characters"},
		{"an id that begins a query", func(r *input.Row) { r.TransactionID.Text = "PAY?1" }, "id.characters"},
		{"an id that climbs a path", func(r *input.Row) { r.TransactionID.Text = ".." }, "id.characters"},
		{"an id with a space", func(r *input.Row) { r.TransactionID.Text = "PAY 1" }, "id.characters"},
		{"an id with an accent", func(r *input.Row) { r.TransactionID.Text = "PAYÉ" }, "id.characters"},
		{"neighbours of what is allowed: @", func(r *input.Row) { r.TransactionID.Text = "@" }, "id.characters"},
		{"neighbours of what is allowed: [", func(r *input.Row) { r.TransactionID.Text = "[" }, "id.characters"},
		{"neighbours of what is allowed: `", func(r *input.Row) { r.TransactionID.Text = "`" }, "id.characters"},
		{"neighbours of what is allowed: {", func(r *input.Row) { r.TransactionID.Text = "{" }, "id.characters"},
		{"neighbours of what is allowed: :", func(r *input.Row) { r.TransactionID.Text = ":" }, "id.characters"},

		{"a name of 100", func(r *input.Row) { r.Name.Text = strings.Repeat("é", 100) }, ""},
		{"a name of 101", func(r *input.Row) { r.Name.Text = strings.Repeat("é", 101) }, "name.length"},
		{"no name", func(r *input.Row) { r.Name.Text = "" }, "name.missing"},
		{"a line break in the name", func(r *input.Row) { r.Name.Text = "Awa\nKoné" }, "name.characters"},
		{"a broken character", func(r *input.Row) { r.Name.Text = "Awa Kon\ufffd" }, "name.characters"},
		{"names as they are", func(r *input.Row) { r.Name.Text = "N'Guessan-Kouamé d’Almeida (fils), 2e" }, ""},

		{"another operator's number", func(r *input.Row) { r.Beneficiary.Text = "0501020304" }, "number.prefix"},
		{"nobody's number", func(r *input.Row) { r.Beneficiary.Text = "2701020304" }, "number.prefix"},
		{"a lost zero", func(r *input.Row) { r.Beneficiary = input.Cell{Text: "701020304", Numeric: true} }, "number.lost_zero"},
		{"another operator's lost zero", func(r *input.Row) { r.Beneficiary.Text = "501020304" }, "number.lost_zero number.prefix"},
		{"eight digits", func(r *input.Row) { r.Beneficiary.Text = "07010203" }, "number.old_format"},

		{"Wave on Orange", func(r *input.Row) { r.Operator.Text = "Wave" }, ""},
		{"Wave on MTN", func(r *input.Row) { r.Operator.Text, r.Beneficiary.Text = "WAVE_CI", "0501020304" }, ""},
		{"Wave on Moov", func(r *input.Row) { r.Operator.Text, r.Beneficiary.Text = "wave", "0101020304" }, ""},
		{"Wave on a land line", func(r *input.Row) { r.Operator.Text, r.Beneficiary.Text = "wave", "2701020304" }, "number.prefix"},
		{"MTN", func(r *input.Row) { r.Operator.Text, r.Beneficiary.Text = "MoMo", "0501020304" }, ""},
		{"Moov", func(r *input.Row) { r.Operator.Text, r.Beneficiary.Text = "flooz", "0101020304" }, ""},
		{"no operator", func(r *input.Row) { r.Operator.Text = "" }, "operator.missing"},
		{"punctuation for an operator", func(r *input.Row) { r.Operator.Text = "-" }, "operator.unknown"},
		{"an unknown operator hides nothing", func(r *input.Row) {
			r.Operator.Text, r.Amount.Text, r.Beneficiary.Text = "Free", "1000001", "0901020304"
		}, "number.prefix amount.max operator.unknown"},

		{"the currency", func(r *input.Row) { r.Currency.Text = "XOF" }, ""},
		{"the currency by another name", func(r *input.Row) { r.Currency.Text = "F CFA" }, ""},
		{"in small letters", func(r *input.Row) { r.Currency.Text = "xof" }, ""},
		{"another currency", func(r *input.Row) { r.Currency.Text = "EUR" }, "currency.unsupported"},
		{"another franc", func(r *input.Row) { r.Currency.Text = "XAF" }, "currency.unsupported"},
		{"the country", func(r *input.Row) { r.Country.Text = "CI" }, ""},
		{"the country in full", func(r *input.Row) { r.Country.Text = "COTE D’IVOIRE" }, ""},
		{"another country", func(r *input.Row) { r.Country.Text = "SN" }, "country.unsupported"},

		{"a hidden row", func(r *input.Row) { r.Problem = rules.CodeRowHidden }, "(row.hidden)"},
		{"a row too wide", func(r *input.Row) { r.Problem = rules.CodeRowWidth }, "row.width"},
		{"a code from nowhere", func(r *input.Row) { r.Problem = "row.new" }, "row.new"},
		{"an untrusted id", func(r *input.Row) { r.TransactionID.Problem = rules.CodeCellTooLong }, "cell.too_long"},
		{"an untrusted number", func(r *input.Row) { r.Beneficiary.Problem = rules.CodeCellDate }, "cell.date"},
		{"an untrusted name", func(r *input.Row) { r.Name.Problem = rules.CodeCellBoolean }, "cell.boolean"},
		{"an untrusted amount", func(r *input.Row) { r.Amount.Problem = rules.CodeCellMerged }, "cell.merged"},
		{"an untrusted operator", func(r *input.Row) { r.Operator.Problem = rules.CodeCellMerged }, "cell.merged"},
		{"an untrusted currency", func(r *input.Row) { r.Currency.Problem = rules.CodeCellDate }, "cell.date"},
		{"an untrusted country", func(r *input.Row) { r.Country.Problem = rules.CodeCellDate }, "cell.date"},
		{"a note is only a note", func(r *input.Row) { r.Note = input.Cell{Text: "#REF!", Problem: rules.CodeCellFormulaError} }, ""},
	} {
		entry, problems := rules.NewValidator(builtinRules(t), rules.Options{}).Check(rowWith(test.change))
		if got := codes(problems); got != test.want {
			t.Errorf("%s: problems %q, want %q", test.why, got, test.want)
		}
		if rejected := len(entry.Rejections) > 0; rejected != (test.want != "" && !strings.HasPrefix(test.want, "(")) {
			t.Errorf("%s: rejections %v with problems %q", test.why, entry.Rejections, test.want)
		}
	}
}

func TestAllProblemsOfARowAreToldInTheOrderOfTheColumns(t *testing.T) {
	row := input.Row{
		Number: 7, Problem: rules.CodeRowHidden, TransactionID: input.Cell{Text: "a b"},
		Beneficiary: input.Cell{Text: "7"}, Amount: input.Cell{Text: "1.000"}, Operator: input.Cell{Text: "?"},
		Currency: input.Cell{Text: "USD"}, Country: input.Cell{Text: "FR"},
	}
	_, problems := rules.NewValidator(builtinRules(t), rules.Options{
		Headers: map[input.Field]string{input.FieldAmount: "Montant"},
	}).Check(row)
	want := "(row.hidden) id.characters number.length name.missing amount.ambiguous operator.unknown currency.unsupported country.unsupported"
	if got := codes(problems); got != want {
		t.Errorf("problems %q\nwant     %q", got, want)
	}
	amount := rules.Problem{
		Row: 7, Column: input.FieldAmount, Header: "Montant", Value: "1.000",
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
	entry, _ := rules.NewValidator(builtinRules(t), rules.Options{
		Describe: func(p rules.Problem) string { return "about " + string(p.Column) },
	}).Check(row)
	want := ledger.Entry{
		Row: 2,
		Terms: ledger.Terms{
			ID: "PAY-1", Operator: "Free", Number: "0701", Amount: 5000, Note: "Salaire",
		},
		Rejections: []ledger.Rejection{
			{Code: rules.CodeNumberLength, Message: "about customer_id"},
			{Code: rules.CodeNameMissing, Message: "about name"},
			{Code: rules.CodeOperatorUnknown, Message: "about operator"},
		},
	}
	if diff := cmp.Diff(want, entry); diff != "" {
		t.Errorf("entry (-want +got):\n%s", diff)
	}
}

func TestALeadingZeroIsRestoredOnlyOnRequestAndWithoutDoubt(t *testing.T) {
	for _, test := range []struct {
		why, number, operator string
		options               rules.Options
		wantNumber, wantCodes string
	}{
		{"not asked for", "701020304", "Orange", rules.Options{}, "701020304", "number.lost_zero"},
		{"asked for", "701020304", "Orange", rules.Options{RestoreLeadingZero: true}, "0701020304", "(number.zero_restored)"},
		{"asked for, strictly", "701020304", "Orange", rules.Options{RestoreLeadingZero: true, Strict: true}, "0701020304", "(number.zero_restored)"},
		{"with the country's prefix", "225701020304", "Orange", rules.Options{RestoreLeadingZero: true}, "0701020304", "(number.zero_restored)"},
		{"Wave takes any", "101020304", "Wave", rules.Options{RestoreLeadingZero: true}, "0101020304", "(number.zero_restored)"},
		{
			"another operator's", "501020304", "Orange",
			rules.Options{RestoreLeadingZero: true},
			"501020304", "number.lost_zero number.prefix",
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
		entry, problems := rules.NewValidator(builtinRules(t), test.options).Check(row)
		if entry.Number.Reveal() != test.wantNumber || codes(problems) != test.wantCodes {
			t.Errorf("%s: number %q, problems %q; want %q, %q",
				test.why, entry.Number.Reveal(), codes(problems), test.wantNumber, test.wantCodes)
		}
	}
}

func TestStrictTurnsWarningsIntoErrors(t *testing.T) {
	hidden := rowWith(func(r *input.Row) { r.Problem = rules.CodeRowHidden })
	entry, problems := rules.NewValidator(builtinRules(t), rules.Options{Strict: true}).Check(hidden)
	if codes(problems) != "row.hidden" || len(entry.Rejections) != 1 {
		t.Errorf("problems %q and rejections %v, want the hidden row rejected", codes(problems), entry.Rejections)
	}
}

// sequence checks rows one after the other and tells the problems of each.
func sequence(t *testing.T, options rules.Options, rows ...input.Row) []string {
	t.Helper()
	v := rules.NewValidator(builtinRules(t), options)
	told := make([]string, len(rows))
	for i, row := range rows {
		row.Number = i + 2
		_, problems := v.Check(row)
		told[i] = codes(problems)
		for _, p := range problems {
			if before := p.Details["row"]; before != "" {
				told[i] += " of row " + before
			}
		}
	}
	return told
}

func TestRepetitionsNameTheRowTheyRepeat(t *testing.T) {
	first := goodRow()
	sameID := rowWith(func(r *input.Row) { r.Amount.Text = "6000" })
	samePayment := rowWith(func(r *input.Row) { r.TransactionID.Text = "PAY-2" })
	otherCase := rowWith(func(r *input.Row) { r.TransactionID.Text, r.Amount.Text = "pay-1", "7000" })
	otherOperator := rowWith(func(r *input.Row) { r.TransactionID.Text, r.Operator.Text = "PAY-3", "Wave" })
	otherNumber := rowWith(func(r *input.Row) { r.TransactionID.Text, r.Beneficiary.Text = "PAY-4", "0701020305" })
	got := sequence(t, rules.Options{}, first, first, sameID, samePayment, otherCase, otherOperator, otherNumber, samePayment)
	want := []string{
		"",
		"id.duplicate of row 2", // the payment is not told again
		"id.duplicate of row 2",
		"(payment.repeated) of row 2",
		"",
		"(payment.repeated) of row 2",
		"",
		"id.duplicate (payment.repeated) of row 5 of row 2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems of the rows (-want +got):\n%s", diff)
	}
}

func TestARowWithAnotherProblemStillRepeats(t *testing.T) {
	nameless := rowWith(func(r *input.Row) { r.Name.Text = "" })
	second := rowWith(func(r *input.Row) { r.TransactionID.Text, r.Name.Text = "PAY-2", "" })
	unread := rowWith(func(r *input.Row) { r.TransactionID.Text, r.Amount.Text = "PAY-3", "1.000" })
	unread2 := rowWith(func(r *input.Row) { r.TransactionID.Text, r.Amount.Text = "PAY-4", "1.000" })
	got := sequence(t, rules.Options{}, nameless, second, unread, unread2)
	want := []string{
		"name.missing", "(payment.repeated) name.missing of row 2", "amount.ambiguous", "amount.ambiguous",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems of the rows (-want +got):\n%s", diff)
	}
}

func TestAPaymentOfTheLastThirtyDaysIsPointedOut(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	payout := func(id string, state ledger.State, days int) ledger.Payout {
		return ledger.Payout{
			Terms: ledger.Terms{ID: ledger.TransactionID(id)}, Batch: "october",
			State: state, QueuedAt: now.AddDate(0, 0, -days),
		}
	}
	for _, test := range []struct {
		why  string
		paid []ledger.Payout
		err  error
		want string
	}{
		{"nothing", nil, nil, ""},
		{"what failed was not paid", []ledger.Payout{payout("F", ledger.Failed, 1)}, nil, ""},
		{"nor was what was cancelled", []ledger.Payout{payout("C", ledger.Cancelled, 1)}, nil, ""},
		{"paid", []ledger.Payout{payout("P", ledger.Successful, 20)}, nil, "(payment.repeated_recently) 2026-11-04 october P"},
		{"may still be paid", []ledger.Payout{payout("Q", ledger.Queued, 0)}, nil, "(payment.repeated_recently) 2026-11-24 october Q"},
		{"the last one is named", []ledger.Payout{
			payout("A", ledger.Successful, 9), payout("B", ledger.Successful, 3), payout("C", ledger.Successful, 6),
			payout("D", ledger.Failed, 1),
		}, nil, "(payment.repeated_recently) 2026-11-21 october B"},
		{"an unreadable ledger", nil, errors.New("input/output error"), "ledger.unreadable input/output error"},
	} {
		_, problems := rules.NewValidator(builtinRules(t), rules.Options{
			Now: now,
			Paid: func(number msisdn.Number, amount money.XOF, since time.Time, except ledger.TransactionID) ([]ledger.Payout, error) {
				if want := now.Add(-30 * 24 * time.Hour); !since.Equal(want) {
					t.Errorf("asked since %s, want %s", since, want)
				}
				if number != "0701020304" || amount != 5000 || except != "PAY-1" {
					t.Errorf("asked for %s, %d except %s", number.Reveal(), amount, except)
				}
				return test.paid, test.err
			},
		}).Check(goodRow())
		told := []string{codes(problems)}
		for _, p := range problems {
			for _, key := range []string{"date", "batch", "id", "reason"} {
				if detail := p.Details[key]; detail != "" {
					told = append(told, detail)
				}
			}
		}
		if got := strings.Join(told, " "); got != test.want {
			t.Errorf("%s: %q, want %q", test.why, got, test.want)
		}
	}
}

// TestARowThatAddsOthersUpIsSaidToBeATotal: it has one problem, not one for each
// cell that a total has not.
func TestARowThatAddsOthersUpIsSaidToBeATotal(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	cell := func(text string) input.Cell { return input.Cell{Text: text} }
	for name, test := range map[string]struct {
		row  input.Row
		want bool
	}{
		"in the name":             {input.Row{Name: cell("TOTAL :"), Amount: cell("300000")}, true},
		"in the number":           {input.Row{Beneficiary: cell("Total général"), Amount: cell("300000")}, true},
		"with an id":              {input.Row{TransactionID: cell("A-9"), Name: cell("Sous-total")}, true},
		"a person with a number":  {input.Row{Name: cell("Total"), Beneficiary: cell("0701020304")}, false},
		"another name":            {input.Row{Name: cell("Totalement")}, false},
		"a row without a name":    {input.Row{Amount: cell("300000")}, false},
		"a number lost to a word": {input.Row{Name: cell("Awa"), Beneficiary: cell("total?")}, true},
	} {
		_, problems := rules.NewValidator(set, rules.Options{}).Check(test.row)
		got := len(problems) == 1 && problems[0].Code == rules.CodeRowTotal && problems[0].Severity == rules.Error
		if got != test.want {
			t.Errorf("%s: problems %v, want a total: %v", name, problems, test.want)
		}
	}
}
