package table

import (
	"math/big"
	"strings"
	"unicode/utf8"
)

// formatScan reads a format code rune by rune.
type formatScan struct {
	code     string
	sections []formatSection
	// forText is the section that shows texts, -1 for none.
	forText int
	// letters is set when the section has letters of dates outside quotes, elapsed
	// for [h] and the like, and grouped counts the commas since the last placeholder.
	letters, elapsed bool
	commas           int
	// seconds is set behind the letter of seconds, whose decimals are zeros.
	seconds bool
}

// scanFormat cuts a format code into its sections; forText is the one that shows
// texts, -1 if none says so.
func scanFormat(code string) (sections []formatSection, forText int) {
	s := &formatScan{code: code, sections: make([]formatSection, 1), forText: -1}
	for s.code != "" {
		s.next()
	}
	s.endSection()
	return s.sections, s.forText
}

func (s *formatScan) current() *formatSection { return &s.sections[len(s.sections)-1] }

// take removes a prefix of so many bytes and returns it.
func (s *formatScan) take(n int) string {
	n = min(n, len(s.code))
	taken := s.code[:n]
	s.code = s.code[n:]
	return taken
}

// takeRune removes a rune and returns it.
func (s *formatScan) takeRune() string {
	_, size := utf8.DecodeRuneInString(s.code)
	return s.take(size)
}

// until removes what comes before a closing sign, and the sign.
func (s *formatScan) until(closing string) string {
	inside, rest, _ := strings.Cut(s.code, closing)
	s.code = rest
	return inside
}

func (s *formatScan) next() {
	if s.keyword("General") || s.keyword("Standard") {
		return
	}
	switch sign := s.takeRune(); sign {
	case ";":
		s.endSection()
		s.sections = append(s.sections, formatSection{})
	case `"`:
		s.add(formatLiteral, s.until(`"`))
	case `\`:
		s.add(formatLiteral, s.takeRune())
	case "_": // as wide as the next character
		s.takeRune()
		s.add(formatLiteral, " ")
	case "*": // the next character as often as there is room for it
		s.add(formatLiteral, s.takeRune())
	case "[":
		s.bracket(s.until("]"))
	case "0", "#", "?":
		s.placeholder(sign)
	case ",":
		s.commas++
	case ".":
		s.point()
	case "%", "/":
		s.current().scaled = true
		s.add(formatLiteral, sign)
	case "@":
		s.forText = len(s.sections) - 1
		s.add(formatText, sign)
	default:
		s.letter(sign)
	}
}

// keyword takes the word for a number that is shown as it is.
func (s *formatScan) keyword(word string) bool {
	if len(s.code) < len(word) || !strings.EqualFold(s.code[:len(word)], word) {
		return false
	}
	s.take(len(word))
	s.add(formatGeneral, "")
	return true
}

// add appends a token, to the one before if that is of its kind.
func (s *formatScan) add(kind formatKind, text string) {
	section := s.current()
	if n := len(section.tokens); n > 0 && section.tokens[n-1].kind == kind && kind <= formatDigits {
		section.tokens[n-1].text += text
		return
	}
	section.tokens = append(section.tokens, formatToken{kind, text})
}

func (s *formatScan) placeholder(sign string) {
	if s.seconds && sign == "0" {
		return
	}
	s.commas = 0
	s.add(formatDigits, sign)
}

func (s *formatScan) point() {
	switch {
	case s.seconds:
	case s.current().shows(formatPoint):
		s.add(formatLiteral, ".")
	default:
		// A comma behind the last digit divides by a thousand, before the point too.
		s.scale()
		s.add(formatPoint, ".")
	}
}

// scale notes the commas behind the last placeholder.
func (s *formatScan) scale() {
	section := s.current()
	section.scaled = section.scaled || s.commas > 0 && section.shows(formatDigits)
	s.commas = 0
}

// letter takes a character outside quotes: one of a date, an exponent, or one that
// is shown.
func (s *formatScan) letter(sign string) {
	section := s.current()
	if (sign == "E" || sign == "e") && strings.HasPrefix(s.code, "+") || sign == "E" && strings.HasPrefix(s.code, "-") {
		s.take(1)
		section.scaled = true
		return
	}
	s.seconds = strings.EqualFold(sign, "s")
	s.letters = s.letters || strings.Contains("yYmMdDhHsS", sign)
	s.add(formatLiteral, sign)
}

// bracket takes what stands in square brackets: a currency with its locale, a
// condition, elapsed hours, or a colour, which shows nothing.
func (s *formatScan) bracket(inside string) {
	switch {
	case strings.HasPrefix(inside, "$"):
		symbol, _, _ := strings.Cut(inside[1:], "-") // of -40C and -fr-CI nothing is shown
		s.add(formatLiteral, symbol)
	case strings.HasPrefix(inside, "<"), strings.HasPrefix(inside, ">"), strings.HasPrefix(inside, "="):
		operand := strings.TrimLeft(inside, "<>=")
		if value, ok := new(big.Rat).SetString(operand); ok {
			section := s.current()
			section.operator, section.operand = strings.TrimSuffix(inside, operand), value
		}
	case inside != "" && strings.Trim(strings.ToLower(inside), "hms") == "":
		s.elapsed = true
	}
}

// endSection decides whether letters were those of a date: nothing that shows digits
// of a number stands beside them then.
func (s *formatScan) endSection() {
	s.scale()
	section := s.current()
	section.date = s.elapsed || s.letters && !section.shows(formatDigits) && !section.shows(formatGeneral)
	s.letters, s.elapsed, s.seconds = false, false, false
}
