package input

// headerSearch finds the header among the first rows of a table.
type headerSearch struct {
	matcher *matcher
	best    *layout
	// dialect is how the text is cut that was searched, spoilt whether some of its
	// rows could not be cut so.
	dialect dialect
	spoilt  bool
}

// beats compares two ways of cutting the same text: more titles recognised, or,
// where neither recognises any, more columns.
func (s *headerSearch) beats(other *headerSearch) bool {
	switch {
	case s.best == nil || other.best == nil:
		return s.best != nil
	case s.best.matched != other.best.matched:
		return s.best.matched > other.best.matched
	default:
		return s.best.matched == 0 && len(s.best.titles) > len(other.best.titles)
	}
}

// offer shows the search the next row that is not blank, and reports whether it
// wants to see more.
func (s *headerSearch) offer(number int, titles []string) bool {
	if number > headerRowsMax && s.best != nil {
		return false
	}
	l := s.matcher.match(number, titles)
	if s.best == nil || l.matched > s.best.matched || s.best.matched == 0 && len(l.titles) > len(s.best.titles) {
		s.best = l
	}
	return true
}

// result returns the header, or why there is none.
func (s *headerSearch) result(sheet string) (*layout, error) {
	l := s.best
	if l == nil {
		return nil, ErrEmpty
	}
	if err := s.matcher.unmapped(l); err != nil {
		return nil, err
	}
	if l.usable() {
		return l, nil
	}
	return nil, &HeaderError{
		Sheet: sheet, Row: l.row, Found: named(l.titles),
		Missing: l.missing, Doubled: l.doubled, Guesses: s.matcher.guesses(l),
	}
}
