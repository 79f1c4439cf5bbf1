package rules

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Set is a set of rules, for payouts to one country in its currency. It is not
// changed after loading and may be used concurrently.
type Set struct {
	country, currency named
	numbers           numbering
	idLengthMax       int
	idAlphabet        string
	nameLengthMax     int
	repeatedWithin    time.Duration
	// prefix is the severity of another operator's prefix.
	prefix Severity

	operators map[ledger.Operator]*operator
	byAlias   map[string]*operator
	// order is the operators' as in the file.
	order []*operator
	// all is the union of the operators: rows whose operator is unknown
	// are held against it, so that their other problems are found as well.
	all *operator
}

// operator is one operator's rules.
type operator struct {
	id                   ledger.Operator
	name                 string
	prefixes             []string
	amountMin, amountMax money.Amount
	feeInBasisPoints     int64
	// place is the operator's in Set.order.
	place int
}

// named is the one value that a column may have, and other words for it.
type named struct {
	code    string
	aliases []string
}

// means reports whether a text is the code or another word for it.
func (n named) means(text string) bool {
	return text == n.code || slices.Contains(n.aliases, fold(text))
}

// fold makes spellings of a name equal: case, accents, spaces and punctuation do
// not count.
func fold(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(name) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Country returns the ISO 3166-1 code that payouts go to.
func (s *Set) Country() string { return s.country.code }

// Currency returns the currency that payouts are made in.
func (s *Set) Currency() money.Currency { return money.Currency(s.currency.code) }

// AmountRange returns the smallest and the largest amount that any operator takes.
func (s *Set) AmountRange() (smallest, largest money.Amount) { return s.all.amountMin, s.all.amountMax }

// IDLengthMax returns how many characters a transaction id may have.
func (s *Set) IDLengthMax() int { return s.idLengthMax }

// RepeatedWithin returns how long ago the same amount to the same number is pointed out
// although nothing says how often it usually comes.
func (s *Set) RepeatedWithin() time.Duration { return s.repeatedWithin }

// NumberLength returns how many digits a number has, the country's code not
// counted.
func (s *Set) NumberLength() int { return s.numbers.length }

// Operators returns the operators' ids in the order of the rules file.
func (s *Set) Operators() []ledger.Operator {
	ids := make([]ledger.Operator, len(s.order))
	for i, o := range s.order {
		ids[i] = o.id
	}
	return ids
}

// OperatorName returns an operator's name for people.
func (s *Set) OperatorName(id ledger.Operator) string {
	if o := s.operators[id]; o != nil {
		return o.name
	}
	return string(id)
}

// FeeEstimate returns what the provider probably charges for an amount: Set.Fee.
type FeeEstimate func(operator ledger.Operator, amount money.Amount) money.Fine

// Fee estimates what the provider charges on top of an amount: the operator's
// share of it, rounded up to the next hundredth of a franc, 0 for an operator
// that the rules do not know.
func (s *Set) Fee(id ledger.Operator, amount money.Amount) money.Fine {
	o := s.operators[id]
	if o == nil {
		return money.Fine{}
	}
	return amount.Share(o.feeInBasisPoints)
}

// acceptsNumber reports whether the operator's accounts are on such numbers.
func (o *operator) acceptsNumber(number phone.Number) bool {
	return slices.ContainsFunc(o.prefixes, func(prefix string) bool {
		return strings.HasPrefix(number.Reveal(), prefix)
	})
}

// owners names the operators whose numbers begin as this one does, leaving out those
// that take numbers of several.
func (s *Set) owners(number phone.Number) string {
	var names []string
	for _, o := range s.order {
		if len(o.prefixes) == 1 && o.acceptsNumber(number) {
			names = append(names, o.name)
		}
	}
	return strings.Join(names, ", ")
}

// plan lists which prefix belongs to which operator, "01 (Moov Money), 05 (MTN
// MoMo)", leaving out operators that take numbers of several.
func (s *Set) plan() string {
	var parts []string
	for _, prefix := range s.all.prefixes {
		for _, o := range s.order {
			if slices.Equal(o.prefixes, []string{prefix}) {
				parts = append(parts, prefix+" ("+o.name+")")
			}
		}
	}
	return strings.Join(parts, ", ")
}

func asciiDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

// operator returns the operator that a file may call so, nil for none.
func (s *Set) operator(text string) *operator {
	if o := s.byAlias[text]; o != nil {
		return o
	}
	return s.byAlias[fold(text)]
}
