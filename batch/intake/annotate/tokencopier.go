package annotate

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// tokenCopier reads XML token by token and keeps the bytes of each, so that what is
// not changed is copied as it stands: writing XML anew from what was parsed would
// lose the prefixes and extensions that a spreadsheet relies on.
type tokenCopier struct {
	decoder *xml.Decoder
	kept    bytes.Buffer
	// taken counts the bytes that were taken.
	taken int64
}

func newTokenCopier(r io.Reader) *tokenCopier {
	t := &tokenCopier{}
	t.decoder = xml.NewDecoder(bufio.NewReaderSize(io.TeeReader(r, &t.kept), 64<<10)) //nolint:mnd // a read's size
	return t
}

// next returns the next token with its bytes, both valid until the one after. The
// end of an element written as <a/> has no bytes of its own.
func (t *tokenCopier) next() (xml.Token, []byte, error) {
	token, err := t.decoder.RawToken()
	if err != nil {
		return nil, nil, err //nolint:wrapcheck // the end, or the caller says what was read
	}
	end := t.decoder.InputOffset()
	raw := t.kept.Next(int(end - t.taken))
	t.taken = end
	return token, raw, nil
}

// skip reads to the end of an element that has begun, and hands the bytes to
// keep, if there is one.
func (t *tokenCopier) skip(keep func([]byte)) error {
	for depth := 1; depth > 0; {
		token, raw, err := t.next()
		if err != nil {
			return fmt.Errorf("read a part of the workbook: %w", err)
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
		if keep != nil {
			keep(raw)
		}
	}
	return nil
}

// qualified is a name as it is written, with its prefix.
func qualified(name xml.Name) string {
	if name.Space == "" {
		return name.Local
	}
	return name.Space + ":" + name.Local
}

// startTag writes a start tag with some attributes replaced, added, or, for an
// empty value, left out.
func startTag(start xml.StartElement, closed bool, replace map[string]string) string {
	var b strings.Builder
	b.WriteString("<" + qualified(start.Name))
	written := make(map[string]bool)
	for _, attr := range start.Attr {
		name, value := qualified(attr.Name), attr.Value
		if other, replaced := replace[name]; replaced {
			value, written[name] = other, true
			if value == "" {
				continue
			}
		}
		writeAttribute(&b, name, value)
	}
	for _, attr := range [...]string{"numFmtId", "fillId", "applyNumberFormat", "applyFill", "s", "count"} {
		if value := replace[attr]; value != "" && !written[attr] {
			writeAttribute(&b, attr, value)
		}
	}
	if closed {
		b.WriteByte('/')
	}
	b.WriteByte('>')
	return b.String()
}

func writeAttribute(b *strings.Builder, name, value string) {
	b.WriteString(" " + name + `="` + escaped(value) + `"`)
}

// escaped is text as XML has it.
func escaped(text string) string {
	var b strings.Builder
	// A strings.Builder takes everything.
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// attribute returns an attribute of no namespace, empty if there is none.
func attribute(start xml.StartElement, name string) string {
	for _, attr := range start.Attr {
		if attr.Name.Space == "" && attr.Name.Local == name {
			return attr.Value
		}
	}
	return ""
}
