package ui

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Table is text in columns, so that it can be pasted into a letter. Figures are aligned to
// the right, words to the left, and a title as what is below it.
type Table struct {
	// Untitled is set for one whose first row is like the others.
	Untitled bool

	rows [][]string
}

// Add adds a row. The first are titles, unless there are none.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// ColumnGap is the space between two columns.
const ColumnGap = "  "

// figure matches a number as people write it, with its currency or without, a date, and
// what stands for none.
var figure = regexp.MustCompile(`^[-+−–—]?[\d\s\p{Zs}.,:%/+−-]*( [A-Z]{3})?$`)

func (t *Table) String() string {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	words := t.words(len(widths))
	var b strings.Builder
	for _, row := range t.rows {
		var line strings.Builder
		for i, cell := range row {
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i > 0 {
				line.WriteString(ColumnGap)
			}
			if words[i] {
				line.WriteString(cell + padding)
			} else {
				line.WriteString(padding + cell)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

// Fit is the table as it fits into so many columns, 0 for as many as it likes. Where they are
// too few, each row is a block: what it is about, and below that a line for each figure, which
// labelled joins with its title.
func (t *Table) Fit(columns int, labelled func(title, cell string) string) string {
	text := t.String()
	if columns <= 0 || widest(text) <= columns || t.Untitled || len(t.rows) == 0 {
		return text
	}
	titles := t.rows[0]
	lines := []string{titles[0]}
	for _, row := range t.rows[1:] {
		lines = append(lines, row[0])
		margin := row[0][:len(row[0])-len(strings.TrimLeft(row[0], " "))] + ColumnGap
		for i, cell := range row[1:] {
			if cell != "" {
				lines = append(lines, margin+labelled(titles[i+1], cell))
			}
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func widest(text string) int {
	most := 0
	for line := range strings.Lines(text) {
		most = max(most, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")))
	}
	return most
}

// words tells which columns are of words: the first, and each that has a word below its
// title.
func (t *Table) words(columns int) []bool {
	words := make([]bool, columns)
	for n, row := range t.rows {
		for i, cell := range row {
			words[i] = words[i] || i == 0 || (n > 0 && !figure.MatchString(cell))
		}
	}
	return words
}
