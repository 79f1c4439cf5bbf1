package annotate

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheetCopy copies a sheet row by row.
type sheetCopy struct {
	copier *tokenCopier
	w      *bufio.Writer
	styles *styleSheet
	column Column
	// added is set if the column was not there before.
	added  bool
	header int
	// last is the row copied last, and end is set behind the last one.
	last int
	end  bool
	// depth counts the elements around what is copied next, and rows is set once the
	// rows have begun.
	depth int
	rows  bool
}

// patch changes a cell of the copy: it is written anew, or marked.
type patch struct {
	text    string
	written bool
	mark    Mark
}

// copyRows copies rows up to one, which gets the note.
func (s *sheetCopy) copyRows(number int, note *Note) error {
	for s.last < number && !s.end {
		if err := s.copyNext(number, note); err != nil {
			return err
		}
	}
	if s.last != number {
		return fmt.Errorf("row %d is not in the sheet", number)
	}
	return nil
}

// copyRest copies the rows that are left and what follows them.
func (s *sheetCopy) copyRest() error {
	for !s.end {
		if err := s.copyNext(0, nil); err != nil {
			return err
		}
	}
	return nil
}

// copyNext copies up to the end of the next row, or of the part. What a sheet says
// of its own size is left out; it is for readers in a hurry, and would be wrong.
func (s *sheetCopy) copyNext(number int, note *Note) error {
	for {
		token, raw, err := s.copier.next()
		if errors.Is(err, io.EOF) {
			s.end = true
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the sheet: %w", err)
		}
		start, begins := token.(xml.StartElement)
		if begins && s.rows && s.depth == rowsDepth && start.Name.Local == "row" {
			return s.beginRow(start, bytes.Clone(raw), number, note)
		}
		if begins {
			err = s.copyAround(start, raw)
		} else {
			if _, ends := token.(xml.EndElement); ends {
				s.depth--
			}
			err = s.write(raw)
		}
		if err != nil {
			return err
		}
	}
}

// rowsDepth is how deep the rows stand: within the sheet's root, and in the element of
// the rows. The reader of a sheet takes them from there alone.
const rowsDepth = 2

// copyAround copies what is not a row: it goes into the root and the rows, and passes
// over anything else as one.
func (s *sheetCopy) copyAround(start xml.StartElement, raw []byte) error {
	name := start.Name.Local
	switch {
	case s.depth == 0, s.depth == 1 && name == "sheetData" && !s.rows:
		s.rows = s.depth == 1
		s.depth++
		return s.write(raw)
	case s.depth == 1 && name == "dimension":
		return s.copier.skip(nil)
	default:
		return s.copyElement(raw)
	}
}

// beginRow copies a row that has begun, with the note if it is the row of that number.
func (s *sheetCopy) beginRow(start xml.StartElement, raw []byte, number int, note *Note) error {
	s.last++
	if given, err := strconv.Atoi(attribute(start, "r")); err == nil {
		s.last = given
	}
	if s.last != number {
		note = nil
	}
	return s.copyRow(start, raw, note)
}

// patches change the cells of a row.
func (s *sheetCopy) patches(note *Note) map[int]patch {
	patches := make(map[int]patch)
	switch {
	case note != nil:
		for column, mark := range note.Marks {
			if mark != Plain {
				patches[column] = patch{mark: mark}
			}
		}
		patches[s.column.At] = patch{text: note.Text, written: true}
	case s.last == s.header && (s.added || !s.column.Fill):
		patches[s.column.At] = patch{text: s.column.Title, written: true}
	case s.last > s.header && !s.added && !s.column.Fill:
		patches[s.column.At] = patch{written: true}
	}
	return patches
}

// copyRow copies a row that has begun.
func (s *sheetCopy) copyRow(row xml.StartElement, raw []byte, note *Note) error {
	patches := s.patches(note)
	if len(patches) == 0 {
		return errors.Join(s.write(raw), s.copier.skip(func(raw []byte) { _ = s.write(raw) }))
	}
	row = row.Copy()
	if err := s.writeText(startTag(row, false, map[string]string{"spans": ""})); err != nil {
		return err
	}
	todo := slices.Sorted(maps.Keys(patches))
	column, style := -1, 0
	for {
		token, raw, err := s.copier.next()
		if err != nil {
			return fmt.Errorf("read the sheet: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				if err := s.copyElement(raw); err != nil {
					return err
				}
				continue
			}
			column++
			if given, _, err := excelize.CellNameToCoordinates(attribute(t, "r")); err == nil {
				column = given - 1
			}
			for len(todo) > 0 && todo[0] < column {
				if err := s.newCell(row, todo[0], style, patches[todo[0]]); err != nil {
					return err
				}
				todo = todo[1:]
			}
			style, _ = strconv.Atoi(attribute(t, "s"))
			if len(todo) == 0 || todo[0] != column {
				err = s.copyElement(raw)
			} else {
				err = s.patchCell(row, t, raw, column, patches[column])
				todo = todo[1:]
			}
			if err != nil {
				return err
			}
		case xml.EndElement:
			for _, column := range todo {
				if err := s.newCell(row, column, style, patches[column]); err != nil {
					return err
				}
			}
			return s.writeText("</" + qualified(row.Name) + ">")
		}
	}
}

// copyElement copies an element whose start tag was read.
func (s *sheetCopy) copyElement(raw []byte) error {
	return errors.Join(s.write(raw), s.copier.skip(func(raw []byte) { _ = s.write(raw) }))
}

// patchCell writes a cell that is there, anew or with a mark.
func (s *sheetCopy) patchCell(row, cell xml.StartElement, raw []byte, column int, p patch) error {
	style, _ := strconv.Atoi(attribute(cell, "s"))
	if p.written {
		if err := s.copier.skip(nil); err != nil {
			return err
		}
		return s.newCell(row, column, style, p)
	}
	marked, err := s.styles.derive(style, lookOf(p.mark))
	if err != nil {
		return err
	}
	closed := bytes.HasSuffix(raw, []byte("/>"))
	if err := s.writeText(startTag(cell, closed, map[string]string{"s": strconv.Itoa(marked)})); err != nil {
		return err
	}
	return s.copier.skip(func(raw []byte) { _ = s.write(raw) })
}

func lookOf(mark Mark) look {
	switch mark {
	case ForceText:
		return asErrorInText
	case Error:
		return asError
	case Plain, Warning:
	}
	return asWarning
}

// newCell writes a cell that was not there, or not so. A title looks like the
// title beside it; an id is text, so that no spreadsheet counts on with it.
func (s *sheetCopy) newCell(row xml.StartElement, column, beside int, p patch) error {
	name, err := excelize.CoordinatesToCellName(column+1, s.last)
	if err != nil {
		return fmt.Errorf("row %d of the copy: %w", s.last, ErrTooLarge)
	}
	prefix := strings.TrimSuffix(qualified(row.Name), "row")
	if p.written && p.text == "" {
		return nil
	}
	style := 0
	switch {
	case p.mark != Plain:
		style, err = s.styles.derive(0, lookOf(p.mark))
	case s.last == s.header:
		style = beside
	case s.column.Fill:
		style, err = s.styles.derive(0, asText)
	}
	if err != nil {
		return err
	}
	attributes := fmt.Sprintf(`r="%s" s="%d"`, name, style)
	if !p.written {
		return s.writeText(fmt.Sprintf(`<%sc %s/>`, prefix, attributes))
	}
	return s.writeText(fmt.Sprintf(`<%[1]sc %[2]s t="inlineStr"><%[1]sis><%[1]st xml:space="preserve">%[3]s</%[1]st></%[1]sis></%[1]sc>`,
		prefix, attributes, escaped(p.text)))
}

func (s *sheetCopy) write(raw []byte) error {
	if _, err := s.w.Write(raw); err != nil {
		return fmt.Errorf("write the copy's sheet: %w", err)
	}
	return nil
}

func (s *sheetCopy) writeText(text string) error { return s.write([]byte(text)) }
