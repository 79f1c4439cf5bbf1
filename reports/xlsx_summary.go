package reports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"payrun/internal/sheet"
	"payrun/ledger"
)

// summary writes the first sheet. Its figures are formulas over the lines, so
// that whoever doubts them can follow each; beside every formula stands the value
// it must come to, for viewers that do not calculate.
func (x *xlsxReport) summary(s *Summary) error {
	if err := printWide(x.book, sheetSummary); err != nil {
		return err
	}
	stream, err := x.book.NewStreamWriter(sheetSummary)
	if err != nil {
		return err
	}
	const labelWidth, valueWidth, lastColumn = 34, 17, 14
	if err := stream.SetColWidth(2, lastColumn, valueWidth); err != nil {
		return err
	}
	if err := stream.SetColWidth(1, 1, labelWidth); err != nil {
		return err
	}
	page := &summarySheet{xlsxReport: x, stream: stream}
	page.logo()
	if x.letterhead.Company != "" {
		page.put(page.styled(x.styles.label, sheet.EscapeFormula(x.letterhead.Company)))
	}
	page.put(page.styled(x.styles.title, sheet.EscapeFormula(string(s.Batch))))
	page.put(page.styled(x.styles.label, x.words.Title))
	if said := x.words.rehearsed(s.Environment); said != "" {
		page.put(page.styled(x.styles.title, said))
	}
	page.fact(x.words.File, s.File)
	page.fact("SHA-256", s.SHA256)
	page.fact(x.words.Environment, s.Environment)
	page.fact(x.words.Generated, x.words.moment(s.GeneratedAt))
	page.fact(x.words.Head, x.words.Form(x.words.Events, strconv.FormatUint(s.LedgerCount, 10))+" "+s.LedgerHead)
	if s.LedgerCheckpointKey != "" {
		page.fact(x.words.Key, s.LedgerCheckpointKey)
	}
	if s.Elsewhere.Count > 0 {
		page.fact(x.words.Elsewhere, fmt.Sprintf("%d, %s %s", s.Elsewhere.Count, s.Elsewhere.Amount.Grouped(), s.Currency))
	}
	if s.AmountsUnread > 0 {
		page.fact(x.words.AmountsUnread, strconv.Itoa(s.AmountsUnread))
	}
	page.put()
	page.byState(s)
	page.put()
	page.byOperator(s)
	if page.err != nil {
		return page.err
	}
	return stream.Flush()
}

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

func (s *summarySheet) styled(style int, value any) any {
	return excelize.Cell{StyleID: style, Value: value}
}

func (s *summarySheet) fact(label, value string) {
	s.put(s.styled(s.styles.label, label), s.styled(s.styles.text, sheet.EscapeFormula(value)))
}

func (s *summarySheet) header(names ...string) {
	cells := make([]any, len(names))
	for i, name := range names {
		cells[i] = s.styled(s.styles.figure, name)
	}
	cells[0] = s.styled(s.styles.header, names[0])
	s.put(cells...)
}

// formula is a cell that calculates, with what it comes to.
func (s *summarySheet) formula(style int, formula string, value any) any {
	return excelize.Cell{StyleID: style, Formula: formula, Value: value}
}

// pair is two formulas: how many lines meet a condition, and what they come to.
func (s *summarySheet) pair(conditions string, count ledger.Total) []any {
	return []any{
		s.formula(0, s.payouts.over("COUNTIFS("+conditions+")"), count.Count),
		s.formula(s.styles.large, s.payouts.over("SUMIFS({I},"+conditions+")"), figure(count.Amount)),
	}
}

// byState counts the lines in each state, adds the states up and holds the sum
// against the lines themselves.
func (s *summarySheet) byState(summary *Summary) {
	s.header(s.words.State, s.words.Count, s.words.Amount)
	first := s.row + 1
	for _, state := range summary.states() {
		s.put(append([]any{s.words.stateName(state.name)}, s.pair("{M},"+quoted(state.name), state.count)...)...)
	}
	last := s.row
	s.put(s.styled(s.styles.sum, s.words.Sum),
		s.formula(s.styles.sum, fmt.Sprintf("SUM(B%d:B%d)", first, last), summary.Rows),
		s.formula(s.styles.sumLarge, fmt.Sprintf("SUM(C%d:C%d)", first, last), figure(summary.Amount)))
	s.put(s.styled(s.styles.sum, s.words.Total),
		s.formula(s.styles.sum, s.payouts.over("COUNT({A})"), summary.Rows),
		s.formula(s.styles.sumLarge, s.payouts.over("SUM({I})"), figure(summary.Amount)),
		s.verdict(fmt.Sprintf("AND(B%d=B%d,C%d=C%d)", s.row, s.row+1, s.row, s.row+1)))
	s.put(s.words.Fees, nil, s.formula(s.styles.fees, s.payouts.over("SUM({K})"), decimal(summary.Fees)))
	if summary.FeesUnknown > 0 {
		s.put(s.words.FeesUnknown, summary.FeesUnknown)
	}
	s.put(s.words.Differences, s.formula(0,
		s.payouts.over(`COUNTIFS({R},"?*")`)+"-"+s.payouts.over(`COUNTIFS({R},"`+answeredPrefix+`*")`), summary.Differences))
	if summary.Answered > 0 {
		s.put(s.words.Answered, s.formula(0, s.payouts.over(`COUNTIFS({R},"`+answeredPrefix+`*")`), summary.Answered))
	}
}

// verdict says in words whether a sum is right, as long as the sheet lives.
func (s *summarySheet) verdict(condition string) any {
	return s.formula(s.styles.note, "IF("+condition+","+quoted(s.words.AddsUp)+","+quoted(s.words.AddsNot)+")", s.words.AddsUp)
}

// byOperator divides each operator's lines by state.
func (s *summarySheet) byOperator(summary *Summary) {
	names := []string{s.words.Operator, s.words.File, s.words.Amount}
	for _, group := range summary.groups() {
		names = append(names, s.words.Groups[group.name], s.words.Amount)
	}
	s.header(names...)
	first := s.row + 1
	for _, operator := range summary.operators() {
		if operator == noOperator {
			s.rest(summary.ByOperator[operator], first, s.row, summary.Totals)
			continue
		}
		s.operator(operator, summary.ByOperator[operator])
	}
	s.operatorSums(first, s.row, summary)
}

func (s *summarySheet) operator(name string, t Totals) {
	of := "{F}," + quoted(escaped(name))
	cells := append([]any{sheet.EscapeFormula(name)}, s.pair(of, ledger.Total{Count: t.Rows, Amount: t.Amount})...)
	for _, group := range t.groups() {
		var counts, sums []string
		for _, state := range group.states {
			condition := of + ",{M}," + quoted(state)
			counts = append(counts, s.payouts.over("COUNTIFS("+condition+")"))
			sums = append(sums, s.payouts.over("SUMIFS({I},"+condition+")"))
		}
		cells = append(cells,
			s.formula(0, strings.Join(counts, "+"), group.count.Count),
			s.formula(s.styles.large, strings.Join(sums, "+"), figure(group.count.Amount)))
	}
	s.put(cells...)
}

// rest counts the rows that name no known operator: all less those above. A condition
// could not say it, since the column may hold anything in such a row.
func (s *summarySheet) rest(t Totals, first, last int, all Totals) {
	less := func(column int, whole string) string {
		if last < first {
			return whole
		}
		name := columnName(column)
		return fmt.Sprintf("%s-SUM(%s%d:%s%d)", whole, name, first, name, last)
	}
	cells := []any{
		s.words.NoOperator,
		s.formula(0, less(2, s.payouts.over("COUNT({A})")), t.Rows),
		s.formula(s.styles.large, less(3, s.payouts.over("SUM({I})")), figure(t.Amount)),
	}
	for i, group := range t.groups() {
		var counts, sums []string
		for _, state := range all.groups()[i].states {
			counts = append(counts, s.payouts.over("COUNTIFS({M},"+quoted(state)+")"))
			sums = append(sums, s.payouts.over("SUMIFS({I},{M},"+quoted(state)+")"))
		}
		column := len(cells) + 1
		cells = append(cells,
			s.formula(0, less(column, strings.Join(counts, "+")), group.count.Count),
			s.formula(s.styles.large, less(column+1, strings.Join(sums, "+")), figure(group.count.Amount)))
	}
	s.put(cells...)
}

func (s *summarySheet) operatorSums(first, last int, summary *Summary) {
	cells := []any{s.styled(s.styles.sum, s.words.Total)}
	add := func(value any, style int) {
		name := columnName(len(cells) + 1)
		cells = append(cells, s.formula(style, fmt.Sprintf("SUM(%s%d:%s%d)", name, first, name, last), value))
	}
	add(summary.Rows, s.styles.sum)
	add(figure(summary.Amount), s.styles.sumLarge)
	for _, group := range summary.groups() {
		add(group.count.Count, s.styles.sum)
		add(figure(group.count.Amount), s.styles.sumLarge)
	}
	row := s.row + 1
	cells = append(cells, s.verdict(fmt.Sprintf(
		"AND(B%[1]d=D%[1]d+F%[1]d+H%[1]d+J%[1]d+L%[1]d,C%[1]d=E%[1]d+G%[1]d+I%[1]d+K%[1]d+M%[1]d)", row)))
	s.put(cells...)
}

// columnName is a column's letter; the sheet has fewer than there are letters.
func columnName(column int) string { return "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[column-1 : column] }

// quoted is a text in a formula.
func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// escaped keeps a text from being taken for a pattern or a comparison.
func escaped(text string) string {
	return "=" + strings.NewReplacer("~", "~~", "*", "~*", "?", "~?").Replace(sheet.EscapeFormula(text))
}
