package table

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlStream reads a part of a workbook in bounded memory.
type xmlStream struct {
	part    *zip.File
	content io.ReadCloser
	limit   *limitReader
	decoder *xml.Decoder
	// within are the elements that have begun, the outermost first.
	within []xml.Name
}

// depthMax is far more than the elements that a workbook has within one another.
const depthMax = 256

// elementMax bounds one row of a sheet, 16,384 cells at most, and one shared
// string.
const elementMax = 4 << 20

func openStream(part *zip.File) (*xmlStream, error) {
	content, err := part.Open()
	if err != nil {
		return nil, fmt.Errorf("%w (%s: %w)", ErrDamaged, part.Name, err)
	}
	m := newLimitReader(content, elementMax)
	return &xmlStream{
		part: part, content: content, limit: m,
		decoder: xml.NewDecoder(bufio.NewReaderSize(m, sampleSize)),
	}, nil
}

func (x *xmlStream) close() error {
	return x.content.Close() //nolint:wrapcheck // nothing to add
}

// token returns the next token, valid until the one after. The end of the part
// is an error too: a part that is whole ends with the element being read. So is the end of an
// element that did not begin: it would be taken for that of another, and rows behind it for none.
func (x *xmlStream) token() (xml.Token, error) {
	token, err := x.decoder.RawToken()
	switch {
	case err == nil && !x.nests(token):
		return nil, fmt.Errorf("%w (%s: elements that do not nest)", ErrDamaged, x.part.Name)
	case err == nil:
		return token, nil
	case errors.Is(err, errOverlong):
		return nil, fmt.Errorf("%w: a row or text in %s has more than %d MiB", ErrTooLarge, x.part.Name, elementMax>>20) //nolint:mnd // MiB
	case errors.Is(err, io.EOF):
		return nil, fmt.Errorf("%w (%s ends too early)", ErrDamaged, x.part.Name)
	default:
		return nil, fmt.Errorf("%w (%s: %w)", ErrDamaged, x.part.Name, err)
	}
}

// nests keeps account of the elements that have begun, and reports whether the next token may
// follow: the decoder leaves it to whoever asks for raw tokens.
func (x *xmlStream) nests(next xml.Token) bool {
	switch t := next.(type) {
	case xml.StartElement:
		x.within = append(x.within, t.Name)
		return len(x.within) <= depthMax
	case xml.EndElement:
		last := len(x.within) - 1
		if last < 0 || x.within[last] != t.Name {
			return false
		}
		x.within = x.within[:last]
	}
	return true
}

// skip reads to the end of an element that has begun.
func (x *xmlStream) skip() error { return x.skipped(func() {}) }

// skipLong reads to the end of an element that may be longer than a row.
func (x *xmlStream) skipLong() error { return x.skipped(x.limit.refill) }

// skipped reads to the end of an element, calling before for each token.
func (x *xmlStream) skipped(before func()) error {
	for depth := 1; depth > 0; {
		before()
		token, err := x.token()
		if err != nil {
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	return nil
}

// children visits the elements within one that has begun; visit reads each to its end.
func (x *xmlStream) children(visit func(xml.StartElement) error) error {
	for {
		token, err := x.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := visit(t); err != nil {
				return err
			}
		}
	}
}

// text reads an element that has begun as text, whatever is nested in it left
// out.
func (x *xmlStream) text(into []byte) ([]byte, error) {
	for {
		token, err := x.token()
		if err != nil {
			return into, err
		}
		switch t := token.(type) {
		case xml.CharData:
			into = append(into, t...)
		case xml.StartElement:
			if err := x.skip(); err != nil {
				return into, err
			}
		case xml.EndElement:
			return into, nil
		}
	}
}

// richText reads a string item: its text, or that of its runs. How it is
// pronounced (rPh) is not part of it.
func (x *xmlStream) richText(into []byte) ([]byte, error) {
	for {
		token, err := x.token()
		if err != nil {
			return into, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				into, err = x.text(into)
			case "r":
				into, err = x.richText(into)
			default:
				err = x.skip()
			}
			if err != nil {
				return into, err
			}
		case xml.EndElement:
			return into, nil
		}
	}
}

// unescape resolves _x000D_, by which a workbook writes characters that XML has
// not (ECMA-376 part 1, 22.9.2.19).
func unescape(text string) string {
	const length = len("_x000D_")
	if !strings.Contains(text, "_x") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); {
		if i+length <= len(text) && text[i:i+2] == "_x" && text[i+length-1] == '_' {
			code, err := strconv.ParseUint(text[i+2:i+length-1], 16, 16)
			if r := rune(code); err == nil && utf8.ValidRune(r) {
				b.WriteRune(r)
				i += length
				continue
			}
		}
		b.WriteByte(text[i])
		i++
	}
	return b.String()
}
