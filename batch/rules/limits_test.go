package rules_test

import (
	"errors"
	"strings"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
	"payrun/provider"
)

// narrow is a provider that takes less than the built-in rules.
func narrow() provider.Capabilities {
	return provider.Capabilities{
		ReferenceLength: 12, ReferenceAlphabet: provider.Digits, NameLength: 10,
		Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
	}
}

// TestARowIsHeldAgainstTheLimitsOfItsProvider, and against those of the rules where
// these are narrower.
func TestARowIsHeldAgainstTheLimitsOfItsProvider(t *testing.T) {
	t.Parallel()
	wide := narrow()
	wide.ReferenceLength, wide.ReferenceAlphabet, wide.NameLength = 36, provider.ASCIILettersDigits+"-_./", 0
	for _, test := range []struct {
		can      provider.Capabilities
		id, name string
		want     string
	}{
		{narrow(), "123456789012", "Koné Awa", ""},
		{narrow(), "1234567890123", "Koné Awa", rules.CodeIDLength},
		{narrow(), "PAY-0001", "Koné Awa", rules.CodeIDAlphabet},
		{narrow(), "PAY/0001", "Koné Awa", rules.CodeIDCharacters},
		{narrow(), "1", "Koné Awatt", ""},
		{narrow(), "1", "Koné Awatta", rules.CodeNameLength},
		{wide, strings.Repeat("A", 20), strings.Repeat("A", 100), ""},
		{wide, strings.Repeat("A", 21), "Koné Awa", rules.CodeIDLength},
		{wide, "A/B", "Koné Awa", rules.CodeIDCharacters},
		{wide, "A", strings.Repeat("A", 101), rules.CodeNameLength},
	} {
		set, err := rules.Default()
		if err != nil {
			t.Fatal(err)
		}
		if set, err = set.For(test.can); err != nil {
			t.Fatal(err)
		}
		judged := rules.NewValidator(set, rules.Options{}).Check(table.Row{
			Number: 2, TransactionID: table.Cell{Text: test.id}, Beneficiary: table.Cell{Text: "0701020304"},
			Name: table.Cell{Text: test.name}, Amount: table.Cell{Text: "5000"}, Operator: table.Cell{Text: "ORANGE"},
		})
		var codes []string
		for _, problem := range judged.Problems {
			codes = append(codes, problem.Code)
		}
		if got := strings.Join(codes, " "); got != test.want {
			t.Errorf("id %q, name %q: %q, want %q", test.id, test.name, got, test.want)
		}
		if allowed := set.IDCharacters(); strings.Contains(test.want, rules.CodeIDAlphabet) && allowed != "0-9" {
			t.Errorf("an id may have %q, want 0-9", allowed)
		}
		if takes := !strings.HasPrefix(test.want, "id."); set.TakesID(test.id) != takes {
			t.Errorf("id %q is taken: %t, want %t", test.id, !takes, takes)
		}
	}
}

func TestRulesForWhereAProviderDoesNotPayAreRefused(t *testing.T) {
	t.Parallel()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	abroad, other := narrow(), narrow()
	abroad.Countries, other.Currencies = []string{"SN"}, []money.Currency{"EUR"}
	for _, can := range []provider.Capabilities{abroad, other} {
		if _, err := set.For(can); !errors.Is(err, rules.ErrRules) {
			t.Errorf("for %s in %s: %v, want ErrRules", can.Countries, can.Currencies, err)
		}
	}
}

// TestLongIDsAreToldApart: of these no more than a digest is remembered.
func TestLongIDsAreToldApart(t *testing.T) {
	t.Parallel()
	head := strings.Repeat("A", 30)
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{head + "1", head + "2", false},
		{head + "1", head + "01", true},
		{head + "1", strings.ToLower(head) + "1", true},
		{strings.Repeat("0", 30) + "7", "7", true},
		{"01" + strings.Repeat("2", 19), "1" + strings.Repeat("2", 19), true},
	} {
		if rules.SameID(test.a, test.b) != test.same {
			t.Errorf("%q and %q are one id: %t, want %t", test.a, test.b, !test.same, test.same)
		}
	}
}
