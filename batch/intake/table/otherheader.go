package table

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// otherHeader recognises titles further down that put the fields into other columns
// than the header does. What stands below them must not be read by the header.
type otherHeader struct {
	matcher *matcher
	layout  *layout
	// amount is the column of amounts, -1 for none.
	amount int
}

func newOtherHeader(m *matcher, l *layout) otherHeader {
	return otherHeader{m, l, slices.Index(l.fields, FieldAmount)}
}

// worth reports whether a row can hold titles at all, by its cell for the amount. It
// is asked for every row.
func (o otherHeader) worth(amount string) bool {
	return o.amount >= 0 && !strings.ContainsAny(amount, "0123456789")
}

// is reports whether a row holds titles in other columns than the header.
func (o otherHeader) is(number int, cells []string) bool {
	titles := make([]string, min(len(cells), columnsMax))
	for i := range titles {
		titles[i] = textCell(cells[i]).Text
	}
	if slices.EqualFunc(named(titles), named(o.layout.titles), func(a, b string) bool { return fold(a) == fold(b) }) {
		return false
	}
	l := o.matcher.match(number, titles)
	if !l.isHeader() || l.matched < headerFieldsMin {
		return false
	}
	for column, field := range l.fields {
		if field != "" && (column >= len(o.layout.fields) || o.layout.fields[column] != field) {
			return true
		}
	}
	return false
}

// headerFieldsMin is a number of titles that a row of data has not got by accident: a name or
// an operator can be a word that is a title elsewhere.
const headerFieldsMin = 3

// looksPaid reports whether a row above the header looks like a payment that the
// header has passed over: with a telephone number, an amount, and something to read.
func looksPaid(cells []string) bool {
	const digitsLeast, digitsMost, amountLeast = 8, 15, 3
	numbers, amounts, words := 0, 0, 0
	for _, cell := range cells {
		text := WithoutUnit(cell)
		digits := len(digitsIn(text))
		switch {
		case text == "", isDateWritten(text):
		case strings.IndexFunc(text, unicode.IsLetter) >= 0:
			words++
		case digitsLeast <= digits && digits <= digitsMost:
			numbers++
		case digits >= amountLeast && !strings.ContainsAny(text, "/:"):
			amounts++
		}
	}
	return numbers > 0 && amounts+numbers > 1 && words > 0
}

// isDateWritten recognises a day as people and spreadsheets write it, with four digits
// for the year: 30/11/2026, 2026-11-30, 30.11.2026, 20261130.
func isDateWritten(text string) bool {
	for _, layout := range []string{"2/1/2006", "2-1-2006", "2.1.2006", "2006-1-2", "2006/1/2", "20060102", "2006-1-2 15:04:05"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// digitsIn returns a text without anything but digits.
func digitsIn(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}
