// Package sheet knows what spreadsheets make of a text file: by what they take it for
// UTF-8, and which texts they take for formulas. It is a leaf and safe for concurrent
// use.
package sheet

import (
	"strings"
	"unicode"
)

// ByteOrderMark begins a file that a French Excel is to take for UTF-8; it goes by
// nothing else.
const ByteOrderMark = "\ufeff"

// formulaSigns begin a formula in a spreadsheet, the full-width forms of Japanese
// keyboards included (OWASP, "CSV injection").
const formulaSigns = "=+-@＝＋－＠"

// cellEnds may end a cell for a spreadsheet that was told another separator than
// ours, as a French one is that opens a file with commas.
const cellEnds = ",;|\t\r\n"

// EscapeFormula keeps a spreadsheet from taking a text for a formula. A name that
// begins like one could otherwise fetch a page or run a program when the file is
// opened. The apostrophe is the spreadsheets' own mark for a text.
//
// Workbooks need it as well: a cell of type text is safe there, but sheets are saved as
// CSV and opened again.
func EscapeFormula(text string) string {
	if harmless(text) {
		return text
	}
	return marked(text)
}

// EscapeCopied is EscapeFormula for a copy of what somebody wrote, which stays as it is
// where it does nothing: numbers with a sign, and ="0700…", with which exports keep a
// zero.
func EscapeCopied(text string) string {
	trimmed := strings.TrimLeft(text, " \t\r\n\u00a0")
	begins := strings.IndexFunc(trimmed, func(r rune) bool { return strings.ContainsRune(formulaSigns, r) }) == 0
	if !begins || signedNumber(trimmed) || quotedConstant(trimmed) {
		return text
	}
	return "'" + text
}

func signedNumber(text string) bool {
	return (text[0] == '+' || text[0] == '-') && len(text) > 1 && strings.Trim(text[1:], "0123456789 .,\u00a0\u202f") == ""
}

func quotedConstant(text string) bool {
	inner, opened := strings.CutPrefix(text, `="`)
	inner, closed := strings.CutSuffix(inner, `"`)
	return opened && closed && !strings.Contains(inner, `"`)
}

// marked puts an apostrophe before whatever could begin a formula.
func marked(text string) string {
	var b strings.Builder
	if strings.IndexAny(text, "\t\r\n") == 0 {
		b.WriteByte('\'')
	}
	leading, begins := true, true
	for _, r := range text {
		if begins && strings.ContainsRune(formulaSigns, r) {
			b.WriteByte('\'')
		}
		b.WriteRune(r)
		leading = leading && unicode.IsSpace(r)
		begins = leading || strings.ContainsRune(cellEnds, r)
	}
	return b.String()
}

// harmless settles what nearly all texts are at a glance: nothing that could be a
// sign, except where a letter or digit stands before it.
func harmless(text string) bool {
	const wide = 0xEF // begins the full-width signs in UTF-8
	after := false
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			after = true
			continue
		case c == '=', c == '+', c == '-', c == '@', c == wide, c == '\t', c == '\r', c == '\n':
			if !after {
				return false
			}
		}
		after = false
	}
	return true
}
