package annotate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"payrun/batch/intake/table"
)

// Format is the form of a copy.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
)

// What keeps a copy from being written.
var (
	// ErrFormat is returned for a name that says neither .csv nor .xlsx.
	ErrFormat = errors.New("a copy is named .csv or .xlsx")
	// ErrMacros is returned for the copy, named .xlsx, of a workbook with macros:
	// Excel opens no such file.
	ErrMacros = errors.New("the workbook has macros: name its copy .xlsm")
	// ErrTooLarge is returned for a text that does not fit into a workbook.
	ErrTooLarge = errors.New("too large for a workbook: name the copy .csv")
)

// WriteError is a copy that could not be written, as against a file that could not be
// read while it was copied.
type WriteError struct{ Err error }

func (e *WriteError) Error() string { return e.Err.Error() }

// Unwrap returns what went wrong.
func (e *WriteError) Unwrap() error { return e.Err }

// codeOfNoFile is table.Code of an error that it does not know.
const codeOfNoFile = "file.unreadable"

// Failure tells an error of writing, as a *WriteError, from one of the file that is being
// copied, or of the context, which stays as it is.
func Failure(err error) error {
	if err == nil || table.Code(err) != codeOfNoFile || errors.Is(err, context.Canceled) {
		return err
	}
	return &WriteError{err}
}

// FormatOf tells the format that a file's name asks for.
func FormatOf(path string) (Format, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv", ".txt":
		return CSV, nil
	case ".xlsx", ".xlsm":
		return XLSX, nil
	default:
		return "", fmt.Errorf("%s: %w", path, ErrFormat)
	}
}

// Column is the column that is written.
type Column struct {
	// Title heads a column that is added, and one that is replaced.
	Title string
	// At is the column's place in the file, counted from 0; -1 adds one.
	At int
	// Fill leaves the title and the cells of rows without a note as they are.
	Fill bool
}

// Mark points out a cell.
type Mark int

// The marks; an error outweighs a warning.
const (
	Plain Mark = iota
	Warning
	Error
	// ForceText is an error in a number whose first zero was dropped: the cell becomes
	// one for text, so that the zero stays when it is typed again.
	ForceText
)

// Note is a row's annotation.
type Note struct {
	Text string
	// Marks are those of the row's cells, by their column in the file.
	Marks map[int]Mark
}

// Options say how a copy is written.
type Options struct {
	Format Format
	Column Column
	// Separator is that of a text made of a workbook; a text keeps its own.
	Separator rune
	// Folder takes what is too large for memory, and Path is what the copy will be
	// called.
	Folder, Path string
}

// Copy is a copy being written. It may be used by one goroutine at a time.
type Copy struct {
	rows   rowWriter
	closed bool
}

// rowWriter is one way of copying.
type rowWriter interface {
	// row copies everything up to a row, and the row with its note.
	row(number int, note Note) error
	// finish copies the rest.
	finish() error
	// close releases what finish needs no more.
	close() error
}

// Begin begins a copy of a file, which has to stay open until the copy is
// finished. The error is one of the package's, one of reading the file, or one of
// w.
func Begin(ctx context.Context, file *table.File, w io.Writer, o Options) (*Copy, error) {
	var rows rowWriter
	var err error
	if _, _, _, workbook := file.Workbook(); workbook && o.Format == XLSX {
		rows, err = beginWorkbook(ctx, file, w, o)
	} else {
		rows, err = beginRecords(ctx, file, w, o)
	}
	if err != nil {
		return nil, err
	}
	return &Copy{rows: rows}, nil
}

// Row gives the row with that number its note. Rows come in the order of their
// numbers; those left out are copied as they are.
func (c *Copy) Row(number int, note Note) error { return c.rows.row(number, note) }

// Finish copies the rest and completes the file.
func (c *Copy) Finish() error { return errors.Join(c.rows.finish(), c.Close()) }

// Close gives a copy up, unless it is finished already.
func (c *Copy) Close() error {
	if c.closed {
		return nil
	}
	c.closed = true
	return c.rows.close()
}
