package annotate

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"payrun/batch/intake/table"
)

// partMax bounds the parts that are read whole, the styles and the list of types.
// Package table has opened them under the same bound.
const partMax = 32 << 20

// workbookCopy copies a workbook part by part, as it is packed, but for the sheet
// and the styles.
type workbookCopy struct {
	out    *zip.Writer
	in     io.ReadCloser
	packed *bufio.Writer
	sheet  *sheetCopy
	styles *styleSheet
	// stylesPart is nil in a workbook without styles.
	stylesPart *zip.File
}

func beginWorkbook(ctx context.Context, file *table.File, w io.Writer, o Options) (rowWriter, error) {
	content, size, sheetName, _ := file.Workbook()
	archive, err := zip.NewReader(content, size)
	if err != nil {
		return nil, fmt.Errorf("open the workbook: %w", err)
	}
	column, err := place(ctx, file, o.Column)
	if err != nil {
		return nil, err
	}
	c := &workbookCopy{out: zip.NewWriter(w), styles: &styleSheet{}}
	sheet, err := c.copyParts(archive, sheetName, o.Path)
	if err != nil {
		return nil, err
	}
	if c.stylesPart != nil {
		styles, err := readPart(c.stylesPart)
		if err != nil {
			return nil, err
		}
		if c.styles, err = readStyles(styles); err != nil {
			return nil, err
		}
	}
	packed, err := c.out.CreateHeader(&zip.FileHeader{Name: sheet.Name, Method: zip.Deflate, Modified: sheet.Modified})
	if err != nil {
		return nil, fmt.Errorf("write the copy: %w", err)
	}
	if c.in, err = sheet.Open(); err != nil {
		return nil, fmt.Errorf("open the sheet: %w", err)
	}
	c.packed = bufio.NewWriterSize(packed, 64<<10) //nolint:mnd // a write's size
	c.sheet = &sheetCopy{
		copier: newTokenCopier(c.in), w: c.packed, styles: c.styles, column: column, added: o.Column.At < 0,
		header: file.Info().HeaderRow,
	}
	return c, nil
}

// place decides where a column that is added stands: behind all that is in use
// from the header down.
func place(ctx context.Context, file *table.File, column Column) (Column, error) {
	if column.At >= 0 {
		return column, nil
	}
	column.At = len(file.Info().Columns)
	for record, err := range file.Records(ctx) {
		if err != nil {
			return column, fmt.Errorf("read the file: %w", err)
		}
		for at := len(record.Cells) - 1; at >= column.At && record.Number >= file.Info().HeaderRow; at-- {
			if strings.TrimSpace(record.Cells[at]) != "" {
				column.At = at + 1
			}
		}
	}
	return column, nil
}

// copyParts copies all parts but the sheet, which it returns, and the styles.
func (c *workbookCopy) copyParts(archive *zip.Reader, sheetName, to string) (*zip.File, error) {
	var sheet *zip.File
	for _, part := range archive.File {
		name := strings.TrimPrefix(strings.ToLower(part.Name), "/")
		switch {
		case part.Name == sheetName:
			sheet = part
			continue
		case path.Base(name) == "styles.xml" && strings.HasPrefix(name, "xl/"):
			c.stylesPart = part
			continue
		case name == "[content_types].xml":
			if err := checkMacros(part, to); err != nil {
				return nil, err
			}
		}
		if err := c.out.Copy(part); err != nil {
			return nil, fmt.Errorf("copy %s of the workbook: %w", part.Name, err)
		}
	}
	if sheet == nil {
		return nil, fmt.Errorf("the workbook has no part %s", sheetName)
	}
	return sheet, nil
}

func checkMacros(types *zip.File, to string) error {
	content, err := readPart(types)
	if err != nil {
		return err
	}
	if bytes.Contains(content, []byte("macroEnabled")) && !strings.EqualFold(path.Ext(to), ".xlsm") {
		return ErrMacros
	}
	return nil
}

func readPart(part *zip.File) (content []byte, err error) {
	in, err := part.Open()
	if err != nil {
		return nil, fmt.Errorf("open %s of the workbook: %w", part.Name, err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	content, err = io.ReadAll(io.LimitReader(in, partMax))
	if err != nil {
		return nil, fmt.Errorf("read %s of the workbook: %w", part.Name, err)
	}
	return content, nil
}

func (c *workbookCopy) row(number int, note Note) error { return c.sheet.copyRows(number, &note) }

func (c *workbookCopy) finish() error {
	if err := c.sheet.copyRest(); err != nil {
		return err
	}
	if err := c.packed.Flush(); err != nil {
		return fmt.Errorf("write the copy's sheet: %w", err)
	}
	if c.stylesPart != nil {
		header := &zip.FileHeader{Name: c.stylesPart.Name, Method: zip.Deflate, Modified: c.stylesPart.Modified}
		packed, err := c.out.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("write the copy's styles: %w", err)
		}
		if err := c.styles.write(packed); err != nil {
			return err
		}
	}
	if err := c.out.Close(); err != nil {
		return fmt.Errorf("write the copy: %w", err)
	}
	return nil
}

func (c *workbookCopy) close() error {
	return c.in.Close() //nolint:wrapcheck // only read
}
