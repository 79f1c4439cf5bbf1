package table

import (
	"math/big"
	"slices"
	"strings"
	"unicode"
)

// numberFormat turns a cell's value into what is shown of it (ECMA-376 part 1,
// 18.8.31). A format writes what the value does not hold: zeros, a currency, "000",
// or nothing at all. A person sees that, and not the value.
type numberFormat struct {
	// sections are those for numbers, up to three; none shows them as they are.
	sections []formatSection
	// text is the section for texts; nil shows them as they are.
	text *formatSection
}

// formatSection is one of the parts that semicolons divide a format into.
type formatSection struct {
	// operator and operand are its condition, as [>=1000]; empty for none.
	operator string
	operand  *big.Rat
	// date is set for dates and times, scaled for a number that is shown in percent,
	// in thousands, as a fraction or with an exponent.
	date, scaled bool
	tokens       []formatToken
}

// formatToken is a piece of a section.
type formatToken struct {
	kind formatKind
	// text is a literal's text, or the placeholders.
	text string
}

type formatKind int

const (
	formatLiteral formatKind = iota
	formatDigits             // a run of 0, # and ?
	formatPoint              // where decimals begin
	formatGeneral            // the number as it is
	formatText               // the text as it is
)

// formatCodeMax is the length that Excel allows for a format.
const formatCodeMax = 255

// sectionsMax bounds the sections of a format, the last of which is for texts.
const sectionsMax = 4

// parseFormat reads a format code. One that no spreadsheet would accept shows
// nothing that could be trusted.
func parseFormat(code string) numberFormat {
	if code == "" {
		return numberFormat{}
	}
	if len(code) > formatCodeMax {
		return numberFormat{sections: []formatSection{{}}, text: &formatSection{}}
	}
	sections, forText := scanFormat(code)
	var f numberFormat
	last := len(sections) - 1
	if forText == last || last == sectionsMax-1 {
		f.text = &sections[last]
		sections = sections[:last]
	}
	f.sections = sections
	if f.plainText() {
		f.text = nil
	}
	if len(sections) == 1 && sections[0].shows(formatGeneral) && len(sections[0].tokens) == 1 {
		f.sections = nil
	}
	return f
}

func (f numberFormat) plainText() bool {
	return f.text != nil && len(f.text.tokens) == 1 && f.text.tokens[0].kind == formatText
}

func (s *formatSection) shows(kind formatKind) bool {
	for _, token := range s.tokens {
		if token.kind == kind {
			return true
		}
	}
	return false
}

// section returns the section that a number is shown by, nil for a number that is
// shown as it is. A number that meets no condition is shown by an empty section:
// spreadsheets fill its cell with #.
func (f numberFormat) section(number string) *formatSection {
	if len(f.sections) == 0 {
		return nil
	}
	if len(f.sections) == 1 && f.sections[0].operator == "" {
		return &f.sections[0]
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return &formatSection{}
	}
	for i := range f.sections {
		if f.meets(i, value) {
			return &f.sections[i]
		}
	}
	return &formatSection{}
}

// meets reports whether a section is for a value: by its condition, or by its place.
func (f numberFormat) meets(i int, value *big.Rat) bool {
	s, last := &f.sections[i], len(f.sections)-1
	switch {
	case s.operator != "":
		compared := value.Cmp(s.operand)
		return strings.Contains(s.operator, ">") && compared > 0 ||
			strings.Contains(s.operator, "=") && compared == 0 ||
			strings.Contains(s.operator, "<") && compared < 0
	case i == last && i > 0:
		return true
	case i == 0:
		return value.Sign() > 0 || value.Sign() == 0 && last == 1
	default:
		return value.Sign() < 0
	}
}

// render writes a whole number as the section shows it, but for the signs between
// its groups. Placeholders are filled from the right, and what is left over goes to
// the first.
func (s *formatSection) render(digits string) string {
	var parts []string
	rest, whole := digits, s.wholeTokens()
	for i, token := range slices.Backward(s.tokens) {
		switch {
		case token.kind == formatLiteral:
			parts = append(parts, token.text)
		case token.kind == formatPoint:
			parts = append(parts, ".")
			if !s.digitsBefore(i) {
				parts = append(parts, digits)
			}
		case token.kind == formatGeneral:
			parts = append(parts, digits)
		case token.kind == formatDigits && i >= whole:
			parts = append(parts, strings.NewReplacer("#", "", "?", " ").Replace(token.text))
		case token.kind == formatDigits:
			var part string
			part, rest = fill(token.text, rest, !s.digitsBefore(i))
			parts = append(parts, part)
		}
	}
	var b strings.Builder
	for _, part := range slices.Backward(parts) {
		b.WriteString(part)
	}
	return trim(b.String())
}

// wholeTokens counts the tokens before the decimals.
func (s *formatSection) wholeTokens() int {
	for i, token := range s.tokens {
		if token.kind == formatPoint {
			return i
		}
	}
	return len(s.tokens)
}

func (s *formatSection) digitsBefore(i int) bool {
	for _, token := range s.tokens[:i] {
		if token.kind == formatDigits {
			return true
		}
	}
	return false
}

// fill takes the last digits into placeholders; the first run of a format takes all
// that are left.
func fill(placeholders, digits string, first bool) (part, rest string) {
	var b []byte
	for i := len(placeholders) - 1; i >= 0; i-- {
		switch last := len(digits) - 1; {
		case last >= 0:
			b = append(b, digits[last])
			digits = digits[:last]
		case placeholders[i] == '0':
			b = append(b, '0')
		case placeholders[i] == '?':
			b = append(b, ' ')
		}
	}
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	if first {
		return digits + string(b), ""
	}
	return string(b), digits
}

// renderText writes a text as the section shows it.
func (s *formatSection) renderText(text string) string {
	var b strings.Builder
	for _, token := range s.tokens {
		switch token.kind {
		case formatLiteral:
			b.WriteString(token.text)
		case formatText:
			b.WriteString(text)
		}
	}
	return trim(b.String())
}

// adds reports whether what is shown has letters or digits that the number has not:
// zeros in front, or words. Decimals of zeros add nothing.
func adds(shown, number string) bool {
	if at := strings.LastIndexAny(shown, ".,"); at >= 0 && onlyOf(shown[at+1:], "0") {
		if strings.Map(alphanumeric, shown[:at]) == number {
			return false
		}
	}
	return strings.Map(alphanumeric, shown) != number
}

func alphanumeric(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsDigit(r) {
		return r
	}
	return -1
}
