package money_test

import (
	"encoding/json"
	"errors"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"payrun/ledger/money"
)

const (
	euro  = money.Currency("EUR") // two digits
	dinar = money.Currency("TND") // three digits
)

func TestAmountsPrintWithTheirCurrencysDigits(t *testing.T) {
	for _, test := range []struct {
		amount                 money.Amount
		grouped, plain, people string
	}{
		{money.XOF.Of(0), "0", "0", "0\u202fXOF"},
		{money.XOF.Of(100), "100", "100", "100\u202fXOF"},
		{money.XOF.Of(1_000), "1\u202f000", "1000", "1\u202f000\u202fXOF"},
		{money.XOF.Of(1_000_000), "1\u202f000\u202f000", "1000000", "1\u202f000\u202f000\u202fXOF"},
		{money.XOF.Of(-25_000), "-25\u202f000", "-25000", "-25\u202f000\u202fXOF"},
		{euro.Of(1250), "12.50", "12.50", "12.50\u202fEUR"},
		{euro.Of(5), "0.05", "0.05", "0.05\u202fEUR"},
		{euro.Of(-5), "-0.05", "-0.05", "-0.05\u202fEUR"},
		{euro.Of(123_456_789), "1\u202f234\u202f567.89", "1234567.89", "1\u202f234\u202f567.89\u202fEUR"},
		{dinar.Of(1), "0.001", "0.001", "0.001\u202fTND"},
		{dinar.Of(12_345_000), "12\u202f345.000", "12345.000", "12\u202f345.000\u202fTND"},
		{money.Amount{}, "0", "0", "0"},
	} {
		if test.amount.Grouped() != test.grouped || test.amount.Plain() != test.plain || test.amount.String() != test.people {
			t.Errorf("%#v is %q, %q and %q; want %q, %q and %q", test.amount,
				test.amount.Grouped(), test.amount.Plain(), test.amount.String(), test.grouped, test.plain, test.people)
		}
		if text, err := json.Marshal(test.amount); err != nil || string(text) != test.plain {
			t.Errorf("%#v is %s in JSON, %v; want %s", test.amount, text, err, test.plain)
		}
	}
}

func TestFeesPrintShortButWithTheirCurrencysDigits(t *testing.T) {
	for _, test := range []struct {
		fees           money.Fine
		plain, grouped string
	}{
		{money.XOF.Fine(750), "7.5", "7.5"},
		{money.XOF.Fine(25_000), "250", "250"},
		{money.XOF.Fine(0), "0", "0"},
		{money.XOF.Fine(123_456_705), "1234567.05", "1\u202f234\u202f567.05"},
		{money.XOF.Fine(-100_050), "-1000.5", "-1\u202f000.5"},
		{money.XOF.Fine(-50), "-0.5", "-0.5"},
		{euro.Fine(25_000), "2.50", "2.50"},
		{euro.Fine(25_050), "2.505", "2.505"},
		{euro.Fine(1), "0.0001", "0.0001"},
		{dinar.Fine(100_000), "1.000", "1.000"},
		{dinar.Fine(123_400_020), "1234.0002", "1\u202f234.0002"},
	} {
		if test.fees.Plain() != test.plain || test.fees.Grouped() != test.grouped || test.fees.String() != test.plain {
			t.Errorf("%#v is %q and %q; want %q and %q", test.fees, test.fees.Plain(), test.fees.Grouped(), test.plain, test.grouped)
		}
		if text, err := json.Marshal(test.fees); err != nil || string(text) != test.plain {
			t.Errorf("%#v is %s in JSON, %v; want %s", test.fees, text, err, test.plain)
		}
	}
}

func TestTwoCurrenciesHaveNoSum(t *testing.T) {
	francs, euros := money.XOF.Of(500), euro.Of(500)
	if got := francs.Plus(money.XOF.Of(250)).Minus(money.XOF.Of(50)); got != money.XOF.Of(700) {
		t.Errorf("500 + 250 - 50 = %v", got)
	}
	if got := (money.Amount{}).Plus(euros); got != euros {
		t.Errorf("nothing and 5 euros are %v", got)
	}
	if francs.Minus(francs) != (money.Amount{}) || money.XOF.Fine(5).Minus(money.XOF.Fine(5)) != (money.Fine{}) {
		t.Error("what comes to nothing is not the zero value")
	}
	mixed := francs.Plus(euros)
	for name, got := range map[string]money.Amount{
		"francs and euros":       mixed,
		"francs without euros":   francs.Minus(euros),
		"and francs again":       mixed.Plus(francs),
		"nothing and mixed":      money.Amount{}.Plus(mixed),
		"taken away what is not": mixed.Minus(euros),
	} {
		if got.Currency != money.Mixed || got.IsZero() || got.String() != "?\u202fXXX" || got.Plain() != "?" {
			t.Errorf("%s: %#v, %q", name, got, got)
		}
	}
	if mixed.Less(francs) || francs.Less(mixed) || francs.Less(euro.Of(900)) || !francs.Less(money.XOF.Of(501)) {
		t.Error("amounts of two currencies have an order, or those of one have none")
	}
	if text, err := json.Marshal(mixed); err != nil || string(text) != "null" {
		t.Errorf("in JSON that is %s, %v", text, err)
	}
	fees := money.XOF.Fine(750).Plus(euro.Fine(1))
	if text, err := json.Marshal(fees); err != nil || string(text) != "null" || fees.IsZero() || fees.Plus(money.XOF.Fine(1)).Currency != money.Mixed {
		t.Errorf("fees of two currencies are %#v, in JSON %s, %v", fees, text, err)
	}
	if got := money.XOF.Fine(750).Minus(money.XOF.Fine(800)); got != money.XOF.Fine(-50) {
		t.Errorf("7.5 - 8 = %v", got)
	}
}

func TestFeesAreReadExactlyOrNotAtAll(t *testing.T) {
	for _, test := range []struct {
		currency money.Currency
		text     string
		want     int64
	}{
		{money.XOF, "0", 0},
		{money.XOF, "1", 100},
		{money.XOF, "7.5", 750},
		{money.XOF, "7.50", 750},
		{money.XOF, "7.05", 705},
		{money.XOF, "250.0000", 25_000},
		{money.XOF, "-3.25", -325},
		{euro, "2.505", 25_050},
		{euro, "2", 20_000},
		{dinar, "0.00001", 1},
	} {
		got, err := money.ParseFine(test.currency, test.text)
		if err != nil || got != test.currency.Fine(test.want) {
			t.Errorf("ParseFine(%s, %q) = %v, %v, want %d hundredths", test.currency, test.text, got, err, test.want)
		}
	}
	for _, text := range []string{"", ".", "7.", ".5", "7,5", "1e3", "0x10", "7.505", " 7", "+7", "١", "9999999999999999"} {
		if got, err := money.ParseFine(money.XOF, text); !errors.Is(err, money.ErrNotDecimal) {
			t.Errorf("ParseFine(%q) = %v, %v, want ErrNotDecimal", text, got, err)
		}
	}
}

func TestFeesSurviveWritingAndReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]money.Currency{money.XOF, euro, dinar}).Draw(t, "currency")
		want := currency.Fine(rapid.Int64Range(-1e14, 1e14).Draw(t, "hundredths"))
		if got, err := money.ParseFine(currency, want.Plain()); err != nil || got != want {
			t.Fatalf("%s read back as %v, %v, want %v", want.Plain(), got, err, want)
		}
	})
}

func TestAShareIsRoundedUp(t *testing.T) {
	for _, test := range []struct {
		amount      money.Amount
		basisPoints int64
		want        money.Fine
	}{
		{money.XOF.Of(100), 100, money.XOF.Fine(1_00)},
		{money.XOF.Of(500), 150, money.XOF.Fine(7_50)},
		{money.XOF.Of(501), 150, money.XOF.Fine(7_52)}, // 7.515 francs
		{money.XOF.Of(0), 150, money.XOF.Fine(0)},
		{money.XOF.Of(1_000_000), 0, money.XOF.Fine(0)},
		{money.XOF.Of(1_000_000), 10_000, money.XOF.Fine(1_000_000_00)},
		{euro.Of(12_50), 100, euro.Fine(12_50)},
	} {
		if got := test.amount.Share(test.basisPoints); got != test.want {
			t.Errorf("%d basis points of %s: %s, want %s", test.basisPoints, test.amount, got, test.want)
		}
	}
}

func TestFeesAreRoundedUpToWholeUnits(t *testing.T) {
	for hundredths, want := range map[int64]int64{0: 0, 1: 1, 99: 1, 100: 1, 101: 2, -1: 0, -100: -1, -150: -1} {
		if got := euro.Fine(hundredths).Whole(); got != euro.Of(want) {
			t.Errorf("%d hundredths are %v, want %d whole", hundredths, got, want)
		}
	}
}

func TestCurrenciesAreThoseOfISO4217(t *testing.T) {
	for code, digits := range map[string]int{"XOF": 0, "XAF": 0, "GNF": 0, "EUR": 2, "GHS": 2, "NGN": 2, "TND": 3} {
		currency, err := money.ParseCurrency(code)
		if err != nil || currency.Digits() != digits {
			t.Errorf("%s has %d digits, %v; want %d", code, currency.Digits(), err, digits)
		}
	}
	for _, code := range []string{"", "xof", "CFA", "FCFA", "XXX", "QQQ", "EURO"} {
		if got, err := money.ParseCurrency(code); !errors.Is(err, money.ErrCurrency) {
			t.Errorf("ParseCurrency(%q) = %q, %v; want ErrCurrency", code, got, err)
		}
	}
}

func TestCountsAreGroupedInThrees(t *testing.T) {
	for count, want := range map[int64]string{0: "0", 999: "999", 1_000: "1\u202f000", -25_000: "-25\u202f000"} {
		if got := money.Group(count); got != want {
			t.Errorf("Group(%d) = %q, want %q", count, got, want)
		}
	}
}

func TestTheExactFormReadsBackInItsCurrency(t *testing.T) {
	type kept struct {
		Amount money.Amount `json:"amount"`
		Fees   money.Fine   `json:"fees"`
	}
	want := kept{euro.Of(-12_50), money.XOF.Fine(7_50)}
	text, err := jsonv2.Marshal(want, money.Exact())
	const shown = `{"amount":{"minor":-1250,"currency":"EUR"},"fees":{"hundredths":750,"currency":"XOF"}}`
	if err != nil || string(text) != shown {
		t.Fatalf("%s, %v; want %s", text, err, shown)
	}
	var got kept
	if err := jsonv2.Unmarshal(text, &got, money.Exact()); err != nil || got != want {
		t.Errorf("read back as %+v, %v", got, err)
	}
}

// TestNumbersAreReadInTheCurrencyThatIsKnownFromBeside, and nothing as nothing, in none.
func TestNumbersAreReadInTheCurrencyThatIsKnownFromBeside(t *testing.T) {
	for text, want := range map[string]money.Fine{"0": {}, "12": money.XOF.Fine(1200), "0.5": money.XOF.Fine(50)} {
		var got money.Fine
		if err := jsonv2.Unmarshal([]byte(text), &got, money.In(money.XOF)); err != nil || got != want {
			t.Errorf("%s is read as %+v, %v", text, got, err)
		}
	}
}

// TestNothingIsNothingInAnyCurrency, but of what has no single currency nobody knows.
func TestNothingIsNothingInAnyCurrency(t *testing.T) {
	mixed := money.XOF.Of(1).Plus(euro.Of(-1))
	for name, test := range map[string]struct {
		amount money.Amount
		want   bool
	}{
		"none": {money.Amount{}, true}, "nothing": {money.XOF.Of(0), true}, "something": {money.XOF.Of(1), false},
		"less than nothing": {money.XOF.Of(-1), false}, "two currencies": {mixed, false},
	} {
		if test.amount.IsZero() != test.want || test.amount.Fine().IsZero() != test.want {
			t.Errorf("%s: %s is nothing: %t, and in hundredths: %t", name, test.amount, test.amount.IsZero(), test.amount.Fine().IsZero())
		}
	}
	if got := money.XOF.Of(12).Fine(); got != money.XOF.Fine(1200) {
		t.Errorf("12 francs are %s", got)
	}
	if one := money.XOF.Of(1); one.Less(one) || !one.Less(money.XOF.Of(2)) || one.Less(euro.Of(2)) {
		t.Error("less is less, and of one currency")
	}
}
