package reports

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"payrun/internal/sheet"
)

// sheetLayout is the look of a sheet of lines.
type sheetLayout struct {
	name   string
	styles xlsxStyles
	form   columnsForm
	// folder takes what does not fit into memory.
	folder string
}

// begin adds a sheet to a workbook and opens it for rows.
func (s sheetLayout) begin(book *excelize.File) (*excelize.StreamWriter, error) {
	if _, err := book.NewSheet(s.name); err != nil {
		return nil, err
	}
	if err := s.form.paper(book, s.name); err != nil {
		return nil, err
	}
	stream, err := book.NewStreamWriter(s.name)
	if err != nil {
		return nil, err
	}
	// From the last, since excelize puts each before those it has, and a file must
	// have them in order.
	for i, width := range slices.Backward(s.form.widths) {
		if err := stream.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	return stream, stream.SetPanes(&excelize.Panes{
		Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
	})
}

// header names the columns.
func (s sheetLayout) header(stream *excelize.StreamWriter) error {
	cells := make([]any, 0, len(s.form.header))
	for i, name := range s.form.header {
		style := s.styles.header
		if s.form.figures[i] {
			style = s.styles.figure
		}
		cells = append(cells, excelize.Cell{StyleID: style, Value: name})
	}
	return stream.SetRow("A1", cells)
}

// end gives a sheet of so many lines a filter over its columns, and keeps text
// that looks like a number from being flagged. Both go into what the stream writes
// when it is flushed.
func (s sheetLayout) end(book *excelize.File, lines int) error {
	if err := book.AutoFilter(s.name, s.allCells(lines), nil); err != nil {
		return err
	}
	return book.AddIgnoredErrors(s.name, s.allCells(lines), excelize.IgnoredErrorsNumberStoredAsText)
}

// allCells are those of a header and so many lines.
func (s sheetLayout) allCells(lines int) string {
	return fmt.Sprintf("A1:%s%d", s.form.lastColumn(), lines+1)
}

// cellRow is a row of cells that is used again for each line: a million lines of
// eighteen cells are worth not allocating.
type cellRow struct {
	cells  [18]excelize.Cell
	values []any
}

func (r *cellRow) reset() { r.values = r.values[:0] }

func (r *cellRow) empty() { r.values = append(r.values, nil) }

func (r *cellRow) number(style int, value any) {
	cell := &r.cells[len(r.values)]
	cell.StyleID, cell.Value = style, value
	r.values = append(r.values, cell)
}

// text writes a text that no spreadsheet takes for a formula, nothing for none.
func (r *cellRow) text(style int, value string) {
	if value == "" {
		r.empty()
		return
	}
	r.number(style, sheet.EscapeFormula(value))
}

// ruled writes a text as text does, and a cell with its rule where there is none.
func (r *cellRow) ruled(style int, value string) { r.number(style, sheet.EscapeFormula(value)) }
