package fix

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"iter"
	"slices"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// seen holds what the parts of an amount must avoid: an id that the file has, and an amount
// that already goes to the number.
type seen struct {
	ids  map[string]bool
	paid map[payment]bool
}

type payment struct {
	number string
	amount money.Amount
}

// survey reads the file's ids, and the payments to numbers; where nothing has to be
// split, neither is kept.
func survey(ctx context.Context, file *table.File, set *rules.Set) (seen, error) {
	s := seen{ids: map[string]bool{}, paid: map[payment]bool{}}
	large := map[string]bool{}
	for row, err := range file.Rows(ctx) {
		if err != nil {
			return s, fmt.Errorf("read the file: %w", err)
		}
		row = set.Canonical(row)
		amount, _ := rules.ParseAmount(set.Currency(), row.Amount.Text)
		if _, ok := set.Split(ledger.Operator(row.Operator.Text), amount, func(money.Amount) bool { return false }); ok {
			large[strings.Clone(row.Beneficiary.Text)] = true
		}
	}
	if len(large) == 0 {
		return s, nil
	}
	for row, err := range file.Rows(ctx) {
		if err != nil {
			return s, fmt.Errorf("read the file: %w", err)
		}
		s.ids[strings.ToUpper(row.TransactionID.Text)] = true
		row = set.Canonical(row)
		if number := row.Beneficiary.Text; large[number] {
			amount, _ := rules.ParseAmount(set.Currency(), row.Amount.Text)
			s.paid[payment{strings.Clone(number), amount}] = true
		}
	}
	return s, nil
}

// idsFor returns ids for the parts of a payment: its own with "-a", "-b" and so on
// behind it, shortened where the whole would be too long. The same file gives the
// same ids. ok is false if there are none that the file does not have.
func (s seen) idsFor(id string, count, most int) (ids []ledger.TransactionID, ok bool) {
	const suffix, letters = 2, "abcdefghijklmnopqrstuvwxyz"
	for _, stem := range stems(id, most-suffix) {
		ids = ids[:0]
		for i := range count {
			one := stem + "-" + letters[i:i+1]
			if s.ids[strings.ToUpper(one)] {
				break
			}
			ids = append(ids, ledger.TransactionID(one))
		}
		if len(ids) == count {
			for _, one := range ids {
				s.ids[strings.ToUpper(string(one))] = true
			}
			return ids, true
		}
	}
	return nil, false
}

// stems are possible beginnings of the ids of parts: the id, or its beginning and a
// digest that tells it from others which begin alike.
func stems(id string, most int) []string {
	const digest, tries = 5, 4
	var found []string
	if len(id) <= most {
		found = append(found, id)
	}
	for try := range tries {
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", try, id))
		head := id[:min(len(id), most-digest-1)]
		found = append(found, strings.TrimRight(head, "-_.")+"-"+base32.HexEncoding.EncodeToString(sum[:])[:digest])
	}
	return found
}

// pair is a row as the file stores it and, where it is read as one, as a row.
type pair struct {
	record table.Record
	row    *table.Row
}

func (p pair) blank() bool {
	return p.row == nil && p.record.Problem == "" &&
		!slices.ContainsFunc(p.record.Cells, func(text string) bool { return strings.TrimSpace(text) != "" })
}

// pairs reads the records of a file beside its rows.
func pairs(ctx context.Context, file *table.File) iter.Seq2[pair, error] {
	return func(yield func(pair, error) bool) {
		next, stop := iter.Pull2(file.Rows(ctx))
		defer stop()
		row, err, ok := next()
		for record, recordErr := range file.Records(ctx) {
			if recordErr != nil || err != nil {
				yield(pair{}, fmt.Errorf("read the file: %w", firstError(recordErr, err)))
				return
			}
			one := pair{record: record}
			if ok && row.Number == record.Number {
				current := row
				one.row = &current
			}
			if !yield(one, nil) {
				return
			}
			if one.row != nil {
				row, err, ok = next()
			}
		}
		if err != nil {
			yield(pair{}, fmt.Errorf("read the file: %w", err))
		}
	}
}

func firstError(first, second error) error {
	if first != nil {
		return first
	}
	return second
}
