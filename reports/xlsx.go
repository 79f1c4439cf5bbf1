package reports

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/xuri/excelize/v2"

	"payrun/ledger"
)

// The workbook's sheets. Formulas name them.
const (
	sheetSummary  = "Summary"
	sheetPayouts  = "Payouts"
	sheetFailures = "Failures"
)

// amountFormat shows 1250000 as 1 250 000.
const amountFormat = "# ##0"

// xlsxReport is a report as a workbook: every line, the failures and what is
// open once more on a sheet of their own, and a summary whose formulas count the
// lines. Rows are streamed, so memory does not grow with them.
type xlsxReport struct {
	w        io.Writer
	words    words
	book     *excelize.File
	payouts  *excelize.StreamWriter
	failures *excelize.StreamWriter
	styles   xlsxStyles
	// rows and failed count the lines of the two sheets.
	rows, failed int
}

type xlsxStyles struct{ title, header, text, amount, fees int }

func beginXLSX(w io.Writer, h Header, o Options) (format, error) {
	x := &xlsxReport{w: w, words: wordsFor(o.French), book: excelize.NewFile()}
	steps := []func() error{
		func() error { return x.book.SetSheetName("Sheet1", sheetSummary) },
		func() error { _, err := x.book.NewSheet(sheetPayouts); return err },
		func() error { _, err := x.book.NewSheet(sheetFailures); return err },
		x.makeStyles,
		func() (err error) { x.payouts, err = x.beginLines(sheetPayouts); return err },
		func() (err error) { x.failures, err = x.beginLines(sheetFailures); return err },
		func() error { return x.stamp(h) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// stamp writes the report's date for that of the file, so that the same report
// gives the same bytes.
func (x *xlsxReport) stamp(h Header) error {
	at := moment(h.GeneratedAt)
	return x.book.SetDocProps(&excelize.DocProperties{
		Title: string(h.Batch), Creator: "payrun", LastModifiedBy: "payrun", Created: at, Modified: at,
	})
}

func (x *xlsxReport) makeStyles() error {
	textFormat, amount := "@", amountFormat
	fees := "# ##0.##"
	// The order decides the styles' ids, and so the file's bytes.
	for _, definition := range []struct {
		id    *int
		style *excelize.Style
	}{
		{&x.styles.title, &excelize.Style{Font: &excelize.Font{Bold: true, Size: 16}}},
		{&x.styles.header, &excelize.Style{
			Font: &excelize.Font{Bold: true},
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E6EBF2"}},
		}},
		{&x.styles.text, &excelize.Style{CustomNumFmt: &textFormat}},
		{&x.styles.amount, &excelize.Style{CustomNumFmt: &amount}},
		{&x.styles.fees, &excelize.Style{CustomNumFmt: &fees}},
	} {
		id, err := x.book.NewStyle(definition.style)
		if err != nil {
			return err
		}
		*definition.id = id
	}
	return nil
}

// widths are those of the columns, in characters.
func widths() []float64 {
	return []float64{7, 22, 22, 8, 22, 12, 14, 28, 14, 9, 10, 14, 12, 22, 40, 21, 21, 40}
}

func (x *xlsxReport) beginLines(sheet string) (*excelize.StreamWriter, error) {
	stream, err := x.book.NewStreamWriter(sheet)
	if err != nil {
		return nil, err
	}
	for i, width := range widths() {
		if err := stream.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	header := make([]any, 0, len(widths()))
	for _, name := range columns() {
		header = append(header, excelize.Cell{StyleID: x.styles.header, Value: name})
	}
	return stream, stream.SetRow("A1", header)
}

func (x *xlsxReport) line(l line) error {
	x.rows++
	cells := x.cells(l)
	if err := x.payouts.SetRow(fmt.Sprintf("A%d", x.rows+1), cells); err != nil {
		return err
	}
	if !needsAttention(l.state) {
		return nil
	}
	x.failed++
	return x.failures.SetRow(fmt.Sprintf("A%d", x.failed+1), cells)
}

// cells types each value: ids and numbers are text, so that no zero is lost and
// nothing is taken for a formula; amounts are numbers that can be added up.
func (x *xlsxReport) cells(l line) []any {
	text := func(value string) any { return excelize.Cell{StyleID: x.styles.text, Value: value} }
	cells := []any{
		l.row, text(string(l.id)), text(string(l.reference)), nil, text(l.providerRef), text(string(l.operator)),
		text(l.number.Reveal()), text(l.name), excelize.Cell{StyleID: x.styles.amount, Value: int64(l.amount)},
		currency, nil, nil, l.state, text(l.code), text(l.message), moment(l.submittedAt), moment(l.settledAt), text(l.difference),
	}
	const attemptColumn, feesColumn, totalColumn = 3, 10, 11
	if l.attempt > 0 {
		cells[attemptColumn] = l.attempt
	}
	if total, known := l.total(); known {
		cells[feesColumn] = excelize.Cell{StyleID: x.styles.fees, Value: decimal(l.fees)}
		cells[totalColumn] = excelize.Cell{StyleID: x.styles.fees, Value: decimal(total)}
	}
	return cells
}

// needsAttention reports whether a line belongs on the page that a person works
// through.
func needsAttention(state string) bool {
	return state != ledger.Successful.String() && state != ledger.Cancelled.String()
}

func (x *xlsxReport) finish(s *Summary) error {
	if err := endLines(x.book, x.payouts, x.rows); err != nil {
		return err
	}
	if err := endLines(x.book, x.failures, x.failed); err != nil {
		return err
	}
	if err := x.summary(s); err != nil {
		return err
	}
	return x.book.Write(x.w)
}

func endLines(book *excelize.File, stream *excelize.StreamWriter, rows int) error {
	if err := stream.Flush(); err != nil {
		return err
	}
	return book.AutoFilter(stream.Sheet, fmt.Sprintf("A1:R%d", rows+1), nil)
}

// summary writes the first sheet. Its figures are formulas over the lines, with
// the values that they must come to beside them for viewers that do not
// calculate.
func (x *xlsxReport) summary(s *Summary) error {
	stream, err := x.book.NewStreamWriter(sheetSummary)
	if err != nil {
		return err
	}
	const labelWidth, valueWidth = 34, 18
	if err := stream.SetColWidth(1, 1, labelWidth); err != nil {
		return err
	}
	if err := stream.SetColWidth(2, 6, valueWidth); err != nil {
		return err
	}
	sheet := &summarySheet{xlsxReport: x, stream: stream}
	sheet.put(excelize.Cell{StyleID: x.styles.title, Value: string(s.Batch)})
	sheet.put(x.words.file, s.File)
	sheet.put("SHA-256", s.SHA256)
	sheet.put(x.words.environment, s.Environment)
	sheet.put(x.words.generated, moment(s.GeneratedAt))
	sheet.put(x.words.head, s.LedgerHead)
	sheet.put()
	sheet.header(x.words.state, x.words.count, x.words.amount)
	for _, state := range s.states() {
		sheet.count(x.words.stateName(state.name), "M", state.name, state.count)
	}
	sheet.total(x.words.total, ledger.Count{Count: s.Rows, Amount: s.Amount}, len(s.states()))
	sheet.put(x.words.fees, nil, sheet.formula(fmt.Sprintf("SUM(%s!K2:K%d)", sheetPayouts, x.lastRow()), decimal(s.Fees), x.styles.fees))
	sheet.put(x.words.differences, s.Differences)
	sheet.put()
	sheet.header(x.words.operator, x.words.count, x.words.amount)
	operators := slices.Sorted(maps.Keys(s.ByOperator))
	for _, operator := range operators {
		totals := s.ByOperator[operator]
		criterion := operator
		if operator == noOperator {
			criterion = ""
		}
		sheet.count(operator, "F", criterion, ledger.Count{Count: totals.Rows, Amount: totals.Amount})
	}
	sheet.total(x.words.total, ledger.Count{Count: s.Rows, Amount: s.Amount}, len(operators))
	if sheet.err != nil {
		return sheet.err
	}
	return stream.Flush()
}

func (x *xlsxReport) lastRow() int { return max(2, x.rows+1) }

// summarySheet writes rows one under the other and keeps the first error.
type summarySheet struct {
	*xlsxReport
	stream *excelize.StreamWriter
	row    int
	err    error
}

func (s *summarySheet) put(cells ...any) {
	s.row++
	if s.err == nil && len(cells) > 0 {
		s.err = s.stream.SetRow(fmt.Sprintf("A%d", s.row), cells)
	}
}

func (s *summarySheet) header(names ...string) {
	cells := make([]any, len(names))
	for i, name := range names {
		cells[i] = excelize.Cell{StyleID: s.styles.header, Value: name}
	}
	s.put(cells...)
}

func (s *summarySheet) formula(formula string, value any, style int) excelize.Cell {
	return excelize.Cell{StyleID: style, Formula: formula, Value: value}
}

// count writes how many lines have a value in a column, and what they come to.
func (s *summarySheet) count(label, column, value string, count ledger.Count) {
	in := fmt.Sprintf("%s!$%s$2:$%s$%d", sheetPayouts, column, column, s.lastRow())
	amounts := fmt.Sprintf("%s!$I$2:$I$%d", sheetPayouts, s.lastRow())
	s.put(label,
		s.formula(fmt.Sprintf("COUNTIF(%s,%q)", in, value), count.Count, 0),
		s.formula(fmt.Sprintf("SUMIF(%s,%q,%s)", in, value, amounts), int64(count.Amount), s.styles.amount))
}

// total adds up the rows above.
func (s *summarySheet) total(label string, count ledger.Count, rows int) {
	first, last := s.row-rows+1, s.row
	s.put(label,
		s.formula(fmt.Sprintf("SUM(B%d:B%d)", first, last), count.Count, 0),
		s.formula(fmt.Sprintf("SUM(C%d:C%d)", first, last), int64(count.Amount), s.styles.amount))
}

func (x *xlsxReport) close() error { return x.book.Close() }
