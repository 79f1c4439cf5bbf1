package table

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"path"
	"strings"
)

// workbook is the structure of an .xlsx file. Its parts are streamed from the zip:
// excelize's row iterator gives a cell's text but not its type, its style, or whether
// a formula stands behind it, and those decide whether a number may be trusted; the
// functions that do give them load the sheet whole.
type workbook struct {
	*zipParts

	sheets  []sheetPart
	strings sharedStrings
	styles  styles
	epoch   bool // dates count from 1904
	// recalculate is set for a workbook whose formulas are to be calculated anew: a
	// program wrote it, or a person who calculates by hand.
	recalculate bool
}

// sheetPart is a sheet with cells, and where in the zip it is.
type sheetPart struct {
	name string
	part *zip.File
	// at is its place among the sheets.
	at     int
	hidden bool
}

func openWorkbook(p *zipParts) (*workbook, error) {
	b := &workbook{zipParts: p}
	main, err := b.mainPart()
	if err != nil {
		return nil, err
	}
	stringsPart, err := b.readStructure(main)
	if err != nil {
		return nil, err
	}
	if b.strings, err = readSharedStrings(b.named[stringsPart]); err != nil {
		return nil, err
	}
	return b, nil
}

func (b *workbook) sheetParts() []sheetPart { return b.sheets }

func (b *workbook) rows(sheet sheetPart, visit func(*sheetRow) (bool, error)) error {
	return rowsOf(sheet, visit)
}

// shape reads what lies over the cells of a sheet.
func (b *workbook) shape(sheet sheetPart) (sheetShape, error) {
	merged, formats, err := readTail(sheet, &b.styles)
	if err != nil {
		return sheetShape{}, err
	}
	hidden, err := readHiddenColumns(sheet)
	return sheetShape{merged, hidden, formats}, err
}

// relationships is a part that names other parts.
type relationships struct {
	Relationship []struct {
		ID     string `xml:"Id,attr"`
		Type   string `xml:"Type,attr"`
		Target string `xml:"Target,attr"`
	} `xml:"Relationship"`
}

// mainPart finds the workbook among the parts, or says what the zip is instead. It
// may lie in any folder: xl is a habit of Excel's.
func (b *workbook) mainPart() (string, error) {
	var root relationships
	if err := b.decode("_rels/.rels", &root); err != nil {
		return "", fmt.Errorf("%w: a zip archive of something else", ErrNotTable)
	}
	for _, r := range root.Relationship {
		if !strings.HasSuffix(r.Type, "/officeDocument") {
			continue
		}
		if name := partName(r.Target); !strings.HasSuffix(name, ".bin") {
			return name, nil
		}
		return "", fmt.Errorf("%w: a binary workbook (.xlsb), save it as .xlsx", ErrNotTable)
	}
	return "", fmt.Errorf("%w: an Office document that is no workbook", ErrNotTable)
}

// workbookPart is the part that lists the sheets.
type workbookPart struct {
	XMLName    xml.Name
	Properties struct {
		Date1904 bool `xml:"date1904,attr"`
	} `xml:"workbookPr"`
	Sheets []struct {
		Name  string `xml:"name,attr"`
		ID    string `xml:"id,attr"`
		State string `xml:"state,attr"`
	} `xml:"sheets>sheet"`
	Calculation struct {
		Mode      string `xml:"calcMode,attr"`
		OnLoad    string `xml:"fullCalcOnLoad,attr"`
		Completed string `xml:"calcCompleted,attr"`
	} `xml:"calcPr"`
}

// outOfDate reports whether the results of formulas may be of before (ECMA-376
// part 1, 18.2.2): a workbook that asks for calculation when it is opened was written
// by a program that does not calculate.
func (p *workbookPart) outOfDate() bool {
	c := p.Calculation
	return c.Mode == "manual" || isTrue(c.OnLoad) || c.Completed == "0" || c.Completed == "false"
}

// readStructure lists the sheets and reads the styles, and returns the name of the
// part with the shared strings, empty if there is none.
func (b *workbook) readStructure(main string) (string, error) {
	var book workbookPart
	if err := b.decode(main, &book); err != nil {
		return "", err
	}
	if book.XMLName.Local != "workbook" {
		return "", fmt.Errorf("%w: an Office document that is no workbook", ErrNotTable)
	}
	var targets relationships
	if err := b.decode(path.Join(path.Dir(main), "_rels", path.Base(main)+".rels"), &targets); err != nil {
		return "", err
	}
	b.epoch, b.recalculate = book.Properties.Date1904, book.outOfDate()
	sheetParts, stringsPart := make(map[string]*zip.File), ""
	for _, r := range targets.Relationship {
		name := partName(r.Target)
		if !strings.HasPrefix(r.Target, "/") {
			name = partName(path.Join(path.Dir(main), r.Target))
		}
		var err error
		switch {
		case strings.HasSuffix(r.Type, "/worksheet"):
			sheetParts[r.ID], err = b.bounded(name, sheetMax)
		case strings.HasSuffix(r.Type, "/sharedStrings"):
			_, err = b.bounded(name, stringsMax)
			stringsPart = name
		case strings.HasSuffix(r.Type, "/styles") && b.named[name] != nil:
			var sheet styleSheet
			err = b.decode(name, &sheet)
			b.styles = sheet.styles()
		}
		if err != nil {
			return "", err
		}
	}
	for _, sheet := range book.Sheets {
		if part := sheetParts[sheet.ID]; part != nil {
			b.sheets = append(b.sheets, sheetPart{
				name: sheet.Name, part: part, at: len(b.sheets), hidden: sheet.State != "" && sheet.State != "visible",
			})
		}
	}
	if len(b.sheets) == 0 {
		return "", fmt.Errorf("%w: it has no sheet", ErrDamaged)
	}
	return stringsPart, nil
}
