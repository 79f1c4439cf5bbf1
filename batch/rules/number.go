package rules

import (
	"strings"
	"unicode"

	"payrun/batch/intake/table"
	"payrun/ledger/phone"
)

// numberLengthMax is the longest number there is (ITU-T E.164).
const numberLengthMax = 15

// numbering is a country's numbering plan.
type numbering struct {
	// length counts the digits of a number, lengthOld those it had before
	// a reform that people's files have not followed, 0 if there was none.
	length, lengthOld int
	// country is the prefix that calls from abroad begin with.
	country string
}

// ParseNumber reads a telephone number as people write it: with spaces, dots,
// dashes and parentheses, and with the country's prefix as +225, 00225 or 225
// when as many digits remain as a number has. It returns the code of what is
// wrong with anything else; the number is then what could be read of it. For
// CodeNumberLostZero that is the digits without the zero. The prefix of the
// operator is not looked at.
func (s *Set) ParseNumber(cell table.Cell) (number phone.Number, code string) {
	if len(cell.Text) == s.numbers.length && asciiDigits(cell.Text) {
		return phone.Number(cell.Text), ""
	}
	text := strings.TrimPrefix(plainSpaces(cell.Text), "'")
	switch {
	case text == "":
		return "", CodeNumberMissing
	case scientific(text):
		return phone.Number(text), CodeNumberScientific
	case decimals(text):
		return phone.Number(text), CodeNumberDecimals
	}
	digits, plus, code := numberDigits(text)
	if code != "" {
		return phone.Number(text), code
	}
	written := digits
	digits, abroad := s.numbers.national(digits, plus)
	number = phone.Number(digits)
	switch {
	case !plus && rounded(written, digits):
		return phone.Number(text), CodeNumberScientific
	case abroad:
		return number, CodeNumberCountry
	case len(digits) == s.numbers.length:
		return number, ""
	case len(digits) == s.numbers.length-1 && s.all.acceptsNumber("0"+number):
		return number, CodeNumberLostZero
	case len(digits) == s.numbers.lengthOld && digits != "":
		return number, CodeNumberOldFormat
	default:
		return number, CodeNumberLength
	}
}

// E164 returns a number as the ledger has it: with the country's code if it has as many
// digits as a number has, and as it was written otherwise.
func (s *Set) E164(number phone.Number) phone.E164 {
	if len(number) == s.numbers.length && asciiDigits(number.Reveal()) {
		return number.In(s.numbers.country)
	}
	return phone.E164(number)
}

// numberDigits leaves the digits of a number, and refuses what is neither digit
// nor punctuation. A slash is refused as well: people put an alternative behind
// it, and 01020304/05 has ten digits by chance.
func numberDigits(text string) (digits string, plus bool, code string) {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && !plus && b.Len() == 0:
			plus = true
		case strings.ContainsRune(" \t.-()", r), r >= '\u2010' && r <= '\u2013', invisible(r):
		case unicode.IsDigit(r):
			return "", false, CodeNumberDigits
		default:
			return "", false, CodeNumberCharacters
		}
	}
	if b.Len() == 0 {
		return "", false, CodeNumberCharacters
	}
	return b.String(), plus, ""
}

// invisible knows the marks that come along when a number is copied from a
// list of contacts, apart from those that turn the direction of writing round
// and would show other digits than there are.
func invisible(r rune) bool {
	switch r {
	case '\u200b', '\u200e', '\u202a', '\u202c', '\u2060', '\u2066', '\u2069', '\ufeff':
		return true
	}
	return false
}

// national takes off what a call from abroad begins with. abroad is set for a
// number of another country.
func (n numbering) national(digits string, plus bool) (rest string, abroad bool) {
	if !plus && len(digits) <= n.length {
		return digits, false
	}
	international, dialled := strings.CutPrefix(digits, "00")
	rest, own := strings.CutPrefix(international, n.country)
	switch {
	case own:
		return rest, false
	case plus || dialled:
		return digits, true
	default:
		return digits, false
	}
}

// scientific recognises what a spreadsheet makes of a long number: 2,25078E+12.
func scientific(text string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E")
	if !found {
		return false
	}
	whole, fraction, pointed := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	return asciiDigits(whole) && (!pointed || asciiDigits(fraction)) && asciiDigits(strings.TrimPrefix(exponent, "+"))
}

// roundedZeros counts the digits that 2,25078E+12 has lost, or more where the column
// was narrower, once a spreadsheet has saved it as the number 2250780000000.
const roundedZeros = 6

// rounded recognises a number that was that once: written with the country's
// prefix as a plain number, and zeros at its end. A person who really has such a
// number can write it without the prefix, or with a plus.
func rounded(written, national string) bool {
	return len(written) > len(national) && !strings.HasPrefix(written, "00") &&
		strings.HasSuffix(national, strings.Repeat("0", roundedZeros))
}

// decimals recognises what a program makes of a column that it takes for
// decimal numbers: 777101301.0. Without the point that would be a digit more.
func decimals(text string) bool {
	whole, fraction, found := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	return found && asciiDigits(whole) && asciiDigits(fraction) &&
		(len(fraction) == 1 || strings.Trim(fraction, "0") == "")
}
