package rules

import (
	"slices"
	"strings"
	"time"
)

// inexact recognises an id that a spreadsheet took for a number and wrote with an
// exponent: 1E+05, 1,23457E+19. Its digits are lost. A letter E between digits alone is
// an id like any other.
func inexact(text string) bool { return strings.ContainsAny(text, "+,.") && scientific(text) }

// rewritten recognises an id that a program probably changed: one that a spreadsheet
// took for a date, "Nov-01" or "2026-11-01", or that was saved as a decimal number,
// "12.0".
func rewritten(text string) bool {
	const longest = len("31-12-2026")
	if len(text) > longest {
		return false
	}
	if whole, found := strings.CutSuffix(text, ".0"); found && asciiDigits(whole) {
		return true
	}
	for _, layout := range []string{"2006-01-02", "02-01-2006", "02.01.2006", "2-1-2006"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return monthAndNumber(text)
}

// months are the abbreviations of French and English spreadsheets.
//
//nolint:gochecknoglobals // a table that nothing writes to
var months = []string{
	"jan", "janv", "feb", "fevr", "févr", "mar", "mars", "apr", "avr", "avril", "may", "mai", "jun", "juin", "jul", "juil",
	"aug", "aout", "août", "sep", "sept", "oct", "nov", "dec", "déc",
}

// monthAndNumber recognises 1-nov, 01-Nov-26 and nov.-26. In capitals it is a prefix
// that a person chose.
func monthAndNumber(text string) bool {
	parts := strings.Split(text, "-")
	const most = 3
	if len(parts) < 2 || len(parts) > most || strings.ToUpper(text) == text {
		return false
	}
	named := 0
	for _, part := range parts {
		switch month := strings.ToLower(strings.TrimSuffix(part, ".")); {
		case slices.Contains(months, month):
			named++
		case !asciiDigits(part) || len(part) > len("2026") || len(part) == len("026"):
			return false
		}
	}
	return named == 1
}

// leadingZeros notices ids that lack a zero which others in the column have: 007 and 8.
// The zero value has seen none.
type leadingZeros struct {
	// length counts the digits of the ids that begin with a zero, 0 as long as there
	// was none.
	length int
	// before are the first ids of each length that nothing could be said of yet.
	before [idLengthMax + 1]firstID
}

type firstID struct {
	row int
	id  string
}

// lost reports whether an id is a number shorter than those above that begin with a zero.
func (z *leadingZeros) lost(id string, row int) bool {
	if !asciiDigits(id) || len(id) >= len(z.before) {
		return false
	}
	if id[0] == '0' && len(id) > 1 {
		z.length = max(z.length, len(id))
		return false
	}
	if len(id) < z.length {
		return true
	}
	if first := &z.before[len(id)]; first.row == 0 {
		*first = firstID{row, strings.Clone(id)}
	}
	return false
}
