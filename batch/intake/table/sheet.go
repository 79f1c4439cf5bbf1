package table

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// The bounds of a sheet in Excel.
const (
	sheetRowsMax    = 1_048_576
	sheetColumnsMax = 16_384
)

// sheetStream reads the rows of a sheet, one after the other.
type sheetStream struct {
	*xmlStream

	row sheetRow
	// rows is set once the rows have begun.
	rows bool
	// text is scratch.
	text []byte
}

// sheetRow is a row as the sheet stores it. It is reused.
type sheetRow struct {
	number int
	hidden bool
	cells  []sheetCell
}

// sheetCell is a cell as the sheet stores it (ECMA-376 part 1, 18.3.1.4).
type sheetCell struct {
	// column counts from 0.
	column int
	// kind is "s" for an index into the shared strings, "str" and "inlineStr"
	// for text, "b", "e", "d", and "n" or nothing for a number.
	kind  string
	style int
	value string
	// cached is set if there is a value, formula if it was calculated.
	cached, formula bool
	// shown is the text a person sees and currency the code of its currency, which
	// OpenDocument stores beside the value; cached is for shown then.
	shown, currency string
}

func openSheet(part sheetPart) (*sheetStream, error) {
	x, err := openStream(part.part)
	if err != nil {
		return nil, err
	}
	return &sheetStream{xmlStream: x}, nil
}

// next returns the next row that the sheet stores, and io.EOF after the last;
// rows that were never used are not stored. The row is valid until the next call.
func (s *sheetStream) next() (*sheetRow, error) {
	if err := s.findRows(); err != nil {
		return nil, err
	}
	for {
		s.limit.refill()
		token, err := s.token()
		if err != nil {
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "row" {
				if err := s.skipLong(); err != nil {
					return nil, err
				}
				continue
			}
			if err := s.begin(t); err != nil {
				return nil, err
			}
			return &s.row, s.readCells()
		case xml.EndElement:
			return nil, io.EOF
		}
	}
}

// findRows reads to the beginning of the rows: those of the element that holds a
// sheet's rows, right below the root. An element of that name elsewhere is another
// thing, and whoever copies the sheet has to pass over the same ones.
func (s *sheetStream) findRows() error {
	for root := false; !s.rows; {
		s.limit.refill()
		token, err := s.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch {
			case !root:
				root = true
			case t.Name.Local == "sheetData":
				s.rows = true
			default:
				err = s.skipLong()
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			return fmt.Errorf("%w (%s has no rows)", ErrDamaged, s.part.Name)
		}
	}
	return nil
}

// begin reads a row's attributes. A row without a number follows the one before.
func (s *sheetStream) begin(start xml.StartElement) error {
	number := s.row.number + 1
	s.row.hidden = false
	for _, attr := range start.Attr {
		switch attr.Name.Local {
		case "r":
			given, err := strconv.Atoi(attr.Value)
			if err != nil || given < number {
				return fmt.Errorf("%w (row %q after row %d)", ErrDamaged, attr.Value, s.row.number)
			}
			number = given
		case "hidden":
			s.row.hidden = s.row.hidden || isTrue(attr.Value)
		case "ht":
			s.row.hidden = s.row.hidden || tooSmall(attr.Value, heightLeast)
		}
	}
	if number > sheetRowsMax {
		return fmt.Errorf("%w: a sheet of more than %d rows", ErrTooLarge, sheetRowsMax)
	}
	s.row.number = number
	s.row.cells = s.row.cells[:0]
	return nil
}

func (s *sheetStream) readCells() error {
	for {
		token, err := s.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				err = s.skip()
			} else {
				err = s.readCell(t)
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			return nil
		}
	}
}

func (s *sheetStream) readCell(start xml.StartElement) error {
	cell, err := s.cellAt(start)
	if err != nil {
		return err
	}
	for {
		token, err := s.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := s.readPart(&cell, t.Name.Local); err != nil {
				return err
			}
		case xml.EndElement:
			s.row.cells = append(s.row.cells, cell)
			return nil
		}
	}
}

// cellAt reads a cell's attributes. A cell without a reference follows the one
// before.
func (s *sheetStream) cellAt(start xml.StartElement) (sheetCell, error) {
	var cell sheetCell
	after := -1
	if n := len(s.row.cells); n > 0 {
		after = s.row.cells[n-1].column
	}
	cell.column = after + 1
	for _, attr := range start.Attr {
		switch attr.Name.Local {
		case "r":
			column, _, ok := parseReference(attr.Value)
			if !ok || column <= after {
				return cell, fmt.Errorf("%w (cell %q in row %d)", ErrDamaged, attr.Value, s.row.number)
			}
			cell.column = column
		case "t":
			cell.kind = attr.Value
		case "s":
			style, err := strconv.Atoi(attr.Value)
			if err != nil {
				return cell, fmt.Errorf("%w (style %q in row %d)", ErrDamaged, attr.Value, s.row.number)
			}
			cell.style = style
		}
	}
	return cell, nil
}

func (s *sheetStream) readPart(cell *sheetCell, name string) error {
	var err error
	switch name {
	case "v":
		cell.cached = true
		s.text, err = s.xmlStream.text(s.text[:0])
		cell.value = string(s.text)
	case "is":
		cell.cached = true
		s.text, err = s.richText(s.text[:0])
		cell.value = string(s.text)
	case "f":
		cell.formula = true
		err = s.skip()
	default:
		err = s.skip()
	}
	return err
}

// parseReference reads a cell's name, "AB12"; column and row count from 0 and 1.
func parseReference(name string) (column, row int, ok bool) {
	const letters = 26
	i := 0
	for ; i < len(name) && name[i] >= 'A' && name[i] <= 'Z' && column <= sheetColumnsMax; i++ {
		column = column*letters + int(name[i]-'A') + 1
	}
	row, err := strconv.Atoi(name[i:])
	if i == 0 || column > sheetColumnsMax || err != nil || row < 1 || row > sheetRowsMax {
		return 0, 0, false
	}
	return column - 1, row, true
}

// rowsOf calls visit with the rows of a sheet until it returns false.
func rowsOf(part sheetPart, visit func(*sheetRow) (bool, error)) (err error) {
	s, err := openSheet(part)
	if err != nil {
		return err
	}
	defer s.close() //nolint:errcheck // only read
	for {
		row, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if more, err := visit(row); err != nil || !more {
			return err
		}
	}
}
