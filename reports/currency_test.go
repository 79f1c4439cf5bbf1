package reports_test

import (
	"strings"
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// TestAmountsAreReportedWithTheirCurrencysDigits in every format.
func TestAmountsAreReportedWithTheirCurrencysDigits(t *testing.T) {
	for currency, want := range map[money.Currency]struct{ amount, fees, total string }{
		"XOF": {"1250", "7.5", "1257.5"},
		"EUR": {"12.50", "0.075", "12.575"},
		"TND": {"1.250", "0.0075", "1.2575"},
	} {
		paid := payout(2, "PAY-1", "WAVE", "0701234570", "Awa", currency.Of(1250), ledger.Successful)
		paid.Answer = ledger.Answer{Code: "SUCCESSFUL", Fees: currency.Fine(750), FeesKnown: true}
		h := header()
		h.Currency = currency
		written := write(t, books{payouts: []ledger.Payout{paid}}, h, reports.Options{})
		csv, json, page := string(content(t, written.Files[0])), string(content(t, written.Files[2])), string(content(t, written.Files[3]))
		if line := "," + want.amount + "," + string(currency) + "," + want.fees + "," + want.total + ","; !strings.Contains(csv, line) {
			t.Errorf("%s: no %q in\n%s", currency, line, csv)
		}
		if key := `"amount":` + want.amount + `,"currency":"` + string(currency) + `","fees":` + want.fees; !strings.Contains(json, key) {
			t.Errorf("%s: no %q in\n%s", currency, key, json)
		}
		if shown := currency.Of(1250).Grouped(); !strings.Contains(page, ">"+shown+"<") || currency != "XOF" && strings.Contains(page, "XOF") {
			t.Errorf("%s: %q is not on the page, or XOF is", currency, shown)
		}
		if sheet := cells(t, written.Files[1], "Payouts")[1]; sheet[9] != string(currency) || !strings.HasPrefix(want.amount, strings.TrimRight(sheet[8], "0")) {
			t.Errorf("%s: the workbook has %q", currency, sheet)
		}
	}
}
