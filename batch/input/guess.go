package input

import (
	"maps"
	"strings"

	"github.com/agnivade/levenshtein"
)

// guesses looks for misspelt titles of what is missing among the columns that
// were not recognised.
func (m *matcher) guesses(l *layout) map[Field]string {
	var unknown []string
	for i, field := range l.fields {
		if field == "" {
			unknown = append(unknown, l.titles[i])
		}
	}
	found := make(map[Field]string)
	taken := make(map[string]int)
	for _, field := range l.missing {
		var aliases []string
		for alias, of := range m.aliases {
			if of == field || field == FieldName && of == fieldFamilyName {
				aliases = append(aliases, alias)
			}
		}
		if guess := nearest(unknown, aliases); guess != "" {
			found[field] = guess
			taken[guess]++
		}
	}
	// What looks like two fields is neither, as a header that was not cut.
	maps.DeleteFunc(found, func(_ Field, guess string) bool { return taken[guess] > 1 })
	return found
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
