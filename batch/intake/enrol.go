package intake

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"payrun/ledger"
)

// ErrOtherFile is returned when a batch's id is already that of a file that has
// nothing in common with this one: last month's file under the same name.
var ErrOtherFile = errors.New("the batch exists and was made from another file")

// ErrRowsRemoved is returned for a file that lacks rows which an earlier version
// of it brought into the batch and which are still to be paid: whether they
// should be is for a person to say.
var ErrRowsRemoved = errors.New("rows that are still to be paid are no longer in the file")

// ErrKnownElsewhere is returned for a new batch all of whose payments another batch made
// or still makes: nothing of it would be paid, and a person who expects it to be would
// not notice.
var ErrKnownElsewhere = errors.New("another batch has all payments of the file already")

// Admissible says whether a reviewed file may become the batch with this id. It
// returns ErrOtherFile, ErrRowsRemoved or ErrKnownElsewhere if not. A mended or extended file may:
// it shares payouts with the batch it belongs to.
func Admissible(ctx context.Context, store ledger.Store, id ledger.BatchID, sha256 string, review Inspection) error {
	existing, err := store.Batch(ctx, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		if review.ToPay().Count == 0 && review.Known.Total().Count > 0 {
			return fmt.Errorf("batch %q: %w", review.Elsewhere, ErrKnownElsewhere)
		}
		return nil
	case err != nil:
		return err
	}
	if existing.SHA256 == sha256 {
		return nil
	}
	if review.Known.Total().Count == 0 && len(review.Conflicts) == 0 && len(review.Corrections) == 0 {
		return fmt.Errorf("batch %q, %s: %w", id, existing.File, ErrOtherFile)
	}
	queued, err := queuedOf(ctx, store, id)
	if err != nil {
		return err
	}
	if removed := queued - review.QueuedOf[id]; removed > 0 {
		return fmt.Errorf("batch %q, %d of them: %w", id, removed, ErrRowsRemoved)
	}
	return nil
}

// queuedOf counts the payouts that the batch brought in and that are queued.
func queuedOf(ctx context.Context, store ledger.Store, id ledger.BatchID) (int, error) {
	queued := 0
	for payout, err := range store.Payouts(ctx, id, ledger.Queued) {
		if err != nil {
			return 0, fmt.Errorf("read batch %q: %w", id, err)
		}
		if payout.Batch == id {
			queued++
		}
	}
	return queued, nil
}

// Entries yields the file's rows as a ledger takes them. The file must have been
// inspected; it is read and checked once more, by a rereader of its own. Overruled is
// what Inspect found, since this pass asks no ledger: it is being written to. Rows with
// problems are kept as rejected; those that pay nobody are no part of the batch.
func Entries(ctx context.Context, file File, checker RowChecker, overruled map[int]Overruling) iter.Seq2[ledger.Entry, error] {
	return each(prefetch(ctx, func(ctx context.Context) iter.Seq2[ledger.Entry, error] {
		return entries(ctx, file, checker, overruled)
	}))
}

func entries(ctx context.Context, file File, checker RowChecker, overruled map[int]Overruling) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for row, err := range file.Rows(ctx) {
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			judged := checker.Check(row)
			if final, has := overruled[row.Number]; has {
				judged.Entry.Rejections, judged.Entry.Reserved = final.Rejections, final.Reserved
			}
			if judged.Kind.Pays() && !yield(judged.Entry, nil) {
				return
			}
		}
	}
}
