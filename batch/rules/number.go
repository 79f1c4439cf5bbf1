package rules

import (
	"strings"
	"unicode"

	"payrun/batch/input"
	"payrun/ledger/msisdn"
)

// Codes of numbers that cannot be used.
const (
	CodeNumberMissing    = "number.missing"
	CodeNumberCharacters = "number.characters"
	CodeNumberDigits     = "number.digits"
	CodeNumberScientific = "number.scientific"
	CodeNumberLostZero   = "number.lost_zero"
	CodeNumberOldFormat  = "number.old_format"
	CodeNumberLength     = "number.length"
	CodeNumberPrefix     = "number.prefix"
)

const (
	numberLength    = 10 // since 31 January 2021
	numberLengthOld = 8  // before
	countryPrefix   = "225"
)

// ParseNumber reads a telephone number as people write them: with spaces, dots,
// dashes and parentheses, and with the country's prefix as +225, 00225 or 225
// when ten digits remain. It returns the code of what is wrong with anything
// else; the number is then what could be read of it.
func ParseNumber(cell input.Cell) (number msisdn.Number, code string) {
	text := strings.TrimPrefix(plainSpaces(cell.Text), "'")
	if text == "" {
		return "", CodeNumberMissing
	}
	if scientific(text) {
		return msisdn.Number(text), CodeNumberScientific
	}
	digits, code := numberDigits(text)
	if code != "" {
		return msisdn.Number(text), code
	}
	digits = withoutCountry(digits)
	number = msisdn.Number(digits)
	switch {
	case len(digits) == numberLength:
		return number, ""
	case len(digits) == numberLength-1 && digits[0] != '0':
		return number, CodeNumberLostZero
	case len(digits) == numberLengthOld:
		return number, CodeNumberOldFormat
	default:
		return number, CodeNumberLength
	}
}

// numberDigits leaves the digits of a number, and refuses what is neither digit
// nor punctuation.
func numberDigits(text string) (digits, code string) {
	var b strings.Builder
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == ' ', r == '.', r == '-', r == '/', r == '(', r == ')', r == '\u2011', r == '\u2013', r == '\t':
		case r == '+' && i == 0:
		case unicode.IsDigit(r):
			return "", CodeNumberDigits
		default:
			return "", CodeNumberCharacters
		}
	}
	if b.Len() == 0 {
		return "", CodeNumberCharacters
	}
	return b.String(), ""
}

func withoutCountry(digits string) string {
	for _, prefix := range []string{"00" + countryPrefix, countryPrefix} {
		if rest, found := strings.CutPrefix(digits, prefix); found && len(rest) == numberLength {
			return rest
		}
	}
	return digits
}

// scientific recognises what a spreadsheet makes of a long number: 2,25078E+12.
func scientific(text string) bool {
	mantissa, exponent, found := strings.Cut(strings.ToUpper(text), "E")
	if !found {
		return false
	}
	mantissa = strings.Replace(strings.Replace(mantissa, ",", "", 1), ".", "", 1)
	exponent = strings.TrimPrefix(exponent, "+")
	return asciiDigits(mantissa) && asciiDigits(exponent)
}
