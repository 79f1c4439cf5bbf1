// Package template writes empty beneficiary files, to be filled in.
//
// It promises that a file filled in as it asks reads back as it was typed: its
// titles are ones that package table knows, and the columns of ids and numbers are
// text, so that no spreadsheet drops a zero. What may be typed is said by the
// rules; the check itself is theirs, of the file when it comes back, since cells
// that are pasted into pass every validation of a spreadsheet.
package template

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/internal/paper"
	"payrun/internal/sheet"
)

// Words returns the words of a key in the language of the file, with placeholders
// filled from pairs of name and value. The keys are those that begin with
// "template.".
type Words func(key string, args ...string) string

// Fields are the columns of a template, from left to right.
func Fields() []table.Field {
	return []table.Field{
		table.FieldTransactionID, table.FieldNumber, table.FieldName,
		table.FieldAmount, table.FieldOperator, table.FieldNote,
	}
}

// Titles are the columns' titles.
func Titles(words Words) []string {
	titles := make([]string, len(Fields()))
	for i, field := range Fields() {
		titles[i] = words("template.title." + string(field))
	}
	return titles
}

// Notice explains how the file is to be filled in, a sentence a line.
func Notice(set *rules.Set, words Words) []string {
	args := limits(set)
	lines := []string{words("template.notice", args...)}
	for _, field := range Fields() {
		lines = append(lines, words("template.title."+string(field))+": "+words("template.help."+string(field), args...))
	}
	return append(lines, words("template.check", args...))
}

// limits are the bounds set by the rules, for the words to name.
func limits(set *rules.Set) []string {
	smallest, largest := set.AmountRange()
	return []string{
		"id_length", strconv.Itoa(set.IDLengthMax()), "id_characters", set.IDCharacters(), "digits", strconv.Itoa(set.NumberLength()),
		"min", smallest.Grouped(), "max", largest.Grouped(), "currency", string(set.Currency()),
		"operators", strings.Join(operators(set), ", "),
	}
}

func operators(set *rules.Set) []string {
	var names []string
	for _, id := range set.Operators() {
		names = append(names, string(id))
	}
	return names
}

// CSV writes a header for a spreadsheet that expects that separator, with the mark
// by which one knows UTF-8. A text has no formats: only a workbook keeps zeros by
// itself.
func CSV(w io.Writer, words Words, separator rune) error {
	if _, err := io.WriteString(w, sheet.ByteOrderMark); err != nil {
		return fmt.Errorf("write the template: %w", err)
	}
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = separator, true
	out.Write(Titles(words))
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the template: %w", err)
	}
	return nil
}

// The widths of columns, in characters.
const (
	widthID, widthNumber, widthName, widthAmount, widthOperator, widthNote = 22, 20, 32, 14, 14, 36

	widthNotice = 100
	// listMax bounds a list to choose from: a workbook takes no longer one.
	listMax = 255
)

// The formats of columns, by their numbers in every workbook.
const (
	formatText  = 49 // @
	formatWhole = 1  // 0: groups of digits would be ambiguous in a CSV made of it
)

// XLSX writes a workbook: a sheet to fill in, and one that says how.
func XLSX(w io.Writer, set *rules.Set, words Words) (err error) {
	book := excelize.NewFile()
	defer book.Close() //nolint:errcheck // nothing is kept on disk
	t := &workbook{File: book, sheet: words("template.sheet"), words: words, set: set}
	for _, step := range []func() error{
		func() error { return book.SetSheetName("Sheet1", t.sheet) },
		t.columns, t.header, t.validations, t.notice, t.paper,
		func() error { _, err := book.WriteTo(w); return err },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("write the template: %w", err)
		}
	}
	return nil
}

// workbook is a template under way.
type workbook struct {
	*excelize.File

	sheet string
	words Words
	set   *rules.Set
}

// columns formats whole columns, however far down somebody fills them.
func (t *workbook) columns() error {
	text, err := t.NewStyle(&excelize.Style{NumFmt: formatText})
	if err != nil {
		return err
	}
	whole, err := t.NewStyle(&excelize.Style{NumFmt: formatWhole})
	if err != nil {
		return err
	}
	widths := []int{widthID, widthNumber, widthName, widthAmount, widthOperator, widthNote}
	for i, field := range Fields() {
		style, column := text, column(i)
		if field == table.FieldAmount {
			style = whole
		}
		if err := t.SetColStyle(t.sheet, column, style); err != nil {
			return err
		}
		if err := t.SetColWidth(t.sheet, column, column, float64(widths[i])); err != nil {
			return err
		}
	}
	// A number that is text is meant here, and no error to point out.
	return t.AddIgnoredErrors(t.sheet, "A2:B"+strconv.Itoa(excelize.TotalRows), excelize.IgnoredErrorsNumberStoredAsText)
}

func (t *workbook) header() error {
	style, err := t.NewStyle(&excelize.Style{
		NumFmt: formatText,
		Font:   &excelize.Font{Family: "Calibri", Size: 11, Bold: true, Color: "FFFFFF"},
		Fill:   excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"16202E"}},
	})
	if err != nil {
		return err
	}
	titles := Titles(t.words)
	if err := t.SetSheetRow(t.sheet, "A1", &titles); err != nil {
		return err
	}
	if err := t.SetCellStyle(t.sheet, "A1", column(len(titles)-1)+"1", style); err != nil {
		return err
	}
	return t.SetPanes(t.sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// validations say what is wrong with a cell while it is typed.
func (t *workbook) validations() error {
	args := limits(t.set)
	for i, field := range Fields() {
		v := excelize.NewDataValidation(true)
		v.SetSqref(column(i) + "2:" + column(i) + strconv.Itoa(excelize.TotalRows))
		help := t.words("template.help."+string(field), args...)
		v.SetInput(t.words("template.title."+string(field)), help)
		limited, err := t.limit(v, field)
		if err != nil {
			return err
		}
		if limited {
			v.SetError(excelize.DataValidationErrorStyleStop, t.words("template.title."+string(field)), help)
		}
		if err := t.AddDataValidation(t.sheet, v); err != nil {
			return err
		}
	}
	return nil
}

// limit sets what a cell takes; false is anything.
func (t *workbook) limit(v *excelize.DataValidation, field table.Field) (bool, error) {
	switch field {
	case table.FieldTransactionID:
		return true, v.SetRange(1, t.set.IDLengthMax(), excelize.DataValidationTypeTextLength, excelize.DataValidationOperatorBetween)
	case table.FieldAmount:
		smallest, largest := t.set.AmountRange()
		return true, v.SetRange(int(smallest.Minor), int(largest.Minor), excelize.DataValidationTypeWhole, excelize.DataValidationOperatorBetween)
	case table.FieldOperator:
		names := operators(t.set)
		if utf8.RuneCountInString(strings.Join(names, ",")) > listMax {
			// A rules file of many operators: the names are in the notice.
			return false, nil
		}
		return true, v.SetDropList(names)
	default:
		return false, nil
	}
}

// notice writes the second sheet.
func (t *workbook) notice() error {
	sheet := t.words("template.notice_sheet")
	if _, err := t.NewSheet(sheet); err != nil {
		return err
	}
	wrapped, err := t.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	for i, line := range Notice(t.set, t.words) {
		cell := "A" + strconv.Itoa(i+1)
		if err := t.SetCellStr(sheet, cell, line); err != nil {
			return err
		}
		if err := t.SetCellStyle(sheet, cell, cell, wrapped); err != nil {
			return err
		}
	}
	return t.SetColWidth(sheet, "A", "A", widthNotice)
}

// paper has the sheet to fill in on one page side by side, with its titles on each page.
func (t *workbook) paper() error {
	if err := paper.RepeatHeader(t.File, t.sheet); err != nil {
		return err
	}
	if err := paper.Fit(t.File, t.sheet, paper.Landscape); err != nil {
		return err
	}
	return paper.Fit(t.File, t.words("template.notice_sheet"), paper.Portrait)
}

// column is the name of a column counted from 0; there are few.
func column(i int) string { return "ABCDEFGHIJ"[i : i+1] }
