package rules_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

// TestARowIsWrittenAsTheRulesWould, where there is no doubt what it says. What there is a doubt
// about, or a problem with, stays for Check.
func TestARowIsWrittenAsTheRulesWould(t *testing.T) {
	type cells struct{ number, name, amount, operator, currency, country string }
	wrong := table.Cell{Text: "07 01 02 03 04", Problem: rules.CodeCellDate}
	for why, test := range map[string]struct {
		row  func(*table.Row)
		want cells
	}{
		"all of it": {func(r *table.Row) {
			r.Name.Text, r.Amount.Text, r.Currency.Text, r.Country.Text = " Awa \n Koné ", "5 000 FCFA", "F CFA", "Côte d’Ivoire"
		}, cells{"0701020304", "Awa Koné", "5000", "ORANGE", "XOF", "CI"}},
		"nothing of it": {func(r *table.Row) {
			r.Beneficiary.Text, r.Amount.Text, r.Operator.Text, r.Currency.Text, r.Country.Text = "07-01", "1.000", "Free", "EUR", "SN"
		}, cells{"07-01", "Awa Koné", "1.000", "Free", "EUR", "SN"}},
		"a zero that was lost":         {func(r *table.Row) { r.Beneficiary.Text = "701020304" }, cells{"0701020304", "Awa Koné", "5000", "ORANGE", "", ""}},
		"a zero of another operator's": {func(r *table.Row) { r.Beneficiary.Text = "501020304" }, cells{"501020304", "Awa Koné", "5000", "ORANGE", "", ""}},
		"a zero of nobody knows whose": {func(r *table.Row) { r.Beneficiary.Text, r.Operator.Text = "701020304", "" }, cells{"701020304", "Awa Koné", "5000", "", "", ""}},
		"a number of before 2021":      {func(r *table.Row) { r.Beneficiary.Text = "07010203" }, cells{"0707010203", "Awa Koné", "5000", "ORANGE", "", ""}},
		"one of several operators": {func(r *table.Row) { r.Beneficiary.Text, r.Operator.Text = "07010203", "Wave" }, cells{
			"07010203", "Awa Koné", "5000", "WAVE", "", "",
		}},
		"one of nobody knows whose": {func(r *table.Row) { r.Beneficiary.Text, r.Operator.Text = "07010203", "" }, cells{"07010203", "Awa Koné", "5000", "", "", ""}},
		"cells that cannot be trusted": {func(r *table.Row) {
			r.Beneficiary, r.Name, r.Amount, r.Operator, r.Currency, r.Country = wrong, wrong, wrong, wrong, wrong, wrong
			r.Name.Text, r.Amount.Text, r.Operator.Text, r.Currency.Text, r.Country.Text = "Awa  Koné", "5 000", "Orange", "F CFA", "RCI"
		}, cells{"07 01 02 03 04", "Awa  Koné", "5 000", "Orange", "F CFA", "RCI"}},
	} {
		row := builtinRules(t).Canonical(rowWith(test.row))
		got := cells{row.Beneficiary.Text, row.Name.Text, row.Amount.Text, row.Operator.Text, row.Currency.Text, row.Country.Text}
		if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(cells{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", why, diff)
		}
	}
}

// TestAnAmbiguousAmountIsToldInBothItsReadings, each so that it can be read in one way.
func TestAnAmbiguousAmountIsToldInBothItsReadings(t *testing.T) {
	for currency, want := range map[money.Currency]map[string]string{
		"XOF": {"large": "12345", "small": "12"}, "TND": {"large": "12345", "small": "12.3450"},
	} {
		if diff := cmp.Diff(want, rules.AmountDetails(currency, rules.CodeAmountAmbiguous, "12.345 ")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", currency, diff)
		}
	}
}
