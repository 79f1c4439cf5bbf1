package reports

import (
	"strings"
	"unicode"
)

// formulaSigns begin a formula in a spreadsheet, the full-width forms of Japanese
// keyboards included (OWASP, "CSV injection").
const formulaSigns = "=+-@＝＋－＠"

// cellEnds may end a cell for a spreadsheet that was told another separator than
// ours, as a French one is that opens a file with commas.
const cellEnds = ",;|\t\r\n"

// inert keeps a spreadsheet from taking a text for a formula. A name that begins
// like one could otherwise fetch a page or run a program when the report is
// opened. The apostrophe is the spreadsheets' own mark for a text.
//
// Workbooks get it as well: a cell of type text is safe there, but sheets are
// saved as CSV and opened again.
func inert(text string) string {
	if harmless(text) {
		return text
	}
	return marked(text)
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
