// Package plural fills the placeholders of a text, and chooses the form of the
// words that stand beside a count.
//
// A text names its values in braces, "{count}", and a word that changes with a
// count by the count's name and the word's forms, "{count:row|rows}": the first
// for what the language counts as one, the second for everything else. Which is
// which is the plural rule of the Unicode CLDR for cardinal numbers
// (golang.org/x/text/feature/plural): English says "0 rows" and French
// "0 ligne". It is told from the figure as it is written, without the spaces
// between its groups of digits, as CLDR defines its operands.
//
// The package knows no words and no catalogue.
package plural

import (
	"strings"
	"unicode"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Fill returns the text with {name} replaced by the value that follows the name
// in args, and {name:one|other} by the form that goes with that value. What args
// do not name stays as it is, and so do braces within a value. Everything but a
// whole number takes the second form.
func Fill(tag language.Tag, text string, args ...string) string {
	var b strings.Builder
	for {
		begin := strings.IndexByte(text, '{')
		if begin < 0 {
			break
		}
		end := strings.IndexByte(text[begin:], '}')
		if end < 0 {
			break
		}
		end += begin
		b.WriteString(text[:begin])
		if filled, known := placeholder(tag, text[begin+1:end], args); known {
			b.WriteString(filled)
			text = text[end+1:]
		} else {
			b.WriteByte('{')
			text = text[begin+1:]
		}
	}
	return b.String() + text
}

// placeholder returns what stands for the inside of a pair of braces.
func placeholder(tag language.Tag, inside string, args []string) (filled string, known bool) {
	name, forms, chooses := strings.Cut(inside, ":")
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] != name {
			continue
		}
		if !chooses {
			return args[i+1], true
		}
		one, other, _ := strings.Cut(forms, "|")
		if singular(tag, args[i+1]) {
			return one, true
		}
		return other, true
	}
	return "", false
}

// singular reports whether a figure takes the form for one.
func singular(tag language.Tag, figure string) bool {
	figure = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, figure)
	digits := []byte(figure)
	for i, digit := range digits {
		if digit < '0' || digit > '9' {
			return false
		}
		digits[i] = digit - '0'
	}
	if len(digits) == 0 {
		return false
	}
	return plural.Cardinal.MatchDigits(tag, digits, len(digits), 0) == plural.One
}
