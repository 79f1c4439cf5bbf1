package table

import (
	"strings"
	"unicode"
)

// francs are the spellings of the currency that may stand before or behind an
// amount, in small letters without spaces and points. They say nothing that could be
// understood in two ways.
//
//nolint:gochecknoglobals // a table that nothing writes to
var francs = map[string]bool{
	"f": true, "fr": true, "frs": true, "franc": true, "francs": true,
	"cfa": true, "fcfa": true, "frcfa": true, "frscfa": true, "franccfa": true, "francscfa": true,
	"xof": true, "fcfaxof": true, "xofcfa": true, "cfaxof": true,
}

// WithoutUnit takes the name of the franc off an amount, before it or behind it, and
// writes zeros for the dashes that stand for no centimes, as in "150 000,-". What is
// left of any other text is the text.
func WithoutUnit(text string) string {
	text = trim(text)
	bare := withoutUnitBehind(text)
	if bare == text {
		bare = withoutUnitBefore(text)
	}
	return withZeros(bare)
}

// unitPart reports whether a rune may be part of a unit's spelling.
func unitPart(r rune) bool { return unicode.IsLetter(r) || r == '.' || unicode.IsSpace(r) }

func withoutUnitBehind(text string) string {
	amount := strings.TrimRightFunc(text, unitPart)
	unit := text[len(amount):]
	// 1F is a number to programs that count in sixteens: a bare F needs its space.
	if !isFranc(unit) || strings.EqualFold(strings.TrimRight(unit, "."), "f") {
		return text
	}
	return amount
}

func withoutUnitBefore(text string) string {
	amount := strings.TrimLeftFunc(text, unitPart)
	unit := text[:len(text)-len(amount)]
	// F150 may be the number of something.
	if amount == "" || !isFranc(unit) || strings.EqualFold(unit, "f") || strings.EqualFold(unit, "fr") {
		return text
	}
	return amount
}

func isFranc(unit string) bool {
	return francs[strings.ToLower(strings.Map(func(r rune) rune {
		if r == '.' || unicode.IsSpace(r) {
			return -1
		}
		return r
	}, unit))]
}

// withZeros writes zeros for the dashes that stand in the place of centimes.
func withZeros(text string) string {
	const dashes, centimes = "-–—", 2
	amount := strings.TrimRight(text, dashes)
	count := len([]rune(text[len(amount):]))
	if count < 1 || count > centimes || len(amount) < 2 || !strings.ContainsAny(amount[len(amount)-1:], ".,") {
		return text
	}
	if last := amount[len(amount)-2]; last < '0' || last > '9' {
		return text
	}
	return amount + "00"
}

// sameNumber reports whether what is shown is a whole number of francs, written with
// or without groups, decimals of zeros and the currency.
func sameNumber(shown, digits string) bool {
	shown = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, WithoutUnit(shown))
	groups := strings.FieldsFunc(shown, func(r rune) bool { return r == '.' || r == ',' })
	if len(groups) == 0 || strings.Trim(shown, ".,0123456789") != "" {
		return false
	}
	const group = 3
	if last := groups[len(groups)-1]; len(groups) > 1 && len(last) != group {
		if strings.Trim(last, "0") != "" {
			return false
		}
		groups = groups[:len(groups)-1]
	}
	for _, rest := range groups[1:] {
		if len(rest) != group {
			return false
		}
	}
	return strings.TrimLeft(strings.Join(groups, ""), "0") == strings.TrimLeft(digits, "0")
}
