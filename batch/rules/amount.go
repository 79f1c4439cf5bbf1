package rules

import (
	"strconv"
	"strings"

	"payrun/ledger/money"
)

// Codes of amounts that cannot be read.
const (
	CodeAmountMissing      = "amount.missing"
	CodeAmountFormat       = "amount.format"
	CodeAmountAmbiguous    = "amount.ambiguous"
	CodeAmountFraction     = "amount.fraction"
	CodeAmountSign         = "amount.sign"
	CodeAmountZero         = "amount.zero"
	CodeAmountFormulaError = "amount.formula_error"
	CodeAmountOverflow     = "amount.overflow"
)

// groupLength is how many digits stand between group separators.
const groupLength = 3

// currencyUnits may stand behind an amount: they say nothing that could be
// understood in two ways.
//
//nolint:gochecknoglobals // a table that nothing writes to
var currencyUnits = []string{"FRANCS CFA", "FRANC CFA", "F CFA", "FCFA", "CFA", "XOF"}

// ParseAmount reads an amount of whole francs as people write them:
//
//	100000        100 000 (any space)      1.000.000 and 1,000,000
//	100000.00     100000,00                100 000 FCFA
//
// and returns the code of what is wrong with anything else. "1.000" and "1,000"
// are refused: a thousand to some, one to others. Only ASCII digits count.
func ParseAmount(text string) (amount money.XOF, code string) {
	text = strings.TrimSpace(plainSpaces(text))
	text = withoutUnit(text)
	switch {
	case text == "":
		return 0, CodeAmountMissing
	case strings.HasPrefix(text, "#"):
		return 0, CodeAmountFormulaError
	case strings.ContainsAny(text, "-+−–") || (strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")")):
		if strings.ContainsAny(text, "eE") {
			return 0, CodeAmountFormat
		}
		return 0, CodeAmountSign
	}
	digits, code := wholeDigits(text)
	if code != "" {
		return 0, code
	}
	value, err := strconv.ParseInt(digits, 10, 64)
	switch {
	case err != nil:
		return 0, CodeAmountOverflow
	case value == 0:
		return 0, CodeAmountZero
	}
	return money.XOF(value), ""
}

// plainSpaces replaces the spaces that typography and spreadsheets put between
// groups of digits: no-break (U+00A0), narrow no-break (U+202F) and thin
// (U+2009).
func plainSpaces(text string) string {
	return strings.NewReplacer("\u00a0", " ", "\u202f", " ", "\u2009", " ").Replace(text)
}

func withoutUnit(text string) string {
	upper := strings.ToUpper(text)
	for _, unit := range currencyUnits {
		if head, found := strings.CutSuffix(upper, unit); found {
			return strings.TrimSpace(text[:len(head)])
		}
	}
	return text
}

// wholeDigits removes what may stand between an amount's digits and behind them.
func wholeDigits(text string) (digits, code string) {
	for _, r := range text {
		if (r < '0' || r > '9') && r != ' ' && r != '.' && r != ',' {
			return "", CodeAmountFormat
		}
	}
	dots, commas, spaces := strings.Count(text, "."), strings.Count(text, ","), strings.Count(text, " ")
	switch {
	case dots == 0 && commas == 0 && spaces == 0:
		return text, ""
	case dots+commas == 1:
		return withDecimals(text, spaces > 0)
	case dots == 0 && commas == 0:
		return grouped(text, " ")
	case spaces == 0 && commas == 0:
		return grouped(text, ".")
	case spaces == 0 && dots == 0:
		return grouped(text, ",")
	default:
		return mixed(text, dots, commas, spaces)
	}
}

// withDecimals reads an amount with one point or comma.
func withDecimals(text string, spaced bool) (digits, code string) {
	at := strings.IndexAny(text, ".,")
	whole, decimals := text[:at], text[at+1:]
	if spaced {
		if whole, code = grouped(whole, " "); code != "" {
			return "", code
		}
	}
	switch {
	case whole == "" || decimals == "" || !asciiDigits(decimals) || !asciiDigits(whole):
		return "", CodeAmountFormat
	case len(decimals) == groupLength && !spaced && len(whole) <= groupLength && whole[0] != '0':
		return "", CodeAmountAmbiguous
	case strings.Trim(decimals, "0") != "":
		return "", CodeAmountFraction
	case len(decimals) > 2:
		return "", CodeAmountFormat
	}
	return whole, ""
}

// mixed reads groups by one sign and decimals behind another, the last:
// 1.000.000,00 and 1,000,000.00.
func mixed(text string, dots, commas, spaces int) (digits, code string) {
	group, decimal, decimals := ".", ",", commas
	if strings.LastIndex(text, ".") > strings.LastIndex(text, ",") {
		group, decimal, decimals = ",", ".", dots
	}
	if spaces > 0 || decimals != 1 {
		return "", CodeAmountFormat
	}
	whole, fraction, _ := strings.Cut(text, decimal)
	whole, code = grouped(whole, group)
	switch {
	case code != "" || !asciiDigits(fraction):
		return "", CodeAmountFormat
	case strings.Trim(fraction, "0") != "":
		return "", CodeAmountFraction
	case len(fraction) > 2:
		return "", CodeAmountFormat
	}
	return whole, ""
}

// grouped joins groups of three digits, of which the first may be shorter.
func grouped(text, separator string) (digits, code string) {
	groups := strings.Split(text, separator)
	for i, group := range groups {
		if !asciiDigits(group) || (i > 0 && len(group) != groupLength) || (i == 0 && len(groups) > 1 && len(group) > groupLength) {
			return "", CodeAmountFormat
		}
	}
	return strings.Join(groups, ""), ""
}
