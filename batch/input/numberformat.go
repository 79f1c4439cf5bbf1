package input

import (
	"slices"
	"strings"
	"unicode"

	"github.com/xuri/nfp"
)

// numberFormat is what a cell's number format means for reading it.
type numberFormat struct {
	// date is set for dates and times, scaled for a number shown in percent or
	// in thousands.
	date, scaled bool
	// pattern is the format of a whole number with neither grouping nor
	// decimals, such as 0000000000 or 0#" "##" "##" "##" "##; nil otherwise.
	pattern []nfp.Token
}

// formatCodeMax is the length Excel allows for a format.
const formatCodeMax = 255

// parseFormat reads a format code. Only the section for positive numbers counts:
// no number or amount of a payout is anything else.
func parseFormat(code string) numberFormat {
	if len(code) > formatCodeMax {
		return numberFormat{}
	}
	parser := nfp.NumberFormatParser()
	sections := parser.Parse(code)
	if len(sections) == 0 || sections[0].Type != nfp.TokenSectionPositive {
		return numberFormat{}
	}
	var f numberFormat
	plain, placeholders, thousands := true, 0, false
	for _, token := range sections[0].Items {
		switch token.TType {
		case nfp.TokenTypeDateTimes, nfp.TokenTypeElapsedDateTimes:
			return numberFormat{date: true}
		case nfp.TokenTypePercent:
			f.scaled = true
		case nfp.TokenTypeThousandsSeparator:
			plain, thousands = false, true
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			placeholders += len(token.TValue)
			thousands = false
		case nfp.TokenTypeLiteral, nfp.TokenTypeColor, nfp.TokenTypeAlignment, nfp.TokenTypeRepeatsChar:
		default:
			plain = false
		}
	}
	// A comma behind the last digit divides by a thousand.
	f.scaled = f.scaled || thousands
	if plain && placeholders > 0 && !f.scaled {
		f.pattern = sections[0].Items
	}
	return f
}

// show writes a whole number as the pattern does, if that adds something to its
// digits: leading zeros, or letters and digits of the pattern's own. Excel fills
// placeholders from the right, and what is left over goes to the first.
func (f numberFormat) show(digits string) (string, bool) {
	if f.pattern == nil || strings.Trim(digits, "0123456789") != "" {
		return digits, false
	}
	var parts []string
	rest, filled, lettered := digits, 0, false
	for i, token := range slices.Backward(f.pattern) {
		switch token.TType {
		case nfp.TokenTypeLiteral:
			parts = append(parts, token.TValue)
			lettered = lettered || strings.ContainsFunc(token.TValue, alphanumeric)
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			var part string
			part, rest = fill(token, rest, !f.placeholderBefore(i))
			filled += len(part)
			parts = append(parts, part)
		}
	}
	if filled == len(digits) && !lettered {
		return digits, false
	}
	var b strings.Builder
	for _, part := range slices.Backward(parts) {
		b.WriteString(part)
	}
	return trim(b.String()), true
}

func (f numberFormat) placeholderBefore(i int) bool {
	for _, token := range f.pattern[:i] {
		switch token.TType {
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			return true
		}
	}
	return false
}

// fill takes the last digits into a run of placeholders; the first run of a
// pattern takes all that are left.
func fill(token nfp.Token, digits string, first bool) (part, rest string) {
	width := len(token.TValue)
	switch {
	case len(digits) > width && first:
		return digits, ""
	case len(digits) > width:
		return digits[len(digits)-width:], digits[:len(digits)-width]
	case token.TType == nfp.TokenTypeZeroPlaceHolder:
		return strings.Repeat("0", width-len(digits)) + digits, ""
	default:
		return digits, ""
	}
}

func alphanumeric(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// builtinFormat reads a format that a workbook names by number only (ECMA-376
// part 1, 18.8.30, and for the dates of East Asian and Thai editions excelize's
// reading of it).
func builtinFormat(id int) numberFormat {
	within := func(low, high int) bool { return low <= id && id <= high }
	switch {
	case within(14, 22), within(27, 36), within(45, 47), within(50, 58), within(71, 81):
		return numberFormat{date: true}
	case within(9, 10):
		return numberFormat{scaled: true}
	default:
		return numberFormat{}
	}
}
