package table

import (
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// addSimilar looks for misspelt titles of what is missing among the columns that
// nobody took.
func (m *matcher) addSimilar(l *layout) {
	taken := l.taken()
	var unknown []string
	for i, title := range l.titles {
		if _, owned := taken[i]; !owned && title != "" && !m.words.other(title) {
			unknown = append(unknown, title)
		}
	}
	found := make(map[Field]string)
	times := make(map[string]int)
	for _, field := range l.missing {
		if len(l.decisions[field].Candidates) > 0 {
			continue
		}
		if guess := nearest(unknown, m.titlesOf(field)); guess != "" {
			found[field] = guess
			times[guess]++
		}
	}
	for field, guess := range found {
		// What looks like two fields is neither, as a header that was not cut.
		if times[guess] == 1 {
			l.decisions[field].Candidates = []Candidate{m.candidate(l, slices.Index(l.titles, guess), WhySimilar)}
		}
	}
}

// titlesOf returns the folded titles of a field.
func (m *matcher) titlesOf(field Field) []string {
	var titles []string
	for title, known := range m.words.titles {
		if known.field == field || field == FieldName && known.field == fieldFamilyName {
			titles = append(titles, title)
		}
	}
	return titles
}

// nearest returns the title with the fewest edits to any alias, if they are few
// for its length, else one that contains a long alias whole.
func nearest(titles, aliases []string) string {
	const (
		lettersPerEdit = 3
		longAlias      = 5
	)
	best, fewest := "", columnsMax
	for _, title := range titles {
		if len(title) > maxTitle {
			continue
		}
		folded := fold(title)
		for _, alias := range aliases {
			edits := levenshtein.ComputeDistance(folded, alias)
			if edits > max(1, len(alias)/lettersPerEdit) || len(folded) <= edits {
				if len(alias) < longAlias || !strings.Contains(folded, alias) {
					continue
				}
				edits = len(folded)
			}
			if edits < fewest {
				best, fewest = title, edits
			}
		}
	}
	return best
}

// maxTitle is more than any title has; longer cells are not compared.
const maxTitle = 80
