package annotate

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// look is the part that is added to a cell's style.
type look int

const (
	asWarning look = iota
	asError
	asText
	asErrorInText
)

// fill is the look's place among the fills that are added, -1 for none.
func (l look) fill() int {
	switch l {
	case asWarning:
		return 0
	case asError, asErrorInText:
		return 1
	case asText:
	}
	return -1
}

// styleSheet is the styles of a workbook, to which looks are added. A style that
// is there is never changed: other cells have it too.
type styleSheet struct {
	content []byte
	// fills and formats are where those lists begin and end; none is there when
	// the workbook has no styles, and then nothing is coloured.
	fills, formats list
	added          []string
	known          map[derived]int
}

// list is an element with its children. start is its start tag, which ends at
// inner; end is where its end tag begins.
type list struct {
	tag               xml.StartElement
	start, inner, end int64
	children          [][2]int64
}

type derived struct {
	base int
	look look
}

// readStyles reads the part with the styles; nil is a workbook without.
func readStyles(content []byte) (*styleSheet, error) {
	s := &styleSheet{content: content, known: make(map[derived]int)}
	decoder := xml.NewDecoder(bytes.NewReader(content))
	var open *list
	depth, before := 0, int64(0)
	for {
		token, err := decoder.RawToken()
		if errors.Is(err, io.EOF) {
			return s, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the workbook's styles: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			switch {
			case depth == 2 && t.Name.Local == "fills":
				open = &s.fills
			case depth == 2 && t.Name.Local == "cellXfs":
				open = &s.formats
			case depth == 3 && open != nil:
				open.children = append(open.children, [2]int64{before, 0})
			}
			if depth == 2 && open != nil {
				*open = list{tag: t.Copy(), start: before, inner: decoder.InputOffset()}
			}
		case xml.EndElement:
			if depth == 3 && open != nil {
				open.children[len(open.children)-1][1] = decoder.InputOffset()
			}
			if depth == 2 && open != nil {
				open.end = before
				open = nil
			}
			depth--
		}
		before = decoder.InputOffset()
	}
}

// derive returns the style that is base with a look, base itself where there are
// no styles.
func (s *styleSheet) derive(base int, l look) (int, error) {
	if base >= len(s.formats.children) || len(s.fills.children) == 0 {
		return base, nil
	}
	if id, known := s.known[derived{base, l}]; known {
		return id, nil
	}
	at := s.formats.children[base]
	copier := newTokenCopier(bytes.NewReader(s.content[at[0]:at[1]]))
	token, raw, err := copier.next()
	start, ok := token.(xml.StartElement)
	if err != nil || !ok {
		return 0, fmt.Errorf("read style %d of the workbook: %w", base, errors.Join(err, io.ErrUnexpectedEOF))
	}
	replace := make(map[string]string)
	if fill := l.fill(); fill >= 0 {
		replace["fillId"], replace["applyFill"] = strconv.Itoa(len(s.fills.children)+fill), "1"
	}
	if l == asText || l == asErrorInText {
		replace["numFmtId"], replace["applyNumberFormat"] = strconv.Itoa(textFmt), "1"
	}
	closed := bytes.HasSuffix(raw, []byte("/>"))
	rest := ""
	if !closed {
		rest = string(s.content[at[0]+copier.taken : at[1]])
	}
	id := len(s.formats.children) + len(s.added)
	s.added = append(s.added, startTag(start, closed, replace)+rest)
	s.known[derived{base, l}] = id
	return id, nil
}

// write writes the styles with what was added.
func (s *styleSheet) write(w io.Writer) error {
	if len(s.fills.children) == 0 || len(s.formats.children) == 0 {
		if _, err := w.Write(s.content); err != nil {
			return fmt.Errorf("write the copy's styles: %w", err)
		}
		return nil
	}
	var fills strings.Builder
	prefix := strings.TrimSuffix(qualified(s.fills.tag.Name), "fills")
	for _, colour := range []string{warningColour, errorColour} { // as look.fill has them
		fmt.Fprintf(&fills, `<%[1]sfill><%[1]spatternFill patternType="solid"><%[1]sfgColor rgb="FF%[2]s"/>`+
			`<%[1]sbgColor indexed="64"/></%[1]spatternFill></%[1]sfill>`, prefix, colour)
	}
	const looksFilled = 2
	first, second := s.fills, s.formats
	firstMore, secondMore := fills.String(), strings.Join(s.added, "")
	firstCount, secondCount := len(first.children)+looksFilled, len(second.children)+len(s.added)
	if second.start < first.start {
		first, second, firstMore, secondMore = second, first, secondMore, firstMore
		firstCount, secondCount = secondCount, firstCount
	}
	for _, part := range [][]byte{
		s.content[:first.start], []byte(countedTag(first.tag, firstCount)),
		s.content[first.inner:first.end], []byte(firstMore),
		s.content[first.end:second.start], []byte(countedTag(second.tag, secondCount)),
		s.content[second.inner:second.end], []byte(secondMore),
		s.content[second.end:],
	} {
		if _, err := w.Write(part); err != nil {
			return fmt.Errorf("write the copy's styles: %w", err)
		}
	}
	return nil
}

func countedTag(tag xml.StartElement, count int) string {
	return startTag(tag, false, map[string]string{"count": strconv.Itoa(count)})
}
