package table

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
)

// The formats, as Info names them.
const (
	FormatCSV  = "csv"
	FormatXLSX = "xlsx"
	FormatODS  = "ods"
)

// Options say what cannot be seen in the file.
type Options struct {
	// Sheet is the sheet of a workbook to read; empty takes the only visible one
	// that has a header. It means nothing for text.
	Sheet string
	// Map names the columns of fields by their titles, in place of the titles
	// payrun knows.
	Map map[Field]string
	// Stdin is read for the path "-".
	Stdin io.Reader
	// Hidden says what becomes of the rows of a workbook that nobody sees.
	Hidden Hidden
	// WithoutIDs accepts a file that has no transaction_id column, for the
	// command that adds one.
	WithoutIDs bool
	// Undecided accepts a file in which it is not clear which column is which, so
	// that a person can be asked: see File.Undecided. It still has to have a header.
	Undecided bool
}

// Hidden answers for hidden rows and sheets.
type Hidden string

// The answers. Without one a hidden row is given with the problem row.hidden.
const (
	// HiddenPay reads them like any other.
	HiddenPay Hidden = "pay"
	// HiddenSkip leaves hidden rows out; Inventory counts them.
	HiddenSkip Hidden = "skip"
)

// Info describes a file: form, sheet, titles, and the column of each field.
type Info struct {
	// Format is FormatCSV, FormatXLSX or FormatODS.
	Format string
	// Encoding is "UTF-8", "UTF-8 BOM", "UTF-16LE", "UTF-16BE" or
	// "windows-1252", and Separator one character; both are empty for a workbook.
	Encoding  string
	Separator string
	// Sheet is empty for text.
	Sheet string
	// HeaderRow is the header's row as a spreadsheet numbers it.
	HeaderRow int
	// Headers are the titles of the fields that have a column, as written. A name
	// in two columns has both titles, joined by " + ".
	Headers map[Field]string
	// Columns are all titles, from left to right, empty for a column without
	// one; Unknown those that are not read, but for the ones in question.
	Columns, Unknown []string
	// Fields are the fields of these columns, empty for one that is not read; the
	// two columns of a name in halves are FieldName both.
	Fields []Field
	// Decisions say of each field why it has its column, or which columns could be
	// it, in the order of the fields.
	Decisions []Decision
	// Shape is the digest of the titles in their order, in hex. The columns that
	// payrun adds to its copies, transaction_id and errors, are no part of it.
	Shape string
	// Errors is the column, counted from 0, in which an annotated copy has what
	// payrun found, and -1 for a file that is none.
	Errors int
	// SHA256 is the digest of the file's bytes, in hex.
	SHA256 string
}

// File is a beneficiary file, open. It may be read by one goroutine at a time, but
// for the records, which another may read beside the rows.
type File struct {
	source  *source
	matcher *matcher
	table   table
	info    Info
	// contents sums up the columns, nil if nothing depends on it.
	contents *contents
}

// table is one kind of file behind its header.
type table interface {
	header() *layout
	// counted is the tally of the last pass over rows that was made to its end, nil
	// if none was.
	counted() *tally
	// rows yields the rows of one pass, blank ones left out, until yield returns
	// false, which is no error. It returns ErrChanged if the bytes are not those
	// that were seen when it was opened.
	rows(ctx context.Context, yield func(Row) bool) error
	// records does the same for all rows that the file stores.
	records(ctx context.Context, yield func(Record) bool) error
}

// Open recognises a file and finds its header. The file stays open, so that one
// that is replaced under its name in the meantime is still read as it was.
//
// The error is one of the package's, or that of the system for a file that is
// missing or may not be read.
func Open(path string, opts Options) (*File, error) {
	m, err := newMatcher(opts)
	if err != nil {
		return nil, err
	}
	return open(path, opts, m)
}

// open recognises a file by what the matcher knows.
func open(path string, opts Options, m *matcher) (*File, error) {
	s, err := openSource(path, opts.Stdin)
	if err != nil {
		return nil, err
	}
	f := &File{source: s, matcher: m}
	if err := f.recognise(opts); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return f, nil
}

func (f *File) recognise(opts Options) error {
	v, err := sniff(f.source)
	if err != nil {
		return err
	}
	kind, err := v.kind()
	if err != nil {
		return err
	}
	switch kind {
	case kindZip:
		f.table, f.info, err = openBook(f.source, f.matcher, opts)
	case kindText:
		f.table, f.info, err = openCSV(f.source, v, f.matcher)
	}
	if err != nil {
		return err
	}
	if err := f.settle(); err != nil {
		return err
	}
	f.describe()
	if err := f.Undecided(); err != nil {
		if f.matcher.undecided {
			return nil
		}
		return err
	}
	return f.hasRows()
}

func (f *File) describe() {
	l := f.table.header()
	f.info.HeaderRow = l.row
	f.info.Columns = l.titles
	f.info.Errors = l.errors
	f.info.Fields = slices.Clone(l.fields)
	f.info.Headers = make(map[Field]string)
	f.info.SHA256 = hex.EncodeToString(f.source.sum[:])
	f.info.Shape = ShapeOf(f.info.Shaping())
	f.info.Unknown, f.info.Decisions = nil, nil
	for _, field := range f.matcher.known {
		f.info.Decisions = append(f.info.Decisions, *l.decisions[field])
	}
	for i, field := range l.fields {
		title := l.titles[i]
		switch {
		case i == l.errors:
		case field == "" && l.inQuestion(i):
		case field == "" && title != "":
			f.info.Unknown = append(f.info.Unknown, title)
		case field == fieldGivenName:
			f.info.Headers[FieldName] += " + " + title
			f.info.Fields[i] = FieldName
		case field != "":
			f.info.Headers[field] = title + f.info.Headers[field]
		}
	}
}

// hasRows refuses a header with nothing under it.
func (f *File) hasRows() error {
	found := false
	err := f.table.rows(context.Background(), func(Row) bool {
		found = true
		return false
	})
	if err == nil && !found {
		return ErrNoRows
	}
	if found {
		return nil
	}
	return err
}

// Info returns what was recognised.
func (f *File) Info() Info { return f.info }

// SHA256 returns the digest of the file's bytes, in hex.
func (f *File) SHA256() string { return f.info.SHA256 }

// Rows makes a pass over the rows under the header, blank ones left out, and
// starts from the first each time. An error comes once, as the last pair: one of
// the package's, the context's, or the system's; that of Undecided at once. A pass
// that is abandoned checks nothing.
//
// Texts are parts of larger strings; keep strings.Clone of what outlives its
// row.
func (f *File) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return sequence(ctx, f, func(ctx context.Context, yield func(Row) bool) error {
		if err := f.Undecided(); err != nil {
			return err
		}
		return f.table.rows(ctx, yield)
	})
}

// Record is a row as it stands in the file.
type Record struct {
	// Number is the row's number as a spreadsheet shows it.
	Number int
	// Cells are its cells from the left, as many as the file stores, none of them
	// shortened or trimmed. A workbook's number is as Cell has it.
	Cells []string
	// Problem is "row.quotes" for a row that is not cut for certain. It is one
	// cell then, which holds the row as the file has it.
	Problem string
	// Skipped is set for a hidden row that Options.Hidden leaves out.
	Skipped bool
	// doubts are the codes of the cells of a workbook that cannot be trusted, by
	// column, and leftOut the columns that Plain leaves out.
	doubts  map[int]string
	leftOut []int
}

// Plain returns the cells for a copy that has no formats. What Cell marks as not
// to be trusted is left out of the columns of fields: as plain text it would look
// as if it could be. The caller owns the slice.
func (r *Record) Plain() []string {
	cells := slices.Clone(r.Cells)
	for _, column := range r.leftOut {
		cells[column] = ""
	}
	return cells
}

func (r *Record) leaveOut(column int) { r.leftOut = append(r.leftOut, column) }

// Records makes a pass over all rows that the file stores, those above the
// header and blank ones of a workbook included, for a copy of the file with
// something added. It ends as Rows does.
func (f *File) Records(ctx context.Context) iter.Seq2[Record, error] {
	return sequence(ctx, f, f.table.records)
}

// Workbook returns the bytes of an .xlsx workbook and the name of the part that holds
// the sheet that is read, for a copy with something added; ok is false for any
// other file. The bytes can be read until Close.
func (f *File) Workbook() (content io.ReaderAt, size int64, part string, ok bool) {
	t, ok := f.table.(*sheetTable)
	if !ok || f.info.Format != FormatXLSX {
		return nil, 0, "", false
	}
	return f.source.file, f.source.size, t.sheet.part.Name, true
}

// sequence makes an iterator of a pass.
func sequence[T any](ctx context.Context, f *File, pass func(context.Context, func(T) bool) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		stopped := false
		err := f.source.resized()
		if err == nil {
			err = pass(ctx, func(item T) bool {
				stopped = !yield(item, nil)
				return !stopped
			})
		}
		if err != nil && !stopped {
			var none T
			yield(none, err)
		}
	}
}

// Close ends the reading and removes the copy made of a stream.
func (f *File) Close() error {
	return f.source.Close()
}
