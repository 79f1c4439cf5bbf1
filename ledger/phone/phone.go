// Package phone holds the telephone numbers that payouts go to.
//
// A number is personal data, so the type masks itself wherever it is printed by
// accident (a log line, an error, a %v) and has to be asked for its digits.
// What makes a number right for an operator is not known here: see package
// rules.
package phone

import (
	"strings"

	"github.com/rs/zerolog"
)

// Number is a beneficiary's telephone number in national form: in Côte
// d'Ivoire ten digits, since 31 January 2021 (ARTCI's numbering plan).
type Number string

const (
	shownHead = 2
	shownTail = 3
)

// String returns the number masked, "07•••••308": enough for two people who
// both have the file to speak of the same row, and no more.
func (n Number) String() string {
	runes := []rune(string(n))
	if len(runes) <= shownHead+shownTail {
		return strings.Repeat("•", len(runes))
	}
	hidden := len(runes) - shownHead - shownTail
	return string(runes[:shownHead]) + strings.Repeat("•", hidden) + string(runes[len(runes)-shownTail:])
}

// GoString masks the number in %#v as well.
func (n Number) GoString() string { return n.String() }

// MarshalZerologObject logs the masked number under the key "number".
func (n Number) MarshalZerologObject(e *zerolog.Event) { e.Str("number", n.String()) }

// Reveal returns the digits. Only what must carry them calls it: the request to
// the provider, the ledger's record and the report of the person who paid.
func (n Number) Reveal() string { return string(n) }
