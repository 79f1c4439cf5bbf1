package rules

import (
	"bytes"
	_ "embed" // the built-in rules
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/unicode/norm"

	"payrun/ledger"
	"payrun/ledger/money"
)

//go:embed digitalpaye-ci.yaml
var builtin []byte

// ErrRules is what every complaint about a rules file is.
var ErrRules = errors.New("bad rules")

// Set is a set of rules. It is not changed after loading and may be used
// concurrently.
type Set struct {
	country, currency string
	idLengthMax       int
	nameLengthMax     int
	repeatedWithin    time.Duration
	operators         map[ledger.Operator]*operator
	byAlias           map[string]*operator
	// order is the operators' as in the file.
	order []*operator
}

// operator is one operator's rules.
type operator struct {
	ID             ledger.Operator   `yaml:"id"`
	Name           string            `yaml:"name"`
	ProviderNames  map[string]string `yaml:"provider_names"`
	Aliases        []string          `yaml:"aliases"`
	Prefixes       []string          `yaml:"prefixes"`
	AmountMin      money.XOF         `yaml:"amount_min"`
	AmountMax      money.XOF         `yaml:"amount_max"`
	FeeBasisPoints int64             `yaml:"fee_basis_points"`
}

// file is the rules as written.
type file struct {
	Country            string      `yaml:"country"`
	Currency           string      `yaml:"currency"`
	TransactionIDMax   int         `yaml:"transaction_id_length_max"`
	NameLengthMax      int         `yaml:"name_length_max"`
	RepeatedWithinDays int         `yaml:"repeated_within_days"`
	Operators          []*operator `yaml:"operators"`
}

// Default returns the built-in rules.
func Default() (*Set, error) { return Load(bytes.NewReader(builtin)) }

// Load reads rules. Unknown keys and rules that make no sense are errors that
// wrap ErrRules.
func Load(r io.Reader) (*Set, error) {
	var f file
	if err := yaml.NewDecoder(r, yaml.Strict()).Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrRules, yaml.FormatError(err, false, false))
	}
	s := &Set{
		country: f.Country, currency: f.Currency,
		idLengthMax: f.TransactionIDMax, nameLengthMax: f.NameLengthMax,
		repeatedWithin: time.Duration(f.RepeatedWithinDays) * 24 * time.Hour,
		operators:      map[ledger.Operator]*operator{}, byAlias: map[string]*operator{},
	}
	switch {
	case len(f.Country) != 2, len(f.Currency) != 3:
		return nil, fmt.Errorf("%w: country and currency are codes such as CI and XOF", ErrRules)
	case f.TransactionIDMax < 1 || f.TransactionIDMax > ledger.ReferenceLengthMax:
		return nil, fmt.Errorf("%w: transaction_id_length_max is between 1 and %d", ErrRules, ledger.ReferenceLengthMax)
	case f.NameLengthMax < 1, f.RepeatedWithinDays < 0:
		return nil, fmt.Errorf("%w: name_length_max and repeated_within_days are not negative", ErrRules)
	case len(f.Operators) == 0:
		return nil, fmt.Errorf("%w: no operators", ErrRules)
	}
	for _, o := range f.Operators {
		if err := s.add(o); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Set) add(o *operator) error {
	const prefixLength = 2
	complain := func(what string) error { return fmt.Errorf("%w: operator %q: %s", ErrRules, o.ID, what) }
	switch {
	case o.ID == "":
		return complain("an id is missing")
	case s.operators[o.ID] != nil:
		return complain("is there twice")
	case o.AmountMin < 1 || o.AmountMax < o.AmountMin:
		return complain("amount_min and amount_max are no range")
	case o.FeeBasisPoints < 0:
		return complain("fee_basis_points is negative")
	case o.ProviderNames["v1"] == "" || o.ProviderNames["v2"] == "":
		return complain("provider_names needs v1 and v2")
	case len(o.Prefixes) == 0:
		return complain("no prefixes")
	}
	for _, prefix := range o.Prefixes {
		if len(prefix) != prefixLength || !asciiDigits(prefix) {
			return complain(fmt.Sprintf("prefix %q is not two digits", prefix))
		}
	}
	names := append([]string{string(o.ID), o.Name}, o.Aliases...)
	for _, name := range o.ProviderNames {
		names = append(names, name)
	}
	for _, name := range names {
		key := fold(name)
		if other := s.byAlias[key]; other != nil && other != o {
			return complain(fmt.Sprintf("%q also names %s", name, other.ID))
		}
		s.byAlias[key] = o
	}
	s.operators[o.ID] = o
	s.order = append(s.order, o)
	return nil
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

// ProviderName returns what the provider's dialect ("v1" or "v2") calls an
// operator, and the operator's own id if the rules do not know it.
func (s *Set) ProviderName(id ledger.Operator, dialect string) string {
	if o := s.operators[id]; o != nil {
		return o.ProviderNames[dialect]
	}
	return string(id)
}

// Country returns the ISO 3166-1 code that payouts go to.
func (s *Set) Country() string { return s.country }

// Currency returns the ISO 4217 code that payouts are made in.
func (s *Set) Currency() string { return s.currency }

// Operators returns the operators' ids in the order of the rules file.
func (s *Set) Operators() []ledger.Operator {
	ids := make([]ledger.Operator, len(s.order))
	for i, o := range s.order {
		ids[i] = o.ID
	}
	return ids
}

// OperatorName returns an operator's name for people.
func (s *Set) OperatorName(id ledger.Operator) string {
	if o := s.operators[id]; o != nil {
		return o.Name
	}
	return string(id)
}

// Fee estimates what the provider charges on top of an amount: the operator's
// share of it, rounded up to the next hundredth of a franc, 0 for an operator
// that the rules do not know.
func (s *Set) Fee(id ledger.Operator, amount money.XOF) money.Centimes {
	o := s.operators[id]
	if o == nil {
		return 0
	}
	// A basis point of a franc is a hundredth of a centime.
	const perCentime = 100
	return money.Centimes((int64(amount)*o.FeeBasisPoints + perCentime - 1) / perCentime)
}

func asciiDigits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}
