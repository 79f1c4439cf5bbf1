package table

import (
	"encoding/xml"
	"strconv"
)

// columnRange is a run of columns, counted from 0, both ends included.
type columnRange struct{ from, to int }

// columnRangesMax is as many runs as a sheet has columns.
const columnRangesMax = sheetColumnsMax

// readHiddenColumns reads the columns of a sheet that are not shown, which stand
// before its rows (ECMA-376 part 1, 18.3.1.13).
func readHiddenColumns(part sheetPart) ([]columnRange, error) {
	x, err := openStream(part.part)
	if err != nil {
		return nil, err
	}
	defer x.close() //nolint:errcheck // only read
	var hidden []columnRange
	for {
		token, err := x.token()
		if err != nil {
			return nil, err
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case start.Name.Local == "sheetData":
			return hidden, nil
		case start.Name.Local == "col" && len(hidden) < columnRangesMax:
			if r, ok := hiddenRange(start); ok {
				hidden = append(hidden, r)
			}
		}
	}
}

// hiddenRange reads columns that are hidden, or so narrow that nothing is seen of
// them; ok is false for others.
func hiddenRange(start xml.StartElement) (r columnRange, ok bool) {
	for _, attr := range start.Attr {
		switch attr.Name.Local {
		case "min":
			r.from, _ = strconv.Atoi(attr.Value)
		case "max":
			r.to, _ = strconv.Atoi(attr.Value)
		case "hidden":
			ok = ok || isTrue(attr.Value)
		case "width":
			ok = ok || tooSmall(attr.Value, widthLeast)
		}
	}
	return columnRange{r.from - 1, r.to - 1}, ok
}

func isTrue(value string) bool { return value == "1" || value == "true" }

// What is smaller than this shows nothing of a text: a column's width counts in digits,
// a row's height in points.
const (
	widthLeast  = 0.5
	heightLeast = 2
)

// tooSmall reports whether a width or height is none, or next to none.
func tooSmall(value string, least float64) bool {
	size, err := strconv.ParseFloat(value, 64)
	return err == nil && size < least
}
