package ui

import (
	"strings"
	"unicode/utf8"
)

// Table is text in columns, the first aligned to the left and the others to the
// right, so that it can be pasted into a letter.
type Table struct {
	rows [][]string
}

// Add adds a row.
func (t *Table) Add(cells ...string) { t.rows = append(t.rows, cells) }

// ColumnGap is the space between two columns.
const ColumnGap = "  "

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
	var b strings.Builder
	for _, row := range t.rows {
		for i, cell := range row {
			padding := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch {
			case i > 0:
				b.WriteString(ColumnGap + padding + cell)
			case len(row) > 1:
				b.WriteString(cell + padding)
			default:
				b.WriteString(cell)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}
