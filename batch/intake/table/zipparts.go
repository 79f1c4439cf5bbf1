package table

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strings"
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

// zipParts are the files in the zip that a workbook is.
type zipParts struct {
	named map[string]*zip.File
}

// openParts lists the parts and holds their declared sizes against the bounds.
func openParts(s *source) (*zipParts, error) {
	archive, err := zip.NewReader(s.file, s.size)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
	}
	p := &zipParts{named: make(map[string]*zip.File)}
	if len(archive.File) > partsMax {
		return nil, fmt.Errorf("%w: a zip of %d files", ErrTooLarge, len(archive.File))
	}
	var total uint64
	for _, part := range archive.File {
		if total += part.UncompressedSize64; part.UncompressedSize64 > workbookMax || total > workbookMax {
			return nil, tooLarge(part, workbookMax)
		}
		p.named[partName(part.Name)] = part
	}
	return p, nil
}

// bounded returns a part, or ErrTooLarge if it unpacks to more than its kind may.
func (p *zipParts) bounded(name string, limit uint64) (*zip.File, error) {
	part := p.named[name]
	if part != nil && part.UncompressedSize64 > limit {
		return nil, tooLarge(part, limit)
	}
	return part, nil
}

func tooLarge(part *zip.File, limit uint64) error {
	return fmt.Errorf("%w: %s unpacks to more than %d MiB", ErrTooLarge, part.Name, limit>>20) //nolint:mnd // MiB
}

// partName is the key by which a part is looked up: names in a package are compared without
// case (ECMA-376 part 2), and some writers use backslashes.
func partName(name string) string {
	return strings.TrimPrefix(path.Clean(strings.ToLower(strings.ReplaceAll(name, `\`, "/"))), "/")
}

// decode reads a small part.
func (p *zipParts) decode(name string, into any) error {
	part := p.named[name]
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
