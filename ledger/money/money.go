// Package money holds the amounts payrun moves: whole West African CFA francs
// (XOF), and the provider's fees in hundredths of a franc.
//
// Amounts are integers because the franc has no subunit in use (ISO 4217 gives
// XOF an exponent of 0) and because a rounding error in a payroll is a debt to
// somebody. Fees are the one exception: Digitalpaye quotes 7.5 on a transfer
// of 500, so they have a finer type of their own that cannot be mistaken for an
// amount. Reading amounts out of files is not done here: that is the business
// of package rules, which knows how people write them.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// XOF is an amount in whole West African CFA francs. Its range, ±9.2e18, is
// about nine million times what ten million payouts of the highest amount the
// provider accepts add up to, so sums within a batch cannot overflow.
type XOF int64

// narrowSpace separates groups of digits in French typography (U+202F).
const narrowSpace = "\u202f"

// String returns the amount as a person in Côte d'Ivoire writes it, grouped by
// a narrow no-break space and followed by the currency: "1 250 000 XOF".
func (x XOF) String() string { return x.Grouped() + narrowSpace + "XOF" }

// Grouped returns the digits in groups of three, without the currency.
func (x XOF) Grouped() string {
	digits := x.Plain()
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(narrowSpace)
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

// Plain returns the digits alone, for files that another program reads.
func (x XOF) Plain() string { return strconv.FormatInt(int64(x), 10) }

// Centimes is an amount in hundredths of a franc. Only fees, and totals that
// contain fees, are written in it.
type Centimes int64

// ErrNotCentimes is returned by ParseCentimes for a text that is not a decimal
// number of francs with at most two decimals.
var ErrNotCentimes = errors.New("not an amount in francs with at most two decimals")

// InCentimes converts whole francs to hundredths.
func (x XOF) InCentimes() Centimes { return Centimes(x) * 100 }

// Share returns so many hundredths of a percent of an amount that is not negative,
// rounded up to the next hundredth of a franc.
func (x XOF) Share(basisPoints int64) Centimes {
	// A basis point of a franc is a hundredth of a centime.
	const perCentime = 100
	return Centimes((int64(x)*basisPoints + perCentime - 1) / perCentime)
}

// String returns the shortest exact decimal number of francs: "250", "7.5".
func (c Centimes) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	francs, rest := int64(c)/100, int64(c)%100
	switch {
	case rest == 0:
		return sign + strconv.FormatInt(francs, 10)
	case rest%10 == 0:
		return sign + strconv.FormatInt(francs, 10) + "." + strconv.FormatInt(rest/10, 10)
	default:
		return sign + strconv.FormatInt(francs, 10) + "." + strconv.FormatInt(rest/10, 10) + strconv.FormatInt(rest%10, 10)
	}
}

// Grouped returns String with its francs in groups of three.
func (c Centimes) Grouped() string {
	francs, rest, _ := strings.Cut(c.String(), ".")
	digits, negative := strings.CutPrefix(francs, "-")
	whole, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return c.String()
	}
	text := XOF(whole).Grouped()
	if negative {
		text = "-" + text
	}
	if rest != "" {
		text += "." + rest
	}
	return text
}

// MarshalJSON writes the amount as an exact JSON number of francs.
func (c Centimes) MarshalJSON() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalJSON reads what MarshalJSON writes.
func (c *Centimes) UnmarshalJSON(text []byte) error {
	parsed, err := ParseCentimes(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// centimesDigitsMax bounds the francs ParseCentimes accepts, so that the result
// always fits.
const centimesDigitsMax = 15

// ParseCentimes reads a decimal number of francs as machines write it: digits,
// and a point with one or more decimals of which all after the second are
// zero. It returns ErrNotCentimes for anything else.
func ParseCentimes(text string) (Centimes, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, pointed := strings.Cut(digits, ".")
	if whole == "" || len(whole) > centimesDigitsMax || !onlyDigits(whole) ||
		(pointed && (decimals == "" || !onlyDigits(decimals))) {
		return 0, fmt.Errorf("%q: %w", text, ErrNotCentimes)
	}
	decimals = strings.TrimRight(decimals, "0")
	if len(decimals) > 2 {
		return 0, fmt.Errorf("%q: %w", text, ErrNotCentimes)
	}
	value, err := strconv.ParseInt(whole+decimals+"00"[len(decimals):], 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", text, ErrNotCentimes)
	}
	if negative {
		value = -value
	}
	return Centimes(value), nil
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
