package annotate

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"payrun/batch/intake/table"
	"payrun/internal/sheet"
)

// sink takes the rows of a copy that is written anew.
type sink interface {
	write(number int, cells []string, marks map[int]Mark) error
	finish() error
	close() error
}

// recordCopy copies a file row by row as text.
type recordCopy struct {
	next   func() (table.Record, error, bool)
	stop   func()
	column Column
	header int
	sink   sink
	// whole is set where a row with a cell too many would not be seen to be one:
	// it becomes one cell.
	whole     bool
	width     int
	separator string
	// last is the row copied last.
	last int
	end  bool
	// first is the leftmost column that is read.
	first int
}

func beginRecords(ctx context.Context, file *table.File, w io.Writer, o Options) (rowWriter, error) {
	info := file.Info()
	c := &recordCopy{column: o.Column, header: info.HeaderRow, whole: o.Format == XLSX}
	c.width, c.separator = len(info.Columns), info.Separator
	c.first = max(0, slices.IndexFunc(info.Fields, func(field table.Field) bool { return field != "" }))
	if o.Format == XLSX {
		s, err := newSheetSink(w, o, len(info.Columns)+1)
		if err != nil {
			return nil, err
		}
		c.sink = s
	} else {
		s, err := newTextSink(w, info, o.Separator)
		if err != nil {
			return nil, err
		}
		c.sink = s
	}
	c.next, c.stop = iter.Pull2(file.Records(ctx))
	return c, nil
}

func (c *recordCopy) row(number int, note Note) error {
	for c.last < number {
		found, err := c.copyNext(number, &note)
		if err != nil {
			return err
		}
		if !found {
			return fmt.Errorf("row %d is not in the file", number)
		}
	}
	if c.last != number {
		return fmt.Errorf("row %d comes after row %d", number, c.last)
	}
	return nil
}

func (c *recordCopy) finish() error {
	for {
		found, err := c.copyNext(0, nil)
		if err != nil {
			return err
		}
		if !found {
			return c.sink.finish()
		}
	}
}

func (c *recordCopy) close() error {
	c.stop()
	return c.sink.close()
}

// copyNext copies the next row, with the note if it is the row meant.
func (c *recordCopy) copyNext(number int, note *Note) (found bool, err error) {
	if c.end {
		return false, nil
	}
	record, err, ok := c.next()
	if err != nil || !ok {
		c.end = true
		return false, err
	}
	c.last = record.Number
	if record.Number != number {
		note = nil
	}
	cells, marks := c.amended(record, note)
	return true, c.sink.write(record.Number, cells, marks)
}

// amended puts the column among a row's cells.
func (c *recordCopy) amended(record table.Record, note *Note) ([]string, map[int]Mark) {
	cells := record.Plain()
	if c.whole && record.Number > c.header && c.tooWide(cells) {
		cells = []string{strings.Join(cells, c.separator)}
		record.Problem = "row.width"
	}
	if record.Problem != "" && len(cells) == 1 {
		// In a column that nobody reads it would make the row a blank one.
		cells = append(make([]string, c.first), cells...)
	}
	if record.Problem != "" && c.column.At == c.first {
		// The one cell of a row that is not cut is not in the column's place.
		cells = slices.Insert(cells, c.first, "")
	}
	text, written := "", !c.column.Fill && record.Number > c.header
	var marks map[int]Mark
	switch {
	case note != nil:
		text, written, marks = note.Text, true, note.Marks
	case record.Number == c.header && (!c.column.Fill || c.column.At < 0):
		text, written = c.column.Title, true
	}
	if c.column.At < 0 {
		shifted := make(map[int]Mark, len(marks))
		for column, mark := range marks {
			shifted[column+1] = mark
		}
		return slices.Insert(cells, 0, text), shifted
	}
	if written && (text != "" || c.column.At < len(cells)) {
		if missing := c.column.At + 1 - len(cells); missing > 0 {
			cells = append(cells, make([]string, missing)...)
		}
		cells[c.column.At] = text
	}
	return cells, marks
}

// tooWide reports whether a row of text has a cell too many.
func (c *recordCopy) tooWide(cells []string) bool {
	return len(cells) > c.width && slices.ContainsFunc(cells[c.width:], func(cell string) bool {
		return strings.TrimSpace(cell) != ""
	})
}

// textSink writes CSV.
type textSink struct {
	csv *csv.Writer
	// rows counts those written, blank ones included.
	rows int
}

func newTextSink(w io.Writer, info table.Info, separator rune) (*textSink, error) {
	if _, err := io.WriteString(w, sheet.ByteOrderMark); err != nil {
		return nil, fmt.Errorf("write the copy: %w", err)
	}
	s := &textSink{csv: csv.NewWriter(w)}
	s.csv.UseCRLF = true
	s.csv.Comma = separator
	if info.Format == table.FormatCSV {
		s.csv.Comma = []rune(info.Separator)[0]
	}
	return s, nil
}

func (s *textSink) write(number int, cells []string, _ map[int]Mark) error {
	for s.rows++; s.rows < number; s.rows++ {
		// An empty line keeps the numbers of the rows after it.
		if err := s.csv.Write([]string{""}); err != nil {
			return fmt.Errorf("write the copy: %w", err)
		}
	}
	for i, text := range cells {
		cells[i] = sheet.EscapeCopied(text)
	}
	if err := s.csv.Write(cells); err != nil {
		return fmt.Errorf("write row %d of the copy: %w", number, err)
	}
	return nil
}

func (s *textSink) finish() error {
	s.csv.Flush()
	if err := s.csv.Error(); err != nil {
		return fmt.Errorf("write the copy: %w", err)
	}
	return nil
}

func (s *textSink) close() error { return nil }
