package table

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"
)

// openDocument is the structure of an .ods file (OpenDocument 1.3, part 3). All its
// sheets stand in one part, one after the other, and a cell has beside its value the
// text that a person sees. No Go library reads it as a stream, with what decides
// whether a number may be trusted.
type openDocument struct {
	content *zip.File
	sheets  []sheetPart
	// hiddenStyles are the styles of sheets, columns and rows that are not shown.
	hiddenStyles map[string]bool
	// formats are those of the styles that a condition can put over a cell's own.
	formats odsFormats
}

const (
	odsContent  = "content.xml"
	odsManifest = "meta-inf/manifest.xml"
	odsMimetype = "application/vnd.oasis.opendocument.spreadsheet"
	// mimetypeMax is longer than any type of OpenDocument.
	mimetypeMax = 256
)

// openOpenDocument reads the list of sheets.
func openOpenDocument(p *zipParts) (*openDocument, error) {
	kind, err := p.text("mimetype", mimetypeMax)
	if err != nil {
		return nil, err
	}
	if !strings.HasPrefix(trim(kind), odsMimetype) {
		return nil, fmt.Errorf("%w: an OpenDocument file that is no spreadsheet", ErrNotTable)
	}
	manifest, err := p.text(odsManifest, structureMax)
	if err == nil && strings.Contains(manifest, "encryption-data") {
		return nil, ErrEncrypted
	}
	content, err := p.bounded(odsContent, sheetMax)
	if err != nil {
		return nil, err
	}
	if content == nil {
		return nil, fmt.Errorf("%w: it has no %s", ErrDamaged, odsContent)
	}
	d := &openDocument{content: content, hiddenStyles: make(map[string]bool)}
	if err := d.list(); err != nil {
		return nil, err
	}
	if d.formats, err = p.odsFormats(); err != nil {
		return nil, err
	}
	if len(d.sheets) == 0 {
		return nil, fmt.Errorf("%w: it has no sheet", ErrDamaged)
	}
	return d, nil
}

// text reads a small part.
func (p *zipParts) text(name string, limit int64) (string, error) {
	part := p.named[name]
	if part == nil {
		return "", fmt.Errorf("%w: it has no %s", ErrDamaged, name)
	}
	content, err := part.Open()
	if err != nil {
		return "", fmt.Errorf("%w (%s: %w)", ErrDamaged, name, err)
	}
	defer content.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(content, limit))
	if err != nil {
		return "", fmt.Errorf("%w (%s: %w)", ErrDamaged, name, err)
	}
	return string(text), nil
}

// list reads the styles that hide things, and the names of the sheets.
func (d *openDocument) list() error {
	x, err := openStream(d.content)
	if err != nil {
		return err
	}
	defer x.close() //nolint:errcheck // only read
	style := ""
	for {
		x.limit.refill()
		token, err := x.token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.EndElement:
			if t.Name.Local == "document-content" {
				return nil
			}
		case xml.StartElement:
			switch t.Name.Local {
			case "style":
				style = attribute(t, "name")
			case "table-properties":
				d.hide(style, attribute(t, "display") == "false")
			case "table-column-properties":
				d.hide(style, noLength(attribute(t, "column-width")))
			case "table-row-properties":
				d.hide(style, noLength(attribute(t, "row-height")))
			case "shapes", "tracked-changes":
				err = x.skipLong()
			case "table":
				d.sheets = append(d.sheets, sheetPart{
					name: attribute(t, "name"), part: d.content, at: len(d.sheets),
					hidden: d.hiddenStyles[attribute(t, "style-name")],
				})
				err = x.skipLong()
			}
		}
		if err != nil {
			return err
		}
	}
}

func (d *openDocument) hide(style string, hidden bool) {
	const stylesMax = 65_536
	if hidden && len(d.hiddenStyles) < stylesMax {
		d.hiddenStyles[style] = true
	}
}

// noLength reports whether a length such as "0cm" is none.
func noLength(length string) bool {
	return tooSmall(strings.TrimRight(length, "abcdefghijklmnopqrstuvwxyz%"), math.SmallestNonzeroFloat64)
}

// attribute returns the value of an attribute, whatever its prefix.
func attribute(start xml.StartElement, name string) string {
	for _, attr := range start.Attr {
		if attr.Name.Local == name {
			return attr.Value
		}
	}
	return ""
}

func (d *openDocument) sheetParts() []sheetPart { return d.sheets }

// rows visits the rows of a sheet.
func (d *openDocument) rows(sheet sheetPart, visit func(*sheetRow) (bool, error)) error {
	s, err := d.open(sheet)
	if err != nil {
		return err
	}
	defer s.close() //nolint:errcheck // only read
	return s.each(visit)
}

// open moves to the beginning of a sheet.
func (d *openDocument) open(sheet sheetPart) (*odsStream, error) {
	x, err := openStream(d.content)
	if err != nil {
		return nil, err
	}
	s := &odsStream{xmlStream: x, document: d}
	for passed := 0; ; {
		x.limit.refill()
		token, err := x.token()
		if err != nil {
			return nil, s.failed(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
			continue
		case start.Name.Local == "shapes", start.Name.Local == "tracked-changes", start.Name.Local == "table" && passed < sheet.at:
			if start.Name.Local == "table" {
				passed++
			}
			if err := x.skipLong(); err != nil {
				return nil, s.failed(err)
			}
		case start.Name.Local == "table":
			return s, nil
		}
	}
}

// shape reads what lies over the cells of a sheet.
func (d *openDocument) shape(sheet sheetPart) (sheetShape, error) {
	s, err := d.open(sheet)
	if err != nil {
		return sheetShape{}, err
	}
	defer s.close() //nolint:errcheck // only read
	err = s.each(func(*sheetRow) (bool, error) { return true, nil })
	return sheetShape{s.merges, s.hidden, s.formats}, err
}
