package phone_test

import (
	"fmt"
	"testing"

	"payrun/ledger/phone"
)

func TestANumberOfTheWorldIsWrittenAsInItsCountry(t *testing.T) {
	for number, test := range map[phone.E164]struct {
		national phone.Number
		valid    bool
	}{
		"+2250701020304":    {"0701020304", true}, // Côte d'Ivoire
		"+221771234567":     {"771234567", true},  // Sénégal
		"+33612345678":      {"612345678", true},  // France
		"+12025550123":      {"2025550123", true}, // North America
		"+79161234567":      {"9161234567", true}, // Russia
		"+85212345678":      {"12345678", true},   // Hong Kong
		"+225":              {"", false},
		"+2":                {"", false},
		"+1":                {"", false},
		"":                  {"", false},
		"+":                 {"+", false},
		"0701020304":        {"0701020304", false},
		"+225 07":           {"+225 07", false},
		"+0701020304":       {"+0701020304", false},
		"+2250701020304056": {"+2250701020304056", false}, // one digit too many
		"@Awa":              {"@Awa", false},
	} {
		if got := number.National(); got != test.national || number.Valid() != test.valid {
			t.Errorf("%q is %q at home and valid: %t; want %q, %t", number.Reveal(), got.Reveal(), number.Valid(), test.national.Reveal(), test.valid)
		}
		if test.valid {
			code := number.Reveal()[1 : len(number)-len(test.national)]
			if back := test.national.In(code); back != number {
				t.Errorf("%q comes back as %q", number.Reveal(), back.Reveal())
			}
		}
	}
}

func TestANumberOfTheWorldPrintsMasked(t *testing.T) {
	for _, verb := range []string{"%v", "%s", "%+v", "%#v"} {
		if got := fmt.Sprintf(verb, phone.E164("+2250777101308")); got != "07•••••308" {
			t.Errorf("%s prints %q, want it masked", verb, got)
		}
	}
}
