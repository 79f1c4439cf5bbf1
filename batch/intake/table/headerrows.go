package table

import "strings"

// joinTitles returns what two rows of titles say together, as people write them with
// merged cells: "Bénéficiaire" above "Nom" and "Téléphone", "Montant" above "brut" and
// "net". A title of the lower row that is known by itself stands alone; one above goes
// on to the right as far as nothing else stands there. ok is false for a lower row that
// holds figures, and so is none of titles.
func (m *matcher) joinTitles(upper, lower []string) (titles []string, ok bool) {
	titles = make([]string, max(len(upper), len(lower)))
	over := ""
	for column := range titles {
		above, below := titleAt(upper, column), titleAt(lower, column)
		if digitsIn(below) != "" {
			return nil, false
		}
		if above != "" {
			over = above
		}
		switch {
		case below == "":
			titles[column] = above
		case over == "", m.words.read(below).field != "":
			titles[column] = below
		default:
			titles[column] = over + " " + below
		}
	}
	return titles, true
}

func titleAt(titles []string, column int) string {
	if column < len(titles) {
		return strings.ReplaceAll(titles[column], "\n", " ")
	}
	return ""
}

// offerBelow tries a row together with the one right above it: neither may be a header
// by itself, or the lower one may say which of two amounts a column holds.
func (s *headerSearch) offerBelow(number int, titles []string) {
	upper, before := s.above, s.aboveRow
	s.above, s.aboveRow = titles, number
	if before == 0 || number != before+1 || s.best.complete() && s.best.row != before {
		return
	}
	joined, ok := s.matcher.joinTitles(upper, titles)
	if !ok {
		return
	}
	if l := s.matcher.match(number, joined); l.complete() {
		s.best = l
	}
}
