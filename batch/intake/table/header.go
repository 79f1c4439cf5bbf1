package table

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The two halves of a name in columns of their own. They are no fields of a row,
// and so not among the constants of that type.
const (
	fieldFamilyName = "family_name"
	fieldGivenName  = "given_name"
)

// fieldErrors is the column in which an annotated copy says what is wrong with a
// row. It is known so that the copy, once mended, is read like the file itself.
const fieldErrors = "errors"

// requiredFields are the fields a transfer cannot do without, in the order in which
// they are reported missing.
//
//nolint:gochecknoglobals // a table
var requiredFields = []Field{FieldTransactionID, FieldNumber, FieldName, FieldAmount, FieldOperator}

//nolint:gochecknoglobals // a table
var knownFields = append(slices.Clone(requiredFields), FieldCurrency, FieldCountry, FieldNote)

// headerRowsMax bounds how far down a header is looked for, and columnsMax how far
// to the right.
const (
	headerRowsMax = 30
	columnsMax    = 1024
)

// matcher recognises headers.
type matcher struct {
	words    *vocabulary
	required []Field
	// instead has the fields that a required one can be left out for.
	instead map[Field]Field
	// known are the fields that can be mapped by hand, given the columns that were.
	known []Field
	given map[Field]string
	// undecided accepts a header that leaves open which column is which.
	undecided bool
}

// newMatcher takes the known titles of a beneficiary file, and the columns that
// were named by hand.
func newMatcher(opts Options) (*matcher, error) {
	words, err := knownTitles()
	if err != nil {
		return nil, err
	}
	m := &matcher{words: words, required: requiredFields, known: knownFields, given: opts.Map, undecided: opts.Undecided}
	if opts.WithoutIDs {
		m.required = requiredFields[1:]
	}
	return m, m.checkGiven()
}

// checkGiven refuses columns given by hand that no file can have.
func (m *matcher) checkGiven() error {
	taken := make(map[string]Field)
	for _, field := range sortedFields(m.given) {
		title := m.given[field]
		name := strings.ToLower(trim(title))
		if _, lettered := columnAt(title); !lettered {
			name = fold(title)
		}
		other, double := taken[name]
		switch {
		case !slices.Contains(m.known, field):
			return &MapError{field, title, "payrun has no such field; it has " + joinFields(m.known), nil}
		case name == "":
			return &MapError{field, title, "names no column", nil}
		case double:
			return &MapError{field, title, "the column is also mapped to " + string(other), nil}
		}
		taken[name] = field
	}
	return nil
}

// layout is a row read as a header.
type layout struct {
	row    int
	titles []string
	// titled has the columns whose titles name a field, and chosen those that a
	// person did; several are left to be decided between.
	titled map[Field][]Candidate
	chosen map[Field]chosen
	// decisions say which column is which, by field.
	decisions map[Field]*Decision
	// fields has the field of each column, empty for a column without one.
	fields []Field
	// missing are the required fields that no title names.
	missing []Field
	// errors is the column of an annotated copy's errors, -1 for none.
	errors int
	// matched counts the fields that have a column.
	matched int
}

// chosen are the columns that a person named for a field, and how.
type chosen struct {
	columns []int
	why     Why
	// among are the columns that an answer of before was given about.
	among []int
}

// complete reports whether every field that is needed has a title, if only one of
// several.
func (l *layout) complete() bool { return l != nil && l.matched > 0 && len(l.missing) == 0 }

// isHeader reports whether the row is meant as a header, complete or not. One
// title alone may be a word in a heading.
func (l *layout) isHeader() bool { return l != nil && l.matched > 1 }

// match holds a row against the known titles.
func (m *matcher) match(number int, titles []string) *layout {
	l := &layout{
		row: number, titles: titles,
		titled: make(map[Field][]Candidate), chosen: make(map[Field]chosen),
	}
	template := m.words.template(titles)
	for i, title := range titles {
		known := m.words.read(title)
		if known.field == "" {
			continue
		}
		candidate := Candidate{Column: i, Title: title, Why: WhyWeak, Unit: m.words.unit(title)}
		if known.strong || slices.Contains(template, fold(title)) {
			candidate.Why = WhyStrong
		}
		l.titled[known.field] = append(l.titled[known.field], candidate)
	}
	for field, title := range m.given {
		if columns := columnsNamed(title, titles); len(columns) > 0 {
			l.chosen[field] = chosen{columns, WhyMapped, nil}
		}
	}
	l.settleNames()
	l.settleErrors()
	m.decide(l, nil)
	return l
}

// settleNames decides what columns of half a name are: part of the name, or
// nothing beside a column that has all of it.
func (l *layout) settleNames() {
	family, given := l.titled[fieldFamilyName], l.titled[fieldGivenName]
	delete(l.titled, fieldFamilyName)
	switch {
	case len(l.titled[FieldName]) > 0 || len(family) == 0 || len(l.chosen[FieldName].columns) > 0:
		delete(l.titled, fieldGivenName)
	case len(given) > 1:
		delete(l.titled, fieldGivenName)
		family = append(family, given...)
	}
	if len(l.titled[FieldName]) == 0 && len(family) > 0 {
		l.titled[FieldName] = family
	}
}

// settleErrors takes the column that annotates rows out of those that matter.
func (l *layout) settleErrors() {
	l.errors = -1
	if at := l.titled[fieldErrors]; len(at) > 0 {
		l.errors = at[0].Column
	}
	delete(l.titled, fieldErrors)
}

// columnsNamed returns the columns that a name given by hand stands for: a title, or
// "@D", a column's letter, where the title does not tell, alone or behind the title.
func columnsNamed(name string, titles []string) []int {
	var same, alike []int
	for i, title := range titles {
		switch {
		case title == "":
		case title == trim(name):
			same = append(same, i)
		case fold(title) == fold(name):
			alike = append(alike, i)
		}
	}
	switch column, lettered := columnAt(name); {
	case len(same) > 0:
		return same
	case len(alike) > 0:
		return alike
	case lettered && column < len(titles):
		before, _, _ := strings.Cut(name, "@")
		if trim(before) == "" || fold(before) == fold(titles[column]) {
			return []int{column}
		}
	}
	return nil
}

// columnAt reads the letter behind the last "@" of a name.
func columnAt(name string) (column int, ok bool) {
	at := strings.LastIndex(name, "@")
	if at < 0 {
		return 0, false
	}
	column, _, ok = parseReference(strings.ToUpper(trim(name[at+1:])) + "1")
	return column, ok && column < columnsMax
}

// ColumnName returns the letters by which a spreadsheet names a column, counted from
// 0: "A", "AB".
func ColumnName(column int) string {
	const letters = 26
	name := ""
	for column++; column > 0; column /= letters {
		column--
		name = string(rune('A'+column%letters)) + name
	}
	return name
}

// unmapped complains of a column that was given by hand and is not there.
func (m *matcher) unmapped(l *layout) error {
	for _, field := range sortedFields(m.given) {
		if len(l.chosen[field].columns) > 0 {
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
