package table

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rowMax bounds the bytes of one row, quoted line breaks included.
const rowMax = 1 << 20

// errOverlong is the limitReader's; a person is told which row it was.
var errOverlong = errors.New("a row has no end")

// dialect says how a text is cut into rows and cells.
type dialect struct {
	encoding  string
	separator rune
	// declared is set when the first line is Excel's "sep=;", which is not a row
	// in any spreadsheet.
	declared bool
	// crOnly is set for the line ends of old Macintosh files.
	crOnly bool
	// loose is set for quotes that are not as RFC 4180 has them, and wrapped for lines
	// that are quoted whole.
	loose, wrapped bool
}

// rowReader numbers and cuts the rows of a text.
type rowReader struct {
	csv      *csv.Reader
	buffered *bufio.Reader
	limit    *limitReader
	// number is that of the last record, next the line after it.
	number, next int
	// malformed counts the lines that a bad quote ran through and that are still to
	// be given as rows of their own.
	malformed int
	// spoiltText are their texts, if they are kept.
	spoiltText []string
	// columns is the width of the header once it is known.
	columns int
	// raw keeps the text of the row being read, if it is wanted.
	raw *rawText
}

// rawText keeps what passes through it until it is taken, so that a row that
// cannot be cut is not lost to a copy.
type rawText struct {
	kept []byte
	// taken counts the bytes that were taken already.
	taken int64
}

func (t *rawText) Write(p []byte) (int, error) {
	t.kept = append(t.kept, p...)
	return len(p), nil
}

// take returns what came before an offset and was not taken, without line ends.
func (t *rawText) take(offset int64) string {
	if t == nil {
		return ""
	}
	n := min(int(offset-t.taken), len(t.kept))
	text := strings.Trim(string(t.kept[:n]), "\r\n")
	t.kept = t.kept[n:]
	t.taken += int64(n)
	return text
}

// cutRow is a row as it is cut, its fields valid until the next one.
type cutRow struct {
	number  int
	fields  []string
	problem string
	// mark is the word about the row of a column that is not read.
	mark *Mark
	// raw is the row as it stands in the text, if that was asked for.
	raw string
}

// keepRaw has the rows that follow carry their text. It comes before the first.
func (r *rowReader) keepRaw() {
	r.raw = &rawText{}
	r.buffered = bufio.NewReaderSize(io.TeeReader(r.buffered, r.raw), sampleSize)
	comma := r.csv.Comma
	r.csv = csv.NewReader(r.buffered)
	r.csv.Comma, r.csv.FieldsPerRecord, r.csv.ReuseRecord = comma, -1, true
}

func newRowReader(d dialect, text io.Reader) (*rowReader, error) {
	if d.crOnly {
		text = lineEnds{text}
	}
	if d.wrapped {
		text = newLineReader(text, func(line []byte) []byte { return unwrap(line, byte(d.separator)) }) //nolint:gosec // a separator is ASCII
	}
	if d.loose {
		mender := &quoteMender{separator: byte(d.separator)} //nolint:gosec // a separator is ASCII
		text = newLineReader(text, mender.line)
	}
	m := newLimitReader(text, rowMax)
	buffered := bufio.NewReaderSize(m, sampleSize)
	if d.declared {
		if _, err := buffered.ReadString('\n'); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("read the first line: %w", err)
		}
	}
	reader := csv.NewReader(buffered)
	reader.Comma = d.separator
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	return &rowReader{csv: reader, buffered: buffered, limit: m, next: 1}, nil
}

// read returns the next row that is not empty, and io.EOF after the last.
func (r *rowReader) read() (cutRow, error) {
	if r.malformed > 0 {
		r.malformed--
		r.number++
		return cutRow{number: r.number, problem: problemQuotes, raw: r.malformedLine()}, nil
	}
	r.limit.refill()
	fields, err := r.csv.Read()
	var bad *csv.ParseError
	switch {
	case err == nil:
		return r.good(fields), nil
	case errors.As(err, &bad):
		return r.bad(bad)
	case errors.Is(err, errOverlong):
		return cutRow{}, fmt.Errorf("%w: the row after row %d goes on for more than %d bytes; is a quote opened and not closed?",
			ErrTooLarge, r.number, rowMax)
	default:
		return cutRow{}, err //nolint:wrapcheck // the end, or a reader's error that says what it was
	}
}

func (r *rowReader) good(fields []string) cutRow {
	line, _ := r.csv.FieldPos(0)
	r.advance(line)
	r.next = line + 1
	problem := ""
	for _, field := range fields {
		if strings.IndexByte(field, '\n') < 0 {
			continue
		}
		r.next += strings.Count(field, "\n")
		if r.swallowed(field) {
			problem = problemQuotes
		}
	}
	return cutRow{number: r.number, fields: fields, problem: problem, raw: r.raw.take(r.csv.InputOffset())}
}

// swallowed reports whether a cell of several lines holds what looks like whole
// rows: one quote too many in a note, and another rows below, make good CSV that
// loses the beneficiaries between them.
func (r *rowReader) swallowed(field string) bool {
	if r.columns < 2 { //nolint:mnd // rows of one column have no separator to count
		return false
	}
	for line := range strings.Lines(field) {
		if strings.Count(line, string(r.csv.Comma)) >= r.columns-1 {
			return true
		}
	}
	return false
}

// bad gives every line that a misplaced quote malformed as a row, so that none of
// them is passed over in silence. A quote that is still open at the end of the
// file spoils the file: nobody can say how many rows it swallowed.
func (r *rowReader) bad(err *csv.ParseError) (cutRow, error) {
	r.advance(err.StartLine)
	r.next = err.Line + 1
	r.malformed = err.Line - err.StartLine
	if _, end := r.buffered.Peek(1); end != nil && r.malformed > 0 {
		return cutRow{}, fmt.Errorf("%w: it begins in row %d", ErrUnclosedQuote, r.number)
	}
	r.spoiltText = strings.Split(strings.ReplaceAll(r.raw.take(r.csv.InputOffset()), "\r\n", "\n"), "\n")
	return cutRow{number: r.number, problem: problemQuotes, raw: r.malformedLine()}, nil
}

// malformedLine returns the text of the next line that a bad quote ran through.
func (r *rowReader) malformedLine() string {
	if len(r.spoiltText) == 0 {
		return ""
	}
	line := r.spoiltText[0]
	r.spoiltText = r.spoiltText[1:]
	return line
}

// advance moves to the row that begins on a line; the lines passed over were
// empty, and rows of their own.
func (r *rowReader) advance(line int) { r.number += line - r.next + 1 }
