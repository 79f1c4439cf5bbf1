package reports

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports/page"
)

// The workbook's sheets. A batch that is longer than a sheet can be goes on in
// "Payouts 2".
const (
	sheetSummary  = "Summary"
	sheetPayouts  = "Payouts"
	sheetFailures = "Failures"
)

// sheetLinesMax is the number of lines that fit on a sheet below its header.
const sheetLinesMax = excelize.TotalRows - 1

// Number formats. In a file, unlike in a French spreadsheet's dialogue, a space
// in a format is no separator of thousands but stands where it is put, once: so
// larger numbers have formats of their own.
const (
	amountFormat      = "# ##0"
	largeAmountFormat = `[>=1000000000]# ### ### ##0;[>=1000000]# ### ##0;# ##0`
	feesFormat        = `[>=1000000]# ### ##0.00;# ##0.00`
	largeAmount       = 1_000_000
)

// xlsxReport is a report as a workbook: every line, what needs attention once
// more on a sheet of its own, and a summary whose formulas count the lines. Lines
// are written as they come, so memory does not grow with them.
type xlsxReport struct {
	w io.Writer
	// folder takes what does not fit into memory: the disk that must hold the
	// report anyway, not a small /tmp.
	folder   string
	words    words
	book     *excelize.File
	payouts  *sheets
	failures *sheets
	// list is the sheet to print, in the reader's language.
	list       *sheets
	styles     xlsxStyles
	letterhead page.Letterhead
}

type xlsxStyles struct {
	title, header, text, amount, large, fees, label, figure, sum, sumLarge, note int
	// Those of the list have a rule below.
	list, listAmount, listLarge, listState int
}

// ofLines are the sheets of lines that were begun.
func (x *xlsxReport) ofLines() []*sheets {
	var begun []*sheets
	for _, lines := range []*sheets{x.payouts, x.failures, x.list} {
		if lines != nil {
			begun = append(begun, lines)
		}
	}
	return begun
}

func beginXLSX(w io.Writer, h Header, o Options) (format, error) {
	x := &xlsxReport{w: w, words: wordsFor(o.French).in(h.Currency), letterhead: o.Letterhead}
	if file, ok := w.(interface{ Name() string }); ok {
		x.folder = filepath.Dir(file.Name())
	}
	x.book = excelize.NewFile(excelize.Options{TmpDir: x.folder})
	for _, step := range []func() error{
		func() error { return x.book.SetSheetName("Sheet1", sheetSummary) },
		func() error { return x.makeStyles(h.Currency.Digits()) },
		func() (err error) { x.list, err = x.newSheets(x.words.List, x.listColumns(h, o)); return err },
		func() (err error) { x.payouts, err = x.newSheets(sheetPayouts, allColumns(x.styles)); return err },
		func() (err error) { x.failures, err = x.newSheets(sheetFailures, allColumns(x.styles)); return err },
	} {
		if err := step(); err != nil {
			return nil, errors.Join(err, x.close())
		}
	}
	return x, nil
}

// stamp writes the report's date for that of the file, so that the same report
// gives the same bytes.
func (x *xlsxReport) stamp(s *Summary) error {
	at := moment(s.GeneratedAt)
	return x.book.SetDocProps(&excelize.DocProperties{
		Title: string(s.Batch), Creator: generator, LastModifiedBy: generator, Created: at, Modified: at,
	})
}

// makeStyles makes the styles for a currency of so many decimals.
func (x *xlsxReport) makeStyles(decimals int) error {
	text, amount, large, fees := "@", withDecimals(amountFormat, decimals), withDecimals(largeAmountFormat, decimals), feesFormat
	if decimals > 0 {
		fees = withDecimals(largeAmountFormat, decimals+2)
	}
	font := func(bold, italic bool, size float64, color string) *excelize.Font { //nolint:forbidigo // a font's size, as excelize wants it
		return &excelize.Font{Family: "Calibri", Bold: bold, Italic: italic, Size: size, Color: color}
	}
	const normal, heading, ink, soft, rule, white = 11, 16, "16202E", "4D5A6F", "D5DCE6", "FFFFFF"
	dark := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{ink}}
	above := []excelize.Border{{Type: "top", Color: ink, Style: 1}}
	below := []excelize.Border{{Type: "bottom", Color: rule, Style: 1}}
	read := &excelize.Alignment{Vertical: "top", WrapText: true}
	// The order decides the styles' ids, and so the file's bytes.
	for _, definition := range []struct {
		id    *int
		style *excelize.Style
	}{
		{&x.styles.title, &excelize.Style{Font: font(true, false, heading, ink)}},
		{&x.styles.header, &excelize.Style{
			Font: font(true, false, normal, white), Fill: dark,
			Alignment: &excelize.Alignment{Vertical: "center", WrapText: true},
		}},
		{&x.styles.figure, &excelize.Style{
			Font: font(true, false, normal, white), Fill: dark,
			Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "center", WrapText: true},
		}},
		{&x.styles.text, &excelize.Style{CustomNumFmt: &text}},
		{&x.styles.amount, &excelize.Style{CustomNumFmt: &amount}},
		{&x.styles.large, &excelize.Style{CustomNumFmt: &large}},
		{&x.styles.fees, &excelize.Style{CustomNumFmt: &fees}},
		{&x.styles.label, &excelize.Style{Font: font(false, false, normal, soft)}},
		{&x.styles.sum, &excelize.Style{Font: font(true, false, normal, ink), Border: above}},
		{&x.styles.sumLarge, &excelize.Style{Font: font(true, false, normal, ink), Border: above, CustomNumFmt: &large}},
		{&x.styles.note, &excelize.Style{
			Font: font(false, true, normal, soft), Alignment: &excelize.Alignment{Horizontal: "left", Indent: 1},
		}},
		{&x.styles.list, &excelize.Style{CustomNumFmt: &text, Border: below, Alignment: read}},
		{&x.styles.listState, &excelize.Style{Border: below, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left", Indent: 1}}},
		{&x.styles.listAmount, &excelize.Style{CustomNumFmt: &amount, Border: below, Alignment: &excelize.Alignment{Vertical: "top"}}},
		{&x.styles.listLarge, &excelize.Style{CustomNumFmt: &large, Border: below, Alignment: &excelize.Alignment{Vertical: "top"}}},
	} {
		id, err := x.book.NewStyle(definition.style)
		if err != nil {
			return err
		}
		*definition.id = id
	}
	return nil
}

func (x *xlsxReport) line(l line) error {
	if err := errors.Join(x.payouts.put(l), x.list.put(l)); err != nil {
		return err
	}
	if !needsAttention(l) {
		return nil
	}
	return x.failures.put(l)
}

// cells types each value: ids and numbers are text, so that no zero is lost and
// nothing is taken for a formula; amounts are numbers that can be added up. They
// are valid until the row is used again.
func (s xlsxStyles) cells(row *cellRow, l line) []any {
	row.reset()
	number, text := row.number, func(value string) { row.text(s.text, value) }
	number(0, l.row)
	text(string(l.id))
	text(string(l.reference))
	if l.attempt > 0 {
		number(0, l.attempt)
	} else {
		row.empty()
	}
	text(l.providerRef)
	text(string(l.operator))
	text(l.number.National().Reveal())
	text(l.name)
	switch {
	case l.amountUnread:
		row.empty()
	case l.amount.Minor < largeAmount:
		number(s.amount, figure(l.amount))
	default:
		number(s.large, figure(l.amount))
	}
	text(string(l.amount.Currency))
	if total, known := l.total(); known {
		number(s.fees, decimal(l.fees))
		number(s.fees, decimal(total))
	} else {
		row.empty()
		row.empty()
	}
	text(l.state)
	text(l.code)
	text(l.message)
	text(l.submitted)
	text(l.settled)
	text(l.plainDifference())
	return row.values
}

// withDecimals gives every section of a number format so many decimals.
func withDecimals(format string, decimals int) string {
	if decimals == 0 {
		return format
	}
	zeros := "." + strings.Repeat("0", decimals)
	return strings.ReplaceAll(format, ";", zeros+";") + zeros
}

// figure is an amount as a workbook's number: a whole one for a currency without
// decimals.
func figure(a money.Amount) any {
	if a.Currency.Digits() == 0 {
		return a.Minor
	}
	value, err := strconv.ParseFloat(a.Plain(), 64)
	if err != nil {
		return a.Plain()
	}
	return value
}

// decimal is fees as a workbook's number, the one place where they are a float:
// the file format has no other.
func decimal(c money.Fine) any {
	value, err := strconv.ParseFloat(c.String(), 64)
	if err != nil {
		return c.String()
	}
	return value
}

// needsAttention reports whether a line belongs on the page that a person works
// through.
func needsAttention(l line) bool {
	return l.difference != nil || l.returned != "" || (l.state != ledger.Successful.String() && l.state != ledger.Cancelled.String())
}

func (x *xlsxReport) finish(s *Summary) error {
	for _, lines := range x.ofLines() {
		if err := lines.finish(); err != nil {
			return err
		}
	}
	if err := x.summary(s); err != nil {
		return fmt.Errorf("summary: %w", err)
	}
	if err := x.stamp(s); err != nil {
		return err
	}
	return x.archive()
}

// close removes what the workbook keeps in temporary files.
func (x *xlsxReport) close() error {
	err := x.book.Close()
	for _, lines := range x.ofLines() {
		err = errors.Join(err, lines.close())
	}
	return err
}
