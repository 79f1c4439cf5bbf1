package rules_test

import (
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

// TestAnAmountMayHaveItsUnitOnEitherSide reads the spellings of the franc, and the
// dashes that stand for no centimes.
func TestAnAmountMayHaveItsUnitOnEitherSide(t *testing.T) {
	for text, want := range map[string]money.Amount{
		"XOF 150 000": money.XOF.Of(150000), "XOF150000": money.XOF.Of(150000), "F CFA 150000": money.XOF.Of(150000), "F.CFA 150 000": money.XOF.Of(150000), "CFA 150 000": money.XOF.Of(150000),
		"FCFA 150.000,00": money.XOF.Of(150000), "Frs 150 000": money.XOF.Of(150000), "francs 150000": money.XOF.Of(150000), "F 150000": money.XOF.Of(150000), "xof 150 000": money.XOF.Of(150000),
		"150000 Frs": money.XOF.Of(150000), "150 000 francs": money.XOF.Of(150000), "150 000 F.CFA": money.XOF.Of(150000), "150 000 F. CFA": money.XOF.Of(150000), "150 000 Fr": money.XOF.Of(150000),
		"150 000 fr.": money.XOF.Of(150000), "150 000 Francs CFA": money.XOF.Of(150000), "150000Frs": money.XOF.Of(150000), "150 000\u00a0F\u00a0CFA": money.XOF.Of(150000),
		"150 000,-": money.XOF.Of(150000), "150000.-": money.XOF.Of(150000), "150.000,--": money.XOF.Of(150000), "150,000.-": money.XOF.Of(150000), "150 000,–": money.XOF.Of(150000),
		"150 000,- FCFA": money.XOF.Of(150000), "XOF 150 000,-": money.XOF.Of(150000),
	} {
		if got, code := rules.ParseAmount(money.XOF, text); got != want || code != "" {
			t.Errorf("%q is read as %v (%s), want %v", text, got, code, want)
		}
	}
	for text, want := range map[string]string{
		"150000F": rules.CodeAmountFormat, "F150": rules.CodeAmountFormat, "500 €": rules.CodeAmountFormat,
		"USD 500": rules.CodeAmountFormat, "500 XAF": rules.CodeAmountFormat, "150 k": rules.CodeAmountFormat,
		"150 000 FCFA par mois": rules.CodeAmountFormat, "1.000 F CFA": rules.CodeAmountAmbiguous,
		"150 000-": rules.CodeAmountSign, "-150 000,-": rules.CodeAmountSign, "FCFA": rules.CodeAmountMissing,
		",-": rules.CodeAmountSign, "150 000,---": rules.CodeAmountSign,
	} {
		if got, code := rules.ParseAmount(money.XOF, text); got.Minor != 0 || code != want {
			t.Errorf("%q is read as %v (%s), want %s", text, got, code, want)
		}
	}
}

func TestACountryIsKnownByItsCodes(t *testing.T) {
	for text, want := range map[string]string{
		"225": "", "+225": "", "00225": "", "RCI": "", "rci": "", "CI": "", "CIV": "", "Côte d’Ivoire": "", "République de Côte d'Ivoire": "",
		"221": "country.unsupported", "+33": "country.unsupported", "SN": "country.unsupported", "22": "country.unsupported",
	} {
		judged := rules.NewValidator(builtinRules(t), rules.Options{}).Check(rowWith(func(r *table.Row) { r.Country.Text = text }))
		if got := codes(judged.Problems); got != want {
			t.Errorf("%q: problems %q, want %q", text, got, want)
		}
	}
}
