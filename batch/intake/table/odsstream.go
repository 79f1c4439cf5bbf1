package table

import (
	"encoding/xml"
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// repeatedMax bounds the cells that a sheet spells out for a few bytes, by saying how
// often a cell or a row is there.
const repeatedMax = 32 << 20

// odsStream reads the rows of a sheet of an OpenDocument file.
type odsStream struct {
	*xmlStream

	document *openDocument
	row      sheetRow
	// repeat counts how often the row is there, next is the column of the next cell.
	repeat, next int
	// columns is the next column that a declaration is for.
	columns int
	hidden  []columnRange
	merges  []merge
	formats []formatRange
	// repeated counts cells that are there for another.
	repeated int
	// text is scratch.
	text []byte
}

// failed closes the stream and returns the error.
func (s *odsStream) failed(err error) error { return errors.Join(err, s.close()) }

// each visits the rows that have something in them until visit returns false.
func (s *odsStream) each(visit func(*sheetRow) (bool, error)) error {
	for {
		s.limit.refill()
		token, err := s.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "table" {
				slices.SortStableFunc(s.merges, func(a, b merge) int { return a.top - b.top })
				return nil
			}
		case xml.StartElement:
			more, err := s.element(t, visit)
			if err != nil || !more {
				return err
			}
		}
	}
}

// element reads what stands in a sheet: declarations of columns, rows, and things
// that are no part of the table. Groups and headers of rows are passed through.
func (s *odsStream) element(start xml.StartElement, visit func(*sheetRow) (bool, error)) (more bool, err error) {
	switch start.Name.Local {
	case "table-column":
		s.column(start)
		return true, s.skip()
	case "table-row":
		if err := s.readRow(start); err != nil {
			return false, err
		}
		return s.visit(visit)
	case "conditional-formats":
		return true, s.conditions()
	case "table-row-group", "table-header-rows", "table-rows", "table-column-group", "table-header-columns", "table-columns":
		return true, nil
	default:
		return true, s.skipLong()
	}
}

// column notes columns that are hidden.
func (s *odsStream) column(start xml.StartElement) {
	from := s.columns
	s.columns = min(from+times(start, "number-columns-repeated"), sheetColumnsMax)
	if s.isHidden(start) && len(s.hidden) < columnRangesMax {
		s.hidden = append(s.hidden, columnRange{from, s.columns - 1})
	}
}

func (s *odsStream) isHidden(start xml.StartElement) bool {
	visibility := attribute(start, "visibility")
	return visibility == "collapse" || visibility == "filter" || s.document.hiddenStyles[attribute(start, "style-name")]
}

// times reads how often something is there, or over how many columns or rows it goes.
func times(start xml.StartElement, name string) int {
	count, err := strconv.Atoi(attribute(start, name))
	if err != nil {
		return 1
	}
	return min(max(count, 1), sheetRowsMax)
}

// readRow reads a row and its cells; those without content are left out.
func (s *odsStream) readRow(start xml.StartElement) error {
	s.row.number += max(s.repeat, 1)
	if s.repeat == 0 {
		s.row.number = 1
	}
	s.repeat, s.next = times(start, "number-rows-repeated"), 0
	s.row.hidden, s.row.cells = s.isHidden(start), s.row.cells[:0]
	return s.children(func(cell xml.StartElement) error {
		if cell.Name.Local == "table-cell" || cell.Name.Local == "covered-table-cell" {
			return s.readCell(cell)
		}
		return s.skip()
	})
}

// visit gives a row as often as it is there.
func (s *odsStream) visit(visit func(*sheetRow) (bool, error)) (more bool, err error) {
	if len(s.row.cells) == 0 {
		return true, nil
	}
	if s.row.number+s.repeat-1 > sheetRowsMax {
		return false, fmt.Errorf("%w: a sheet of more than %d rows", ErrTooLarge, sheetRowsMax)
	}
	if s.repeated += (s.repeat - 1) * len(s.row.cells); s.repeated > repeatedMax {
		return false, s.tooOften()
	}
	first := s.row.number
	for i := range s.repeat {
		s.row.number = first + i
		if more, err := visit(&s.row); err != nil || !more {
			return false, err
		}
	}
	s.row.number = first
	return true, nil
}

func (s *odsStream) tooOften() error {
	return fmt.Errorf("%w: cells that are repeated more than %d times", ErrTooLarge, repeatedMax)
}

// readCell reads a cell, as often as it is there.
func (s *odsStream) readCell(start xml.StartElement) error {
	cell, count := sheetCell{column: s.next}, times(start, "number-columns-repeated")
	for _, attr := range start.Attr {
		switch {
		case attr.Name.Local == "value-type" && attr.Name.Space == "calcext":
			if attr.Value == "error" {
				cell.kind = odsError
			}
		case attr.Name.Local == "value-type" && cell.kind == "":
			cell.kind = attr.Value
		case attr.Name.Local == "formula":
			cell.formula = true
		case attr.Name.Local == "currency":
			cell.currency = attr.Value
		case attr.Name.Local == "value", attr.Name.Local == "date-value", attr.Name.Local == "time-value",
			attr.Name.Local == "boolean-value", attr.Name.Local == "string-value":
			cell.value = attr.Value
		}
	}
	s.merge(start)
	if err := s.readText(&cell); err != nil {
		return err
	}
	s.next += count
	if cell.kind == "" && cell.shown == "" && !cell.formula {
		return nil
	}
	if s.repeated += count - 1; s.repeated > repeatedMax || s.next > sheetColumnsMax {
		return s.tooOften()
	}
	for range count {
		s.row.cells = append(s.row.cells, cell)
		cell.column++
	}
	return nil
}

func (s *odsStream) merge(start xml.StartElement) {
	across, down := times(start, "number-columns-spanned"), times(start, "number-rows-spanned")
	if (across > 1 || down > 1) && len(s.merges) < mergesMax {
		s.merges = append(s.merges, merge{
			top: s.row.number, bottom: s.row.number + down - 1, left: s.next, right: s.next + across - 1,
		})
	}
}

// readText reads the paragraphs of a cell, which are what a person sees. What else may
// stand in a cell, as a remark or a picture, is no part of it.
func (s *odsStream) readText(cell *sheetCell) error {
	s.text = s.text[:0]
	err := s.children(func(part xml.StartElement) error {
		if part.Name.Local != "p" {
			return s.skip()
		}
		if cell.cached {
			s.text = append(s.text, '\n')
		}
		cell.cached = true
		return s.paragraph()
	})
	cell.shown = string(s.text)
	return err
}

// paragraph reads the text of a paragraph, its blanks and line breaks included.
func (s *odsStream) paragraph() error {
	for {
		token, err := s.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.CharData:
			s.text = append(s.text, t...)
		case xml.EndElement:
			return nil
		case xml.StartElement:
			switch t.Name.Local {
			case "s":
				s.text = append(s.text, ' ')
				err = s.skip()
			case "tab":
				s.text = append(s.text, '\t')
				err = s.skip()
			case "line-break":
				s.text = append(s.text, '\n')
				err = s.skip()
			case "annotation", "note", "ruby-text":
				err = s.skip()
			default: // a span or a link
				err = s.paragraph()
			}
			if err != nil {
				return err
			}
		}
	}
}
