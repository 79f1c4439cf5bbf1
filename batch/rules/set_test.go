package rules_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

func TestTheBuiltInRulesAreTheProviders(t *testing.T) {
	set := builtinRules(t)
	if set.Country() != "CI" || set.Currency() != "XOF" {
		t.Errorf("country %q and currency %q, want CI and XOF", set.Country(), set.Currency())
	}
	want := []ledger.Operator{"ORANGE", "MTN", "MOOV", "WAVE"}
	if diff := cmp.Diff(want, set.Operators()); diff != "" {
		t.Errorf("operators (-want +got):\n%s", diff)
	}
	if got := set.RepeatedWithin(); got != 20*24*time.Hour {
		t.Errorf("the same payment is pointed out within %s, want 20 days", got)
	}
	if got := set.IDCharacters(); got != "A-Z a-z 0-9 - _ ." {
		t.Errorf("an id may have %q", got)
	}
	if got := set.OperatorName("MTN"); got != "MTN MoMo" {
		t.Errorf("MTN is called %q", got)
	}
	if got := set.OperatorName("OTHER"); got != "OTHER" {
		t.Errorf("an operator without rules is called %q, want its id", got)
	}
}

// TestARowOfNobodyKnowsWhichOperatorHasTheWidestLimits: its other problems are told, and no
// limit that may not be its own.
func TestARowOfNobodyKnowsWhichOperatorHasTheWidestLimits(t *testing.T) {
	set, err := rules.Load(strings.NewReader(rulesWith(t, "amount_min: 100\n    amount_max: 1000000", "amount_min: 200\n    amount_max: 900000")))
	if err != nil {
		t.Fatal(err)
	}
	if least, most := set.AmountRange(); least != money.XOF.Of(100) || most != money.XOF.Of(1_000_000) {
		t.Errorf("from %s to %s, want what the others take", least, most)
	}
}

// TestLargeAmountsAreToldApart, and are repeated as small ones are.
func TestLargeAmountsAreToldApart(t *testing.T) {
	set, err := rules.Load(strings.NewReader(rulesWith(t, "amount_max: 1000000", "amount_max: 99999999999")))
	if err != nil {
		t.Fatal(err)
	}
	v := rules.NewValidator(set, rules.Options{})
	for i, row := range []struct{ amount, want string }{
		{"4294972296", ""},
		{"8589939592", ""},
		{"5000", ""}, // alike in their lower 32 bits
		{"4294972296", "payment.repeated"},
		{"5000", "payment.repeated"},
		{"4294967296", ""},
		{"4294967296", "payment.repeated"},
		{"4294967295", ""},
		{"4294967295", "payment.repeated"},
	} {
		if got := codes(v.Check(line(i+2, fmt.Sprintf("N-%d|0701020304|Awa Koné|%s|Orange", i, row.amount))).Problems); got != row.want {
			t.Errorf("row %d, %s: %q, want %q", i, row.amount, got, row.want)
		}
	}
}

func TestOperatorsAreKnownByTheNamesThatFilesUse(t *testing.T) {
	for operator, names := range map[ledger.Operator][]string{
		"ORANGE": {"ORANGE", "orange", "Orange Money", "ORANGE_MONEY_CI", "Orange-Money CI", "OM", "O.M.", "Orange Côte d'Ivoire"},
		"MTN":    {"MTN", "mtn", "MTN MoMo", "MoMo", "MTN_MONEY_CI", "MTN Money", "mtn mobile money"},
		"MOOV":   {"MOOV", "Moov Money", "Moov Africa", "Flooz", "MOOV_MONEY_CI", "móov"},
		"WAVE":   {"WAVE", "Wave", "Wave CI", "WAVE_CI", "WAVE_MONEY_CI"},
	} {
		for _, name := range names {
			row := rowWith(func(r *table.Row) { r.Operator.Text = name })
			entry := rules.NewValidator(builtinRules(t), rules.Options{}).Check(row).Entry
			if entry.Operator != operator {
				t.Errorf("%q is %q, want %s", name, entry.Operator, operator)
			}
		}
	}
}

func TestFeesAreEstimatedUpToTheNextHundredthOfAFranc(t *testing.T) {
	set, err := rules.Load(strings.NewReader(rulesWith(t, "fee_basis_points: 100", "fee_basis_points: 155")))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		set      *rules.Set
		operator ledger.Operator
		amount   money.Amount
		want     money.Fine
	}{
		{builtinRules(t), "ORANGE", money.XOF.Of(100), money.XOF.Fine(1_00)},
		{builtinRules(t), "ORANGE", money.XOF.Of(25_000), money.XOF.Fine(250_00)},
		{builtinRules(t), "WAVE", money.XOF.Of(500), money.XOF.Fine(7_50)},
		{builtinRules(t), "ORANGE", money.XOF.Of(101), money.XOF.Fine(1_01)},
		{builtinRules(t), "ORANGE", money.Amount{}, money.Fine{}},
		{builtinRules(t), "OTHER", money.XOF.Of(25_000), money.Fine{}},
		{set, "ORANGE", money.XOF.Of(100), money.XOF.Fine(1_55)},
		{set, "ORANGE", money.XOF.Of(101), money.XOF.Fine(1_57)}, // 1.5655 francs
		{set, "ORANGE", money.XOF.Of(120), money.XOF.Fine(1_86)}, // exactly
	} {
		if got := test.set.Fee(test.operator, test.amount); got != test.want {
			t.Errorf("the fee of %s on %s is %s, want %s", test.operator, test.amount, got, test.want)
		}
	}
}

// rulesWith returns the built-in rules with the first occurrence of a text
// replaced by another.
func rulesWith(t *testing.T, old, replacement string) string {
	t.Helper()
	builtin, err := os.ReadFile("digitalpaye-ci.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(builtin), old) {
		t.Fatalf("the built-in rules do not contain %q", old)
	}
	return strings.Replace(string(builtin), old, replacement, 1)
}

func TestRulesThatMakeNoSenseAreRefused(t *testing.T) {
	for _, test := range []struct{ old, replacement, want string }{
		{"country: CI", "country: CIV", "country is"},
		{"country: CI", "country: ci", "country is"},
		{"currency: XOF", "currency: CFA Franc", "currency is"},
		{"number_length: 10", "number_length: 0", "number_length is"},
		{"number_length: 10", "number_length: 16", "number_length is"},
		{"number_length_old: 8", "number_length_old: 10", "number_length_old is"},
		{"number_length_old: 8", "number_length_old: -1", "number_length_old is"},
		{`country_prefix: "225"`, `country_prefix: "+225"`, "country_prefix is"},
		{`country_prefix: "225"`, `country_prefix: "00225"`, "country_prefix is"},
		{`country_prefix: "225"`, `country_prefix: ""`, "country_prefix is"},
		{"transaction_id_length_max: 20", "transaction_id_length_max: 65", "transaction_id_length_max is"},
		{"transaction_id_length_max: 20", "transaction_id_length_max: 0", "transaction_id_length_max is"},
		{"name_length_max: 100", "name_length_max: 0", "name_length_max is"},
		{"repeated_within_days: 20", "repeated_within_days: -1", "repeated_within_days is"},
		{"repeated_within_days: 20", "repeated_within_days: 3661", "repeated_within_days is"},
		{"name_length_max: 100", "name_size_max: 100", `unknown field "name_size_max"`},
		{"name_length_max: 100", "name_length_max: 100\nname_length_max: 90", "already defined"},
		{"amount_min: 100", "amount_minimum: 100", `unknown field "amount_minimum"`},
		{"id: ORANGE", "id: ORANGE\n    provider_names: { v2: WAVE_MONEY_CI }", `unknown field "provider_names"`},
		{"amount_min: 100", "amount_min: 0", `operator "ORANGE": amount_min`},
		{"amount_min: 100", "amount_min: 1000001", `operator "ORANGE": amount_min`},
		{"amount_max: 1000000", "amount_max: 100000000000", `operator "ORANGE": amount_min`},
		{"amount_min: 100", "amount_min: 100.7", `"100.7" is not a whole number`},
		{"amount_min: 100", "amount_min: 99999999999999999999", "is not a whole number"},
		{"amount_max: 1000000", "amount_max: 1 000 000", "is not a whole number"},
		{"amount_max: 1000000", "amount_max: 1e6 # a million", `"1e6" is not a whole number`},
		{"fee_basis_points: 100", "fee_basis_points: 1.5", `[39:23] "1.5" is not a whole number`},
		{"fee_basis_points: 100", "fee_basis_points: -1", `operator "ORANGE": fee_basis_points`},
		{"fee_basis_points: 100", "fee_basis_points: 10001", `operator "ORANGE": fee_basis_points`},
		{`prefixes: ["07"]`, "prefixes: []", `operator "ORANGE": no prefixes`},
		{`prefixes: ["07"]`, `prefixes: ["O7"]`, `prefix "O7"`},
		{`prefixes: ["07"]`, `prefixes: [""]`, `prefix ""`},
		{`prefixes: ["07"]`, `prefixes: ["0701020304"]`, `prefix "0701020304"`},
		{"id: MTN", "id: ORANGE", `operator "ORANGE": is there twice`},
		{"id: MTN", `id: ""`, "id and name are needed"},
		{"name: MTN MoMo", `name: ""`, "id and name are needed"},
		{"momo,", "Orange-Money,", `"Orange-Money" also names ORANGE`},
		{"momo,", `"-",`, `"-" has neither letter nor digit`},
		{"prefix: warning", "prefix: note", "prefix is warning or error"},
		{"operators:", "operators: []\nnothing:", "unknown field"},
	} {
		_, err := rules.Load(strings.NewReader(rulesWith(t, test.old, test.replacement)))
		if !errors.Is(err, rules.ErrRules) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("with %q: %v, want ErrRules and %q", test.replacement, err, test.want)
		}
	}
}

func TestRulesAtTheirBoundsAreAccepted(t *testing.T) {
	for _, test := range []struct{ old, replacement string }{
		{"number_length: 10\nnumber_length_old: 8", "number_length: 15\nnumber_length_old: 14"},
		{"number_length_old: 8", "number_length_old: 0"},
		{"transaction_id_length_max: 20", "transaction_id_length_max: 1"},
		{"transaction_id_length_max: 20", "transaction_id_length_max: 64"},
		{"name_length_max: 100", "name_length_max: 1"},
		{"repeated_within_days: 20", "repeated_within_days: 3660"},
		{"repeated_within_days: 20", "repeated_within_days: 0"},
		{"prefix: warning", "prefix: error"},
		{"prefix: warning", ""},
		{"amount_min: 100", "amount_min: 1"},
		{"amount_min: 100", "amount_min: 1000000"},
		{"amount_max: 1000000", "amount_max: 99999999999"},
		{"fee_basis_points: 100", "fee_basis_points: 0"},
		{"fee_basis_points: 100", "fee_basis_points: 10000"},
		{`prefixes: ["07"]`, `prefixes: ["070102030"]`},
	} {
		if _, err := rules.Load(strings.NewReader(rulesWith(t, test.old, test.replacement))); err != nil {
			t.Errorf("with %q: %v", test.replacement, err)
		}
	}
}

func TestARulesFileIsOneWholeDocument(t *testing.T) {
	whole := rulesWith(t, "country: CI", "country: CI")
	for what, text := range map[string]string{
		"nothing":             "",
		"only a comment":      "# rules\n",
		"no YAML":             "country: [",
		"something else":      "- 1\n",
		"no operators":        whole[:strings.Index(whole, "operators:")] + "operators: []\n",
		"an empty operator":   whole[:strings.Index(whole, "operators:")] + "operators: [null]\n",
		"two documents":       whole + "\n---\n" + whole,
		"a document and more": whole + "\n---\nsomething: else\n",
	} {
		if _, err := rules.Load(strings.NewReader(text)); !errors.Is(err, rules.ErrRules) {
			t.Errorf("%s: %v, want ErrRules", what, err)
		}
	}
}

func TestAnUnknownKeyIsReportedWithItsLine(t *testing.T) {
	_, err := rules.Load(strings.NewReader("country: CI\ncurrencies: XOF\n"))
	if err == nil || !strings.Contains(err.Error(), "[2:1]") {
		t.Errorf("error %v, want line 2, column 1", err)
	}
}

// TestAnotherCountryIsOnlyData pays to nine digits that do not begin with zero.
func TestAnotherCountryIsOnlyData(t *testing.T) {
	set, err := rules.Load(strings.NewReader(`
country: SN
currency: XOF
number_length: 9
number_length_old: 0
country_prefix: "221"
transaction_id_length_max: 12
name_length_max: 30
repeated_within_days: 0
operators:
  - id: FREE
    name: Free Money
    prefixes: ["76"]
    amount_min: 500
    amount_max: 2000
    fee_basis_points: 0
`))
	if err != nil {
		t.Fatal(err)
	}
	for number, want := range map[string]string{
		"761020304": "", "+221 76 102 03 04": "", "221761020304": "",
		"76102030": "number.length", "0761020304": "number.length", "701020304": "number.unassigned",
		"+221": "number.length", "+225 0701020304": "number.country",
	} {
		row := rowWith(func(r *table.Row) {
			r.Beneficiary.Text, r.Operator.Text, r.Amount.Text = number, "free money", "2000"
		})
		if problems := rules.NewValidator(set, rules.Options{}).Check(row).Problems; codes(problems) != want {
			t.Errorf("%s: problems %q, want %q", number, codes(problems), want)
		}
	}
}
