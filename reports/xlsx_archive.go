package reports

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// archive writes a workbook in bounded memory and, the same workbook, always as
// the same bytes. Left alone, excelize builds the whole file in memory, its
// streamed sheets in the order of a map. So it writes into a temporary file, from
// which the parts are copied by name, compressed as they are; the sheets of lines
// come from where they were written.
func (x *xlsxReport) archive() (err error) {
	rest, err := newScratch(x.folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rest.close()) }()
	x.book.SetZipWriter(func(io.Writer) excelize.ZipWriter { return rest.zip })
	if err := x.book.Write(io.Discard); err != nil {
		return err
	}
	parts := make(map[string]*zip.File)
	for _, written := range append([]*scratch{rest}, x.scratches()...) {
		if err := written.read(parts); err != nil {
			return err
		}
	}
	sorted := zip.NewWriter(x.w)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if err := sorted.Copy(parts[name]); err != nil {
			return err
		}
	}
	return sorted.Close()
}

// scratches are where the sheets of lines were written.
func (x *xlsxReport) scratches() []*scratch {
	var all []*scratch
	for _, lines := range x.ofLines() {
		all = append(all, lines.written)
	}
	return all
}

// sheetPart is the part of a workbook that holds a sheet. excelize counts sheets from
// 0 and numbers their parts from 1; none is ever taken out.
func sheetPart(index int) string { return fmt.Sprintf("xl/worksheets/sheet%d.xml", index+1) }

// scratch is an archive in a temporary file.
type scratch struct {
	file     *os.File
	buffered *bufio.Writer
	zip      *zip.Writer
}

func newScratch(folder string) (*scratch, error) {
	file, err := os.CreateTemp(folder, ".workbook-")
	if err != nil {
		return nil, err
	}
	// Where a file can be used without a name, none is left of a killed process.
	_ = os.Remove(file.Name())
	s := &scratch{file: file, buffered: bufio.NewWriterSize(file, bufferSize)}
	s.zip = zip.NewWriter(s.buffered)
	// Three times as fast as the usual level, for a file a fifth larger.
	s.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	return s, nil
}

// read adds the parts of the archive, which is closed, to those of before by name,
// in the place of one that has the same.
func (s *scratch) read(parts map[string]*zip.File) error {
	if err := s.buffered.Flush(); err != nil {
		return err
	}
	size, err := s.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(s.file, size)
	if err != nil {
		return err
	}
	for _, part := range archive.File {
		parts[part.Name] = part
	}
	return nil
}

// close removes the file, if it still has a name.
func (s *scratch) close() error {
	err := s.file.Close()
	if removed := os.Remove(s.file.Name()); !errors.Is(removed, fs.ErrNotExist) {
		err = errors.Join(err, removed)
	}
	return err
}
