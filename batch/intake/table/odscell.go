package table

import (
	"strings"
)

// The types of cells in an OpenDocument file (part 3, 19.389), and one for a formula
// that has no result.
const (
	odsFloat      = "float"
	odsCurrency   = "currency"
	odsPercentage = "percentage"
	odsDate       = "date"
	odsTime       = "time"
	odsBoolean    = "boolean"
	odsString     = "string"
	odsError      = "error"
)

// cell reads a stored cell as a person means it.
func (d *openDocument) cell(c sheetCell, field Field) Cell {
	switch c.kind {
	case odsError:
		return Cell{Text: shorten(c.shown), Problem: problemError}
	case odsDate, odsTime:
		return Cell{Text: shorten(c.value), Problem: problemDate}
	case odsBoolean:
		return Cell{Text: strings.ToUpper(c.value), Problem: problemBoolean}
	case odsFloat, odsCurrency, odsPercentage:
		return d.numberCell(c, field)
	}
	if c.formula && c.kind == "" && c.shown == "" {
		return Cell{Problem: problemUncached}
	}
	text := c.shown
	if !c.cached {
		text = c.value
	}
	if c.formula && strings.HasPrefix(text, "Err:") {
		return Cell{Text: shorten(text), Problem: problemError}
	}
	return textCell(text)
}

// numberCell reads a number, which is held against what is shown of it. A program may
// store none of that; the currency tells then.
func (d *openDocument) numberCell(c sheetCell, field Field) Cell {
	text, lossy, ok := decimal(trim(c.value))
	switch {
	case !ok && c.formula:
		return Cell{Problem: problemUncached}
	case !ok:
		return textCell(c.shown)
	case c.kind == odsPercentage:
		return Cell{Text: text, Problem: problemScaled}
	case lossy:
		return Cell{Text: text, Problem: problemPrecision}
	case c.currency != "" && !isFranc(c.currency) && isMoney(field):
		if !c.cached {
			return Cell{Text: text + " " + c.currency, Problem: problemFormat}
		}
		return Cell{Text: trim(c.shown), Problem: problemFormat}
	case !c.cached, strings.Trim(text, "0123456789") != "":
		return Cell{Text: text, Numeric: true}
	}
	return seen(trim(c.shown), text, field)
}

// text returns a cell of type text as it is stored; ok is false for any other.
func (d *openDocument) text(c sheetCell) (text string, ok bool) {
	if c.kind != odsString {
		return "", false
	}
	return c.shown, true
}
