package rules_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"payrun/batch/rules"
	"payrun/ledger/money"
)

const (
	noBreak       = "\u00a0"
	narrowNoBreak = "\u202f"
)

func TestAnAmountThatCanBeReadInOneWayIsRead(t *testing.T) {
	for _, test := range []struct {
		text string
		want money.Amount
		why  string
	}{
		{"1", money.XOF.Of(1), "limits are for another rule"},
		{"100000", money.XOF.Of(100_000), "plain"},
		{" 100000 ", money.XOF.Of(100_000), "surrounding space"},
		{"100 000", money.XOF.Of(100_000), "space"},
		{"1 000", money.XOF.Of(1_000), "a space is never a decimal point"},
		{"1" + noBreak + "000" + noBreak + "000", money.XOF.Of(1_000_000), "no-break space, as French Excel shows it"},
		{"1" + narrowNoBreak + "000" + narrowNoBreak + "000", money.XOF.Of(1_000_000), "narrow no-break space, as LibreOffice does"},
		{"25\u2009000", money.XOF.Of(25_000), "thin space"},
		{"25\u2007000", money.XOF.Of(25_000), "figure space"},
		{"1.000.000", money.XOF.Of(1_000_000), "two groups cannot be decimals"},
		{"1,000,000", money.XOF.Of(1_000_000), "nor can these"},
		{"12.345.678", money.XOF.Of(12_345_678), "a first group of two"},
		{"123,456,789", money.XOF.Of(123_456_789), "a first group of three"},
		{"100000.00", money.XOF.Of(100_000), "decimals that say nothing"},
		{"100000,00", money.XOF.Of(100_000), "the same in French"},
		{"100000.0", money.XOF.Of(100_000), "a program's decimal"},
		{"100 000,00", money.XOF.Of(100_000), "grouped and with decimals"},
		{"1000,0", money.XOF.Of(1_000), "four digits before the comma"},
		{"100.00", money.XOF.Of(100), "two decimals are no group"},
		{"1.000,00", money.XOF.Of(1_000), "the last sign is the decimal one"},
		{"1.000.000,00", money.XOF.Of(1_000_000), "German and Italian style"},
		{"1,000,000.00", money.XOF.Of(1_000_000), "English style"},
		{"5000 FCFA", money.XOF.Of(5_000), "the currency"},
		{"5000FCFA", money.XOF.Of(5_000), "without space"},
		{"5 000 f cfa", money.XOF.Of(5_000), "in small letters"},
		{"5000" + noBreak + "XOF", money.XOF.Of(5_000), "behind a no-break space"},
		{"5000 Francs CFA", money.XOF.Of(5_000), "in words"},
		{"5000 F", money.XOF.Of(5_000), "as everybody writes it"},
		{"99999999999", money.XOF.Of(99_999_999_999), "the largest that is read"},
	} {
		got, code := rules.ParseAmount(money.XOF, test.text)
		if got != test.want || code != "" {
			t.Errorf("%s: ParseAmount(%q) = %v, %q; want %v", test.why, test.text, got, code, test.want)
		}
	}
}

func TestAnAmountThatIsInDoubtIsRefused(t *testing.T) {
	for code, texts := range map[string][]string{
		rules.CodeAmountMissing:   {"", " ", noBreak, "FCFA", "XOF"},
		rules.CodeAmountAmbiguous: {"1.000", "1,000", "12.000", "100,000", "999.999", "1.500", "1,000 FCFA"},
		rules.CodeAmountFraction: {
			"1000.50", "1000,5", "0.5", "100 000,25", "1.5", "1.000.000,01", "1,000,000.5", "1234.567", "0,001", "1.000,001",
		},
		rules.CodeAmountSign: {
			"-5000", "+5000", "5000-", "- 5000", "(5000)", "−5000", "–5000", "5 000-", "-5000 FCFA", "-", "1-000",
		},
		rules.CodeAmountZero:         {"0", "00", "0,00", "0.0", "000 000", "00000000000000", "0 FCFA"},
		rules.CodeAmountFormulaError: {"#REF!", "#N/A", "#VALEUR!", "####"},
		rules.CodeAmountOverflow: {
			"100000000000", "100 000 000 000", "9223372036854775807", "9223372036854775808", "99999999999999999999999999",
		},
		rules.CodeAmountFormat: {
			"1E5", "1e+5", "1E-5", "1,5E+06", "0x1F4", "1F4", "1F", "FF", "5000 €", "abc", "5000 ou 6000", "(5000", "5000)",
			"1 00 000", "1000 000", "1  000", "10 00", "1 0000", "1.00.000", "1.000.00", "1000.000.000", ".000.000", "1.000.000.",
			"5000.", ",00", ".", ",", ".5", "100.000 000", "1 000.000", "1000.000", "1000,0000",
			"1.000,000.00", "1,000.000,00", "1.000,00,0", "1 000.000,00", "1.000.000,000", "1,0000.00", "1.000,",
			"0005000", "05", "0 500", "0.500.000", "0500,00", "007 FCFA",
			"٥٠٠٠", "５０００", "5\u200b000", "5\n000", "5000\x00", "\xff5000", "ɐɐɐɐɐɐFCFA", "5'000", "'5000", "5_000", "$5000",
		},
	} {
		for _, text := range texts {
			if got, gotCode := rules.ParseAmount(money.XOF, text); gotCode != code || got.Minor != 0 {
				t.Errorf("ParseAmount(%q) = %v, %q; want 0, %q", text, got, gotCode, code)
			}
		}
	}
}

func TestDecimalsAreReadAsTheCurrencyHasThem(t *testing.T) {
	for _, test := range []struct {
		currency money.Currency
		text     string
		want     int64 // in minor units
		code     string
	}{
		{"EUR", "12.50", 1250, ""},
		{"EUR", "1 234,5", 123_450, ""},
		{"EUR", "1,234.55", 123_455, ""},
		{"EUR", "12.500", 0, rules.CodeAmountAmbiguous},
		{"EUR", "1234.500", 0, rules.CodeAmountFormat},
		{"EUR", "12.505", 0, rules.CodeAmountAmbiguous},
		{"EUR", "1234.505", 0, rules.CodeAmountFraction},
		{"EUR", "12.50 EUR", 1250, ""},
		{"EUR", "EUR 12,50", 1250, ""},
		{"EUR", "12,-", 1200, ""},
		{"EUR", "12 FCFA", 0, rules.CodeAmountFormat},
		{"EUR", "12,50 XOF", 0, rules.CodeAmountFormat},
		{"EUR", "12 F", 0, rules.CodeAmountFormat},
		{"EUR", "F CFA 12", 0, rules.CodeAmountFormat},
		{"TND", "12.5", 12_500, ""},
		{"TND", "12.500", 0, rules.CodeAmountAmbiguous},
		{"TND", "12,345", 0, rules.CodeAmountAmbiguous},
		{"TND", "12.5000", 12_500, ""},
		{"TND", "12,3450", 12_345, ""},
		{"TND", "12.3456", 0, rules.CodeAmountFraction},
		{"TND", "12.34500", 0, rules.CodeAmountFormat},
		{"TND", "0.345", 345, ""},
		{"TND", "1 012,345", 1_012_345, ""},
		{"TND", "1.012,345", 1_012_345, ""},
	} {
		got, code := rules.ParseAmount(test.currency, test.text)
		if code != test.code || got.Minor != test.want || code == "" && got.Currency != test.currency {
			t.Errorf("%q in %s is %v, %q; want %d, %q", test.text, test.currency, got, code, test.want, test.code)
		}
	}
}

// spellings write an amount as people do, in every way that is read.
func spellings(amount money.Amount) []string {
	grouped := func(separator string) string {
		return strings.ReplaceAll(amount.Grouped(), narrowNoBreak, separator)
	}
	plain := amount.Plain()
	texts := []string{
		plain, plain + ".00", plain + ",00", plain + ".0", plain + " FCFA", plain + " F",
		amount.Grouped(), amount.String(), grouped(" "), grouped(noBreak), grouped(" ") + ",00",
		grouped(".") + ",00", grouped(",") + ".00",
	}
	if amount.Minor >= 1_000_000 {
		texts = append(texts, grouped("."), grouped(","))
	}
	return texts
}

func TestAnAmountWrittenInAnyKnownWayReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := money.XOF.Of(rapid.Int64Range(1, 99_999_999_999).Draw(t, "amount"))
		text := rapid.SampledFrom(spellings(want)).Draw(t, "spelling")
		if got, code := rules.ParseAmount(money.XOF, text); got != want || code != "" {
			t.Fatalf("ParseAmount(%q) = %v, %q; want %v", text, got, code, want)
		}
	})
}

// FuzzAmount holds what is read against the text: nothing but ASCII digits in
// groups of three, zero decimals and a currency makes an amount, and its digits
// are those of the text.
func FuzzAmount(f *testing.F) {
	for _, seed := range []string{
		"100000", "1 000 000", "1.000.000,00", "1,000", "-5", "1E5", "0x10", "#REF!", "5000 FCFA", "٥٠٠٠", "99999999999", "(5)",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		amount, code := rules.ParseAmount(money.XOF, text)
		if (code == "") != (amount.Minor > 0) {
			t.Fatalf("ParseAmount(%q) = %v, %q: an amount and a code, or neither", text, amount, code)
		}
		if code != "" {
			if _, known := rules.Codes()[code]; !known {
				t.Fatalf("ParseAmount(%q) gives the unknown code %q", text, code)
			}
			return
		}
		digits := ""
		for _, r := range text {
			switch {
			case r >= '0' && r <= '9':
				digits += string(r)
			case strings.ContainsRune(" .,\t\n\v\f\r\u0085\u00a0\u2007\u2009\u202f", r), strings.ContainsRune("FRANCSXOfrancsxo", r):
			case strings.TrimSpace(string(r)) == "":
			default:
				t.Fatalf("ParseAmount(%q) = %v in spite of %q", text, amount, r)
			}
		}
		zeros, found := strings.CutPrefix(digits, amount.Plain())
		if !found || strings.Trim(zeros, "0") != "" || len(zeros) > 2 {
			t.Fatalf("ParseAmount(%q) = %s, whose digits are not those of the text", text, amount.Plain())
		}
	})
}
