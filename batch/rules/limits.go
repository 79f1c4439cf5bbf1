package rules

import (
	"fmt"
	"strings"

	"payrun/ledger/money"
	"payrun/provider"
)

// idLengthMax bounds what a rules file may allow. Which ids a provider takes it says
// itself.
const idLengthMax = 64

// idCharacters are those that an id may have whoever is paid through, since it also goes
// into a URL's path and into names of files as it is.
const idCharacters = provider.ASCIILettersDigits + "-_."

// MarketError is the error for rules of a country or a currency in which a provider does
// not pay. It is an ErrRules.
type MarketError struct {
	Country  string
	Currency money.Currency
	Pays     provider.Capabilities
}

func (e *MarketError) Error() string {
	return fmt.Sprintf("%v: they are for %s in %s, and the provider pays in %s, %s", ErrRules,
		e.Country, e.Currency, e.Countries(), e.Currencies())
}

func (e *MarketError) Unwrap() error { return ErrRules }

// Countries lists those in which the provider pays, by their codes.
func (e *MarketError) Countries() string { return strings.Join(e.Pays.Countries, ", ") }

// Currencies lists those in which the provider pays, by their codes.
func (e *MarketError) Currencies() string {
	codes := make([]string, len(e.Pays.Currencies))
	for i, c := range e.Pays.Currencies {
		codes[i] = string(c)
	}
	return strings.Join(codes, ", ")
}

// For returns the rules for payouts through a provider: no row passes that it would
// not take. The error is a MarketError.
func (s *Set) For(can provider.Capabilities) (*Set, error) {
	if !can.Pays(s.Country(), s.Currency()) {
		return nil, &MarketError{s.Country(), s.Currency(), can}
	}
	narrowed := *s
	narrowed.idLengthMax = min(s.idLengthMax, can.ReferenceLength)
	narrowed.idAlphabet = can.ReferenceAlphabet
	if can.NameLength > 0 {
		narrowed.nameLengthMax = min(s.nameLengthMax, can.NameLength)
	}
	return &narrowed, nil
}

// TakesID reports whether a text can be a transaction id as it is.
func (s *Set) TakesID(text string) bool {
	return readableID(text) && len(text) <= s.idLengthMax && s.takesCharacters(text)
}

// takesCharacters reports whether the provider takes those of a readable id.
func (s *Set) takesCharacters(id string) bool {
	return s.idAlphabet == idCharacters || !strings.ContainsFunc(id, func(r rune) bool { return !strings.ContainsRune(s.idAlphabet, r) })
}

// readableID reports whether a text has the characters of an id. Points alone are a path
// of their own.
func readableID(text string) bool {
	for i := range len(text) {
		switch b := text[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '-', b == '_', b == '.':
		default:
			return false
		}
	}
	return strings.Trim(text, ".") != ""
}

// IDCharacters are those that a transaction id may have, for people, with letters and
// digits shortened: "A-Z a-z 0-9 - _ .".
func (s *Set) IDCharacters() string {
	alphabet := s.idAlphabet
	var parts []string
	for _, run := range []string{"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", provider.Digits} {
		if rest := strings.Replace(alphabet, run, "", 1); rest != alphabet {
			alphabet, parts = rest, append(parts, run[:1]+"-"+run[len(run)-1:])
		}
	}
	return strings.Join(append(parts, strings.Split(alphabet, "")...), " ")
}
