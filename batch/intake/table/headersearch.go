package table

import (
	"errors"
	"strings"
)

// headerSearch finds the header among the first rows of a table.
type headerSearch struct {
	matcher *matcher
	best    *layout
	// dialect cuts the text that was searched; malformed tells whether some of its
	// rows could not be cut so.
	dialect   dialect
	malformed bool
	// whole is set when a row below the header stood in one cell.
	whole bool
	// oneColumn is set when a row held titles in one cell.
	oneColumn bool
	// above is the row offered last and aboveRow its number: titles may stand in two.
	above    []string
	aboveRow int
}

// isWhole reports whether a row below the header stands in one cell, its separators
// with it.
func (s *headerSearch) isWhole(cells []string) bool {
	return len(cells) == 1 && s.best.isHeader() &&
		strings.Count(cells[0], string(s.dialect.separator)) >= len(s.best.titles)-1
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
	// The first header that is complete is the header: a later one would swallow the
	// rows between them.
	if s.best.complete() || number > headerRowsMax && s.best != nil {
		s.offerBelow(number, titles)
		return false
	}
	l := s.matcher.match(number, titles)
	if s.best == nil || l.matched > s.best.matched || s.best.matched == 0 && len(l.titles) > len(s.best.titles) {
		s.best = l
	}
	s.offerBelow(number, titles)
	s.oneColumn = s.oneColumn || l.matched == 0 && len(named(titles)) == 1 && s.inOneCell(titles)
	return true
}

// inOneCell reports whether a cell holds titles, and their separators with them.
func (s *headerSearch) inOneCell(titles []string) bool {
	text := named(titles)[0]
	for _, separator := range separators {
		parts := strings.Split(text, string(separator))
		if len(parts) == 1 {
			continue
		}
		// Titles in the wrong encoding are not recognised; one of several is enough.
		if l := s.matcher.match(0, parts); l.isHeader() || l.matched > 0 && len(parts) >= len(s.matcher.required) {
			return true
		}
	}
	return false
}

// result returns the header, or why there is none. The error may come with the row
// that comes nearest to one.
func (s *headerSearch) result(sheet string) (*layout, error) {
	l := s.best
	if l == nil {
		return nil, ErrEmpty
	}
	if s.oneColumn && !l.isHeader() {
		return nil, ErrOneColumn
	}
	if err := s.matcher.unmapped(l); err != nil {
		return nil, err
	}
	if l.complete() {
		return l, nil
	}
	s.matcher.addSimilar(l)
	return l, s.matcher.headerError(l, sheet)
}

// forgives reports whether a header that does not serve is wanted all the same, so
// that a person can be shown its columns.
func (s *headerSearch) forgives(err error) bool {
	return s.matcher.undecided && errors.As(err, new(*HeaderError)) && s.best.isHeader()
}
