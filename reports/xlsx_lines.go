package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheets are one or more sheets of lines, a new one whenever the last is full.
type sheets struct {
	book *excelize.File
	name string
	// max is how many lines a sheet takes.
	max    int
	header int
	// full are the sheets before the one that is being written.
	full   []lineSheet
	stream *excelize.StreamWriter
	lines  int
}

// lineSheet is a finished sheet.
type lineSheet struct {
	name  string
	lines int
}

// widths are those of the columns, in characters.
func widths() []float64 {
	return []float64{7, 22, 22, 9, 22, 12, 14, 28, 14, 10, 12, 14, 12, 32, 44, 22, 22, 40}
}

// begin opens the next sheet.
func (s *sheets) begin(header int) error {
	s.header = header
	name := s.name
	if n := len(s.full); n > 0 {
		name = fmt.Sprintf("%s %d", s.name, n+1)
	}
	if _, err := s.book.NewSheet(name); err != nil {
		return err
	}
	if err := printWide(s.book, name); err != nil {
		return err
	}
	var err error
	if s.stream, err = s.book.NewStreamWriter(name); err != nil {
		return err
	}
	// From the last, since excelize puts each before those it has, and a file must
	// have them in order.
	for i, width := range slices.Backward(widths()) {
		if err := s.stream.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	if err := s.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	cells := make([]any, 0, len(widths()))
	for _, name := range columns() {
		cells = append(cells, excelize.Cell{StyleID: header, Value: name})
	}
	s.lines = 0
	return s.stream.SetRow("A1", cells)
}

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

func (s *sheets) put(cells []any) error {
	if s.lines == s.max {
		if err := s.end(); err != nil {
			return err
		}
		if err := s.begin(s.header); err != nil {
			return err
		}
	}
	s.lines++
	return s.stream.SetRow(fmt.Sprintf("A%d", s.lines+1), cells)
}

// end closes the sheet that is being written, with a filter over its columns and
// its header on every printed page.
func (s *sheets) end() error {
	name := s.stream.Sheet
	all := fmt.Sprintf("A1:R%d", s.lines+1)
	// Both go into what the stream writes when it is flushed.
	if err := s.book.AutoFilter(name, all, nil); err != nil {
		return err
	}
	if err := s.book.AddIgnoredErrors(name, all, excelize.IgnoredErrorsNumberStoredAsText); err != nil {
		return err
	}
	if err := s.stream.Flush(); err != nil {
		return err
	}
	s.full = append(s.full, lineSheet{name, s.lines})
	return s.book.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", RefersTo: fmt.Sprintf("'%s'!$1:$1", name), Scope: name,
	})
}

// over returns a formula that adds up a part over every sheet. In the part,
// {M} stands for the cells of column M.
func (s *sheets) over(part string) string {
	parts := make([]string, 0, len(s.full))
	for _, sheet := range s.full {
		ranged := part
		for _, column := range []string{"A", "F", "I", "K", "M", "R"} {
			cells := fmt.Sprintf("'%s'!$%s$2:$%s$%d", sheet.name, column, column, max(2, sheet.lines+1))
			ranged = strings.ReplaceAll(ranged, "{"+column+"}", cells)
		}
		parts = append(parts, ranged)
	}
	return strings.Join(parts, "+")
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
	r.number(style, inert(value))
}
