package table

import (
	"context"
	"slices"
	"strings"
)

// spreadsheet is a workbook of one of the kinds that are read.
type spreadsheet interface {
	sheetParts() []sheetPart
	// rows visits the rows that a sheet stores until visit returns false.
	rows(sheet sheetPart, visit func(*sheetRow) (bool, error)) error
	shape(sheet sheetPart) (sheetShape, error)
	// cell reads a stored cell as a person means it in the column of a field, and
	// text one of type text as it is stored.
	cell(c sheetCell, field Field) Cell
	text(c sheetCell) (text string, ok bool)
}

// sheetShape are the things that lie over the cells of a sheet.
type sheetShape struct {
	// merges are those of its cells, from the top, and hidden the columns that are not
	// shown.
	merges []merge
	hidden []columnRange
	// formats are those that conditions put over the cells' own.
	formats []formatRange
}

// sheetTable reads the rows of a sheet under its header.
type sheetTable struct {
	source *source
	book   spreadsheet
	sheet  sheetPart
	layout *layout
	shape  sheetShape

	matcher *matcher
	words   markWords
	hidden  Hidden
	// tally is that of the last whole pass over the rows.
	tally *tally
}

// openBook opens a workbook and chooses the sheet.
func openBook(s *source, m *matcher, opts Options) (*sheetTable, Info, error) {
	words, err := knownMarks()
	if err != nil {
		return nil, Info{}, err
	}
	book, format, err := openSpreadsheet(s)
	if err != nil {
		return nil, Info{}, err
	}
	t := &sheetTable{source: s, book: book, matcher: m, words: words, hidden: opts.Hidden}
	if err := t.choose(m, opts.Sheet); err != nil {
		return nil, Info{}, err
	}
	if t.shape, err = book.shape(t.sheet); err != nil {
		return nil, Info{}, err
	}
	return t, Info{Format: format, Sheet: t.sheet.name}, nil
}

// openSpreadsheet opens what a zip holds: OpenDocument says what it is in its first
// part.
func openSpreadsheet(s *source) (spreadsheet, string, error) {
	p, err := openParts(s)
	if err != nil {
		return nil, "", err
	}
	if p.named["mimetype"] != nil {
		document, err := openOpenDocument(p)
		return document, FormatODS, err
	}
	book, err := openWorkbook(p)
	return book, FormatXLSX, err
}

func (t *sheetTable) header() *layout { return t.layout }

// choose takes the sheet that was asked for, or the only visible one with a
// header. A hidden sheet is never taken unasked: last month's list often is one.
func (t *sheetTable) choose(m *matcher, asked string) error {
	var names []string
	var best *headerSearch
	var failure error
	var nearest sheetPart
	for _, sheet := range t.book.sheetParts() {
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
			best, failure, nearest = search, err, sheet
		}
	}
	switch {
	case len(names) == 1:
		return nil
	case len(names) > 1:
		return &SheetError{Sheets: names}
	case failure != nil && best.forgives(failure):
		t.sheet, t.layout = nearest, best.best
		return nil
	case failure != nil:
		return failure
	case asked != "":
		return &SheetError{Asked: asked, Sheets: sheetNames(t.book.sheetParts())}
	default:
		return ErrEmpty
	}
}

func sheetNames(sheets []sheetPart) []string {
	names := make([]string, len(sheets))
	for i, sheet := range sheets {
		names[i] = sheet.name
	}
	return names
}

// search looks for the header among the first rows of a sheet.
func (t *sheetTable) search(sheet sheetPart, m *matcher) (*headerSearch, error) {
	search := &headerSearch{matcher: m}
	err := t.book.rows(sheet, func(row *sheetRow) (bool, error) {
		titles := t.titles(row)
		return len(titles) == 0 || search.offer(row.number, titles), nil
	})
	return search, err
}

// titles returns the texts of a row, none for a blank one.
func (t *sheetTable) titles(row *sheetRow) []string {
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
func (t *sheetTable) pass(ctx context.Context, visit func(*sheetRow) bool) error {
	stopped := false
	err := t.book.rows(t.sheet, func(stored *sheetRow) (bool, error) {
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

func (t *sheetTable) counted() *tally { return t.tally }

func (t *sheetTable) rows(ctx context.Context, yield func(Row) bool) error {
	p := &sheetPass{
		table: t, touching: merges{all: t.shape.merges}, tally: newTally(t.words, t.layout),
		other: newOtherHeader(t.matcher, t.layout),
	}
	err := t.pass(ctx, func(stored *sheetRow) bool {
		row, given := p.judge(stored)
		p.tally.stopped = given && !yield(row)
		return !p.tally.stopped
	})
	if err == nil && !p.tally.stopped {
		t.tally = p.tally
	}
	return err
}

func (t *sheetTable) records(ctx context.Context, yield func(Record) bool) error {
	touching := merges{all: t.shape.merges}
	return t.pass(ctx, func(stored *sheetRow) bool {
		record := Record{
			Number: stored.number, Skipped: stored.hidden && stored.number > t.layout.row && t.hidden == HiddenSkip,
		}
		merged := touching.at(stored.number)
		for _, c := range stored.cells {
			if c.column >= columnsMax {
				break
			}
			record.Cells = append(record.Cells, make([]string, c.column-len(record.Cells))...)
			record.Cells = append(record.Cells, t.recorded(&record, c, merged))
		}
		if stored.hidden && stored.number > t.layout.row && t.hidden != HiddenPay {
			t.unseen(&record)
		}
		return yield(record)
	})
}

// unseen leaves the amount of a hidden row out of a copy without formats, in which it
// would be seen and paid, or all of a row that is to be skipped.
func (t *sheetTable) unseen(record *Record) {
	for column, field := range t.layout.fields {
		if column < len(record.Cells) && (field == FieldAmount || field != "" && t.hidden == HiddenSkip) {
			record.leaveOut(column)
		}
	}
}

// recorded returns a cell as text, and notes in the record what is doubtful about
// it.
func (t *sheetTable) recorded(record *Record, c sheetCell, merged []merge) string {
	field := Field("")
	if c.column < len(t.layout.fields) {
		field = t.layout.fields[c.column]
	}
	needed := field != "" && record.Number > t.layout.row
	unclear := func(m merge) bool { return m.unclear(c.column) }
	if needed && field != fieldGivenName && slices.ContainsFunc(merged, unclear) {
		record.leaveOut(c.column)
	}
	cell := t.book.cell(c, field)
	text, isText := t.book.text(c)
	if cell.Problem != "" && (!isText || cell.Problem == problemFormat || cell.Problem == problemInvisible) {
		record.doubt(c.column, cell.Problem)
		if needed && cell.Problem != problemError && cell.Problem != problemStale {
			record.leaveOut(c.column)
		}
	}
	if isText {
		return text
	}
	return cell.Text
}

// row puts the cells of a row into their fields.
func (t *sheetTable) row(stored *sheetRow, touching []merge) Row {
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
func (t *sheetTable) markMerged(row *Row, touching []merge) {
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
