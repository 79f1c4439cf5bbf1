package audit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/reports"
)

// reportedKey is the public half of the key in the report.
func (v *verifier) reportedKey() (string, error) {
	file, err := open(at(v.folder, fileReportJSON))
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // only read
	head, err := reports.ReadLogHead(file)
	return head.Key, err
}

// report holds every row of the report against the payout that the log made, and its totals
// against the rows.
func (v *verifier) report(ctx context.Context, check *Check) error {
	file, err := open(at(v.folder, fileReportJSON))
	if err != nil {
		return wrong(CheckReport, fileReportJSON, err)
	}
	defer file.Close() //nolint:errcheck // only read
	found := newTally(v.index(), v.read.replay)
	summary, err := reports.Read(file, func(row reports.Row) error {
		check.Count++
		return errors.Join(ctx.Err(), found.add(row))
	})
	if err == nil {
		err = found.compare(summary)
	}
	if err == nil {
		err = v.compareHead(summary)
	}
	return wrong(CheckReport, fileReportJSON, err)
}

// compareHead holds what the report says of the batch and of the log against the rest.
func (v *verifier) compareHead(s reports.ReadSummary) error {
	index := v.index()
	note := ""
	if v.signed {
		text, err := read(v.folder, fileCheckpoint)
		if err != nil {
			return err
		}
		note = string(text)
	}
	for _, one := range []struct{ what, found, want string }{
		{"batch", string(s.Batch), string(index.Batch)},
		{"file", s.File, index.File.Name},
		{"sha256", s.SHA256, index.File.SHA256},
		{"environment", s.Environment, index.Account},
		{"currency", string(s.Currency), string(index.Currency)},
		{"ledger_head", s.Hash, index.Head},
		{"ledger_checkpoint", s.Checkpoint, note},
	} {
		if one.found != one.want {
			return fmt.Errorf("it has %s %q, and the rest of the folder %q", one.what, one.found, one.want)
		}
	}
	if s.Events != index.LastEvent {
		return fmt.Errorf("it is of event %d, and the log ends with %d", s.Events, index.LastEvent)
	}
	return nil
}

// table holds the report in CSV against that in JSON, row by row.
func (v *verifier) table(ctx context.Context, check *Check) error {
	file, err := open(at(v.folder, fileReportCSV))
	if err != nil {
		return wrong(CheckTable, fileReportCSV, err)
	}
	defer file.Close() //nolint:errcheck // only read
	rows := csv.NewReader(file)
	first, err := rows.Read()
	if err == nil && !slices.Equal(first, reports.Columns()) {
		err = fmt.Errorf("its columns are %q", first)
	}
	if err != nil {
		return wrong(CheckTable, fileReportCSV, err)
	}
	other, err := open(at(v.folder, fileReportJSON))
	if err != nil {
		return wrong(CheckTable, fileReportJSON, err)
	}
	defer other.Close() //nolint:errcheck // only read
	_, err = reports.Read(other, func(row reports.Row) error {
		check.Count++
		found, err := rows.Read()
		if err != nil {
			return errors.Join(ctx.Err(), err)
		}
		for i, want := range row.CSV() {
			// Reading makes one line feed of what ends a line within a cell.
			if want = strings.ReplaceAll(want, "\r\n", "\n"); found[i] != want {
				line, _ := rows.FieldPos(i)
				err := fmt.Errorf("%s is %q, and %q in %s", first[i], found[i], want, fileReportJSON)
				return &WrongError{Check: CheckTable, File: fileReportCSV, Line: line, Err: err}
			}
		}
		return ctx.Err()
	})
	if err == nil {
		if _, err = rows.Read(); errors.Is(err, io.EOF) {
			return nil
		}
		err = errors.New("it has more rows than the report in JSON")
	}
	return wrong(CheckTable, fileReportCSV, err)
}

// tally counts the rows of a report while they go by.
type tally struct {
	index     *Index
	replay    replay
	elsewhere map[ledger.TransactionID]bool
	seen      map[ledger.TransactionID]bool
	all       figures
	operators map[string]*figures
}

// figures are rows by their state, in minor units, and fees in hundredths of them.
type figures struct {
	count, amount map[string]int64
	fees, unknown int64
}

func newFigures() figures { return figures{count: map[string]int64{}, amount: map[string]int64{}} }

func newTally(index *Index, replayed replay) *tally {
	t := &tally{
		index: index, replay: replayed, all: newFigures(), operators: map[string]*figures{},
		elsewhere: map[ledger.TransactionID]bool{}, seen: map[ledger.TransactionID]bool{},
	}
	for _, one := range index.Elsewhere {
		t.elsewhere[one.Payout] = true
	}
	return t
}

// add holds a row against its payout, and counts it.
func (t *tally) add(row reports.Row) error {
	if row.State != reports.StateRejected {
		if err := t.compareRow(row); err != nil {
			return fmt.Errorf("%s: %w", row.ID, err)
		}
	}
	of := t.operators[row.Operator]
	if of == nil {
		one := newFigures()
		of = &one
		t.operators[row.Operator] = of
	}
	return errors.Join(t.all.add(t.index, row), of.add(t.index, row))
}

func (t *tally) compareRow(row reports.Row) error {
	if t.seen[row.ID] {
		return errors.New("it is there twice")
	}
	t.seen[row.ID] = true
	payout, known := t.replay.Payouts[row.ID]
	if !known {
		if t.elsewhere[row.ID] {
			return nil
		}
		return errors.New("the log has no such payout")
	}
	want := reports.RowOf(payout)
	want.Row = row.Row // which no event says
	// A row that was turned away later goes on with the reasons.
	if goesOn(row.Code, want.Code, ";") && goesOn(row.Message, want.Message, "; ") {
		want.Code, want.Message = row.Code, row.Message
	}
	if row == want {
		return nil
	}
	columns, found, wanted := reports.Columns(), row.CSV(), want.CSV()
	for i := range found {
		if found[i] != wanted[i] {
			return fmt.Errorf("%s is %q, and %q by the log", columns[i], found[i], wanted[i])
		}
	}
	return errors.New("it is another one than the log makes it")
}

func goesOn(text, begins, separator string) bool {
	return text == begins || begins == "" || strings.HasPrefix(text, begins+separator)
}

func (f *figures) add(index *Index, row reports.Row) error {
	f.count[row.State]++
	if row.Amount != "" {
		minor, err := minorOf(index, row.Amount)
		if err != nil {
			return fmt.Errorf("%s: %w", row.ID, err)
		}
		f.amount[row.State] += minor
	}
	if row.State != ledger.Successful.String() {
		return nil
	}
	if row.Fees == "" {
		f.unknown++
		return nil
	}
	fees, err := money.ParseFine(index.Currency, row.Fees)
	f.fees += fees.Hundredths
	return err
}

// minorOf reads an amount in the currency's decimals.
func minorOf(index *Index, text string) (int64, error) {
	fine, err := money.ParseFine(index.Currency, text)
	if err != nil {
		return 0, err
	}
	whole := fine.Whole()
	if whole.Fine().Hundredths != fine.Hundredths {
		return 0, fmt.Errorf("%q is no amount in %s", text, index.Currency)
	}
	return whole.Minor, nil
}

// compare holds the summary against the rows.
func (t *tally) compare(s reports.ReadSummary) error {
	for _, id := range t.replay.order {
		if !t.seen[id] {
			return fmt.Errorf("%s: the report does not have it", id)
		}
	}
	if err := t.all.compare(t.index, s.Figures, false); err != nil {
		return err
	}
	for operator, figures := range s.ByOperator {
		counted, known := t.operators[operator]
		if operator == unknownOperator || !known {
			continue // rows that were turned away, for this among other reasons
		}
		if err := counted.compare(t.index, figures, true); err != nil {
			return fmt.Errorf("operator %s: %w", operator, err)
		}
	}
	return nil
}

// unknownOperator stands in a report for rows that name no operator.
const unknownOperator = "?"

// compare holds figures against those that were counted, without the rows that were turned
// away: those of an operator are not counted for it if it is the reason.
func (f *figures) compare(index *Index, said reports.Figures, paidOnly bool) error {
	var rows int
	var sum int64
	for _, one := range []struct {
		state string
		said  reports.Counted
	}{
		{ledger.Successful.String(), said.Successful},
		{ledger.Failed.String(), said.Failed},
		{ledger.Pending.String(), said.Pending},
		{ledger.Unknown.String(), said.Unknown},
		{ledger.Queued.String(), said.Queued},
		{ledger.Cancelled.String(), said.Cancelled},
		{reports.StateRejected, said.Rejected},
	} {
		rows += one.said.Count
		amount, err := minorOf(index, numberOr0(one.said.Amount))
		sum += amount
		if err == nil && paidOnly && one.state == reports.StateRejected {
			continue
		}
		if err != nil || int64(one.said.Count) != f.count[one.state] || amount != f.amount[one.state] {
			return errors.Join(err, fmt.Errorf("%s are %d of %s in the summary, and the rows come to %d of %s",
				one.state, one.said.Count, one.said.Amount, f.count[one.state], index.Currency.Of(f.amount[one.state])))
		}
	}
	amount, err := minorOf(index, numberOr0(said.Amount))
	if err != nil || rows != said.Rows || amount != sum {
		return errors.Join(err, fmt.Errorf("the summary has %d rows of %s; they come to %d of %s", said.Rows, said.Amount, rows, index.Currency.Of(sum)))
	}
	fees, err := money.ParseFine(index.Currency, numberOr0(said.Fees))
	if err != nil || fees.Hundredths != f.fees || int64(said.FeesUnknown) != f.unknown {
		return errors.Join(err, fmt.Errorf("the summary has fees of %s, unknown of %d; they come to %s, unknown of %d",
			said.Fees, said.FeesUnknown, index.Currency.Fine(f.fees), f.unknown))
	}
	return nil
}

func numberOr0(n json.Number) string {
	if n == "" {
		return "0"
	}
	return n.String()
}
