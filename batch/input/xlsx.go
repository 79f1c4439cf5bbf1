package input

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// xlsxTable reads the rows of a sheet under its header.
type xlsxTable struct {
	source *source
	book   *workbook
	sheet  sheetPart
	layout *layout
	merges []merge
}

// openXLSX opens a workbook and chooses the sheet.
func openXLSX(s *source, m *matcher, asked string) (*xlsxTable, Info, error) {
	book, err := openWorkbook(s)
	if err != nil {
		return nil, Info{}, err
	}
	t := &xlsxTable{source: s, book: book}
	if err := t.choose(m, asked); err != nil {
		return nil, Info{}, errors.Join(err, book.close())
	}
	if t.merges, err = readMerges(t.sheet); err != nil {
		return nil, Info{}, errors.Join(err, book.close())
	}
	return t, Info{Format: FormatXLSX, Sheet: t.sheet.name}, nil
}

func (t *xlsxTable) header() *layout { return t.layout }

func (t *xlsxTable) close() error { return t.book.close() }

// choose takes the sheet that was asked for, or the only visible one with a
// header. A hidden sheet is never taken unasked: last month's list often is one.
func (t *xlsxTable) choose(m *matcher, asked string) error {
	var names []string
	var best *headerSearch
	var failure error
	for _, sheet := range t.book.sheets {
		// Excel does not tell sheet names apart by case either.
		if asked != "" && !strings.EqualFold(sheet.name, asked) || asked == "" && sheet.hidden {
			continue
		}
		search, err := t.search(sheet, m)
		if err != nil {
			return err
		}
		l, err := search.result(sheet.name)
		switch {
		case err == nil:
			names = append(names, sheet.name)
			t.sheet, t.layout = sheet, l
		case failure == nil || search.beats(best):
			best, failure = search, err
		}
	}
	switch {
	case len(names) == 1:
		return nil
	case len(names) > 1:
		return &SheetError{Sheets: names}
	case failure != nil:
		return failure
	case asked != "":
		return &SheetError{Asked: asked, Sheets: t.book.sheetNames()}
	default:
		return ErrEmpty
	}
}

func (b *workbook) sheetNames() []string {
	names := make([]string, len(b.sheets))
	for i, sheet := range b.sheets {
		names[i] = sheet.name
	}
	return names
}

// search looks for the header among the first rows of a sheet.
func (t *xlsxTable) search(sheet sheetPart, m *matcher) (*headerSearch, error) {
	search := &headerSearch{matcher: m}
	err := rowsOf(sheet, func(row *sheetRow) (bool, error) {
		titles := t.titles(row)
		return len(titles) == 0 || search.offer(row.number, titles), nil
	})
	return search, err
}

// titles returns the texts of a row, none for a blank one.
func (t *xlsxTable) titles(row *sheetRow) []string {
	var titles []string
	for _, stored := range row.cells {
		if stored.column >= columnsMax {
			break
		}
		if text := t.book.cell(stored, "").Text; text != "" {
			titles = append(titles, make([]string, stored.column-len(titles))...)
			titles = append(titles, text)
		}
	}
	return titles
}

// pass visits the rows that the sheet stores until visit returns false. The zip
// is read here and there, so its digest is taken at the end, of the whole file.
func (t *xlsxTable) pass(ctx context.Context, visit func(*sheetRow) bool) error {
	stopped := false
	err := rowsOf(t.sheet, func(stored *sheetRow) (bool, error) {
		if err := ctx.Err(); err != nil {
			return false, err //nolint:wrapcheck // the caller's own
		}
		stopped = !visit(stored)
		return !stopped, nil
	})
	if stopped || ctx.Err() != nil {
		return err
	}
	if changed := t.source.verify(); changed != nil {
		return changed
	}
	return err
}

func (t *xlsxTable) rows(ctx context.Context, yield func(Row) bool) error {
	touching := merges{all: t.merges}
	return t.pass(ctx, func(stored *sheetRow) bool {
		if stored.number <= t.layout.row {
			return true
		}
		row := t.row(stored, touching.at(stored.number))
		if row.blank() {
			return true
		}
		if stored.hidden {
			row.Problem = problemHidden
		}
		return yield(row)
	})
}

func (t *xlsxTable) records(ctx context.Context, yield func(Record) bool) error {
	touching := merges{all: t.merges}
	// Rows may be read beside the records, and fills its own cache of formats.
	book := *t.book
	book.formats = make(map[int]numberFormat)
	return t.pass(ctx, func(stored *sheetRow) bool {
		record := Record{Number: stored.number}
		merged := touching.at(stored.number)
		for _, c := range stored.cells {
			if c.column >= columnsMax {
				break
			}
			record.Cells = append(record.Cells, make([]string, c.column-len(record.Cells))...)
			record.Cells = append(record.Cells, t.recorded(&book, &record, c, merged))
		}
		return yield(record)
	})
}

// recorded returns a cell as text, and notes in the record what is doubtful about
// it.
func (t *xlsxTable) recorded(book *workbook, record *Record, c sheetCell, merged []merge) string {
	field := Field("")
	if c.column < len(t.layout.fields) {
		field = t.layout.fields[c.column]
	}
	needed := field != "" && record.Number > t.layout.row
	unclear := func(m merge) bool { return m.unclear(c.column) }
	if needed && field != fieldGivenName && slices.ContainsFunc(merged, unclear) {
		record.leaveOut(c.column)
	}
	if text, ok := book.text(c); ok {
		return text
	}
	cell := book.cell(c, field)
	if cell.Problem != "" {
		record.doubt(c.column, cell.Problem)
		if needed && cell.Problem != problemError {
			record.leaveOut(c.column)
		}
	}
	return cell.Text
}

// row puts the cells of a row into their fields.
func (t *xlsxTable) row(stored *sheetRow, touching []merge) Row {
	row := Row{Number: stored.number}
	var given Cell
	for _, c := range stored.cells {
		if c.column >= len(t.layout.fields) {
			break
		}
		field := t.layout.fields[c.column]
		if field == fieldGivenName {
			given = t.book.cell(c, field)
		} else if field != "" {
			row.set(field, t.book.cell(c, field))
		}
	}
	if given != (Cell{}) {
		row.Name = joinNames(row.Name, given)
	}
	if len(touching) > 0 && !row.blank() {
		t.markMerged(&row, touching)
	}
	return row
}

// markMerged marks the fields whose value is not theirs alone.
func (t *xlsxTable) markMerged(row *Row, touching []merge) {
	for column, field := range t.layout.fields {
		// A name written across the columns of its two halves is clear.
		if field == "" || field == fieldGivenName || !slices.ContainsFunc(touching, func(m merge) bool { return m.unclear(column) }) {
			continue
		}
		cell := row.Cell(field)
		cell.Problem = problemMerged
		row.set(field, cell)
	}
}
