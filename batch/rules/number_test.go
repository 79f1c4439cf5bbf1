package rules_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

func builtinRules(tb testing.TB) *rules.Set {
	tb.Helper()
	set, err := rules.Default()
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestANumberIsReadAsPeopleWriteIt(t *testing.T) {
	set := builtinRules(t)
	for _, text := range []string{
		"0701020304",
		"07 01 02 03 04",
		"07" + noBreak + "01" + noBreak + "02" + noBreak + "03" + noBreak + "04",
		"07" + narrowNoBreak + "01020304",
		"07.01.02.03.04",
		"07-01-02-03-04",
		"07\u201101\u201002\u201203\u201304",
		"(07) 01020304",
		"'0701020304",
		"+2250701020304",
		"+225 07 01 02 03 04",
		"(+225) 07 01 02 03 04",
		"+225 (0)7 01 02 03 04",
		"002250701020304",
		"00 225 07 01 02 03 04",
		"2250701020304",
		"225-07-01-02-03-04",
		"\u202a+225 07 01 02 03 04\u202c",
		"0701\u200b020304",
	} {
		number, code := set.ParseNumber(table.Cell{Text: text})
		if number.Reveal() != "0701020304" || code != "" {
			t.Errorf("ParseNumber(%q) = %q, %q; want 0701020304", text, number.Reveal(), code)
		}
	}
}

func TestTenDigitsAreNeverShortened(t *testing.T) {
	set := builtinRules(t)
	for _, text := range []string{"2250102030", "0022501020", "0033612345"} {
		if number, code := set.ParseNumber(table.Cell{Text: text + " "}); number.Reveal() != text || code != "" {
			t.Errorf("ParseNumber(%q) = %q, %q; want it as it is", text, number.Reveal(), code)
		}
	}
}

func TestANumberThatCannotBeUsedSaysWhatIsWrongWithIt(t *testing.T) {
	set := builtinRules(t)
	for code, texts := range map[string][]string{
		rules.CodeNumberMissing:    {"", "'"},
		rules.CodeNumberCharacters: {"abc", "07010203O4", "-", "+", "01020304/05", "0701020304;0501020304", "07#1020304", "tel 0701020304", "07+01020304", "++2250701020304", "\u202e0701020304", "0701\n020304", "\xff0701020304", "1.2.3E+12", "E12", "2,E+12", "2,25E", "0701020304,00 "},
		rules.CodeNumberDigits:     {"٠٧٠١٠٢٠٣٠٤", "０７０１０２０３０４", "070102030４"},
		rules.CodeNumberScientific: {"2,25078E+12", "2.25078E+12", "2.25078e+12", "2E12", "7,0102E+08", "1E05"},
		rules.CodeNumberDecimals:   {"777101301.0", "777101301,0", "77101301.0", "07010203.00", "2250777101301.0", "701020304.5"},
		rules.CodeNumberLostZero:   {"701020304", "7 01 02 03 04", "501020304", "101020304", "225701020304", "+225701020304"},
		rules.CodeNumberOldFormat:  {"07010203", "48 01 02 03", "+225 07010203", "22507010203", "0022507010203"},
		rules.CodeNumberCountry:    {"+33612345678", "0033612345678", "+0701020304", "+221770102030", "+2240701020304"},
		rules.CodeNumberLength: {
			"7", "07 01 02 03 04.0", "0701020", "070102030", "901020304", "07010203045", "+22507010203045", "+225", "225", "33612345678", "07010203040506",
			strings.Repeat("7", 400),
		},
	} {
		for _, text := range texts {
			if _, got := set.ParseNumber(table.Cell{Text: text}); got != code {
				t.Errorf("ParseNumber(%q) finds %q, want %q", text, got, code)
			}
		}
	}
}

func TestANumberFormattedAnyWayReadsBack(t *testing.T) {
	set := builtinRules(t)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.StringMatching(`0[157][0-9]{8}`).Draw(t, "number")
		separator := rapid.SampledFrom([]string{"", " ", noBreak, narrowNoBreak, ".", "-"}).Draw(t, "separator")
		country := rapid.SampledFrom([]string{"", "+225", "+225 ", "00225", "00225 ", "225", "225 ", "'"}).Draw(t, "country")
		text := country + want[:2] + separator + want[2:4] + separator + want[4:6] + separator + want[6:8] + separator + want[8:]
		if number, code := set.ParseNumber(table.Cell{Text: text}); number.Reveal() != want || code != "" {
			t.Fatalf("ParseNumber(%q) = %q, %q; want %q", text, number.Reveal(), code, want)
		}
	})
}

// FuzzNumber holds what is read against the text: its ASCII digits, all of them
// but the country's prefix, in their order.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"0701020304", "+225 07 01 02 03 04", "777101301", "2,25078E+12", "777101301.0", "01020304/05", "٠٧٠١٠٢٠٣٠٤", "(+225)",
	} {
		f.Add(seed)
	}
	set := builtinRules(f)
	f.Fuzz(func(t *testing.T, text string) {
		number, code := set.ParseNumber(table.Cell{Text: text})
		if code != "" {
			if _, known := rules.Codes()[code]; !known {
				t.Fatalf("ParseNumber(%q) gives the unknown code %q", text, code)
			}
			return
		}
		digits := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, text)
		got := number.Reveal()
		if len(got) != 10 || digits != got && digits != "225"+got && digits != "00225"+got {
			t.Fatalf("ParseNumber(%q) = %q", text, got)
		}
	})
}

// TestANumberThatASpreadsheetRoundedIsRefused: opened and saved again, 2,25078E+12
// becomes a whole number that looks like somebody's.
func TestANumberThatASpreadsheetRoundedIsRefused(t *testing.T) {
	set := builtinRules(t)
	for text, want := range map[string]string{
		"2250780000000":   rules.CodeNumberScientific,
		"2250701000000":   rules.CodeNumberScientific,
		"225 0780000000":  rules.CodeNumberScientific,
		"2250701200000":   "",
		"0780000000":      "",
		"07 80 00 00 00":  "",
		"+2250780000000":  "",
		"002250780000000": "",
	} {
		if _, code := set.ParseNumber(table.Cell{Text: text}); code != want {
			t.Errorf("ParseNumber(%q): %q, want %q", text, code, want)
		}
	}
}
