package rules

import (
	"bytes"
	"cmp"
	_ "embed" // the built-in rules
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"payrun/ledger"
	"payrun/ledger/money"
)

//go:embed digitalpaye-ci.yaml
var builtin []byte

// ErrRules matches every complaint about a rules file.
var ErrRules = errors.New("bad rules")

// file is the rules as written.
type file struct {
	Country            string          `yaml:"country"`
	CountryAliases     []string        `yaml:"country_aliases"`
	Currency           string          `yaml:"currency"`
	CurrencyAliases    []string        `yaml:"currency_aliases"`
	NumberLength       integer         `yaml:"number_length"`
	NumberLengthOld    integer         `yaml:"number_length_old"`
	CountryPrefix      string          `yaml:"country_prefix"`
	TransactionIDMax   integer         `yaml:"transaction_id_length_max"`
	NameLengthMax      integer         `yaml:"name_length_max"`
	RepeatedWithinDays integer         `yaml:"repeated_within_days"`
	Prefix             Severity        `yaml:"prefix"`
	Operators          []operatorEntry `yaml:"operators"`
}

// operatorEntry is an operator's rules as written.
type operatorEntry struct {
	ID             ledger.Operator `yaml:"id"`
	Name           string          `yaml:"name"`
	Aliases        []string        `yaml:"aliases"`
	Prefixes       []string        `yaml:"prefixes"`
	AmountMin      integer         `yaml:"amount_min"`
	AmountMax      integer         `yaml:"amount_max"`
	FeeBasisPoints integer         `yaml:"fee_basis_points"`
}

// integer is a whole number. The library would read 1.5 as 1.
type integer int64

// UnmarshalYAML reads an integer.
func (n *integer) UnmarshalYAML(node ast.Node) error {
	at := node.GetToken()
	value, err := strconv.ParseInt(at.Value, 10, 64)
	if err != nil {
		return fmt.Errorf("[%d:%d] %q is not a whole number", at.Position.Line, at.Position.Column, at.Value)
	}
	*n = integer(value)
	return nil
}

// BuiltIn returns the built-in rules as they are written, in YAML. The caller owns the
// bytes.
func BuiltIn() []byte { return bytes.Clone(builtin) }

// Default returns the built-in rules.
func Default() (*Set, error) { return Load(bytes.NewReader(builtin)) }

// Load reads rules in YAML. Unknown keys and rules that make no sense are errors
// that wrap ErrRules; what YAML itself finds names the line and column.
func Load(r io.Reader) (*Set, error) {
	decoder := yaml.NewDecoder(r, yaml.Strict())
	var f file
	if err := decoder.Decode(&f); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%w: nothing in the file", ErrRules)
		}
		return nil, fmt.Errorf("%w: %s", ErrRules, yaml.FormatError(err, false, false))
	}
	if err := decoder.Decode(new(file)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: more than one document in the file", ErrRules)
	}
	if err := f.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRules, err)
	}
	s := &Set{
		country:  named{code: f.Country, aliases: append(folded(f.Country, f.CountryAliases), f.CountryPrefix, "00"+f.CountryPrefix)},
		currency: named{code: f.Currency, aliases: folded(f.Currency, f.CurrencyAliases)},
		numbers:  numbering{length: int(f.NumberLength), lengthOld: int(f.NumberLengthOld), country: f.CountryPrefix},

		idLengthMax: int(f.TransactionIDMax), idAlphabet: idCharacters, nameLengthMax: int(f.NameLengthMax),
		repeatedWithin: time.Duration(f.RepeatedWithinDays) * 24 * time.Hour, prefix: cmp.Or(f.Prefix, Warning),

		operators: make(map[ledger.Operator]*operator), byAlias: make(map[string]*operator),
	}
	for _, entry := range f.Operators {
		if err := s.add(entry); err != nil {
			return nil, fmt.Errorf("%w: operator %q: %w", ErrRules, entry.ID, err)
		}
	}
	s.all = union(s.order)
	return s, nil
}

const (
	countryLength = 2 // ISO 3166-1 alpha-2
	// daysMax keeps a window of days within what a duration can hold.
	daysMax = 3660
	// basisPoints are one hundred percent.
	basisPoints = 10_000
)

// check refuses what makes no sense for any operator.
func (f *file) check() error {
	switch {
	case !capitals(f.Country, countryLength):
		return errors.New("country is a code of two capital letters, such as CI")
	case !isCurrency(f.Currency):
		return errors.New("currency is an ISO 4217 code of three capital letters, such as XOF")
	case f.NumberLength < 1 || f.NumberLength > numberLengthMax:
		return fmt.Errorf("number_length is between 1 and %d", numberLengthMax)
	case f.NumberLengthOld < 0 || f.NumberLengthOld >= f.NumberLength:
		return errors.New("number_length_old is less than number_length, or 0")
	case !asciiDigits(f.CountryPrefix) || f.CountryPrefix[0] == '0':
		return errors.New(`country_prefix is digits as behind the plus sign, such as "225"`)
	case f.TransactionIDMax < 1 || f.TransactionIDMax > idLengthMax:
		return fmt.Errorf("transaction_id_length_max is between 1 and %d", idLengthMax)
	case f.NameLengthMax < 1:
		return errors.New("name_length_max is at least 1")
	case f.RepeatedWithinDays < 0 || f.RepeatedWithinDays > daysMax:
		return fmt.Errorf("repeated_within_days is between 0 and %d", daysMax)
	case f.Prefix != "" && f.Prefix != Warning && f.Prefix != Error:
		return errors.New("prefix is warning or error")
	case len(f.Operators) == 0:
		return errors.New("no operators")
	}
	return nil
}

func isCurrency(code string) bool {
	_, err := money.ParseCurrency(code)
	return err == nil
}

func capitals(text string, length int) bool {
	return len(text) == length && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func folded(code string, aliases []string) []string {
	names := []string{fold(code)}
	for _, alias := range aliases {
		if name := fold(alias); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// check refuses what makes no sense for one operator.
func (e *operatorEntry) check(numberLength int) error {
	switch {
	case e.ID == "" || e.Name == "":
		return errors.New("id and name are needed")
	case e.AmountMin < 1 || e.AmountMax < e.AmountMin || e.AmountMax > amountMax:
		return fmt.Errorf("amount_min and amount_max are a range within 1 and %d", amountMax)
	case e.FeeBasisPoints < 0 || e.FeeBasisPoints > basisPoints:
		return fmt.Errorf("fee_basis_points is between 0 and %d", basisPoints)
	case len(e.Prefixes) == 0:
		return errors.New("no prefixes")
	}
	for _, prefix := range e.Prefixes {
		if !asciiDigits(prefix) || len(prefix) >= numberLength {
			return fmt.Errorf("prefix %q is not the first digits of a number", prefix)
		}
	}
	return nil
}

func (s *Set) add(e operatorEntry) error {
	if err := e.check(s.numbers.length); err != nil {
		return err
	}
	if s.operators[e.ID] != nil {
		return errors.New("is there twice")
	}
	o := &operator{
		id: e.ID, name: e.Name, prefixes: e.Prefixes,
		amountMin: s.Currency().Of(int64(e.AmountMin)), amountMax: s.Currency().Of(int64(e.AmountMax)),
		feeInBasisPoints: int64(e.FeeBasisPoints), place: len(s.order),
	}
	for _, name := range append([]string{string(e.ID), o.name}, e.Aliases...) {
		key := fold(name)
		if key == "" {
			return fmt.Errorf("%q has neither letter nor digit", name)
		}
		if other := s.byAlias[key]; other != nil && other != o {
			return fmt.Errorf("%q also names %s", name, other.id)
		}
		// As it is written, too: that is how most rows have it.
		s.byAlias[key], s.byAlias[name] = o, o
	}
	s.operators[o.id] = o
	s.order = append(s.order, o)
	return nil
}

// union returns what the operators allow together, under all their names.
func union(operators []*operator) *operator {
	all := &operator{amountMin: operators[0].amountMin}
	var names []string
	for _, o := range operators {
		names = append(names, o.name)
		all.prefixes = append(all.prefixes, o.prefixes...)
		if o.amountMin.Less(all.amountMin) {
			all.amountMin = o.amountMin
		}
		if all.amountMax.Less(o.amountMax) {
			all.amountMax = o.amountMax
		}
	}
	slices.Sort(all.prefixes)
	all.prefixes = slices.Compact(all.prefixes)
	all.name = strings.Join(names, ", ")
	return all
}
