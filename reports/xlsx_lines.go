package reports

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"payrun/internal/paper"
)

// sheets are one or more sheets of lines, a new one whenever the last is full.
// The workbook knows their names; what is on them is written beside it.
type sheets struct {
	book   *excelize.File
	layout sheetLayout
	name   string
	// max is the number of lines that a sheet takes.
	max int
	// written takes the sheets.
	written *scratch
	// full are the sheets before the one that is being written.
	full  []lineSheet
	sheet *sectionedSheet
}

// lineSheet is a finished sheet.
type lineSheet struct {
	name  string
	lines int
}

// newSheets begins the first of the sheets with a name.
func (x *xlsxReport) newSheets(name string, form columnsForm) (*sheets, error) {
	written, err := newScratch(x.folder)
	if err != nil {
		return nil, err
	}
	s := &sheets{
		book: x.book, layout: sheetLayout{styles: x.styles, form: form, folder: x.folder},
		name: name, max: sheetLinesMax, written: written,
	}
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// begin opens the next sheet.
func (s *sheets) begin() error {
	name := s.name
	if n := len(s.full); n > 0 {
		name = fmt.Sprintf("%s %d", s.name, n+1)
	}
	index, err := s.book.NewSheet(name)
	if err != nil {
		return err
	}
	part, err := s.written.zip.Create(sheetPart(index))
	if err != nil {
		return err
	}
	s.layout.name = name
	s.sheet = newSectionedSheet(s.layout, part)
	return nil
}

func (s *sheets) put(l line) error {
	if s.sheet.lines == s.max {
		if err := s.end(); err != nil {
			return err
		}
		if err := s.begin(); err != nil {
			return err
		}
	}
	return s.sheet.put(l)
}

// end closes the sheet that is being written and tells the workbook of its filter,
// and of its header for every printed page.
func (s *sheets) end() error {
	if err := s.sheet.end(); err != nil {
		return err
	}
	name, lines := s.layout.name, s.sheet.lines
	if err := s.book.AutoFilter(name, s.layout.allCells(lines), nil); err != nil {
		return err
	}
	s.full = append(s.full, lineSheet{name, lines})
	return paper.RepeatHeader(s.book, name)
}

// finish closes the last sheet.
func (s *sheets) finish() error { return errors.Join(s.end(), s.written.zip.Close()) }

// close gives up what is being written and removes what was.
func (s *sheets) close() error {
	if s.sheet != nil {
		_ = s.sheet.wait() // what could not be written was told when it was to be
	}
	return s.written.close()
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
