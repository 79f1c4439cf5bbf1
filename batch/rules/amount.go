package rules

import (
	"strconv"
	"strings"

	"payrun/batch/intake/table"
	"payrun/ledger/money"
)

const (
	// groupLength counts the digits between group separators.
	groupLength = 3
	// decimalsMax bounds the decimals that an amount in francs can be written with.
	decimalsMax = 2

	amountDigitsMax = 11
	// amountMax is the largest amount that is read at all. It is far beyond any
	// operator's limit, and far enough below an int64 for the amounts of ninety
	// million rows to be added up, rejected ones included.
	amountMax = 99_999_999_999
)

// ParseAmount reads an amount of whole francs as people write them:
//
//	100000        100 000 (any space)      1.000.000 and 1,000,000
//	100000.00     100000,00                1.000.000,00 and 1,000,000.00
//	100 000 FCFA  100000 XOF               100 000 F
//	XOF 100 000   F.CFA 100 000            100 000 Frs
//	100 000,-     100.000,--               100000.-
//
// and returns the code of what is wrong with anything else; the amount is then 0.
// "1.000" and "1,000" are refused: a thousand to some, one to others. Decimals
// are one or two zeros. Only ASCII digits count, and the first is not a zero:
// what begins with one is a number or an id in the wrong column.
func ParseAmount(text string) (amount money.XOF, code string) {
	text = strings.TrimSpace(plainSpaces(text))
	if asciiDigits(text) {
		return francs(text)
	}
	text = table.WithoutUnit(text)
	switch {
	case text == "":
		return 0, CodeAmountMissing
	case text[0] == '#':
		return 0, CodeAmountFormulaError
	case signed(text):
		return 0, CodeAmountSign
	}
	digits, code := wholeDigits(text)
	if code != "" {
		return 0, code
	}
	return francs(digits)
}

// francs is the value of digits.
func francs(digits string) (money.XOF, string) {
	significant := strings.TrimLeft(digits, "0")
	switch {
	case significant == "":
		return 0, CodeAmountZero
	case len(significant) < len(digits):
		return 0, CodeAmountFormat
	case len(digits) > amountDigitsMax:
		return 0, CodeAmountOverflow
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, CodeAmountFormat
	}
	return money.XOF(value), ""
}

// signed recognises -5000, 5000-, +5000 and the (5000) of accountants, but
// not the plus of 1E+5.
func signed(text string) bool {
	return !strings.ContainsAny(text, "eE") &&
		(strings.ContainsAny(text, "-+−–") || text[0] == '(' && text[len(text)-1] == ')')
}

// plainSpaces replaces the spaces that typography and spreadsheets put between
// groups of digits by ordinary ones: no-break, figure, thin and narrow no-break.
func plainSpaces(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u2007', '\u2009', '\u202f':
			return ' '
		}
		return r
	}, text)
}

// wholeDigits removes what may stand between an amount's digits and behind them.
func wholeDigits(text string) (digits, code string) {
	for _, r := range text {
		if (r < '0' || r > '9') && r != ' ' && r != '.' && r != ',' {
			return "", CodeAmountFormat
		}
	}
	dots, commas, spaced := strings.Count(text, "."), strings.Count(text, ","), strings.Contains(text, " ")
	switch {
	case dots == 0 && commas == 0 && !spaced:
		return text, ""
	case dots+commas == 1:
		return withDecimals(text, spaced)
	case dots == 0 && commas == 0:
		return grouped(text, " ")
	case commas == 0 && !spaced:
		return grouped(text, ".")
	case dots == 0 && !spaced:
		return grouped(text, ",")
	default:
		return mixed(text)
	}
}

// withDecimals reads an amount with one point or comma.
func withDecimals(text string, spaced bool) (digits, code string) {
	at := strings.IndexAny(text, ".,")
	whole, fraction := text[:at], text[at+1:]
	if spaced {
		if whole, code = grouped(whole, " "); code != "" {
			return "", code
		}
	}
	if !asciiDigits(whole) {
		return "", CodeAmountFormat
	}
	if len(fraction) == groupLength && !spaced && len(whole) <= groupLength && whole[0] != '0' && asciiDigits(fraction) {
		return "", CodeAmountAmbiguous
	}
	return whole, zeros(fraction)
}

// mixed reads groups by one sign and decimals behind another, the last:
// 1.000.000,00 and 1,000,000.00.
func mixed(text string) (digits, code string) {
	group, decimal := ".", ","
	if strings.LastIndex(text, ".") > strings.LastIndex(text, ",") {
		group, decimal = ",", "."
	}
	whole, fraction, _ := strings.Cut(text, decimal)
	if whole, code = grouped(whole, group); code != "" {
		return "", code
	}
	return whole, zeros(fraction)
}

// zeros returns the code of what is wrong with decimals.
func zeros(fraction string) string {
	switch {
	case !asciiDigits(fraction):
		return CodeAmountFormat
	case strings.Trim(fraction, "0") != "":
		return CodeAmountFraction
	case len(fraction) > decimalsMax:
		return CodeAmountFormat
	}
	return ""
}

// grouped joins groups of three digits, of which the first may be shorter.
func grouped(text, separator string) (digits, code string) {
	groups := strings.Split(text, separator)
	for i, group := range groups {
		if !asciiDigits(group) || len(group) > groupLength || i > 0 && len(group) < groupLength {
			return "", CodeAmountFormat
		}
	}
	return strings.Join(groups, ""), ""
}
