// Package money holds what payrun moves: amounts in minor units of their currency,
// and the provider's fees in hundredths of a minor unit.
//
// Amounts are integers because a rounding error in a payroll is a debt to somebody, and
// they carry their currency because a number without one is worth nothing certain. Fees
// are finer than amounts: Digitalpaye quotes 7.5 francs on a transfer of 500, and the
// franc has no subunit in use. So they have a type of their own, which cannot be
// mistaken for an amount. Reading amounts out of files is not done here: that is the
// business of package rules, which knows how people write them.
package money

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Amount is a number of minor units of a currency: francs for XOF, cents for EUR.
// Two amounts are equal with == if both parts are. The zero value is nothing, in no
// currency yet, and the neutral element of Plus. The range, ±9.2e18, is about nine
// million times what ten million payouts of the highest amount that the provider
// accepts add up to, so sums within a batch cannot overflow.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Of returns an amount in the currency.
func (c Currency) Of(minor int64) Amount { return Amount{Minor: minor, Currency: c} }

// narrowSpace separates groups of digits in French typography (U+202F).
const narrowSpace = "\u202f"

// String returns the amount as a person in Côte d'Ivoire writes it, grouped by
// a narrow no-break space and followed by the currency: "1 250 000 XOF", "12.50 EUR".
func (a Amount) String() string {
	if a.Currency == "" {
		return a.Grouped()
	}
	return a.Grouped() + narrowSpace + string(a.Currency)
}

// Grouped returns the digits in groups of three, with the currency's decimals and
// without its name.
func (a Amount) Grouped() string {
	if a.Currency == Mixed {
		return mixedText
	}
	return grouped(a.Plain())
}

// Plain returns the amount as an exact decimal number with the currency's decimals, for
// files that another program reads.
func (a Amount) Plain() string {
	if a.Currency == Mixed {
		return mixedText
	}
	return decimal(a.Minor, a.Currency.Digits())
}

// MarshalJSON writes the amount as an exact JSON number, as Plain does. What is in no
// single currency is null.
func (a Amount) MarshalJSON() ([]byte, error) {
	if a.Currency == Mixed {
		return []byte("null"), nil
	}
	return []byte(a.Plain()), nil
}

// IsZero reports whether the amount is nothing, in whatever currency.
func (a Amount) IsZero() bool { return a.Minor == 0 && a.Currency != Mixed }

// Plus returns the sum, the zero value if it comes to nothing, so that sums can be
// compared with ==. Amounts of two currencies have no sum: the result is then Mixed.
func (a Amount) Plus(b Amount) Amount {
	c := common(a.Currency, b.Currency)
	switch {
	case c == Mixed:
		return Amount{Currency: Mixed}
	case a.Minor+b.Minor == 0:
		return Amount{}
	default:
		return c.Of(a.Minor + b.Minor)
	}
}

// Minus returns the difference, as Plus does the sum.
func (a Amount) Minus(b Amount) Amount {
	b.Minor = -b.Minor
	return a.Plus(b)
}

// Less reports whether an amount is less than another of its currency. Of amounts in
// two currencies neither is.
func (a Amount) Less(b Amount) bool {
	return common(a.Currency, b.Currency) != Mixed && a.Minor < b.Minor
}

// Fine converts the amount to hundredths of a minor unit.
func (a Amount) Fine() Fine { return a.Currency.Fine(a.Minor * finePerMinor) }

// Share returns so many hundredths of a percent of an amount that is not negative,
// rounded up to the next hundredth of a minor unit.
func (a Amount) Share(basisPoints int64) Fine {
	// A basis point of a minor unit is a hundredth of what fees are counted in.
	const perHundredth = 100
	return a.Currency.Fine((a.Minor*basisPoints + perHundredth - 1) / perHundredth)
}

// Fine is an amount in hundredths of a minor unit. Only fees, and totals that contain
// fees, are written in it. Like an Amount's, its zero value is nothing, in no currency.
type Fine struct {
	Hundredths int64
	Currency   Currency
}

const (
	finePerMinor = 100
	fineDigits   = 2
)

// Fine returns an amount of so many hundredths of the currency's minor unit.
func (c Currency) Fine(hundredths int64) Fine { return Fine{Hundredths: hundredths, Currency: c} }

// String is Plain.
func (f Fine) String() string { return f.Plain() }

// Plain returns the shortest exact decimal number that has the currency's decimals:
// "250" and "7.5" for XOF, "2.50" and "2.505" for EUR.
func (f Fine) Plain() string {
	if f.Currency == Mixed {
		return mixedText
	}
	digits := f.Currency.Digits()
	text := decimal(f.Hundredths, digits+fineDigits)
	for range fineDigits {
		text = strings.TrimSuffix(text, "0")
	}
	if digits == 0 {
		text = strings.TrimSuffix(text, ".")
	}
	return text
}

// Grouped returns Plain with its whole part in groups of three.
func (f Fine) Grouped() string {
	if f.Currency == Mixed {
		return mixedText
	}
	return grouped(f.Plain())
}

// MarshalJSON writes the amount as an exact JSON number, as Plain does. What is in no
// single currency is null.
func (f Fine) MarshalJSON() ([]byte, error) {
	if f.Currency == Mixed {
		return []byte("null"), nil
	}
	return []byte(f.Plain()), nil
}

// IsZero reports whether the amount is nothing, in whatever currency.
func (f Fine) IsZero() bool { return f.Hundredths == 0 && f.Currency != Mixed }

// Plus returns the sum, the zero value if it comes to nothing. Amounts of two currencies
// have no sum: the result is then Mixed.
func (f Fine) Plus(other Fine) Fine {
	c := common(f.Currency, other.Currency)
	switch {
	case c == Mixed:
		return Fine{Currency: Mixed}
	case f.Hundredths+other.Hundredths == 0:
		return Fine{}
	default:
		return c.Fine(f.Hundredths + other.Hundredths)
	}
}

// Minus returns the difference, as Plus does the sum.
func (f Fine) Minus(other Fine) Fine {
	other.Hundredths = -other.Hundredths
	return f.Plus(other)
}

// Whole returns the amount rounded up to whole minor units.
func (f Fine) Whole() Amount {
	whole := f.Hundredths / finePerMinor
	if f.Hundredths%finePerMinor > 0 {
		whole++
	}
	return f.Currency.Of(whole)
}

// ErrNotDecimal is returned by ParseFine for a text that is not a decimal number with as
// many decimals as the currency's fees can have.
var ErrNotDecimal = errors.New("not an amount in the currency's hundredths of a minor unit")

// wholeDigitsMax bounds the digits that ParseFine takes before the point.
const wholeDigitsMax = 15

// ParseFine reads a decimal number as machines write it: digits, and a point with one or
// more decimals of which all behind the hundredth of a minor unit are zero. It returns
// ErrNotDecimal for anything else.
func ParseFine(c Currency, text string) (Fine, error) {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, pointed := strings.Cut(digits, ".")
	if whole == "" || len(whole) > wholeDigitsMax || !onlyDigits(whole) ||
		(pointed && (decimals == "" || !onlyDigits(decimals))) {
		return Fine{}, fmt.Errorf("%q: %w", text, ErrNotDecimal)
	}
	decimals = strings.TrimRight(decimals, "0")
	missing := c.Digits() + fineDigits - len(decimals)
	if missing < 0 {
		return Fine{}, fmt.Errorf("%q: %w", text, ErrNotDecimal)
	}
	value, err := strconv.ParseInt(whole+decimals+strings.Repeat("0", missing), 10, 64)
	if err != nil {
		return Fine{}, fmt.Errorf("%q: %w", text, ErrNotDecimal)
	}
	if negative {
		value = -value
	}
	return c.Fine(value), nil
}

// mixedText stands where a figure would be that does not exist.
const mixedText = "?"

// decimal writes a number whose last digits are decimals.
func decimal(value int64, decimals int) string {
	digits, negative := strings.CutPrefix(strconv.FormatInt(value, 10), "-")
	if missing := decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if at := len(digits) - decimals; decimals > 0 {
		digits = digits[:at] + "." + digits[at:]
	}
	if negative {
		return "-" + digits
	}
	return digits
}

// Group writes a count as people read it, in groups of three digits.
func Group(count int64) string { return grouped(strconv.FormatInt(count, 10)) }

// grouped parts the whole digits of a decimal number in threes.
func grouped(text string) string {
	digits, negative := strings.CutPrefix(text, "-")
	whole, decimals, pointed := strings.Cut(digits, ".")
	var b strings.Builder
	if negative {
		b.WriteByte('-')
	}
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(narrowSpace)
		}
		b.WriteByte(whole[i])
	}
	if pointed {
		b.WriteString("." + decimals)
	}
	return b.String()
}

func onlyDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}
