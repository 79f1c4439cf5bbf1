package table

import (
	"cmp"
	"context"
	"slices"
)

// Why says by what a column is taken for a field, or could be.
type Why string

// The reasons, by their rank.
const (
	// WhyMapped is Options.Map, WhyChosen and WhyRemembered what a person answered
	// now and before.
	WhyMapped     Why = "mapped"
	WhyChosen     Why = "chosen"
	WhyRemembered Why = "remembered"
	// WhyStrong is a title that names the field and nothing else, WhyWeak one that
	// is taken as long as no other column could be meant.
	WhyStrong Why = "strong"
	WhyWeak   Why = "weak"
	// WhyWords is a word in a title, WhySimilar a title that differs by few letters,
	// and WhyContents cells that look like the field's. No column is taken by these.
	WhyWords    Why = "words"
	WhySimilar  Why = "similar"
	WhyContents Why = "contents"
)

// Candidate is a column that could be a field.
type Candidate struct {
	// Column counts from 0; ColumnName has its letters.
	Column int
	// Title is as written, empty for a column without one.
	Title string
	Why   Why
	// Unit is the word of the title by which its figures are no francs to be paid as
	// they stand: "eur", "milliers", "brut". It is empty for the others.
	Unit string
}

// Decision says which column is taken for a field.
type Decision struct {
	Field Field
	// Columns are those taken, counted from 0: one, two for a name in halves, none
	// if it is not decided or if there is none.
	Columns []int
	// Why is empty if Columns is.
	Why Why
	// Candidates are all columns that could be the field, likelier ones first, where
	// that was open: two at least, or one whose title does not name the field.
	Candidates []Candidate
}

// Open reports whether a person has to say which column is meant.
func (d *Decision) Open() bool { return len(d.Columns) == 0 && len(d.Candidates) > 0 }

// Doubtful reports whether a person had to, or has.
func (d *Decision) Doubtful() bool { return len(d.Candidates) > 0 }

// decide settles each field by the titles, and, once they are known, by what the
// columns hold.
func (m *matcher) decide(l *layout, seen *contents) {
	l.decisions = make(map[Field]*Decision, len(m.known))
	for _, field := range m.known {
		l.decisions[field] = m.byTitle(l, field, seen)
	}
	if seen != nil {
		taken := l.taken()
		for _, field := range m.known {
			m.addRivals(l, l.decisions[field], seen, taken)
		}
	}
	for field, choice := range l.chosen {
		m.choose(l, l.decisions[field], choice)
	}
	m.assign(l)
	if seen != nil {
		m.addSimilar(l)
	}
}

// byTitle takes the column whose title is the field's: the only strong one, or the
// only weak one.
func (m *matcher) byTitle(l *layout, field Field, seen *contents) *Decision {
	d := &Decision{Field: field}
	candidates := slices.DeleteFunc(slices.Clone(l.titled[field]), func(c Candidate) bool {
		return l.chosenFor(c.Column, field)
	})
	if seen != nil {
		candidates = m.plausible(candidates, m.words.fields[field].looks, seen)
	}
	strong := slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool { return c.Why != WhyStrong })
	switch {
	case len(strong) == 1:
		d.Columns, d.Why = []int{strong[0].Column}, WhyStrong
	case len(strong) > 1:
		d.Candidates = strong
	case len(candidates) == 1:
		d.Columns, d.Why = []int{candidates[0].Column}, candidates[0].Why
	case len(candidates) > 1:
		d.Candidates = candidates
	}
	given := l.titled[fieldGivenName]
	if field == FieldName && len(d.Columns) == 1 && len(given) == 1 && !l.chosenFor(given[0].Column, field) {
		d.Columns = append(d.Columns, given[0].Column)
	}
	return d
}

// chosenFor reports whether a person named the column for another field.
func (l *layout) chosenFor(column int, field Field) bool {
	for other, choice := range l.chosen {
		if other != field && slices.Contains(choice.columns, column) {
			return true
		}
	}
	return false
}

// plausible leaves out columns that are blank from top to bottom, and weak ones of
// which no cell looks like the field, if others remain.
func (m *matcher) plausible(candidates []Candidate, kind look, seen *contents) []Candidate {
	if len(candidates) < 2 {
		return candidates
	}
	keep := func(c Candidate) bool {
		column := seen.columns[c.Column]
		blank := seen.whole && column.filled == 0
		unlike := c.Why == WhyWeak && kind != "" && column.filled > 0 && !column.looks(kind, true)
		return !blank && !unlike
	}
	kept := slices.DeleteFunc(slices.Clone(candidates), func(c Candidate) bool { return !keep(c) })
	if len(kept) == 0 {
		return candidates
	}
	return kept
}

// taken are the columns that a title or a person has given to a field, and that
// field.
func (l *layout) taken() map[int]Field {
	taken := map[int]Field{l.errors: fieldErrors}
	for _, d := range l.decisions {
		for _, column := range d.Columns {
			taken[column] = d.Field
		}
	}
	for field, choice := range l.chosen {
		for _, column := range choice.columns {
			taken[column] = field
		}
	}
	return taken
}

// addRivals looks among the columns that no other field took for those that could be
// the field. A strong title gives way only to one that claims as much. A field that
// no title names gets those that a person may have meant.
func (m *matcher) addRivals(l *layout, d *Decision, seen *contents, taken map[int]Field) {
	kind := m.words.fields[d.Field].looks
	if kind == "" {
		return
	}
	var rivals []Candidate
	for i, title := range l.titles {
		owner, owned := taken[i]
		if owned && owner != d.Field || slices.Contains(d.Columns, i) || slices.ContainsFunc(d.Candidates, at(i)) {
			continue
		}
		if why := m.rival(d, title, &seen.columns[i], kind); why != "" {
			rivals = append(rivals, m.candidate(l, i, why))
		}
	}
	slices.SortStableFunc(rivals, func(a, b Candidate) int { return cmp.Compare(rank(a.Why), rank(b.Why)) })
	if len(rivals) > 0 && len(d.Columns) == 1 {
		d.Candidates = []Candidate{m.candidate(l, d.Columns[0], d.Why)}
		d.Columns, d.Why = nil, ""
	}
	d.Candidates = append(d.Candidates, rivals...)
}

func (m *matcher) candidate(l *layout, column int, why Why) Candidate {
	return Candidate{Column: column, Title: l.titles[column], Why: why, Unit: m.words.unit(l.titles[column])}
}

func at(column int) func(Candidate) bool {
	return func(c Candidate) bool { return c.Column == column }
}

// rank orders what speaks for a column.
func rank(why Why) int { return slices.Index([]Why{WhyStrong, WhyWeak, WhyWords, WhyContents}, why) }

// rival says why a column that nobody took could be the field of a decision, or
// nothing if it could not.
func (m *matcher) rival(d *Decision, title string, c *column, kind look) Why {
	titled := m.words.could(d.Field, title)
	switch {
	case d.Why == WhyStrong:
		if m.words.claims(d.Field, title) && c.looks(kind, true) {
			return WhyWords
		}
	case m.words.other(title) && !m.words.claims(d.Field, title):
	case titled && c.looks(kind, true):
		return WhyWords
	// Any list of codes looks like ids: alone, that makes no column the id.
	case c.looks(kind, false) && (kind != looksID || len(d.Columns) > 0 || len(d.Candidates) > 0):
		return WhyContents
	}
	return ""
}

// choose takes the column that a person named, if it is one. What a person said
// about another file with these titles counts only between the columns that were in
// question then: a column more, or one that is blank now, is a question anew.
func (m *matcher) choose(l *layout, d *Decision, choice chosen) {
	if len(choice.columns) != 1 {
		d.Columns, d.Why, d.Candidates = nil, "", nil
		for _, column := range choice.columns {
			d.Candidates = append(d.Candidates, m.candidate(l, column, choice.why))
		}
		return
	}
	column := choice.columns[0]
	if choice.why == WhyRemembered {
		if len(d.Columns) == 1 && d.Columns[0] != column {
			d.Candidates = []Candidate{m.candidate(l, d.Columns[0], d.Why), m.candidate(l, column, WhyRemembered)}
			d.Columns, d.Why = nil, ""
			return
		}
		if slices.ContainsFunc(d.Candidates, func(c Candidate) bool { return !slices.Contains(choice.among, c.Column) }) {
			return
		}
	}
	if len(d.Candidates) == 0 && len(d.Columns) == 0 && slices.Contains(m.required, d.Field) {
		d.Candidates = []Candidate{m.candidate(l, column, choice.why)}
	}
	d.Columns, d.Why = []int{column}, choice.why
}

// assign puts the decisions into the columns, and lists the fields that no title
// names.
func (m *matcher) assign(l *layout) {
	l.fields, l.missing, l.matched = make([]Field, len(l.titles)), nil, 0
	for _, field := range m.known {
		d := l.decisions[field]
		for half, column := range d.Columns {
			l.fields[column] = field
			if half > 0 {
				l.fields[column] = fieldGivenName
			}
		}
		if l.named(field) {
			l.matched++
		}
	}
	for _, field := range m.required {
		if !l.named(field) && !l.named(m.instead[field]) {
			l.missing = append(l.missing, field)
		}
	}
}

// named reports whether a title names the field, or a person did.
func (l *layout) named(field Field) bool {
	return len(l.chosen[field].columns) > 0 || slices.ContainsFunc(l.titled[field], func(c Candidate) bool {
		return !l.chosenFor(c.Column, field)
	})
}

// settle looks at what the columns hold, if the titles leave something open, and
// decides by that.
func (f *File) settle() error {
	l := f.table.header()
	if !f.matcher.leavesOpen(l) {
		return nil
	}
	var beside []int
	for column := range l.taken() {
		if column >= 0 && column != l.errors {
			beside = append(beside, column)
		}
	}
	seen, err := surveyContents(context.Background(), f.table, beside)
	if err != nil {
		return err
	}
	f.contents = seen
	f.matcher.decide(l, seen)
	return nil
}

// leavesOpen reports whether anything depends on what the columns hold: a field that
// more than one title names, one that no title names, or a column that nobody took
// and that may be meant by a weak title or claims to be more than a strong one.
func (m *matcher) leavesOpen(l *layout) bool {
	taken := l.taken()
	for _, d := range l.decisions {
		if len(d.Candidates) > 0 || slices.Contains(l.missing, d.Field) {
			return true
		}
		if m.words.fields[d.Field].looks == "" || len(d.Columns) == 0 {
			continue
		}
		for i, title := range l.titles {
			if taken[i] == "" && (d.Why != WhyStrong || m.words.claims(d.Field, title)) {
				return true
			}
		}
	}
	return false
}

// Recollection is a person's earlier answer about a file with the same titles. The
// columns count from 0.
type Recollection struct {
	Column int
	// Among are the columns that could be the field then.
	Among []int
}

// Recall takes columns for fields as a person answered before. What does not fit any
// more stays open: Undecided has it.
func (f *File) Recall(before map[Field]Recollection) {
	for field, one := range before {
		f.take(field, chosen{[]int{one.Column}, WhyRemembered, append([]int{one.Column}, one.Among...)})
	}
	f.decideAnew()
}

// Choose takes columns for fields, counted from 0, as a person answers now.
func (f *File) Choose(columns map[Field]int) {
	for field, column := range columns {
		f.take(field, chosen{[]int{column}, WhyChosen, nil})
	}
	f.decideAnew()
}

// take keeps a choice, unless there is no such column or Options.Map names another.
func (f *File) take(field Field, choice chosen) {
	l := f.table.header()
	known := slices.Contains(f.matcher.known, field)
	if column := choice.columns[0]; known && l.chosen[field].why != WhyMapped && column >= 0 && column < len(l.titles) {
		l.chosen[field] = choice
	}
}

func (f *File) decideAnew() {
	f.matcher.decide(f.table.header(), f.contents)
	f.describe()
}

// Undecided returns why rows cannot be read yet, a HeaderError, or nil if they can.
func (f *File) Undecided() error {
	if e := f.matcher.headerError(f.table.header(), f.info.Sheet); e != nil {
		return e
	}
	return nil
}

// headerError says what a header leaves open, nil for nothing.
func (m *matcher) headerError(l *layout, sheet string) *HeaderError {
	e := &HeaderError{Sheet: sheet, Row: l.row, Found: named(l.titles), Missing: l.missing}
	for _, field := range m.known {
		if d := l.decisions[field]; d.Open() && (slices.Contains(l.missing, field) || l.named(field)) {
			e.Open = append(e.Open, *d)
		}
	}
	if len(e.Missing) == 0 && len(e.Open) == 0 {
		return nil
	}
	return e
}

// inQuestion reports whether a column could be a field that is open.
func (l *layout) inQuestion(column int) bool {
	for _, d := range l.decisions {
		if d.Open() && slices.ContainsFunc(d.Candidates, at(column)) {
			return true
		}
	}
	return false
}
