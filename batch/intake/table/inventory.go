package table

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// Inventory divides all rows of a file that have content, on all sheets, so that
// none is passed over in silence:
//
//	Titles + Read + Prefilled + Skipped + the rows of Unread = all of them
type Inventory struct {
	// Titles counts the header's rows and those above it, Read the rows that Rows
	// gave.
	Titles, Read int
	// Prefilled counts rows that hold nothing but a running number, zeros or dashes
	// in columns that are not read: places that nobody filled in.
	Prefilled int
	// Skipped counts the hidden rows that Options.Hidden leaves out.
	Skipped int
	// Unread are the rows with content that no pass gives, by place.
	Unread []Place
	// Remarks tell a person about the file beyond its rows, each with
	// its place. A place that is unread has one, unless it is hidden or prose.
	Remarks []Remark
}

// Rows counts all rows with content.
func (i Inventory) Rows() int {
	rows := i.Titles + i.Read + i.Prefilled + i.Skipped
	for _, place := range i.Unread {
		rows += place.Rows
	}
	return rows
}

// Place is a run of rows, as a spreadsheet numbers them.
type Place struct {
	// Sheet is empty for text.
	Sheet       string
	First, Last int
	// Rows counts those with content.
	Rows int
	// Hidden is set for a sheet that is not shown.
	Hidden bool
}

func (p *Place) add(row int) {
	if p.Rows++; p.Rows == 1 {
		p.First = row
	}
	p.Last = row
}

// Remark is something about a file that is not in one of the rows that are read.
type Remark struct {
	// Code is one of
	//
	//	sheet.hidden   the sheet that is read is hidden
	//	column.hidden  a column that is read is hidden
	//	column.format  a condition may show its cells otherwise than they are
	//	sheet.unread   a sheet beside it holds what may be payments
	//	unit.said      a line above the titles says that the figures are no francs
	//	rows.unread    rows hold something in columns that are not read alone
	//	list.unread    another list stands beside the one that is read
	//	cells.unread   rows that are read hold something in a column without title
	Code string
	Place
	// Column is a column's name in a spreadsheet and Title its title, empty where
	// the remark is not about a column; Text is a line that is quoted.
	Column, Title, Text string
}

const (
	remarkSheetHidden  = "sheet.hidden"
	remarkColumnHidden = "column.hidden"
	remarkColumnFormat = "column.format"
	remarkSheetUnread  = "sheet.unread"
	remarkUnitSaid     = "unit.said"
	remarkRowsUnread   = "rows.unread"
	remarkListUnread   = "list.unread"
	remarkCellsUnread  = "cells.unread"
)

// Inventory returns what the file holds. It needs a whole pass over Rows, which it
// makes itself if none ended before, and reads the sheets that Rows does not. It ends
// as Rows does.
func (f *File) Inventory(ctx context.Context) (Inventory, error) {
	if f.table.counted() == nil {
		if err := f.table.rows(ctx, func(Row) bool { return true }); err != nil {
			return Inventory{}, err
		}
	}
	inventory := f.table.counted().inventory(f.info.Sheet)
	if t, ok := f.table.(*sheetTable); ok {
		inventory.Remarks = append(t.hiddenInUse(), inventory.Remarks...)
		if err := t.addOtherSheets(ctx, &inventory); err != nil {
			return Inventory{}, err
		}
	}
	return inventory, nil
}

// tally counts, during a pass, what stands beside the columns that are read.
type tally struct {
	layout *layout
	marks  *marks
	// unread are the columns within the header that are not read.
	unread []int

	titles, read, prefilled, skipped int

	// stopped is set when the pass did not end.
	stopped bool
	// note is the column of notes and name that of names, -1 for none.
	note, name int

	beside Place
	// units are the lines above the titles that say what the figures are.
	units []Remark
	// list are the columns of another list beside the table, and listed the rows that
	// are read and hold something of it, too.
	list   columnRange
	listed Place
	// strays are the cells without title, by column.
	strays map[int]*stray
}

// stray is a cell in a column without title.
type stray struct {
	Place
	// last is the number in the cell before, running whether each was one more than
	// it: a column that numbers the rows.
	last    int
	running bool
}

func newTally(known markWords, l *layout) *tally {
	t := &tally{
		layout: l, marks: newMarks(known, l), strays: make(map[int]*stray),
		note: slices.Index(l.fields, FieldNote), name: slices.Index(l.fields, FieldName), list: besideList(l),
	}
	for column, field := range l.fields {
		if field == "" && column != l.errors {
			t.unread = append(t.unread, column)
		}
	}
	return t
}

// besideList returns the columns of another list to the right of the table: one whose
// first row stands beside the titles, or one that has titles of its own behind a column
// without any, those of a number, a name and an amount at least. Without a gap these are
// columns of the table that are not read.
func besideList(l *layout) columnRange {
	none := columnRange{-1, -1}
	words, err := knownTitles()
	if err != nil {
		return none
	}
	last := -1
	for column, field := range l.fields {
		if field != "" {
			last = column
		}
	}
	if beside := l.titles[last+1:]; isPerson(beside) {
		// The list has no titles: its first row stands beside ours.
		first := last + 1 + slices.IndexFunc(beside, func(title string) bool { return title != "" })
		return columnRange{first, len(l.titles) - 1}
	}
	gap := slices.Index(l.titles[last+1:], "")
	if gap < 0 {
		return none
	}
	list, fields := none, make(map[Field]bool)
	for column := last + 1 + gap; column < len(l.titles); column++ {
		if l.titles[column] == "" {
			continue
		}
		if list.from < 0 {
			list.from = column
		}
		list.to = column
		fields[words.read(l.titles[column]).field] = true
	}
	named := fields[FieldName] || fields[fieldFamilyName] || fields[fieldGivenName]
	if !named || !fields[FieldNumber] || !fields[FieldAmount] {
		return none
	}
	return list
}

// above counts a row that holds titles, or stands above them and may say what the
// figures are.
func (t *tally) above(number int, texts []string) {
	t.titles++
	switch {
	case number == t.layout.row && t.list.from >= 0 && isPerson(t.layout.titles[t.list.from:]):
		t.lists(number)
		return
	case number == t.layout.row, len(t.units) == headerRowsMax:
		return
	}
	for _, text := range texts {
		if UnitSaid(text) != "" {
			t.units = append(t.units, Remark{Code: remarkUnitSaid, Place: Place{First: number, Last: number, Rows: 1}, Text: shorten(trim(text))})
			return
		}
	}
}

// isPerson reports whether cells beside the titles are somebody's: a telephone number, an
// amount and a word. Days as titles, as in a list of who was there, are none.
func isPerson(cells []string) bool {
	numbers, amounts, words := 0, 0, 0
	for _, text := range cells {
		value, figure := amountIn(text)
		switch {
		case looksLikeNumber(text):
			numbers++
		case figure && value >= amountLeast && !isDay(value):
			amounts++
		case strings.IndexFunc(text, unicode.IsLetter) >= 0:
			words++
		}
	}
	return numbers > 0 && amounts > 0 && words > 0
}

// lists counts a row that holds something of the other list, once.
func (t *tally) lists(number int) {
	if t.listed.Last != number {
		t.listed.add(number)
	}
}

// row counts a row, of which blank says whether the columns that are read hold
// nothing, and cells what stands in the others. It returns the mark of a row that was
// paid or cancelled, nil for none.
func (t *tally) row(number int, blank bool, cells []looseCell) (mark *Mark) {
	filled, prefilled := false, true
	for _, cell := range cells {
		if cell.text == "" {
			continue
		}
		filled = true
		prefilled = prefilled && isPlaceholder(cell.text)
		if blank {
			continue
		}
		if mark == nil {
			mark = t.marks.at(cell.column, cell.text)
		}
		if cell.column >= len(t.layout.titles) || t.layout.titles[cell.column] == "" {
			t.stray(number, cell)
		}
		if t.list.from <= cell.column && cell.column <= t.list.to {
			t.lists(number)
		}
	}
	switch {
	case !blank:
		t.read++
	case filled && prefilled:
		t.prefilled++
	case filled:
		t.beside.add(number)
	}
	return mark
}

// marked returns the mark of a row that was read, which its note may be as well, or
// stand behind its name.
func (t *tally) marked(row Row, mark *Mark) *Mark {
	if mark == nil && t.note >= 0 && row.Note.Text != "" && row.Note.Problem == "" {
		mark = t.marks.at(t.note, row.Note.Text)
	}
	if mark == nil && t.name >= 0 {
		mark = t.marks.markedName(t.name, row.Name.Text)
	}
	return mark
}

// looseCell is a cell of a column that is not read.
type looseCell struct {
	column int
	text   string
}

func (t *tally) stray(number int, cell looseCell) {
	column := min(cell.column, columnsMax)
	found := t.strays[column]
	if found == nil {
		found = &stray{running: true}
		t.strays[column] = found
	}
	value, ok := smallNumber(cell.text)
	found.running = found.running && ok && (found.Rows == 0 || value == found.last+1)
	found.last = value
	found.add(number)
}

// smallNumber reads a number of a few digits.
func smallNumber(text string) (value int, ok bool) {
	const digitsMax = 7
	if len(text) > digitsMax {
		return 0, false
	}
	for _, r := range text {
		if r < '0' || r > '9' {
			return 0, false
		}
		value = value*10 + int(r-'0') //nolint:mnd // decimal
	}
	return value, true
}

// isPlaceholder reports whether a cell says no more than that its row is there: a
// running number, a zero or a dash.
func isPlaceholder(text string) bool {
	const runningMax = 4
	_, number := smallNumber(text)
	return number && len(text) <= runningMax || onlyOf(text, "0.,- ") || onlyOf(text, "-–—_.")
}

func onlyOf(text, signs string) bool {
	for _, r := range text {
		if !slices.Contains([]rune(signs), r) {
			return false
		}
	}
	return true
}

// inventory returns what was counted of a sheet.
func (t *tally) inventory(sheet string) Inventory {
	i := Inventory{Titles: t.titles, Read: t.read, Prefilled: t.prefilled, Skipped: t.skipped}
	for _, said := range t.units {
		said.Sheet = sheet
		i.Remarks = append(i.Remarks, said)
	}
	if t.beside.Rows > 0 {
		t.beside.Sheet = sheet
		i.Unread = append(i.Unread, t.beside)
		i.Remarks = append(i.Remarks, Remark{Code: remarkRowsUnread, Place: t.beside})
	}
	if t.listed.Rows > 0 {
		t.listed.Sheet = sheet
		i.Remarks = append(i.Remarks, Remark{
			Code: remarkListUnread, Place: t.listed, Column: ColumnName(t.list.from) + "-" + ColumnName(t.list.to),
		})
	}
	columns := make([]int, 0, len(t.strays))
	for column := range t.strays {
		columns = append(columns, column)
	}
	slices.Sort(columns)
	for _, column := range columns {
		if found := t.strays[column]; !found.running {
			found.Sheet = sheet
			i.Remarks = append(i.Remarks, Remark{Code: remarkCellsUnread, Place: found.Place, Column: ColumnName(column)})
		}
	}
	return i
}
