package table

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

// significant reports whether a character is part of a title. The sign of a
// currency and of a percentage are: "Montant €" is another title than "Montant".
func significant(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Sc, r) || r == '%' || r == '‰'
}

// fold reduces a title to what makes it that title: lower case letters and
// digits, without accents. "N° de Téléphone" is "ndetelephone".
func fold(title string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(unligature.Replace(title)) {
		if significant(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// wordsOf folds each word of a title by itself and puts one blank around each, so
// that a word or a phrase is found whole: "netPay (XOF)" is " net pay xof ".
func wordsOf(title string) string {
	var b strings.Builder
	b.WriteByte(' ')
	apart, lower := true, false
	separate := func() {
		if !apart {
			b.WriteByte(' ')
		}
		apart = true
	}
	for _, r := range norm.NFKD.String(unligature.Replace(title)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !significant(r):
			separate()
			lower = false
			continue
		case unicode.IsUpper(r) && lower, unicode.Is(unicode.Sc, r), r == '%', r == '‰':
			separate()
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
		apart = false
	}
	separate()
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
