package intake

import (
	"context"
	"fmt"
	"iter"
	"time"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/phone"
)

// checkedRow is a row with what the rules say of it.
type checkedRow struct {
	row    table.Row
	judged rules.Judgement
}

// checked yields a file's rows in groups, with what a checker says of them. Both are done ahead
// of the loop, which must not ask the checker.
func checked(ctx context.Context, file File, checker Checker) iter.Seq2[[]checkedRow, error] {
	return prefetch(ctx, func(ctx context.Context) iter.Seq2[checkedRow, error] {
		return func(yield func(checkedRow, error) bool) {
			for row, err := range file.Rows(ctx) {
				if err != nil {
					yield(checkedRow{}, readFailure(err))
					return
				}
				if !yield(checkedRow{row, checker.Check(row)}, nil) {
					return
				}
			}
		}
	})
}

// prefetch tells the ledger what it will be asked about rows.
func (h *History) prefetch(ctx context.Context, rows []checkedRow) error {
	ids, numbers := asked(rows, compares)
	return askAhead(ctx, h.Ledger, rows, ids, numbers, h.since())
}

// asked returns the ids and the numbers of the rows that the ledger is asked about.
func asked(rows []checkedRow, about func(rules.Judgement) bool) (ids []ledger.TransactionID, numbers []phone.E164) {
	for _, at := range rows {
		if about(at.judged) {
			ids, numbers = append(ids, at.judged.Entry.ID), append(numbers, at.judged.Entry.Number)
		}
	}
	return ids, numbers
}

// askAhead has a ledger that is far away answer in one go.
func askAhead(
	ctx context.Context, view ledger.View, rows []checkedRow, ids []ledger.TransactionID, numbers []phone.E164, since time.Time,
) error {
	far, ok := view.(ledger.Prefetcher)
	if !ok || len(ids) == 0 {
		return nil
	}
	if err := far.Prefetch(ctx, ids, numbers, since); err != nil {
		return fmt.Errorf("compare rows %d to %d with the ledger: %w", rows[0].row.Number, rows[len(rows)-1].row.Number, err)
	}
	return nil
}
