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
	if !strings.ContainsAny(text, formulaSigns+"\t\r\n") {
		return text
	}
	var b strings.Builder
	if strings.ContainsAny(text[:1], "\t\r\n") {
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
