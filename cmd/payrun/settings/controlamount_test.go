package settings

import (
	"errors"
	"testing"

	"payrun/cmd/payrun/ui"
	"payrun/ledger/money"
)

// TestAnExpectedTotalIsReadInTheFilesCurrency: with its decimals, however people group the
// digits, and never with a guess between thousands and decimals.
func TestAnExpectedTotalIsReadInTheFilesCurrency(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		typed    string
		currency money.Currency
		want     int64  // in minor units
		mistake  string // the key of the words
	}{
		{"8545500", "XOF", 8_545_500, ""},
		{"8 545 500 XOF", "XOF", 8_545_500, ""},
		{"8\u202f545\u202f500xof", "XOF", 8_545_500, ""},
		{"0", "XOF", 0, ""},
		{"8.545", "XOF", 0, "usage.expect_total"},
		{"5000.0", "XOF", 0, "usage.expect_total"},
		{"12.50 EUR", "XOF", 0, "usage.expect_total_currency"},
		{"12,50 EUR", "EUR", 1250, ""},
		{"12.5", "EUR", 1250, ""},
		{"1 012", "EUR", 101_200, ""},
		{"12.505", "EUR", 0, "usage.expect_total"},
		{"12.50 XOF", "EUR", 0, "usage.expect_total_currency"},
		{"12.500", "TND", 0, "usage.expect_total_ambiguous"},
		{"12,500 TND", "TND", 0, "usage.expect_total_ambiguous"},
		{"12.5000", "TND", 12_500, ""},
		{"12500", "TND", 12_500_000, ""},
		{"0.500", "TND", 500, ""},
		{"1 012.500 TND", "TND", 1_012_500, ""},
	} {
		var c ControlAmount
		if err := c.Set(test.typed); err != nil {
			t.Errorf("%q: %v", test.typed, err)
			continue
		}
		got, err := c.In(test.currency)
		if mistake, is := errors.AsType[*ui.MistakeError](err); is != (test.mistake != "") || is && mistake.Key != test.mistake {
			t.Errorf("%q in %s: %v, want %q", test.typed, test.currency, err, test.mistake)
		}
		if test.mistake == "" && (got == nil || *got != test.currency.Of(test.want)) {
			t.Errorf("%q in %s is %v, want %d", test.typed, test.currency, got, test.want)
		}
	}
	for _, typed := range []string{"", " ", "+5", "-5", "abc", "5k", "1.2.3", "1.", ".5", "1e3", "1234567890123456"} {
		if err := new(ControlAmount).Set(typed); !errors.Is(err, errControlAmount) {
			t.Errorf("%q is taken: %v", typed, err)
		}
	}
}
