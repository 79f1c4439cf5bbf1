package approval

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"payrun/ledger/canonical"
)

// ErrText is the kind of every complaint about a text: it is not one of payrun's, or not
// byte for byte as payrun writes it.
var ErrText = errors.New("not a text as payrun writes it")

const (
	// textMax bounds a text that is read. The longest content, with all that it lists,
	// is far below.
	textMax = 4 << 20
	// none stands where there is no time, batch or page.
	none = "none"
	// narrowSpace separates groups of three digits of an amount.
	narrowSpace = "\u202f"
	// amountMax keeps sums within what an int64 holds.
	amountMax = 1_000_000_000_000_000_000
)

// writer writes a canonical text: a title, then lines of a key and fields, with one
// space between fields and a line feed behind each line.
type writer struct {
	b bytes.Buffer
}

func (w *writer) title(text string) { w.b.WriteString(text + "\n") }

func (w *writer) line(key string, fields ...string) {
	w.b.WriteString(key + ":")
	for _, field := range fields {
		w.b.WriteString(" " + field)
	}
	w.b.WriteByte('\n')
}

// reader reads such a text line by line. The first error stays, and what is read after
// it is empty: whoever reads looks once, at the end, and then compares with what the
// writer would have written, so that no spelling but the one is accepted.
type reader struct {
	rest string
	err  error
}

func newReader(text []byte, title string) *reader {
	r := &reader{rest: string(text)}
	switch {
	case len(text) > textMax:
		r.fail("longer than %d bytes", textMax)
	case !utf8.Valid(text):
		r.fail("not UTF-8")
	default:
		var found bool
		if r.rest, found = strings.CutPrefix(r.rest, title+"\n"); !found {
			r.fail("it does not begin with %q", title)
		}
	}
	return r
}

func (r *reader) fail(format string, arguments ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrText, fmt.Sprintf(format, arguments...))
	}
}

// next reports whether the next line has a key.
func (r *reader) next(key string) bool {
	return r.err == nil && strings.HasPrefix(r.rest, key+": ")
}

// fields takes the next line, which has this key and so many fields.
func (r *reader) fields(key string, count int) []string {
	fields := make([]string, count)
	if r.err != nil {
		return fields
	}
	line, rest, _ := strings.Cut(r.rest, "\n")
	body, found := strings.CutPrefix(line, key+": ")
	if !found {
		r.fail("%q where %q was expected", head(line), key)
		return fields
	}
	split := splitFields(body)
	if len(split) != count {
		r.fail("%s has %d fields, not %d", key, len(split), count)
		return fields
	}
	r.rest = rest
	return split
}

func (r *reader) field(key string) string { return r.fields(key, 1)[0] }

// end wants the text to be at its end.
func (r *reader) end() {
	if r.err == nil && r.rest != "" {
		r.fail("%q where the text ends", head(r.rest))
	}
}

const headLength = 20

func head(text string) string {
	return string([]rune(text)[:min(headLength, utf8.RuneCountInString(text))])
}

// splitFields cuts a line at spaces outside quotation marks.
func splitFields(body string) []string {
	var fields []string
	var quoted, escaped bool
	start := 0
	for i := range len(body) {
		switch c := body[i]; {
		case escaped:
			escaped = false
		case quoted && c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		case c == ' ' && !quoted:
			fields = append(fields, body[start:i])
			start = i + 1
		}
	}
	return append(fields, body[start:])
}

func (r *reader) unquote(field string) string {
	if r.err != nil {
		return ""
	}
	text, err := canonical.Unquote(field)
	if err != nil {
		r.fail("%s", err)
	}
	return text
}

func (r *reader) digest(field string) Digest {
	if r.err != nil {
		return Digest{}
	}
	d, err := parseDigest(field)
	if err != nil {
		r.fail("%q: %s", head(field), err)
	}
	return d
}

func (r *reader) count(field string) int {
	if r.err != nil {
		return 0
	}
	count, err := strconv.Atoi(field)
	if err != nil || count < 0 {
		r.fail("%q is not a count", head(field))
	}
	return count
}

// formatTime writes a time to the second, in UTC; a zero one is none.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return none
	}
	return t.UTC().Format(time.RFC3339)
}

func (r *reader) time(field string) time.Time {
	if r.err != nil || field == none {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, field)
	if err != nil {
		r.fail("%q is not a time", head(field))
	}
	return t.UTC()
}

// wholeSecond reports whether a text can say a time exactly.
func wholeSecond(t time.Time) bool {
	return t.IsZero() || t.Nanosecond() == 0 && t.Year() >= 1970 && t.Year() <= 9999
}

// Currency is the currency of amounts, which are in its minor units.
type Currency struct {
	Code     string // ISO 4217: XOF
	Decimals int    // of how many digits minor units are: 0 for XOF
}

const decimalsMax = 4

func (c Currency) check() error {
	if len(c.Code) != 3 || strings.Trim(c.Code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || c.Decimals < 0 || c.Decimals > decimalsMax {
		return fmt.Errorf("%w: currency %q with %d decimals", ErrText, c.Code, c.Decimals)
	}
	return nil
}

// format writes an amount for people: groups of three digits, and as many decimals as
// the currency has.
func (c Currency) format(minor int64) string {
	digits := strconv.FormatInt(minor, 10)
	sign := ""
	if minor < 0 {
		sign, digits = "-", digits[1:]
	}
	if missing := c.Decimals + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, decimals := digits[:len(digits)-c.Decimals], digits[len(digits)-c.Decimals:]
	var b strings.Builder
	b.WriteString(sign)
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(narrowSpace)
		}
		b.WriteByte(whole[i])
	}
	if c.Decimals > 0 {
		b.WriteString("." + decimals)
	}
	return b.String()
}

// formatDifference writes an amount with its sign.
func (c Currency) formatDifference(minor int64) string {
	if minor > 0 {
		return "+" + c.format(minor)
	}
	return c.format(minor)
}

// amount reads what format and formatDifference write, and perhaps more: the caller
// compares.
func (r *reader) amount(field string) int64 {
	if r.err != nil {
		return 0
	}
	digits := strings.NewReplacer(narrowSpace, "", ".", "").Replace(field)
	minor, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		r.fail("%q is not an amount", head(field))
	}
	return minor
}

// textOK reports whether a text can be quoted and read again as the same.
func textOK(texts ...string) bool {
	for _, text := range texts {
		if !utf8.ValidString(text) {
			return false
		}
	}
	return true
}

// asWritten returns an error unless a text is what was written of what was read of it.
func asWritten(text, written []byte) error {
	if !bytes.Equal(text, written) {
		at := 0
		for at < min(len(text), len(written)) && text[at] == written[at] {
			at++
		}
		return fmt.Errorf("%w: byte %d is another one than payrun would write", ErrText, at)
	}
	return nil
}
