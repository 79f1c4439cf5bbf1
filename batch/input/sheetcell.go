package input

import (
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"
)

// cell reads a stored cell as a person means it.
func (b *workbook) cell(c sheetCell, field Field) Cell {
	if c.formula && !c.cached || c.formula && c.value == "" && c.kind != "str" {
		return Cell{Problem: problemUncached}
	}
	switch c.kind {
	case "s":
		return b.sharedCell(c.value)
	case "str", "inlineStr":
		return textCell(unescape(c.value))
	case "b":
		if c.value == "1" || c.value == "true" {
			return Cell{Text: "TRUE", Problem: problemBoolean}
		}
		return Cell{Text: "FALSE", Problem: problemBoolean}
	case "e":
		return Cell{Text: shorten(c.value), Problem: problemError}
	case "d":
		return Cell{Text: shorten(c.value), Problem: problemDate}
	default:
		return b.numberCell(c, field)
	}
}

// text returns a cell of type text as it is stored; ok is false for any other.
func (b *workbook) text(c sheetCell) (text string, ok bool) {
	switch c.kind {
	case "s":
		i, err := strconv.Atoi(trim(c.value))
		if err != nil {
			return "", false
		}
		return b.strings.at(i)
	case "inlineStr":
		return unescape(c.value), true
	case "str":
		return unescape(c.value), c.cached && c.value != ""
	default:
		return "", false
	}
}

func (b *workbook) sharedCell(index string) Cell {
	i, err := strconv.Atoi(trim(index))
	if err != nil {
		i = -1
	}
	text, ok := b.strings.at(i)
	if !ok {
		// The text is lost, which is what a spreadsheet calls a broken reference.
		return Cell{Text: "#REF!", Problem: problemError}
	}
	return textCell(text)
}

// numberCell reads a number. An amount is the number itself, whatever its
// format rounds, groups or adds; any other field is what the format shows, if it
// adds zeros or letters that belong to it.
func (b *workbook) numberCell(c sheetCell, field Field) Cell {
	value := trim(c.value)
	if value == "" {
		return Cell{}
	}
	text, lossy, ok := decimal(value)
	if !ok {
		return textCell(value)
	}
	format := b.format(c.style)
	switch {
	case format.date:
		return Cell{Text: b.date(value), Problem: problemDate}
	case format.scaled:
		return Cell{Text: text, Problem: problemScaled}
	case lossy:
		return Cell{Text: text, Problem: problemPrecision}
	}
	if field != FieldAmount {
		if shown, adds := format.show(text); adds {
			return Cell{Text: shown}
		}
	}
	return Cell{Text: text, Numeric: true}
}

// date writes a date for a person to recognise it; nothing is computed with it.
func (b *workbook) date(value string) string {
	serial, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return value
	}
	const lastDay = 2_958_465 // 31 December 9999
	if serial < 0 || serial > lastDay {
		return value
	}
	at, err := excelize.ExcelDateToTime(serial, b.epoch)
	if err != nil {
		return value
	}
	return at.Format(time.DateOnly)
}
