package reports

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strconv"

	"github.com/xuri/excelize/v2"
	"golang.org/x/sync/errgroup"
)

// sectionLines is the number of lines that are rendered together: enough that the workbook
// which each section is rendered in costs little.
const sectionLines = 2048

// errSheetForm is returned if excelize writes sheets in another form than the one
// that they are cut in.
var errSheetForm = errors.New("the workbook's library writes sheets in an unknown form")

// sectionedSheet writes a sheet in sections that are rendered side by side and put
// together in order. One goroutine alone would take longer for the workbook than
// everything else in a report does.
type sectionedSheet struct {
	layout sheetLayout
	w      io.Writer
	// lines counts all, of which those in section wait to be rendered.
	lines   int
	section []line

	rendering *errgroup.Group
	// failed is done once a section could not be rendered or written.
	failed context.Context //nolint:containedctx // it says that the goroutines of this value have stopped
	// inOrder has a place for each section, in which it appears once rendered; it
	// is nil when there are no more. What it holds bounds the memory.
	inOrder chan chan []byte
}

func newSectionedSheet(layout sheetLayout, w io.Writer) *sectionedSheet {
	s := &sectionedSheet{layout: layout, w: w, inOrder: make(chan chan []byte, runtime.GOMAXPROCS(0))}
	s.rendering, s.failed = errgroup.WithContext(context.Background())
	sections := s.inOrder
	s.rendering.Go(func() error { return s.collect(sections) })
	return s
}

// collect writes the sections in order.
func (s *sectionedSheet) collect(sections <-chan chan []byte) error {
	for place := range sections {
		select {
		case rendered := <-place:
			if _, err := s.w.Write(rendered); err != nil {
				return err
			}
		case <-s.failed.Done():
			return nil // whoever failed says why
		}
	}
	return nil
}

func (s *sectionedSheet) put(l line) error {
	// A full section waits for one more line, as the last has the sheet's end.
	if len(s.section) == sectionLines {
		if err := s.render(false); err != nil {
			return err
		}
	}
	s.section = append(s.section, l)
	s.lines++
	return nil
}

// render has the lines rendered that wait for it.
func (s *sectionedSheet) render(last bool) error {
	next := section{layout: s.layout, before: s.lines - len(s.section), lines: s.section, last: last}
	s.section = make([]line, 0, sectionLines)
	place := make(chan []byte, 1)
	select {
	case s.inOrder <- place:
	case <-s.failed.Done():
		return s.wait()
	}
	s.rendering.Go(func() error {
		rendered, err := next.render()
		if err == nil {
			place <- rendered
		}
		return err
	})
	return nil
}

// end renders the last section and returns once the whole sheet is written.
func (s *sectionedSheet) end() error {
	if err := s.render(true); err != nil {
		return err
	}
	return s.wait()
}

// wait returns once nothing is being rendered or written any more, with the first
// error.
func (s *sectionedSheet) wait() error {
	if s.inOrder != nil {
		close(s.inOrder)
		s.inOrder = nil
	}
	return s.rendering.Wait()
}

// section is a part of a sheet.
type section struct {
	layout sheetLayout
	// before counts the lines of the sheet before it.
	before int
	lines  []line
	last   bool
}

func (s section) first() bool { return s.before == 0 }

// render returns the section's part of the sheet as XML: its rows, in the first
// section with all that comes before them, in the last with all that comes after.
func (s section) render() (_ []byte, err error) {
	book := excelize.NewFile(excelize.Options{TmpDir: s.layout.folder})
	defer func() { err = errors.Join(err, book.Close()) }()
	if err := s.fill(book); err != nil {
		return nil, err
	}
	const second = 1
	sheet := &onePart{name: sheetPart(second)}
	book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return sheet })
	if err := book.Write(io.Discard); err != nil {
		return nil, err
	}
	return s.cut(sheet.text.Bytes())
}

// fill writes the section into a workbook, as its second sheet.
func (s section) fill(book *excelize.File) error {
	stream, err := s.layout.begin(book)
	if err != nil {
		return err
	}
	if s.first() {
		if err := s.layout.header(stream); err != nil {
			return err
		}
	}
	var cells cellRow
	for i, l := range s.lines {
		const firstRow = 2
		row := firstRow + s.before + i
		if err := stream.SetRow("A"+strconv.Itoa(row), s.layout.form.cells(&cells, l)); err != nil {
			return err
		}
	}
	if s.last {
		if err := s.layout.end(book, s.before+len(s.lines)); err != nil {
			return err
		}
	}
	return stream.Flush()
}

// cut leaves out what the first section has before its rows and the last after.
func (s section) cut(sheet []byte) ([]byte, error) {
	begin, end := []byte("<sheetData>"), []byte("</sheetData>")
	from, to := bytes.Index(sheet, begin), bytes.LastIndex(sheet, end)
	if from < 0 || to < from {
		return nil, fmt.Errorf("sheet %q: %w", s.layout.name, errSheetForm)
	}
	if from += len(begin); s.first() {
		from = 0
	}
	if s.last {
		to = len(sheet)
	}
	return sheet[from:to], nil
}

// onePart keeps one part of a workbook that is written, and nothing else of it.
type onePart struct {
	name string
	text bytes.Buffer
}

// Create implements excelize.ZipWriter.
func (p *onePart) Create(name string) (io.Writer, error) {
	if name == p.name {
		return &p.text, nil
	}
	return io.Discard, nil
}

// AddFS implements excelize.ZipWriter, which does not call it.
func (*onePart) AddFS(fs.FS) error { return errors.ErrUnsupported }

// Close implements excelize.ZipWriter.
func (*onePart) Close() error { return nil }
