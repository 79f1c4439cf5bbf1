package reconcile

import (
	"slices"
	"strconv"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger/money"
)

// statementAmount is an amount of a statement without its sign.
type statementAmount struct {
	value money.Amount
	// negative has a minus in front or behind, or stands in parentheses; credited
	// stands in the column of what came in, or has a plus.
	negative, credited bool
}

// amount reads the amount of a row and complains if it cannot.
func (s *statementReader) amount(row table.StatementRow) statementAmount {
	amount, code := s.readAmount(row)
	if code != "" {
		field := amountField(row)
		s.explain(row, field, code, rules.AmountDetails(s.rules.Currency(), code, row.Cell(field).Text))
	}
	return amount
}

// amountField is the column that a row's amount is in: that of what came in if the
// other is empty.
func amountField(row table.StatementRow) table.Field {
	if empty(row.Cell(table.FieldAmount)) && !empty(row.Cell(table.FieldCredit)) {
		return table.FieldCredit
	}
	return table.FieldAmount
}

// readAmount reads the amount of a row, or returns the code of what is wrong with it.
// In both columns at once it is none.
func (s *statementReader) readAmount(row table.StatementRow) (amount statementAmount, code string) {
	field := amountField(row)
	cell := row.Cell(field)
	text, negative := unsigned(cell.Text)
	plain := strings.TrimPrefix(text, "+")
	amount.value, code = rules.ParseAmount(s.rules.Currency(), plain)
	amount.negative = negative && field == table.FieldAmount
	amount.credited = field == table.FieldCredit || plain != text && !negative
	switch {
	case cell.Problem != "":
		code = cell.Problem
	case field == table.FieldAmount && !empty(row.Cell(table.FieldCredit)):
		code = rules.CodeAmountFormat
	}
	return amount, code
}

// empty reports whether a cell says nothing. A column for each way has a zero or a
// dash in the one that money did not go.
func empty(cell table.Cell) bool {
	return cell.Problem == "" && strings.Trim(cell.Text, "0.,-–— ") == ""
}

// unsigned takes the minus off a figure: -5 000, −5 000, 5 000- and the (5 000) of
// accountants.
func unsigned(text string) (figure string, negative bool) {
	text = strings.TrimSpace(text)
	if inner, opened := strings.CutPrefix(text, "("); opened {
		if inner, closed := strings.CutSuffix(inner, ")"); closed {
			return strings.TrimSpace(inner), true
		}
	}
	for _, minus := range []string{"-", "−", "–"} {
		if rest, found := strings.CutPrefix(text, minus); found {
			return strings.TrimSpace(rest), true
		}
		rest, found := strings.CutSuffix(text, minus)
		if rest = strings.TrimSpace(rest); found && strings.TrimRight(rest, "0123456789") != rest {
			return rest, true
		}
	}
	return text, false
}

// adds reports whether a row is no transfer but a figure about others: it has no
// reference, no number and no status, or calls itself a total and has no status.
func (s *statementReader) adds(row table.StatementRow) bool {
	cells := []table.Field{table.FieldTransactionID, table.FieldProviderRef, table.FieldNumber, table.FieldStatus}
	nameless := !slices.ContainsFunc(cells, func(field table.Field) bool {
		cell := row.Cell(field)
		return cell.Text != "" || cell.Problem != ""
	})
	if status := row.Cell(table.FieldStatus); nameless || status.Text != "" || status.Problem != "" {
		return nameless && !s.moved(row)
	}
	kind := s.rules.Kind(table.Row{
		Number: row.Number, TransactionID: labelled(row), Beneficiary: row.Cell(table.FieldNumber), Amount: row.Cell(table.FieldAmount),
	}, nil)
	return !kind.Pays() && kind != rules.KindPrefilled
}

// labelled is the cell of a row that would call it a total.
func labelled(row table.StatementRow) table.Cell {
	for _, field := range []table.Field{table.FieldTransactionID, table.FieldProviderRef} {
		if cell := row.Cell(field); cell.Text != "" {
			return cell
		}
	}
	return table.Cell{}
}

// moved reports whether a row without a name is one of money that moved all the same:
// it has the type of a transfer, or a date. Then what it lacks is missed.
func (s *statementReader) moved(row table.StatementRow) bool {
	_, known := parseStatementDate(row.Cell(table.FieldDate).Text)
	kind := row.Cell(table.FieldType).Text
	return known && kind != "" && !empty(row.Cell(table.FieldAmount))
}

// statementSums are the sums of the rows so far, in the ways in which a statement may
// add them up: what has a minus, what came in, the rest, and what is no transfer.
type statementSums struct {
	rows                               int
	negative, credited, plain, passing money.Amount
}

func (t *statementSums) add(amount statementAmount) {
	t.rows++
	switch {
	case amount.credited:
		t.credited = t.credited.Plus(amount.value)
	case amount.negative:
		t.negative = t.negative.Plus(amount.value)
	default:
		t.plain = t.plain.Plus(amount.value)
	}
}

func (t *statementSums) other(amount statementAmount) {
	t.rows++
	t.passing = t.passing.Plus(amount.value)
}

// figures are all that a total may say.
func (t *statementSums) figures() []money.Amount {
	all := t.negative.Plus(t.credited).Plus(t.plain)
	return []money.Amount{
		all, all.Plus(t.passing), t.negative, t.credited, t.plain, t.plain.Plus(t.negative),
		t.negative.Minus(t.credited).Minus(t.plain), t.credited.Plus(t.plain).Minus(t.negative),
	}
}

// total holds a figure under the rows against them. A statement may add up in ways
// that are not known here, so one that differs is worth a warning and no more.
func (s *statementReader) total(row table.StatementRow) {
	text, _ := unsigned(row.Cell(table.FieldAmount).Text)
	figure, code := rules.ParseAmount(s.rules.Currency(), strings.TrimPrefix(text, "+"))
	if code != "" || s.sums.rows == 0 {
		return
	}
	details := map[string]string{
		"figure": figure.Grouped(), "sum": s.sums.figures()[0].Grouped(), "from": strconv.Itoa(s.file.Info().HeaderRow + 1),
		"to": strconv.Itoa(row.Number - 1), "count": strconv.Itoa(s.sums.rows),
	}
	if slices.Contains(s.sums.figures(), figure) {
		s.tell(row, "", rules.CodeTotalAgrees, rules.Note, details)
		return
	}
	s.tell(row, "", rules.CodeTotalDiffers, rules.Warning, details)
}
