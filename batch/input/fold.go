package input

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unligature spells out what Unicode does not decompose the way people write it.
//
//nolint:gochecknoglobals // a table
var unligature = strings.NewReplacer("°", "", "º", "", "№", "n", "œ", "oe", "Œ", "oe")

// fold reduces a title to what makes it that title: lower case letters and
// digits, without accents. "N° de Téléphone" is "ndetelephone".
func fold(title string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(unligature.Replace(title)) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// trim removes what surrounds a cell's text and cannot be seen: white space of
// any kind, and the marks of zero width that exports leave behind.
func trim(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || text[0] < utf8.RuneSelf && text[len(text)-1] < utf8.RuneSelf {
		return text
	}
	return strings.TrimFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' || r == '\u200e' || r == '\u200f'
	})
}
