package rules

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"payrun/batch/intake/table"
)

// oneBlank makes one blank of each run of blanks and line breaks in a name, and
// reports whether there was more than a blank of another width to change.
func oneBlank(name string) (text string, joined bool) {
	if plainName(name) || !looseBlanks(name) {
		return name, false
	}
	var b strings.Builder
	run := 0
	for _, r := range name {
		if !unicode.IsSpace(r) {
			if run > 0 {
				b.WriteByte(' ')
			}
			run = 0
			b.WriteRune(r)
			continue
		}
		run++
		joined = joined || run > 1 || r == '\n' || r == '\r' || r == '\t' || r == '\u2028'
	}
	return b.String(), joined
}

// looseBlanks reports whether a name has a blank that is not a single ordinary one.
func looseBlanks(name string) bool {
	before := 'x'
	for _, r := range name {
		if unicode.IsSpace(r) && (r != ' ' || before == ' ') {
			return true
		}
		before = r
	}
	return false
}

// plainName knows the names that need no closer look: ASCII letters and what stands
// between them, with single blanks.
func plainName(name string) bool {
	before := byte(0)
	for i := range len(name) {
		c := name[i]
		if c < ' ' || c >= 0x7f || c == ' ' && before == ' ' || c == '?' || c == '&' || c == '%' || c == '\\' || c == '=' {
			return false
		}
		before = c
	}
	return true
}

// brokenName returns the code of what is wrong with a name's characters, empty if
// nothing is: control characters and marks that turn the direction of writing, or
// what is left of letters that were read in another encoding than they were written.
func brokenName(name string) string {
	if plainName(name) {
		return ""
	}
	usual := usualLetters(name)
	switch {
	case !usual && strings.ContainsFunc(name, unreadable):
		return CodeNameCharacters
	case strings.Contains(name, "?"), escaped(name), !usual && (twice(name) || misread(name)):
		return CodeNameEncoding
	default:
		return ""
	}
}

// usualLetters knows the names of which there are many: apart from ASCII they have
// only letters of Western Europe, and the apostrophe of typography. None of them is
// what remains of a letter in another encoding.
func usualLetters(name string) bool {
	for _, r := range name {
		switch {
		case r >= ' ' && r < 0x7f, r >= 0xc0 && r <= 0xff && r != 0xd7 && r != 0xf7, r == '\u2019':
		default:
			return false
		}
	}
	return true
}

// unreadable knows what a name never has: control characters, marks without a width,
// and what is left of a character in the wrong encoding.
func unreadable(r rune) bool {
	return unicode.IsControl(r) && (r < 0x80 || r > 0x9f) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar ||
		unicode.Is(unicode.Co, r)
}

// escaped knows letters written as programs write them to each other: &eacute;,
// %C3%A9, =C3=A9 and \u00e9.
func escaped(name string) bool {
	if at := strings.IndexByte(name, '&'); at >= 0 {
		end := strings.IndexByte(name[at:], ';')
		if end > 1 && !strings.ContainsRune(name[at:at+end], ' ') {
			return true
		}
	}
	if strings.Contains(name, `\u00`) || strings.Contains(name, `\x`) {
		return true
	}
	for _, mark := range "%=" {
		at := strings.IndexRune(name, mark)
		if at >= 0 && len(name) > at+2 && strings.ContainsRune("CDE", rune(name[at+1])) &&
			strings.ContainsRune("0123456789ABCDEF", rune(name[at+2])) {
			return true
		}
	}
	return false
}

// twice reports whether a name is UTF-8 that was taken for text of one byte a
// character and written as UTF-8 again: "KonÃ©" on Windows, "Kon√©" on a Mac, "Kon├®"
// in a console. It is certain, since letters of such texts are not UTF-8 by chance.
func twice(name string) bool {
	for _, table := range []*charmap.Charmap{charmap.Windows1252, charmap.Macintosh, charmap.CodePage850} {
		raw, err := encoding.ReplaceUnsupported(table.NewEncoder()).String(name)
		if err == nil && utf8.ValidString(raw) && len(raw) != utf8.RuneCountInString(raw) {
			return true
		}
	}
	return false
}

// misreadInside are accented letters of DOS (code page 850) and the Mac as they look in
// Windows' encoding, where they touch a letter: "Kon‚", "KonŽ", "A‹ssatou". The marks
// of the second list are also written rightly, at a word's end or beginning.
//
// The tables are those of the code pages: é is 0x82 in 850, 0x8E on the Mac.
const (
	misreadInside = "\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u2039\u203a\u20ac\u2022\u02dc\u2122\u2026" +
		"\u00a1\u00a2\u00a3\u00a4\u00a5\u00a6\u00a7\u00a9\u00ac\u00ae\u00b1\u00b5\u00b6\u00b8\u00bb\u00ab\u00d7\u00f7\u00bf" +
		"\u221a\u0398\u221e\u2264\u2265\u2206\u25ca"
	misreadBetween = "\u201c\u201d\u2013\u2014"
	// misreadCapital are capitals that stand for small letters.
	misreadCapital = "\u017d\u0160\u0152\u0178"
)

// misread reports whether a name has such a character where no name has it, or letters
// of two alphabets.
func misread(name string) bool {
	runes := []rune(name)
	latin, other := false, false
	for i, r := range runes {
		before, after := rune(0), rune(0)
		if i > 0 {
			before = runes[i-1]
		}
		if i+1 < len(runes) {
			after = runes[i+1]
		}
		touches := unicode.IsLetter(before) || unicode.IsLetter(after)
		switch {
		case r >= 0x80 && r <= 0x9f, r >= 0x2500 && r <= 0x25ff:
			return true
		case touches && strings.ContainsRune(misreadInside, r):
			return true
		case strings.ContainsRune(misreadBetween, r) && unicode.IsLower(before) && unicode.IsLower(after):
			return true
		case r == '\u201c' && unicode.IsLetter(before), r == '\u201d' && unicode.IsLetter(after):
			return true
		case strings.ContainsRune(misreadCapital, r) && unicode.IsLower(before):
			return true
		}
		latin = latin || unicode.Is(unicode.Latin, r)
		other = other || unicode.In(r, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic)
	}
	return latin && other
}

func (c *check) name() string {
	text := c.row.Name.Text
	if !c.trusted(table.FieldName, c.row.Name) {
		return text
	}
	name, joined := oneBlank(text)
	if joined {
		c.add(table.FieldName, CodeNameBlanks, map[string]string{"name": name})
	}
	switch {
	case name == "":
		c.add(table.FieldName, CodeNameMissing, nil)
	case len(name) > c.v.set.nameLengthMax && utf8.RuneCountInString(name) > c.v.set.nameLengthMax:
		c.add(table.FieldName, CodeNameLength, map[string]string{"max": strconv.Itoa(c.v.set.nameLengthMax)})
	}
	if code := brokenName(name); code != "" {
		c.add(table.FieldName, code, nil)
	}
	return name
}
