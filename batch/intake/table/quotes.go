package table

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// lineReader passes a text on line by line, each mended on the way. A line that is
// longer than a row may be is passed on as it is, for the limitReader to complain of.
type lineReader struct {
	in   *bufio.Reader
	mend func(line []byte) []byte
	// out holds the bytes that were mended and not yet read.
	out []byte
	err error
}

func newLineReader(text io.Reader, mend func([]byte) []byte) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(text, sampleSize), mend: mend}
}

func (l *lineReader) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		var line []byte
		line, l.err = l.line()
		switch {
		case len(line) > rowMax:
			l.out = line
		case len(line) > 0:
			l.out = l.mend(line)
		}
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// line reads to the end of a line, its end included, but not much further than a row
// may go.
func (l *lineReader) line() ([]byte, error) {
	var line []byte
	for {
		part, err := l.in.ReadSlice('\n')
		line = append(line, part...)
		if err != bufio.ErrBufferFull || len(line) > rowMax { //nolint:errorlint // returned as it is
			if err == bufio.ErrBufferFull { //nolint:errorlint // returned as it is
				err = nil
			}
			return line, err //nolint:wrapcheck // a reader's error passes through
		}
	}
}

// quoteMender writes fields as RFC 4180 has them that spreadsheets read all the same:
// with blanks around their quotes, or as a formula that is a text, ="0701020304".
type quoteMender struct {
	separator byte
	// quoted is set within a field that goes on over the end of a line.
	quoted bool
}

// line mends a line.
func (q *quoteMender) line(line []byte) []byte {
	out := make([]byte, 0, len(line)+8) //nolint:mnd // room for some quotes
	rest := line
	for {
		if !q.quoted {
			rest, out = q.begin(rest, out)
		}
		if q.quoted {
			rest, out = q.quotedField(rest, out)
			if q.quoted {
				return append(out, rest...)
			}
		}
		at := bytes.IndexByte(rest, q.separator)
		if at < 0 {
			return append(out, rest...)
		}
		out = append(out, rest[:at+1]...)
		rest = rest[at+1:]
	}
}

// begin passes the beginning of a field.
func (q *quoteMender) begin(rest, out []byte) (after, written []byte) {
	field := q.withoutBlanks(rest)
	switch {
	case bytes.HasPrefix(field, []byte(`"`)):
		q.quoted = true
		return field[1:], append(out, '"')
	case bytes.HasPrefix(field, []byte(`="`)):
		return q.formula(rest, field, out)
	default:
		return rest, out
	}
}

// quotedField passes a quoted field and the blanks behind it; quoted stays set if it
// goes on in the next line.
func (q *quoteMender) quotedField(rest, out []byte) (after, written []byte) {
	for {
		at := bytes.IndexByte(rest, '"')
		if at < 0 {
			return rest, out
		}
		if at+1 < len(rest) && rest[at+1] == '"' {
			out = append(out, rest[:at+2]...)
			rest = rest[at+2:]
			continue
		}
		q.quoted = false
		out = append(out, rest[:at+1]...)
		rest = rest[at+1:]
		if behind := q.withoutBlanks(rest); q.ends(behind) {
			rest = behind
		}
		return rest, out
	}
}

// formula puts a formula that is a text into quotes, if it ends in its field.
func (q *quoteMender) formula(rest, field, out []byte) (after, written []byte) {
	inside, behind, closed := bytes.Cut(field[2:], []byte(`"`))
	behind = q.withoutBlanks(behind)
	if !closed || bytes.IndexByte(inside, q.separator) >= 0 || !q.ends(behind) {
		return rest, out
	}
	out = append(out, `"=""`...)
	out = append(out, inside...)
	return behind, append(out, `"""`...)
}

// ends reports whether a field ends here.
func (q *quoteMender) ends(rest []byte) bool {
	return len(rest) == 0 || rest[0] == q.separator || rest[0] == '\r' || rest[0] == '\n'
}

func (q *quoteMender) withoutBlanks(text []byte) []byte {
	for {
		switch {
		case len(text) > 0 && (text[0] == ' ' || text[0] == '\t' && q.separator != '\t'):
			text = text[1:]
		case bytes.HasPrefix(text, []byte("\u00a0")):
			text = text[len("\u00a0"):]
		default:
			return text
		}
	}
}

// unwrap takes the quotes off a line that is quoted whole, as a spreadsheet writes a
// table of which each row stands in one cell. Any other line stays as it is.
func unwrap(line []byte, separator byte) []byte {
	text := strings.TrimRight(string(line), "\r\n")
	end := string(line[len(text):])
	whole := strings.TrimRight(trim(text), separators+" ")
	const quotes = 2
	if len(whole) <= quotes || whole[0] != '"' || whole[len(whole)-1] != '"' {
		return line
	}
	inner := whole[1 : len(whole)-1]
	if strings.IndexByte(inner, separator) < 0 || strings.Contains(strings.ReplaceAll(inner, `""`, ""), `"`) {
		return line
	}
	return []byte(strings.ReplaceAll(inner, `""`, `"`) + end)
}
