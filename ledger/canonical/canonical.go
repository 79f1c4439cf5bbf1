// Package canonical is the one spelling of what is hashed and signed: a text as a JSON
// string, and a payout as a line of a list. docs/evidence.md publishes both, so that
// anybody computes the same digests with the tools they have.
package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"payrun/ledger/phone"
)

// Payout is a line of the canonical list: the terms on which somebody is paid.
type Payout struct {
	ID string
	// Number is in E.164's form: +2250700000000.
	Number phone.E164
	Name   string
	// Amount is in minor units of Currency, an ISO 4217 code.
	Amount   int64
	Currency string
	// Country is an ISO 3166-1 code.
	Country string
	// Scheme is the operator: ORANGE.
	Scheme string
	Note   string
}

// AppendLine appends the payout's line of the canonical list: a JSON array of strings,
// in the order of Payout, and a line feed.
func (p Payout) AppendLine(line []byte) []byte {
	line = append(line, '[')
	line = AppendQuoted(line, p.ID)
	line = AppendQuoted(append(line, ','), p.Number.Reveal())
	line = AppendQuoted(append(line, ','), p.Name)
	line = append(strconv.AppendInt(append(line, ',', '"'), p.Amount, 10), '"')
	for _, field := range [...]string{p.Currency, p.Country, p.Scheme, p.Note} {
		line = AppendQuoted(append(line, ','), field)
	}
	return append(line, ']', '\n')
}

// WholeLines is a bufio.SplitFunc for lines with their line feeds, which are hashed with
// them. A last line without one is a line as it is.
func WholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if end := bytes.IndexByte(data, '\n') + 1; end > 0 {
		return end, data[:end], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
}

// ErrLine is the kind of every complaint about a line of a list: it is not byte for byte
// as AppendLine writes it.
var ErrLine = errors.New("not a payout as payrun writes it")

// ParseLine reads what AppendLine writes, and nothing else.
func ParseLine(line []byte) (Payout, error) {
	var fields []string
	if err := json.Unmarshal(line, &fields); err != nil {
		return Payout{}, fmt.Errorf("%w: %w", ErrLine, err)
	}
	const count = 8
	if len(fields) != count {
		return Payout{}, fmt.Errorf("%w: %d strings, not %d", ErrLine, len(fields), count)
	}
	amount, err := strconv.ParseInt(fields[3], 10, 64)
	if err != nil {
		return Payout{}, fmt.Errorf("%w: %q is not an amount", ErrLine, head(fields[3]))
	}
	p := Payout{
		ID: fields[0], Number: phone.E164(fields[1]), Name: fields[2], Amount: amount,
		Currency: fields[4], Country: fields[5], Scheme: fields[6], Note: fields[7],
	}
	if !bytes.Equal(p.AppendLine(nil), line) {
		return Payout{}, fmt.Errorf("%w: another spelling", ErrLine)
	}
	return p, nil
}

// invisible are the ranges of characters that are not shown, or change how others are
// shown. In a text they are escaped, so that it says what it seems to say.
func invisible(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == 0xad, r == 0x61c, r == 0x180e,
		r >= 0x200b && r <= 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f,
		r == 0xfeff, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe0fff:
		return true
	default:
		return false
	}
}

// Quote writes a text as a JSON string with as few escapes as possible, and always the
// same ones: \" and \\, and \u with four digits of lower case hex for what is
// invisible.
func Quote(text string) string { return string(AppendQuoted(nil, text)) }

// AppendQuoted appends what Quote returns. What is not UTF-8 is written as U+FFFD.
func AppendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	if plain(text) {
		return append(append(b, text...), '"')
	}
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case !invisible(r):
			b = utf8.AppendRune(b, r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				b = fmt.Appendf(b, `\u%04x`, unit)
			}
		}
	}
	return append(b, '"')
}

// plain reports whether a text stands for itself, as nearly all do.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

const unicodeDigits = 4

// Unquote reads what Quote writes, and perhaps more: the caller compares.
func Unquote(field string) (string, error) {
	body, opened := strings.CutPrefix(field, `"`)
	body, closed := strings.CutSuffix(body, `"`)
	if !opened || !closed {
		return "", fmt.Errorf("%q is not in quotation marks", head(field))
	}
	var units []uint16
	for i := 0; i < len(body); {
		r, size := utf8.DecodeRuneInString(body[i:])
		if r != '\\' {
			units = utf16.AppendRune(units, r)
			i += size
			continue
		}
		switch escape := body[i+1:]; {
		case strings.HasPrefix(escape, `"`), strings.HasPrefix(escape, `\`):
			units = append(units, uint16(escape[0]))
			i += 2
		case strings.HasPrefix(escape, "u") && len(escape) > unicodeDigits:
			unit, err := strconv.ParseUint(escape[1:1+unicodeDigits], 16, 16)
			if err != nil {
				return "", fmt.Errorf("%q has an unknown escape", head(field))
			}
			units = append(units, uint16(unit))
			i += 2 + unicodeDigits
		default:
			return "", fmt.Errorf("%q has an unknown escape", head(field))
		}
	}
	return string(utf16.Decode(units)), nil
}

const headLength = 20

// head is the beginning of a text, for an error to show.
func head(text string) string {
	return string([]rune(text)[:min(headLength, utf8.RuneCountInString(text))])
}
