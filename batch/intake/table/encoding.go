package table

import (
	"bytes"
	"fmt"
	"io"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The encodings, as Info names them.
const (
	encodingUTF8    = "UTF-8"
	encodingUTF8BOM = "UTF-8 BOM"
	encodingUTF16LE = "UTF-16LE"
	encodingUTF16BE = "UTF-16BE"
	encodingWindows = "windows-1252"
)

//nolint:gochecknoglobals // constants
var (
	bomUTF8    = []byte("\xef\xbb\xbf")
	bomUTF16LE = []byte("\xff\xfe")
	bomUTF16BE = []byte("\xfe\xff")
)

// encoding decides what the characters of a text are written in.
func (v *sniffer) encoding() (string, error) {
	switch {
	case bytes.HasPrefix(v.head, bomUTF16LE):
		return encodingUTF16LE, nil
	case bytes.HasPrefix(v.head, bomUTF16BE):
		return encodingUTF16BE, nil
	case v.nul:
		return "", fmt.Errorf("%w: it has zero bytes; if it is text, save it as CSV UTF-8", ErrNotTable)
	case v.invalid > 0 && (v.multibyte > v.invalid || bytes.HasPrefix(v.head, bomUTF8)):
		return "", fmt.Errorf("%w (%d places)", ErrEncoding, v.invalid)
	case v.invalid > 0:
		return encodingWindows, nil
	case bytes.HasPrefix(v.head, bomUTF8):
		return encodingUTF8BOM, nil
	default:
		return encodingUTF8, nil
	}
}

// decode turns bytes into UTF-8 without a mark at the beginning.
func decode(encoding string, r io.Reader) io.Reader {
	switch encoding {
	case encodingUTF16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(r)
	case encodingUTF16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(r)
	case encodingWindows:
		return charmap.Windows1252.NewDecoder().Reader(r)
	case encodingUTF8BOM:
		return &skipper{r: r, left: len(bomUTF8)}
	default:
		return r
	}
}

// skipper leaves the first bytes out.
type skipper struct {
	r    io.Reader
	left int
}

func (s *skipper) Read(p []byte) (int, error) {
	for s.left > 0 {
		n, err := s.r.Read(p[:min(s.left, len(p))])
		s.left -= n
		if err != nil {
			return 0, err //nolint:wrapcheck // a reader's error passes through
		}
	}
	return s.r.Read(p) //nolint:wrapcheck // a reader's error passes through
}

// lineEnds turns the line ends of old Macintosh files, a lone CR, into LF.
type lineEnds struct{ r io.Reader }

func (l lineEnds) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	for i, c := range p[:n] {
		if c == '\r' {
			p[i] = '\n'
		}
	}
	return n, err //nolint:wrapcheck // a reader's error passes through
}

// limitReader bounds how much may be read between two refills, so that a row without
// an end is an error and not the whole file in memory.
type limitReader struct {
	r     io.Reader
	left  int
	limit int
}

func newLimitReader(r io.Reader, limit int) *limitReader {
	return &limitReader{r: r, left: limit, limit: limit}
}

func (m *limitReader) refill() { m.left = m.limit }

func (m *limitReader) Read(p []byte) (int, error) {
	if m.left <= 0 {
		return 0, errOverlong
	}
	n, err := m.r.Read(p[:min(len(p), m.left)])
	m.left -= n
	return n, err //nolint:wrapcheck // a reader's error passes through
}
