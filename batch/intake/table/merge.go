package table

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// mergesMax is more merged cells than a person makes.
const mergesMax = 65_536

// merge is a block of cells that is shown as one. Rows count from 1, columns
// from 0, both ends included.
type merge struct {
	top, bottom, left, right int
}

// merges are the merged cells of a sheet by their first row, followed downwards
// as the rows are read.
type merges struct {
	all    []merge
	next   int
	active []merge
}

// readTail reads what stands behind the rows of a sheet: what is merged, and which cells
// have formats on conditions. The rows are not parsed on the way: their end is found in
// the bytes, where it cannot be part of a text because a text has no "<".
func readTail(part sheetPart, all *styles) (found []merge, formats []formatRange, err error) {
	x, err := openStream(part.part)
	if err != nil {
		return nil, nil, err
	}
	defer x.close() //nolint:errcheck // only read
	rest, err := behindRows(x.content)
	if err != nil || rest == nil {
		return nil, nil, err
	}
	x.decoder = xml.NewDecoder(rest)
	conditions := conditions{styles: all}
	for {
		token, err := x.decoder.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("%w (%s: %w)", ErrDamaged, part.part.Name, err)
		}
		conditions.token(token)
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "mergeCell" {
			continue
		}
		if m, ok := parseMerge(start); ok {
			found = append(found, m)
		}
		if len(found) > mergesMax {
			return nil, nil, fmt.Errorf("%w: more than %d merged cells", ErrTooLarge, mergesMax)
		}
	}
	slices.SortFunc(found, func(a, b merge) int { return a.top - b.top })
	return found, conditions.found, nil
}

// behindRows returns what follows the rows, nil for a sheet that ends before.
func behindRows(sheet io.Reader) (io.Reader, error) {
	mark := []byte("sheetData")
	in := bufio.NewReaderSize(sheet, sampleSize)
	for {
		window, err := in.Peek(sampleSize)
		for at := 0; ; {
			i := bytes.Index(window[at:], mark)
			if i < 0 {
				break
			}
			at += i
			// "</sheetData>" or "</x:sheetData >", and not "<sheetData>".
			begin := bytes.LastIndexByte(window[:at], '<')
			at += len(mark)
			if begin >= 0 && bytes.HasPrefix(window[begin:], []byte("</")) {
				_, _ = in.Discard(at)
				return io.LimitReader(in, structureMax), nil
			}
		}
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w (%w)", ErrDamaged, err)
		}
		_, _ = in.Discard(sampleSize - len("</aprefix:") - len(mark))
	}
}

func parseMerge(start xml.StartElement) (merge, bool) {
	m, ok := parseBlock(attribute(start, "ref"))
	return m, ok && (m.bottom > m.top || m.right > m.left)
}

// parseBlock reads the name of a block of cells, "B2:D9", or of one cell.
func parseBlock(name string) (merge, bool) {
	from, to, found := strings.Cut(name, ":")
	if !found {
		to = from
	}
	left, top, ok := parseReference(from)
	right, bottom, also := parseReference(to)
	return merge{top, bottom, left, right}, ok && also
}

// at moves on to a row and returns the merges that touch it. Rows must come in
// order.
func (m *merges) at(row int) []merge {
	m.active = slices.DeleteFunc(m.active, func(one merge) bool { return one.bottom < row })
	for m.next < len(m.all) && m.all[m.next].top <= row {
		if m.all[m.next].bottom >= row {
			m.active = append(m.active, m.all[m.next])
		}
		m.next++
	}
	return m.active
}

// unclear reports whether the merge leaves open what a column's cell in this row
// holds. The first cell of a merge within one row is clear, as a wide name; a
// value over several rows may be meant once or for each.
func (m merge) unclear(column int) bool {
	if column < m.left || column > m.right {
		return false
	}
	return m.bottom > m.top || column > m.left
}
