package money

import (
	"errors"
	"fmt"

	iso4217 "github.com/bojanz/currency"
)

// Currency is a currency by its ISO 4217 code: "XOF".
type Currency string

// XOF is the West African CFA franc, which has no subunit in use.
const XOF Currency = "XOF"

// Mixed is the currency of a sum over several currencies, which has no figure. It is
// ISO 4217's code for no currency, is no amount's own, and stays in every further sum.
const Mixed Currency = "XXX"

// ErrCurrency is returned by ParseCurrency for a text that is no code of a currency.
var ErrCurrency = errors.New("not an ISO 4217 code of a currency in use")

// ParseCurrency returns the currency that a code names, or ErrCurrency.
func ParseCurrency(code string) (Currency, error) {
	if code == "" || !iso4217.IsValid(code) { // to the table, no code is a valid one
		return "", fmt.Errorf("%q: %w", code, ErrCurrency)
	}
	return Currency(code), nil
}

// Digits returns how many decimals an amount has by ISO 4217: 0 for XOF, 2 for EUR, 3 for
// TND. It is 0 for what ParseCurrency refuses.
func (c Currency) Digits() int {
	if c == XOF {
		return 0 // without a search through the table
	}
	digits, _ := iso4217.GetDigits(string(c))
	return int(digits)
}

// common returns the one currency of two amounts, Mixed if there are two.
func common(a, b Currency) Currency {
	switch {
	case a == b, b == "":
		return a
	case a == "":
		return b
	default:
		return Mixed
	}
}
