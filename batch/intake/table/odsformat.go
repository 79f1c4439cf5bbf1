package table

import (
	"encoding/xml"
	"strings"
)

// odsFormats are the number formats of an OpenDocument file's named styles, by the names
// that conditions have for them (OpenDocument 1.3, part 3, 16.29). Cells need none: what
// is seen of them stands in the file, but without what a condition makes of it.
type odsFormats struct {
	// styles has the format and the parent of each style.
	styles map[string]odsStyle
	// misleading are the formats that show a number as something else.
	misleading map[string]bool
}

type odsStyle struct{ format, parent string }

const (
	odsStyles    = "styles.xml"
	odsStylesMax = 65_536
	// ancestorsMax is deeper than styles are derived from each other.
	ancestorsMax = 16
)

// odsFormats reads the named styles; a file may have none.
func (p *zipParts) odsFormats() (odsFormats, error) {
	f := odsFormats{styles: make(map[string]odsStyle), misleading: make(map[string]bool)}
	part, err := p.bounded(odsStyles, structureMax)
	if err != nil || part == nil {
		return f, err
	}
	x, err := openStream(part)
	if err != nil {
		return f, err
	}
	defer x.close() //nolint:errcheck // only read
	for {
		x.limit.refill()
		token, err := x.token()
		if err != nil {
			return f, err
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "document-styles" {
				return f, nil
			}
		case xml.StartElement:
			if err := f.element(x, t); err != nil {
				return f, err
			}
		}
	}
}

// element takes in a style or a format; what else there is is passed through.
func (f *odsFormats) element(x *xmlStream, start xml.StartElement) error {
	name := attribute(start, "name")
	switch kind := start.Name.Local; kind {
	case "style":
		style := odsStyle{attribute(start, "data-style-name"), attribute(start, "parent-style-name")}
		if len(f.styles) < odsStylesMax {
			f.styles[name] = style
			if shown := attribute(start, "display-name"); shown != "" {
				f.styles[shown] = style
			}
		}
	case "number-style", "currency-style":
		misleads, err := misleadingStyle(x)
		if misleads && len(f.misleading) < odsStylesMax {
			f.misleading[name] = true
		}
		return err
	case "percentage-style", "date-style", "time-style", "boolean-style":
		if len(f.misleading) < odsStylesMax {
			f.misleading[name] = true
		}
		return x.skip()
	}
	return nil
}

// misleadingStyle reads a format of numbers: its digits as they are, groups and the franc
// say nothing else than the number. attributes may ask for zeros in front or a division.
func misleadingStyle(x *xmlStream) (misleads bool, err error) {
	var words strings.Builder
	for depth := 1; depth > 0; {
		token, err := x.token()
		if err != nil {
			return false, err
		}
		switch t := token.(type) {
		case xml.CharData:
			words.Write(t)
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			switch t.Name.Local {
			case "number":
				digits, factor := attribute(t, "min-integer-digits"), attribute(t, "display-factor")
				misleads = misleads || digits != "" && digits != "0" && digits != "1" || factor != "" && factor != "1"
			case "scientific-number", "fraction", "embedded-text":
				misleads = true
			}
		}
	}
	written := strings.Map(alphanumeric, words.String())
	return misleads || written != "" && !isFranc(written) || strings.ContainsAny(words.String(), "$€£%"), nil
}

// misleads reports whether a style, or one that it is derived from, has such a format.
func (f *odsFormats) misleads(name string) bool {
	for range ancestorsMax {
		style, known := f.styles[name]
		switch {
		case !known:
			return false
		case style.format != "":
			return f.misleading[style.format]
		}
		name = style.parent
	}
	return false
}

// conditions reads the formats on conditions that stand behind the rows, in the form that
// LibreOffice gives them.
func (s *odsStream) conditions() error {
	var blocks []string
	for depth := 1; depth > 0; {
		s.limit.refill()
		token, err := s.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			depth++
			switch t.Name.Local {
			case "conditional-format":
				blocks = strings.Fields(withoutQuoted(attribute(t, "target-range-address")))
			case "condition":
				if s.document.formats.misleads(attribute(t, "apply-style-name")) {
					s.misled(blocks)
				}
			}
		}
	}
	return nil
}

func (s *odsStream) misled(blocks []string) {
	for _, name := range blocks {
		corners := strings.Split(name, ":")
		for i, corner := range corners {
			corners[i] = cellName(corner)
		}
		if block, ok := parseBlock(strings.Join(corners, ":")); ok && len(s.formats) < formatRangesMax {
			s.formats = append(s.formats, formatRange{block, true, true})
		}
	}
}

// withoutQuoted leaves out what stands between apostrophes: names of sheets, which may
// have blanks. One within a name is written twice.
func withoutQuoted(text string) string {
	var b strings.Builder
	for i, part := range strings.Split(text, "'") {
		if i%2 == 0 {
			b.WriteString(part)
		}
	}
	return b.String()
}

// cellName takes the sheet off the name of a cell, and the signs that fix it.
func cellName(name string) string {
	return strings.ReplaceAll(name[strings.LastIndexByte(name, '.')+1:], "$", "")
}
