package annotate

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"

	"github.com/xuri/excelize/v2"

	"payrun/batch/intake/table"
)

// TableOptions say how a table is written.
type TableOptions struct {
	Format Format
	// Separator is that of a text.
	Separator rune
	// Folder takes what is too large for memory.
	Folder string
	// Whole are the columns, counted from 0, whose cells are whole numbers: in a
	// workbook they can be added up. All others are text, so that zeros stay.
	Whole map[int]bool
}

// Table is a new file being written row by row, the first of them its titles. It
// may be used by one goroutine at a time.
type Table struct {
	sink   sink
	rows   int
	closed bool
}

// NewTable begins a table of so many columns. The error is one of the package's, or
// one of w.
func NewTable(w io.Writer, columns int, o TableOptions) (*Table, error) {
	if o.Format == CSV {
		s, err := newTextSink(w, table.Info{}, o.Separator)
		if err != nil {
			return nil, err
		}
		return &Table{sink: s}, nil
	}
	s, err := newSheetSink(w, Options{Folder: o.Folder, Column: Column{Fill: true}}, columns)
	if err != nil {
		return nil, err
	}
	if err := s.asTable(o.Whole); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return &Table{sink: s}, nil
}

// Write writes the next row. The cells are the caller's again afterwards.
func (t *Table) Write(cells []string) error {
	t.rows++
	return t.sink.write(t.rows, cells, nil)
}

// Finish completes the file.
func (t *Table) Finish() error { return errors.Join(t.sink.finish(), t.Close()) }

// Close gives a table up, unless it is finished already.
func (t *Table) Close() error {
	if t.closed {
		return nil
	}
	t.closed = true
	return t.sink.close()
}

// wholeFmt is "0": groups of digits would be ambiguous in a CSV made of it.
const wholeFmt = 1

// wholeDigitsMax bounds the digits of a number: a spreadsheet keeps no more.
const wholeDigitsMax = 15

// asTable gives the first row the look of titles, and some columns that of numbers.
func (s *sheetSink) asTable(whole map[int]bool) error {
	titles, err := s.book.NewStyle(&excelize.Style{NumFmt: textFmt, Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fmt.Errorf("begin the table: %w", err)
	}
	numbers, err := s.book.NewStyle(&excelize.Style{NumFmt: wholeFmt})
	if err != nil {
		return fmt.Errorf("begin the table: %w", err)
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fmt.Errorf("begin the table: %w", err)
	}
	s.table, s.titles, s.numbers, s.whole = true, titles, numbers, maps.Clone(whole)
	return nil
}

// tableCell is a cell of a table.
func (s *sheetSink) tableCell(row, column int, text string) excelize.Cell {
	if row == 1 {
		return excelize.Cell{StyleID: s.titles, Value: text}
	}
	if value, err := strconv.ParseInt(text, 10, 64); err == nil && s.whole[column] && len(text) <= wholeDigitsMax {
		return excelize.Cell{StyleID: s.numbers, Value: value}
	}
	return excelize.Cell{StyleID: s.styles[Plain], Value: text}
}
