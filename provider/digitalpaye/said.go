package digitalpaye

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// An answer may be written for people: "150 000,00 FCFA", "07****0304". What can be
// read in one way only is read; what can be read in two is not.

// francs reads an amount in hundredths of a franc. A JSON number and digits with a
// point are read as machines write them, except that text with exactly three
// decimals may be thousands: "150.000" is not read.
func (s scalar) francs() (money.Fine, bool) {
	text := s.text
	whole, decimals, _ := strings.Cut(text, ".")
	if s.number || (plainDigits(whole) && len(decimals) != groupLength && strings.Trim(decimals, "0123456789") == "") {
		parsed, err := money.ParseFine(money.XOF, text)
		return parsed, err == nil
	}
	text, ok := ungrouped(withoutUnit(text))
	if !ok {
		return money.Fine{}, false
	}
	parsed, err := money.ParseFine(money.XOF, text)
	return parsed, err == nil
}

// wholeFrancs is francs for what has no centimes.
func (s scalar) wholeFrancs() (money.Amount, bool) {
	francs, ok := s.francs()
	whole := francs.Whole()
	return whole, ok && whole.Fine() == francs
}

func plainDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// sameCurrency reports whether a transfer is described in the currency that every request
// names, in one of its spellings, or in none: 1005 euros are not 1005 francs.
func sameCurrency(said scalar) bool {
	return withoutUnit(said.text) == ""
}

// withoutUnit takes the currency off an amount, before or behind it.
func withoutUnit(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	for _, unit := range []string{"F CFA", "FCFA", "F.CFA", "XOF", "CFA", "FRANCS", "F"} {
		for _, cut := range []func(string, string) (string, bool){strings.CutSuffix, strings.CutPrefix} {
			if rest, found := cut(text, unit); found {
				return strings.TrimSpace(rest)
			}
		}
	}
	return text
}

// ungrouped turns a number as people write it into one with a point before its
// decimals. Thousands stand behind spaces, or behind points or commas where those
// cannot be the decimals'.
func ungrouped(text string) (string, bool) {
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	decimals := ""
	if at := strings.LastIndexAny(text, ".,"); at >= 0 {
		separator, after := text[at:at+1], text[at+1:]
		groups := strings.Count(text, separator)
		switch {
		case len(after) == groupLength && groups == 1 && !strings.ContainsAny(text[:at], " .,\u00a0\u202f"):
			return "", false // thousands or decimals
		case len(after) == groupLength && (groups > 1 || strings.ContainsAny(text[:at], " \u00a0\u202f")):
			// thousands; grouped says whether all of them are
		case separator == "," && len(after) > len("00"):
			return "", false
		case groups > 1:
			return "", false
		default:
			text, decimals = text[:at], "."+after
		}
	}
	whole, ok := joined(text)
	if negative {
		whole = "-" + whole
	}
	return whole + decimals, ok
}

// groupLength is the number of digits between two separators of thousands.
const groupLength = 3

// joined takes the separators out of a whole number, which must be of one kind
// and stand before every three digits.
func joined(text string) (string, bool) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\u00a0", " "), "\u202f", " ")
	at := strings.IndexAny(text, " .,")
	if at < 0 {
		return text, plainDigits(text)
	}
	groups := strings.Split(text, text[at:at+1])
	for i, group := range groups {
		if !plainDigits(group) || (i > 0 && len(group) != groupLength) || len(group) > groupLength {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// sameAmount compares an amount as the provider writes it with one in whole
// francs.
func sameAmount(said scalar, amount money.Amount) bool {
	parsed, ok := said.francs()
	return ok && parsed == amount.Fine()
}

const (
	// nationalLength is the length of a number by ARTCI's plan of 31 January 2021;
	// before it had oldLength digits, which are the last ones of today's.
	nationalLength = 10
	oldLength      = 8
	// callingCode is Côte d'Ivoire's (ITU-T E.164).
	callingCode = "225"
	// masks are the characters that hide digits.
	masks = "*•xX#…·"
	// separators stand between digits.
	separators = " +-.()\u00a0\u202f"
)

// sameNumber compares a number as the provider writes it, with or without the
// country's prefix, with one of ours. Of a masked one it compares what is
// shown.
func sameNumber(said string, number phone.E164) bool {
	told, ours := national(said), national(number.Reveal())
	switch {
	case told == ours:
		return true
	case strings.ContainsAny(told, masks):
		return shows(told, ours)
	case len(ours) != nationalLength:
		return false
	case len(told) == nationalLength-1: // written as a number, without its zero
		return "0"+told == ours
	case len(told) == oldLength:
		return strings.HasSuffix(ours, told)
	default:
		return false
	}
}

// shows reports whether a masked number can be ours: what it shows at its
// beginning and at its end must be.
func shows(masked, ours string) bool {
	head, tail := masked[:strings.IndexAny(masked, masks)], masked[strings.LastIndexAny(masked, masks):]
	tail = strings.TrimLeft(tail, masks)
	if rest, found := cutCountry(head); found && !strings.HasPrefix(ours, head) {
		head = rest
	}
	return len(head)+len(tail) <= len(ours) && strings.HasPrefix(ours, head) && strings.HasSuffix(ours, tail)
}

// national returns a number's digits without separators and without Côte
// d'Ivoire's prefix, if as many remain as a number has or had.
func national(said string) string {
	digits := strings.TrimPrefix(said, "+") // which is most of what there is
	if strings.ContainsAny(digits, separators) {
		digits = strings.Map(func(r rune) rune {
			if strings.ContainsRune(separators, r) {
				return -1
			}
			return r
		}, digits)
	}
	if rest, found := cutCountry(digits); found {
		switch utf8.RuneCountInString(rest) {
		case nationalLength, nationalLength - 1, oldLength:
			return rest
		}
	}
	return digits
}

func cutCountry(digits string) (string, bool) {
	for _, prefix := range []string{"00" + callingCode, callingCode} {
		if rest, found := strings.CutPrefix(digits, prefix); found {
			return rest, true
		}
	}
	return digits, false
}

// layouts are the forms of times. Those without a zone are Abidjan's time,
// which is UTC all year; days stand before months, as people write them there.
//
//nolint:gochecknoglobals // a table
var layouts = []string{
	time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02T15:04",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -0700 MST", "2006-01-02T15:04:05-0700",
	"2006/01/02 15:04:05", "2006/01/02 15:04",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02-01-2006 15:04:05", "02-01-2006 15:04",
	time.RFC1123, time.RFC1123Z, time.UnixDate, time.ANSIC, "Mon Jan 02 2006 15:04:05 GMT-0700",
}

//nolint:gochecknoglobals // a table
var dayLayouts = []string{time.DateOnly, "2006/01/02", "02/01/2006", "02-01-2006"}

const day = 24 * time.Hour

// when reads a time as UTC. Text without a time of the day spans a day. It is
// zero for what cannot be read.
func when(text string) (at time.Time, span time.Duration) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), " (") // the zone's name behind JavaScript's
	if text == "" {
		return time.Time{}, 0
	}
	if plainDigits(text) {
		return unixTime(text), 0
	}
	if len(text) == len(time.DateTime) && text[len(time.DateOnly)] == ' ' && text[4] == '-' {
		if at, err := time.Parse(time.DateTime, text); err == nil { // the documented form of v2
			return at, 0
		}
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), 0
		}
	}
	for _, layout := range dayLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), day - time.Nanosecond
		}
	}
	return time.Time{}, 0
}

// unixTime reads seconds or milliseconds since 1970, which in this century have
// ten and thirteen digits.
func unixTime(text string) time.Time {
	const seconds, milliseconds = 10, 13
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		return time.Time{}
	case len(text) == seconds:
		return time.Unix(n, 0).UTC()
	case len(text) == milliseconds:
		return time.UnixMilli(n).UTC()
	default:
		return time.Time{}
	}
}
