package input

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// The bounds of a workbook, as its zip declares and as it turns out: archive/zip
// fails when a part is larger than declared. A sheet is read as a stream and
// costs no memory, so its bound is about time: a full sheet of Excel, 1,048,576
// rows by 8 columns, is about 400 MiB.
const (
	partsMax     = 4096
	workbookMax  = 2 << 30
	sheetMax     = 1 << 30
	stringsMax   = 512 << 20
	structureMax = 32 << 20
)

// workbook is the structure of an .xlsx file.
//
// excelize opens the workbook's own part and the styles, and says what number
// format a cell has. The sheets and the shared strings are streamed from the zip
// here: excelize's row iterator gives a cell's text but not its type, its style,
// or whether a formula stands behind it, and those decide whether a number may
// be trusted; the functions that do give them load the sheet whole.
type workbook struct {
	parts   map[string]*zip.File
	model   *excelize.File
	sheets  []sheetPart
	strings sharedStrings
	formats map[int]numberFormat
	epoch   bool // dates count from 1904
}

// sheetPart is a sheet with cells, and where in the zip it is.
type sheetPart struct {
	name   string
	part   *zip.File
	hidden bool
}

func openWorkbook(s *source) (*workbook, error) {
	archive, err := zip.NewReader(s.file, s.size)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	b := &workbook{parts: make(map[string]*zip.File), formats: make(map[int]numberFormat)}
	if err := b.index(archive); err != nil {
		return nil, err
	}
	main, err := b.mainPart()
	if err != nil {
		return nil, err
	}
	stringsPart, err := b.readStructure(main)
	if err != nil {
		return nil, err
	}
	if b.model, err = b.skeleton(); err != nil {
		return nil, err
	}
	if b.strings, err = readSharedStrings(b.parts[stringsPart]); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

func (b *workbook) close() error {
	return b.model.Close() //nolint:wrapcheck // says what it was closing
}

// index lists the parts and holds their declared sizes against the bounds.
func (b *workbook) index(archive *zip.Reader) error {
	if len(archive.File) > partsMax {
		return fmt.Errorf("%w: a zip of %d files", ErrTooLarge, len(archive.File))
	}
	var total uint64
	for _, part := range archive.File {
		name := partName(part.Name)
		limit := uint64(workbookMax)
		switch {
		case strings.HasPrefix(name, "xl/worksheets/"):
			limit = sheetMax
		case strings.HasSuffix(name, "sharedstrings.xml"):
			limit = stringsMax
		}
		if total += part.UncompressedSize64; part.UncompressedSize64 > limit || total > workbookMax {
			return fmt.Errorf("%w: %s unpacks to more than %d MiB", ErrTooLarge, part.Name, limit>>20) //nolint:mnd // MiB
		}
		b.parts[name] = part
	}
	return nil
}

// partName is how a part is looked up: names in a package are compared without
// case (ECMA-376 part 2), and some writers use backslashes.
func partName(name string) string {
	return strings.TrimPrefix(path.Clean(strings.ToLower(strings.ReplaceAll(name, `\`, "/"))), "/")
}

// relationships is a part that names other parts.
type relationships struct {
	Relationship []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// mainPart finds the workbook among the parts, or says what the zip is instead.
func (b *workbook) mainPart() (string, error) {
	if mimetype := b.parts["mimetype"]; mimetype != nil {
		return "", ErrOpenDocument
	}
	if b.parts["xl/workbook.bin"] != nil {
		return "", fmt.Errorf("%w: a binary workbook (.xlsb), save it as .xlsx", ErrNotTable)
	}
	var root relationships
	if err := b.decode("_rels/.rels", &root); err != nil {
		return "", fmt.Errorf("%w: a zip archive of something else", ErrNotTable)
	}
	for _, r := range root.Relationship {
		name := partName(r.Target)
		if strings.HasSuffix(r.Type, "/officeDocument") && strings.HasPrefix(name, "xl/") {
			return name, nil
		}
	}
	return "", fmt.Errorf("%w: an Office document that is no workbook", ErrNotTable)
}

// readStructure lists the sheets and returns the name of the part with the
// shared strings, empty if there is none.
func (b *workbook) readStructure(main string) (string, error) {
	var book struct {
		Properties struct {
			Date1904 bool `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			ID    string `xml:"id,attr"`
			State string `xml:"state,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := b.decode(main, &book); err != nil {
		return "", err
	}
	var targets relationships
	if err := b.decode(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"), &targets); err != nil {
		return "", err
	}
	b.epoch = book.Properties.Date1904
	sheetParts, stringsPart := make(map[string]*zip.File), ""
	for _, r := range targets.Relationship {
		name := partName(r.Target)
		if !strings.HasPrefix(r.Target, "/") {
			name = partName(path.Join(path.Dir(main), r.Target))
		}
		switch {
		case strings.HasSuffix(r.Type, "/worksheet"):
			sheetParts[r.ID] = b.parts[name]
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			stringsPart = name
		}
	}
	for _, sheet := range book.Sheets {
		if part := sheetParts[sheet.ID]; part != nil {
			b.sheets = append(b.sheets, sheetPart{sheet.Name, part, sheet.State != "" && sheet.State != "visible"})
		}
	}
	if len(b.sheets) == 0 {
		return "", fmt.Errorf("%w: it has no sheet", ErrDamaged)
	}
	return stringsPart, nil
}

// decode reads a small part.
func (b *workbook) decode(name string, into any) error {
	part := b.parts[name]
	if part == nil {
		return fmt.Errorf("%w: it has no %s", ErrDamaged, name)
	}
	content, err := part.Open()
	if err != nil {
		return fmt.Errorf("%w (%s: %w)", ErrDamaged, name, err)
	}
	defer content.Close() //nolint:errcheck // only read
	if err := xml.NewDecoder(io.LimitReader(content, structureMax)).Decode(into); err != nil {
		return fmt.Errorf("%w (%s: %w)", ErrDamaged, name, err)
	}
	return nil
}

// skeleton gives excelize the workbook without its sheets, strings and pictures,
// which it would otherwise unpack at once.
func (b *workbook) skeleton() (*excelize.File, error) {
	var reduced bytes.Buffer
	out := zip.NewWriter(&reduced)
	for name, part := range b.parts {
		if !structural(name) {
			continue
		}
		if err := out.Copy(part); err != nil {
			return nil, fmt.Errorf("%w (%s: %w)", ErrDamaged, part.Name, err)
		}
	}
	if err := out.Close(); err != nil {
		return nil, fmt.Errorf("take the workbook's structure out: %w", err)
	}
	model, err := excelize.OpenReader(&reduced, excelize.Options{
		UnzipSizeLimit: structureMax, UnzipXMLSizeLimit: structureMax,
	})
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	return model, nil
}

func structural(name string) bool {
	switch base := path.Base(name); {
	case name == "[content_types].xml", strings.HasPrefix(name, "xl/theme/"):
		return true
	case strings.HasPrefix(name, "xl/worksheets/"):
		return false
	default:
		return strings.HasSuffix(base, ".rels") || strings.HasPrefix(base, "workbook") || strings.HasPrefix(base, "styles")
	}
}

// format returns the number format of a cell's style.
func (b *workbook) format(style int) numberFormat {
	f, known := b.formats[style]
	if known {
		return f
	}
	// A style that does not exist formats nothing.
	if described, err := b.model.GetStyle(style); err == nil {
		if described.CustomNumFmt != nil {
			f = parseFormat(*described.CustomNumFmt)
		} else {
			f = builtinFormat(described.NumFmt)
		}
	}
	b.formats[style] = f
	return f
}
