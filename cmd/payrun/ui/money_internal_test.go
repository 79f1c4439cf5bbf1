package ui

import (
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
)

func TestATotalIsTypedWithItsDecimals(t *testing.T) {
	t.Parallel()
	francs, euros, dinars := money.XOF.Of(8_545_500), money.Currency("EUR").Of(123_450), money.Currency("TND").Of(12_500)
	for _, test := range []struct {
		typed string
		total money.Amount
		want  bool
	}{
		{"8545500", francs, true},
		{"8 545 500 XOF", francs, true},
		{"8,545,500", francs, true},
		{"8545501", francs, false},
		{"1 234.50 EUR", euros, true},
		{"1234,50", euros, true},
		{"1\u202f234.50\u202feur", euros, true},
		{"123450", euros, false},
		{"1234.5", euros, false},
		{"1234.50 XOF", euros, false},
		{"12.500", dinars, true},
		{"12500", dinars, false},
	} {
		if got := isTotal(test.typed, test.total); got != test.want {
			t.Errorf("%q for %s: %t", test.typed, test.total, got)
		}
	}
}

// TestSumsOfSeveralCurrenciesAreNoNumber: a ledger may hold batches in several.
func TestSumsOfSeveralCurrenciesAreNoNumber(t *testing.T) {
	t.Parallel()
	francs, euros := money.XOF.Of(5), money.Currency("EUR").Of(5)
	for name, test := range map[string]struct {
		states   map[ledger.State]money.Amount
		currency money.Currency
		amount   string
	}{
		"francs": {map[ledger.State]money.Amount{ledger.Failed: francs, ledger.Queued: francs}, "XOF", "5"},
		"euros":  {map[ledger.State]money.Amount{ledger.Failed: euros}, "EUR", "0.05"},
		"both":   {map[ledger.State]money.Amount{ledger.Failed: francs, ledger.Queued: euros}, "XXX", "?"},
	} {
		var found ledger.Verification
		for state, amount := range test.states {
			found.ByState.Add(ledger.Payout{Terms: ledger.Terms{Amount: amount}, State: state})
		}
		shown := newVerified(found)
		if shown.Currency != test.currency || shown.ByState[ledger.Failed].Amount.Plain() != test.amount {
			t.Errorf("%s: %q, %v", name, shown.Currency, shown.ByState)
		}
	}
}
