package annotate

import (
	"archive/zip"
	"fmt"
	"io"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// The colours of marked cells: fills on which black text stays readable.
const (
	errorColour   = "F8B4B4"
	warningColour = "FCE8A6"
)

const (
	sheetName = "Sheet1"
	// cellWidth shows a number or most of a name, noteWidth a sentence, without
	// pushing the table off the screen.
	cellWidth = 18
	noteWidth = 60
	textFmt   = 49 // "@", text
)

// sheetSink writes a workbook of text, streamed.
type sheetSink struct {
	w      io.Writer
	book   *excelize.File
	stream *excelize.StreamWriter
	styles [ForceText + 1]int
	// table is set for a file of its own, with the styles of its titles and of its
	// columns of whole numbers.
	table           bool
	titles, numbers int
	whole           map[int]bool
}

// newSheetSink begins a workbook of so many columns.
func newSheetSink(w io.Writer, o Options, columns int) (*sheetSink, error) {
	s := &sheetSink{w: w, book: excelize.NewFile(excelize.Options{TmpDir: o.Folder})}
	for mark, colour := range []string{Plain: "", Warning: warningColour, Error: errorColour, ForceText: errorColour} {
		style := &excelize.Style{NumFmt: textFmt}
		if colour != "" {
			style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{colour}}
		}
		id, err := s.book.NewStyle(style)
		if err != nil {
			return nil, fmt.Errorf("begin the copy: %w", err)
		}
		s.styles[mark] = id
	}
	stream, err := s.book.NewStreamWriter(sheetName)
	if err != nil {
		return nil, fmt.Errorf("begin the copy: %w", err)
	}
	s.stream = stream
	// The widths of columns come before the rows.
	noted := max(o.Column.At, 0)
	for column := range columns {
		if column == noted && !o.Column.Fill {
			err = stream.SetColWidth(column+1, column+1, noteWidth)
		} else {
			err = stream.SetColWidth(column+1, column+1, cellWidth)
		}
		if err != nil {
			return nil, fmt.Errorf("begin the copy: %w", err)
		}
	}
	return s, nil
}

func (s *sheetSink) write(number int, cells []string, marks map[int]Mark) error {
	if number > excelize.TotalRows || len(cells) > excelize.MaxColumns {
		return fmt.Errorf("row %d: %w", number, ErrTooLarge)
	}
	width := len(cells)
	for column := range marks {
		width = max(width, column+1)
	}
	values := make([]any, width)
	for i := range values {
		cell := excelize.Cell{StyleID: s.styles[marks[i]]}
		if i < len(cells) && cells[i] != "" {
			if len(cells[i]) > excelize.TotalCellChars && len(utf16.Encode([]rune(cells[i]))) > excelize.TotalCellChars {
				return fmt.Errorf("row %d: %w", number, ErrTooLarge)
			}
			cell.Value = cells[i]
			if s.table {
				cell = s.tableCell(number, i, cells[i])
			}
		}
		values[i] = cell
	}
	at, err := excelize.CoordinatesToCellName(1, number)
	if err != nil {
		return fmt.Errorf("row %d of the copy: %w", number, err)
	}
	if err := s.stream.SetRow(at, values); err != nil {
		return fmt.Errorf("write row %d of the copy: %w", number, err)
	}
	return nil
}

// finish writes the zip as a stream, not, as excelize does by itself, into memory
// first.
func (s *sheetSink) finish() error {
	if err := s.stream.Flush(); err != nil {
		return fmt.Errorf("write the copy: %w", err)
	}
	s.book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return zip.NewWriter(s.w) })
	if err := s.book.Write(io.Discard); err != nil {
		return fmt.Errorf("write the copy: %w", err)
	}
	return nil
}

func (s *sheetSink) close() error {
	return s.book.Close() //nolint:wrapcheck // says what it was closing
}
