package rules

import (
	"strconv"
	"strings"
	"unicode"

	"payrun/batch/intake/table"
	"payrun/ledger/money"
)

const (
	// groupLength counts the digits between group separators.
	groupLength = 3
	// decimalsMax bounds the zeros that an amount can be written with behind the point,
	// if its currency has fewer decimals.
	decimalsMax = 2

	amountDigitsMax = 11
	// amountMax is the largest amount that is read at all, in minor units. It is far beyond any
	// operator's limit, and far enough below an int64 for the amounts of ninety
	// million rows to be added up, rejected ones included.
	amountMax = 99_999_999_999
)

// ParseAmount reads an amount of a currency as people write it, here of francs:
//
//	100000        100 000 (any space)      1.000.000 and 1,000,000
//	100000.00     100000,00                1.000.000,00 and 1,000,000.00
//	100 000 FCFA  100000 XOF               100 000 F
//	XOF 100 000   F.CFA 100 000            100 000 Frs
//	100 000,-     100.000,--               100000.-
//
// and returns the code of what is wrong with anything else; the amount is then 0.
// "1.000" and "1,000" are refused: a thousand to some, one to others. Decimals
// are at most as many as the currency has, or one or two zeros; where it has three, another
// zero says that they are decimals: "1.0000". Only ASCII digits count,
// and the first is not a zero, but for the only one before decimals: what begins with one
// is a number or an id in the wrong column.
func ParseAmount(c money.Currency, text string) (amount money.Amount, code string) {
	text = strings.TrimSpace(plainSpaces(text))
	if asciiDigits(text) {
		return minorUnits(c, text, "")
	}
	text = withoutUnit(c, text)
	switch {
	case text == "":
		return money.Amount{}, CodeAmountMissing
	case text[0] == '#':
		return money.Amount{}, CodeAmountFormulaError
	case signed(text):
		return money.Amount{}, CodeAmountSign
	}
	whole, decimals, code := parts(text)
	if code == "" {
		code = checkDecimals(c, decimals)
	}
	if code != "" {
		return money.Amount{}, code
	}
	return minorUnits(c, whole, decimals)
}

// withoutUnit takes the currency's name off an amount. That of another stays, so that
// nothing reads 12 francs as 12 euros.
func withoutUnit(c money.Currency, text string) string {
	if c != money.XOF {
		code := string(c)
		if bare := strings.TrimSuffix(strings.TrimPrefix(text, code), code); bare != text {
			text = strings.TrimSpace(bare)
		}
		if strings.ContainsFunc(text, unicode.IsLetter) {
			return text
		}
	}
	return table.WithoutUnit(text)
}

// minorUnits is the value of the digits before and behind the point.
func minorUnits(c money.Currency, whole, decimals string) (money.Amount, string) {
	decimals = strings.TrimRight(decimals, "0")
	digits := whole + decimals + strings.Repeat("0", c.Digits()-len(decimals))
	significant := strings.TrimLeft(digits, "0")
	switch {
	case significant == "":
		return money.Amount{}, CodeAmountZero
	case whole[0] == '0' && whole != "0":
		return money.Amount{}, CodeAmountFormat
	case len(significant) > amountDigitsMax:
		return money.Amount{}, CodeAmountOverflow
	}
	value, err := strconv.ParseInt(significant, 10, 64)
	if err != nil {
		return money.Amount{}, CodeAmountFormat
	}
	return c.Of(value), ""
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

// parts removes what may stand between an amount's digits, and parts those before the
// decimals from these.
func parts(text string) (whole, decimals, code string) {
	for _, r := range text {
		if (r < '0' || r > '9') && r != ' ' && r != '.' && r != ',' {
			return "", "", CodeAmountFormat
		}
	}
	dots, commas, spaced := strings.Count(text, "."), strings.Count(text, ","), strings.Contains(text, " ")
	switch {
	case dots == 0 && commas == 0 && !spaced:
		return text, "", ""
	case dots+commas == 1:
		return withDecimals(text, spaced)
	case dots == 0 && commas == 0:
		whole, code = grouped(text, " ")
	case commas == 0 && !spaced:
		whole, code = grouped(text, ".")
	case dots == 0 && !spaced:
		whole, code = grouped(text, ",")
	default:
		return mixed(text)
	}
	return whole, "", code
}

// withDecimals reads an amount with one point or comma.
func withDecimals(text string, spaced bool) (whole, decimals, code string) {
	at := strings.IndexAny(text, ".,")
	whole, decimals = text[:at], text[at+1:]
	if spaced {
		if whole, code = grouped(whole, " "); code != "" {
			return "", "", code
		}
	}
	switch {
	case !asciiDigits(whole), !asciiDigits(decimals):
		return "", "", CodeAmountFormat
	case len(decimals) == groupLength && !spaced && len(whole) <= groupLength && whole[0] != '0':
		return "", "", CodeAmountAmbiguous
	}
	return whole, decimals, ""
}

// mixed reads groups by one sign and decimals behind another, the last:
// 1.000.000,00 and 1,000,000.00.
func mixed(text string) (whole, decimals, code string) {
	group, point := ".", ","
	if strings.LastIndex(text, ".") > strings.LastIndex(text, ",") {
		group, point = ",", "."
	}
	whole, decimals, _ = strings.Cut(text, point)
	if whole, code = grouped(whole, group); code != "" {
		return "", "", code
	}
	if !asciiDigits(decimals) {
		return "", "", CodeAmountFormat
	}
	return whole, decimals, ""
}

// checkDecimals returns the code of what is wrong with an amount's decimals.
func checkDecimals(c money.Currency, decimals string) string {
	switch {
	case len(strings.TrimRight(decimals, "0")) > c.Digits():
		return CodeAmountFraction
	case len(decimals) > decimalsMost(c):
		return CodeAmountFormat
	}
	return ""
}

// decimalsMost is how many decimals an amount may be written with.
func decimalsMost(c money.Currency) int {
	if digits := c.Digits(); digits >= groupLength {
		return digits + 1
	}
	return decimalsMax
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
