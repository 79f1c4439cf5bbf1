package reconcile

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// StatementFile is a statement that can be read.
type StatementFile interface {
	// Info returns what was recognised.
	Info() table.Info
	// Rows yields the rows from the first to the last, and an error at most
	// once, as the last pair.
	Rows(ctx context.Context) iter.Seq2[table.StatementRow, error]
	// Status returns what a status means: "successful", "failed" or "pending".
	Status(word string) (meaning string, known bool)
	// Repeats reports whether a row has the titles once more.
	Repeats(row table.StatementRow) bool
	// Transfer reports whether a row of the type may be a transfer to a beneficiary.
	Transfer(kind string) bool
}

// StatementReading is a statement that was read. Its transfers are on disk, if they are
// many.
type StatementReading struct {
	// Transfers left the wallet for somebody, or came back from there.
	Transfers ledger.Total
	// PassedOver counts the other rows, which are no transfers: totals, titles, what
	// came in, and types that are something else.
	PassedOver int
	// Problems are all that cannot be read for certain, errors, and what a person
	// should know of rows that were passed over, warnings and notes.
	Problems []rules.Problem

	rows *transferFile
	// signed is set if an amount has a minus: then one without came in.
	signed bool
}

// All yields the transfers in order. It may be called until Close.
func (r StatementReading) All() iter.Seq2[Transfer, error] {
	return func(yield func(Transfer, error) bool) {
		for row, err := range r.rows.all() {
			if err != nil {
				yield(Transfer{}, err)
				return
			}
			if transfer, way := r.direct(row); way == wayTransfer && !yield(transfer, nil) {
				return
			}
		}
	}
}

// Close lets go of the transfers.
func (r StatementReading) Close() error { return r.rows.Close() }

// Errors counts the problems that keep the statement from being compared.
func (r StatementReading) Errors() int {
	count := 0
	for _, problem := range r.Problems {
		if problem.Severity == rules.Error {
			count++
		}
	}
	return count
}

// ReadStatement reads a provider's statement. Whatever cannot be read for certain is
// a problem, all of which are returned; with errors among them the transfers are not
// to be used. The error is about the file as a whole.
//
// Most statements write what leaves a wallet as a negative amount, or in a column of
// its own beside one for what comes in; others list transfers alone, without signs. So
// a row is one of money that came in if it stands in the column for that, or has no
// minus where others do. If it names a transfer it brought it back, and if not it is
// no transfer.
func ReadStatement(ctx context.Context, file StatementFile, set *rules.Set) (StatementReading, error) {
	reader := statementReader{file: file, rules: set, headers: file.Info().Headers}
	reader.done.rows = &transferFile{}
	if err := reader.read(ctx); err != nil {
		return StatementReading{}, errors.Join(fmt.Errorf("read the statement: %w", err), reader.done.Close())
	}
	return reader.done, nil
}

func (s *statementReader) read(ctx context.Context) error {
	for row, err := range s.file.Rows(ctx) {
		if err == nil {
			err = s.take(row)
		}
		if err != nil {
			return err
		}
	}
	return s.direct()
}

// statementReader turns rows of a statement into transfers.
type statementReader struct {
	file    StatementFile
	rules   *rules.Set
	headers map[table.Field]string
	// done has the rows that are transfers or money that came in, in order.
	done StatementReading
	sums statementSums
}

// take reads a row.
func (s *statementReader) take(row table.StatementRow) error {
	switch {
	case row.Problem != "":
		s.complain(row, "", row.Problem)
		return nil
	case s.file.Repeats(row):
		s.done.PassedOver++
		s.tell(row, "", rules.CodeRowHeader, rules.Note, nil)
		return nil
	case !s.file.Transfer(row.Cell(table.FieldType).Text):
		// Its amount may be in a total, and is no concern of anybody else.
		if amount, code := s.readAmount(row); code == "" {
			s.sums.other(amount)
		}
		s.done.PassedOver++
		return nil
	case s.adds(row):
		s.done.PassedOver++
		s.total(row)
		return nil
	}
	before := len(s.done.Problems)
	amount := s.amount(row)
	s.sums.add(amount)
	read := Transfer{Row: row.Number, Transaction: provider.Transaction{
		Reference:   s.text(row, table.FieldTransactionID),
		ProviderRef: s.text(row, table.FieldProviderRef),
		Number:      s.number(row),
		Amount:      amount.value,
		At:          s.date(row),
	}}
	read.Class, read.Code = s.status(row)
	read.Fees, read.FeesKnown = s.fees(row)
	s.done.signed = s.done.signed || amount.negative
	if len(s.done.Problems) > before {
		return nil
	}
	_, err := s.done.rows.add(kept{Transfer: read, credited: amount.credited, negative: amount.negative})
	return err
}

// way is where the money of a row went.
type way int

const (
	// wayTransfer: from the wallet to somebody, or back from there.
	wayTransfer way = iota
	// wayUnnamed: from the wallet, under no name.
	wayUnnamed
	// wayIn: into the wallet.
	wayIn
)

// direct tells what left from what came in, once all signs are known.
func (r StatementReading) direct(row kept) (Transfer, way) {
	left := !row.credited && (row.negative || !r.signed)
	named := row.Reference != "" || row.ProviderRef != ""
	switch {
	case left && named:
		return row.Transfer, wayTransfer
	case left:
		return row.Transfer, wayUnnamed
	case named && row.Class == provider.Successful:
		// The provider gave a transfer's money back.
		returned := row.Transfer
		returned.Class, returned.FeesKnown, returned.Returned = provider.Failed, false, true
		return returned, wayTransfer
	default:
		return row.Transfer, wayIn
	}
}

// direct counts the transfers, and tells of the rows that are none.
func (s *statementReader) direct() error {
	for one, err := range s.done.rows.all() {
		if err != nil {
			return err
		}
		switch row, way := s.done.direct(one); way {
		case wayTransfer:
			s.done.Transfers.Add(row.Amount)
		case wayUnnamed:
			s.add(row.Row, table.FieldTransactionID, "", rules.CodeIDMissing, rules.Error, nil)
		case wayIn:
			s.add(row.Row, table.FieldAmount, row.Amount.Grouped(), rules.CodeRowCredit, rules.Note, nil)
			s.done.PassedOver++
		}
	}
	slices.SortStableFunc(s.done.Problems, func(a, b rules.Problem) int { return a.Row - b.Row })
	return nil
}

func (s *statementReader) add(row int, field table.Field, value, code string, severity rules.Severity, details map[string]string) {
	s.done.Problems = append(s.done.Problems, rules.Problem{
		Row: row, Column: field, Header: s.headers[field], Value: value,
		Code: code, Severity: severity, Details: details, Statement: true,
	})
}

func (s *statementReader) complain(row table.StatementRow, field table.Field, code string) {
	s.explain(row, field, code, nil)
}

// explain complains with what the message needs to know.
func (s *statementReader) explain(row table.StatementRow, field table.Field, code string, details map[string]string) {
	s.tell(row, field, code, rules.Error, details)
}

func (s *statementReader) tell(row table.StatementRow, field table.Field, code string, severity rules.Severity, details map[string]string) {
	s.add(row.Number, field, row.Cell(field).Text, code, severity, details)
}

// text is a cell's text, which may be missing.
func (s *statementReader) text(row table.StatementRow, field table.Field) string {
	cell := row.Cell(field)
	if cell.Problem != "" {
		s.complain(row, field, cell.Problem)
	}
	return cell.Text
}

// masks are the characters that dashboards hide digits with.
const masks = "*•xX…"

// number is empty if there is none, or if the dashboard hides part of it.
func (s *statementReader) number(row table.StatementRow) phone.E164 {
	cell := row.Cell(table.FieldNumber)
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
		s.explain(row, table.FieldNumber, code, s.rules.NumberDetails(code, number))
	}
	return s.rules.E164(number)
}

func (s *statementReader) status(row table.StatementRow) (provider.Class, string) {
	word := s.text(row, table.FieldStatus)
	meaning, known := s.file.Status(word)
	switch {
	case word == "" && row.Cell(table.FieldStatus).Problem == "":
		s.complain(row, table.FieldStatus, rules.CodeStatusMissing)
	case !known && row.Cell(table.FieldStatus).Problem == "":
		s.complain(row, table.FieldStatus, rules.CodeStatusUnknown)
	}
	for _, class := range []provider.Class{provider.Successful, provider.Failed, provider.Pending} {
		if class.String() == meaning {
			return class, word
		}
	}
	return provider.Unknown, word
}

// fees reads francs with at most two decimals, behind a comma or a point.
func (s *statementReader) fees(row table.StatementRow) (fees money.Fine, known bool) {
	text := s.text(row, table.FieldFees)
	if text == "" {
		return money.Fine{}, false
	}
	text = strings.Join(strings.Fields(text), "") // knows the no-break spaces, too
	for _, unit := range []string{"FCFA", "XOF"} {
		text = strings.TrimSuffix(strings.ToUpper(text), unit)
	}
	if !strings.Contains(text, ".") {
		text = strings.Replace(text, ",", ".", 1)
	}
	text, _ = unsigned(text) // a fee is taken, whichever way the statement writes that
	fees, err := money.ParseFine(s.rules.Currency(), text)
	if err != nil || fees.Hundredths < 0 {
		s.complain(row, table.FieldFees, rules.CodeFeesFormat)
		return money.Fine{}, false
	}
	return fees, true
}

// statementDates are the forms of dates in exports, in Abidjan's time, which is UTC all
// year. None can be read in two ways: days before months is the one order that
// people there write.
//
//nolint:gochecknoglobals // a table that nothing writes to
var statementDates = []string{
	time.RFC3339, time.DateTime, time.DateOnly, "2006-01-02T15:04:05", "2006-01-02 15:04",
	"02/01/2006 15:04:05", "02/01/2006 15:04", "02/01/2006", "02-01-2006 15:04:05", "02-01-2006 15:04", "02-01-2006",
}

// date is zero if the statement has none.
func (s *statementReader) date(row table.StatementRow) time.Time {
	text := row.Cell(table.FieldDate).Text
	at, known := parseStatementDate(text)
	if text != "" && !known {
		s.complain(row, table.FieldDate, rules.CodeDateFormat)
	}
	return at
}

func parseStatementDate(text string) (at time.Time, known bool) {
	for _, layout := range statementDates {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}
