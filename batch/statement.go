package batch

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
	"payrun/provider"
)

// StatementFile is a statement that can be read.
type StatementFile interface {
	// Info returns what was recognised.
	Info() input.Info
	// Rows yields the rows from the first to the last, and an error at most
	// once, as the last pair.
	Rows(ctx context.Context) iter.Seq2[input.StatementRow, error]
	// Status returns what a status means: "successful", "failed" or "pending".
	Status(word string) (meaning string, known bool)
	// Transfer reports whether a row of the type may be a transfer to a beneficiary.
	Transfer(kind string) bool
}

// ReadStatement reads a provider's statement. Whatever cannot be read for certain
// is a problem, all of which are returned; the rows are then not to be used. The
// error is about the file as a whole.
func ReadStatement(ctx context.Context, file StatementFile, set *rules.Set) ([]StatementRow, []rules.Problem, error) {
	reader := statementReader{file: file, rules: set, headers: file.Info().Headers}
	var rows []StatementRow
	for row, err := range file.Rows(ctx) {
		if err != nil {
			return nil, nil, fmt.Errorf("read the statement: %w", err)
		}
		if row.Problem == "" && !file.Transfer(row.Cell(input.FieldType).Text) {
			continue
		}
		if read, ok := reader.read(row); ok {
			rows = append(rows, read)
		}
	}
	return rows, reader.problems, nil
}

// statementReader turns rows of a statement into transfers.
type statementReader struct {
	file     StatementFile
	rules    *rules.Set
	headers  map[input.Field]string
	problems []rules.Problem
}

func (s *statementReader) read(row input.StatementRow) (StatementRow, bool) {
	before := len(s.problems)
	if row.Problem != "" {
		s.complain(row, "", row.Problem)
		return StatementRow{}, false
	}
	read := StatementRow{Row: row.Number, Transaction: provider.Transaction{
		Reference:   s.text(row, input.FieldTransactionID),
		ProviderRef: s.text(row, input.FieldProviderRef),
		Number:      s.number(row),
		Amount:      s.amount(row),
		At:          s.date(row),
	}}
	read.Class, read.Code = s.status(row)
	read.Fees, read.FeesKnown = s.fees(row)
	if read.Reference == "" && read.ProviderRef == "" {
		s.complain(row, input.FieldTransactionID, rules.CodeIDMissing)
	}
	return read, len(s.problems) == before
}

func (s *statementReader) complain(row input.StatementRow, field input.Field, code string) {
	s.explain(row, field, code, nil)
}

// explain complains with what the message needs to know.
func (s *statementReader) explain(row input.StatementRow, field input.Field, code string, details map[string]string) {
	s.problems = append(s.problems, rules.Problem{
		Row: row.Number, Column: field, Header: s.headers[field], Value: row.Cell(field).Text,
		Code: code, Severity: rules.Error, Details: details,
	})
}

// text is a cell's text, which may be missing.
func (s *statementReader) text(row input.StatementRow, field input.Field) string {
	cell := row.Cell(field)
	if cell.Problem != "" {
		s.complain(row, field, cell.Problem)
	}
	return cell.Text
}

func (s *statementReader) amount(row input.StatementRow) money.XOF {
	cell := row.Cell(input.FieldAmount)
	amount, code := rules.ParseAmount(cell.Text)
	if cell.Problem != "" {
		code = cell.Problem
	}
	if code != "" {
		s.explain(row, input.FieldAmount, code, rules.AmountDetails(code, cell.Text))
	}
	return amount
}

// masks are what dashboards hide digits with.
const masks = "*•xX…"

// number is empty if there is none, or if the dashboard hides part of it.
func (s *statementReader) number(row input.StatementRow) msisdn.Number {
	cell := row.Cell(input.FieldNumber)
	if cell.Text == "" && cell.Problem == "" || strings.ContainsAny(cell.Text, masks) {
		return ""
	}
	number, code := s.rules.ParseNumber(cell)
	if cell.Problem != "" {
		code = cell.Problem
	}
	switch code {
	case "":
	case rules.CodeNumberLostZero:
		// It is only compared: a wrong guess would be a mismatch.
		number = "0" + number
	default:
		s.explain(row, input.FieldNumber, code, s.rules.NumberDetails(code, number))
	}
	return number
}

func (s *statementReader) status(row input.StatementRow) (provider.Class, string) {
	word := s.text(row, input.FieldStatus)
	meaning, known := s.file.Status(word)
	switch {
	case word == "" && row.Cell(input.FieldStatus).Problem == "":
		s.complain(row, input.FieldStatus, rules.CodeStatusMissing)
	case !known && row.Cell(input.FieldStatus).Problem == "":
		s.complain(row, input.FieldStatus, rules.CodeStatusUnknown)
	}
	for _, class := range []provider.Class{provider.Successful, provider.Failed, provider.Pending} {
		if class.String() == meaning {
			return class, word
		}
	}
	return provider.Unknown, word
}

// fees reads francs with at most two decimals, behind a comma or a point.
func (s *statementReader) fees(row input.StatementRow) (fees money.Centimes, known bool) {
	text := s.text(row, input.FieldFees)
	if text == "" {
		return 0, false
	}
	text = strings.Join(strings.Fields(text), "") // knows the no-break spaces, too
	for _, unit := range []string{"FCFA", "XOF"} {
		text = strings.TrimSuffix(strings.ToUpper(text), unit)
	}
	if !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	fees, err := money.ParseCentimes(text)
	if err != nil || fees < 0 {
		s.complain(row, input.FieldFees, rules.CodeFeesFormat)
		return 0, false
	}
	return fees, true
}

// statementDates are how exports write dates, in Abidjan's time, which is UTC all
// year. None can be read in two ways: days before months is the one order that
// people there write.
//
//nolint:gochecknoglobals // a table that nothing writes to
var statementDates = []string{
	time.RFC3339, time.DateTime, time.DateOnly, "2006-01-02T15:04:05", "2006-01-02 15:04",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "02-01-2006 15:04:05", "02-01-2006 15:04", "02-01-2006",
}

// date is zero if the statement has none.
func (s *statementReader) date(row input.StatementRow) time.Time {
	cell := row.Cell(input.FieldDate)
	if cell.Text == "" {
		return time.Time{}
	}
	for _, layout := range statementDates {
		if at, err := time.Parse(layout, cell.Text); err == nil {
			return at.UTC()
		}
	}
	s.complain(row, input.FieldDate, rules.CodeDateFormat)
	return time.Time{}
}
