package table

import (
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// cell reads a stored cell as a person means it.
func (b *workbook) cell(c sheetCell, field Field) Cell {
	if c.formula && !c.cached || c.formula && c.value == "" && c.kind != "str" {
		return Cell{Problem: problemUncached}
	}
	cell := b.plainCell(c, field)
	if c.formula && b.recalculate && cell.Problem == "" {
		cell.Problem = problemStale
		// XlsxWriter, pandas and others store 0 for what they do not calculate.
		if cell.Text == "0" {
			cell = Cell{Problem: problemUncached}
		}
	}
	return cell
}

// plainCell reads a cell, whatever calculated it.
func (b *workbook) plainCell(c sheetCell, field Field) Cell {
	switch c.kind {
	case "s":
		text, ok := b.sharedText(c.value)
		if !ok {
			// The text is lost, which is what a spreadsheet calls a broken reference.
			return Cell{Text: "#REF!", Problem: problemError}
		}
		return b.formattedText(c, text, field)
	case "str", "inlineStr":
		return b.formattedText(c, unescape(c.value), field)
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
		return b.sharedText(c.value)
	case "inlineStr":
		return unescape(c.value), true
	case "str":
		return unescape(c.value), c.cached && c.value != ""
	default:
		return "", false
	}
}

func (b *workbook) sharedText(index string) (string, bool) {
	i, err := strconv.Atoi(trim(index))
	if err != nil {
		return "", false
	}
	return b.strings.at(i)
}

// formattedText reads a text, to which a format may add words or which it may hide.
func (b *workbook) formattedText(c sheetCell, text string, field Field) Cell {
	cell := textCell(text)
	section := b.styles.of(c.style).text
	if section == nil || cell.Text == "" || cell.Problem != "" {
		return cell
	}
	shown := section.renderText(cell.Text)
	switch {
	case shown == cell.Text:
		return cell
	case !section.shows(formatText):
		return Cell{Text: cell.Text, Problem: problemInvisible}
	case isMoney(field) && WithoutUnit(shown) != cell.Text:
		return Cell{Text: shown, Problem: problemFormat}
	default:
		return textCell(shown)
	}
}

// isMoney reports whether a field is read as the number behind what is seen.
func isMoney(field Field) bool { return field == FieldAmount || field == FieldFees }

// numberCell reads a number.
func (b *workbook) numberCell(c sheetCell, field Field) Cell {
	value := trim(c.value)
	if value == "" {
		return Cell{}
	}
	text, lossy, ok := decimal(value)
	if !ok {
		return textCell(value)
	}
	section := b.styles.of(c.style).section(text)
	switch {
	case section != nil && section.date:
		return Cell{Text: b.date(value), Problem: problemDate}
	case section != nil && section.scaled:
		return Cell{Text: text, Problem: problemScaled}
	case lossy:
		return Cell{Text: text, Problem: problemPrecision}
	case section == nil || strings.Trim(text, "0123456789") != "":
		return Cell{Text: text, Numeric: true}
	}
	return seen(section.render(text), text, field)
}

// seen holds a whole number against what its format shows of it. An amount is the
// number itself, if that is what a person sees; any other field is what the format
// shows, if it adds zeros or letters to the number.
func seen(shown, number string, field Field) Cell {
	switch {
	case isMoney(field) && number == "0":
		// Accountants' formats show a dash: what is zero is no amount either way.
	case shown == "":
		return Cell{Text: number, Problem: problemInvisible}
	case isMoney(field) && !sameNumber(shown, number):
		return Cell{Text: shown, Problem: problemFormat}
	case !isMoney(field) && adds(shown, number):
		return textCell(shown)
	}
	return Cell{Text: number, Numeric: true}
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
