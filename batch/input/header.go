package input

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed headers.yaml
var headersYAML []byte

// The two halves of a name in columns of their own. They are no fields of a row,
// and so not among the constants of that type.
const (
	fieldFamilyName = "family_name"
	fieldGivenName  = "given_name"
)

// fieldErrors is the column in which an annotated copy says what is wrong with a
// row. It is known so that the copy, once mended, is read like the file itself.
const fieldErrors = "errors"

// requiredFields are what a transfer cannot do without, in the order in which
// they are reported missing.
//
//nolint:gochecknoglobals // a table
var requiredFields = []Field{FieldTransactionID, FieldNumber, FieldName, FieldAmount, FieldOperator}

//nolint:gochecknoglobals // a table
var knownFields = append(slices.Clone(requiredFields), FieldCurrency, FieldCountry, FieldNote)

// headerRowsMax is how far down a header is looked for, and columnsMax how far
// to the right.
const (
	headerRowsMax = 30
	columnsMax    = 1024
)

// matcher recognises headers.
type matcher struct {
	required []Field
	// instead has the fields that a required one can be left out for.
	instead map[Field]Field
	// known are the fields that can be mapped by hand.
	known []Field
	// aliases and mapped lead from a folded title to its field; aliases are shared.
	aliases map[string]Field
	mapped  map[string]Field
	given   map[Field]string
}

// newMatcher takes the known titles, and lets the ones given by hand replace
// those of their field.
func newMatcher(given map[Field]string, withoutIDs bool) (*matcher, error) {
	aliases, err := knownTitles()
	if err != nil {
		return nil, err
	}
	m := &matcher{
		required: requiredFields, known: knownFields,
		aliases: aliases, mapped: make(map[string]Field), given: given,
	}
	if withoutIDs {
		m.required = requiredFields[1:]
	}
	return m, m.mapColumns(given)
}

// knownTitles reads headers.yaml, once.
//
//nolint:gochecknoglobals // never changes
var knownTitles = sync.OnceValues(func() (map[string]Field, error) {
	var data struct {
		Fields     map[Field][]string `yaml:"fields"`
		FamilyName []string           `yaml:"family_name"`
		GivenName  []string           `yaml:"given_name"`
		Errors     []string           `yaml:"errors"`
	}
	if err := yaml.UnmarshalWithOptions(headersYAML, &data, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read the known headers: %w", err)
	}
	data.Fields[fieldFamilyName], data.Fields[fieldGivenName] = data.FamilyName, data.GivenName
	data.Fields[fieldErrors] = data.Errors
	aliases := make(map[string]Field)
	for field, titles := range data.Fields {
		aliases[fold(string(field))] = field
		for _, title := range titles {
			aliases[fold(title)] = field
		}
	}
	return aliases, nil
})

func (m *matcher) mapColumns(given map[Field]string) error {
	for _, field := range sortedFields(given) {
		title := given[field]
		folded := fold(title)
		other, taken := m.mapped[folded]
		switch {
		case !slices.Contains(m.known, field):
			return &MapError{field, title, "payrun has no such field; it has " + joinFields(m.known), nil}
		case folded == "":
			return &MapError{field, title, "names no column", nil}
		case taken:
			return &MapError{field, title, "the column is also mapped to " + string(other), nil}
		}
		m.mapped[folded] = field
	}
	return nil
}

// layout is what a row is as a header.
type layout struct {
	row    int
	titles []string
	// fields has the field of each column, empty for a column without one.
	fields  []Field
	doubled map[Field][]string
	missing []Field
	// errors is the column of an annotated copy's errors, -1 for none.
	errors int
	// matched counts the fields that have a column.
	matched int
}

// usable reports whether rows can be read under this header.
func (l *layout) usable() bool {
	return l != nil && l.matched > 0 && len(l.missing) == 0 && len(l.doubled) == 0
}

// isHeader reports whether the row is meant as a header, complete or not. One
// title alone may be a word in a heading.
func (l *layout) isHeader() bool { return l != nil && l.matched > 1 }

// match holds a row against the known titles.
func (m *matcher) match(number int, titles []string) *layout {
	l := &layout{row: number, titles: titles, fields: make([]Field, len(titles))}
	columns := make(map[Field][]int)
	for i, title := range titles {
		if field := m.field(title); field != "" {
			columns[field] = append(columns[field], i)
		}
	}
	settleNames(columns)
	l.errors = settleErrors(columns)
	for field, at := range columns {
		for _, i := range at {
			l.fields[i] = field
		}
		if len(at) > 1 {
			if l.doubled == nil {
				l.doubled = make(map[Field][]string)
			}
			for _, i := range at {
				l.doubled[field] = append(l.doubled[field], titles[i])
			}
		}
	}
	l.matched = len(columns)
	for _, field := range m.required {
		if len(columns[field]) == 0 && len(columns[m.instead[field]]) == 0 {
			l.missing = append(l.missing, field)
		}
	}
	return l
}

// settleNames decides what columns of half a name are: part of the name, or
// nothing beside a column that has all of it.
func settleNames(columns map[Field][]int) {
	family, full := columns[fieldFamilyName], columns[FieldName]
	delete(columns, fieldFamilyName)
	switch {
	case len(full) > 0:
		delete(columns, fieldGivenName)
	case len(family) > 0:
		columns[FieldName] = family
	default:
		delete(columns, fieldGivenName)
	}
}

// settleErrors takes the column that annotates rows out of those that matter.
func settleErrors(columns map[Field][]int) int {
	at := columns[fieldErrors]
	delete(columns, fieldErrors)
	if len(at) == 0 {
		return -1
	}
	return at[0]
}

func (m *matcher) field(title string) Field {
	folded := fold(title)
	if folded == "" {
		return ""
	}
	if field, ok := m.mapped[folded]; ok {
		return field
	}
	field, ok := m.aliases[folded]
	if !ok {
		field = m.aliases[fold(withoutBrackets(title))]
	}
	asked := field
	if field == fieldFamilyName || field == fieldGivenName {
		asked = FieldName
	}
	if _, byHand := m.given[asked]; byHand {
		return ""
	}
	return field
}

func withoutBrackets(title string) string {
	before, rest, found := strings.Cut(title, "(")
	if !found {
		return title
	}
	_, after, _ := strings.Cut(rest, ")")
	return before + " " + after
}

// unmapped complains of a column that was given by hand and is not there.
func (m *matcher) unmapped(l *layout) error {
	for _, field := range sortedFields(m.given) {
		if slices.Contains(l.fields, field) {
			continue
		}
		reason := "there is no such column"
		if guess := nearest(l.titles, []string{fold(m.given[field])}); guess != "" {
			reason += fmt.Sprintf(", did you mean %q?", guess)
		}
		return &MapError{field, m.given[field], reason, named(l.titles)}
	}
	return nil
}

func named(titles []string) []string {
	var found []string
	for _, title := range titles {
		if title != "" {
			found = append(found, title)
		}
	}
	return found
}

func sortedFields[V any](m map[Field]V) []Field { return slices.Sorted(maps.Keys(m)) }
