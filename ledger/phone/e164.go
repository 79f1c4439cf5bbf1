package phone

import (
	"strings"

	"github.com/rs/zerolog"
)

// E164 is a telephone number as the whole world knows it, by ITU-T recommendation E.164:
// a plus sign, the country's code and the national number, "+2250701020304". Of a row
// that was turned away it is the number as it was written, which may be none.
type E164 string

// lengthMax is how many digits a number has at most.
const lengthMax = 15

// In returns the number as it is known outside the country that has a calling code.
func (n Number) In(callingCode string) E164 { return E164("+" + callingCode + string(n)) }

// National returns the number as people in its country write it; as it stands if it is
// not of E.164's form.
func (e E164) National() Number {
	if digits, ok := e.digits(); ok {
		return Number(digits[callingCodeLength(digits):])
	}
	return Number(e)
}

// Valid reports whether the number has E.164's form. Whether anybody has it is not known
// here.
func (e E164) Valid() bool {
	digits, ok := e.digits()
	return ok && len(digits) > callingCodeLength(digits)
}

// digits returns those behind the plus sign.
func (e E164) digits() (string, bool) {
	digits, found := strings.CutPrefix(string(e), "+")
	ok := found && digits != "" && len(digits) <= lengthMax && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
	return digits, ok
}

// callingCodeLength returns how many of a number's digits are its country's code. No
// code begins another, so the first two digits tell (ITU-T list of assigned codes).
func callingCodeLength(digits string) int {
	const pairs = "20 27 28 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 " +
		"60 61 62 63 64 65 66 81 82 83 84 86 89 90 91 92 93 94 95 98"
	switch {
	case digits[0] == '1', digits[0] == '7':
		return 1
	case len(digits) > 1 && strings.Contains(pairs, digits[:2]):
		return 2
	default:
		return min(3, len(digits))
	}
}

// String returns the national number masked.
func (e E164) String() string { return e.National().String() }

// GoString masks the number in %#v as well.
func (e E164) GoString() string { return e.String() }

// MarshalZerologObject logs the masked number under the key "number".
func (e E164) MarshalZerologObject(event *zerolog.Event) { event.Str("number", e.String()) }

// Reveal returns the number with all its digits. Only what must carry them calls it.
func (e E164) Reveal() string { return string(e) }
