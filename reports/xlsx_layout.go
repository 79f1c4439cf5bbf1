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
	// folder takes what does not fit into memory.
	folder string
}

// widths are those of the columns, in characters.
func widths() []float64 {
	return []float64{7, 22, 22, 9, 22, 12, 14, 28, 14, 10, 12, 14, 12, 32, 44, 22, 22, 40}
}

// begin adds a sheet to a workbook and opens it for rows.
func (s sheetLayout) begin(book *excelize.File) (*excelize.StreamWriter, error) {
	if _, err := book.NewSheet(s.name); err != nil {
		return nil, err
	}
	if err := printWide(book, s.name); err != nil {
		return nil, err
	}
	stream, err := book.NewStreamWriter(s.name)
	if err != nil {
		return nil, err
	}
	// From the last, since excelize puts each before those it has, and a file must
	// have them in order.
	for i, width := range slices.Backward(widths()) {
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
	cells := make([]any, 0, len(widths()))
	for _, name := range columns() {
		cells = append(cells, excelize.Cell{StyleID: s.styles.header, Value: name})
	}
	return stream.SetRow("A1", cells)
}

// end gives a sheet of so many lines a filter over its columns, and keeps text
// that looks like a number from being flagged. Both go into what the stream writes
// when it is flushed.
func (s sheetLayout) end(book *excelize.File, lines int) error {
	if err := book.AutoFilter(s.name, allCells(lines), nil); err != nil {
		return err
	}
	return book.AddIgnoredErrors(s.name, allCells(lines), excelize.IgnoredErrorsNumberStoredAsText)
}

// allCells are those of a header and so many lines.
func allCells(lines int) string { return fmt.Sprintf("A1:R%d", lines+1) }

// printWide fits a sheet's columns onto A4 paper on its side.
func printWide(book *excelize.File, sheet string) error {
	const a4 = 9
	fit, landscape, paper, wide, high := true, "landscape", a4, 1, 0
	if err := book.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return book.SetPageLayout(sheet, &excelize.PageLayoutOptions{
		Size: &paper, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high,
	})
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
