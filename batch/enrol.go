package batch

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

// Admissible says whether a reviewed file may become the batch with this id. It
// returns ErrOtherFile or ErrRowsRemoved if not. A mended or extended file may:
// it shares payouts with the batch it belongs to.
func Admissible(ctx context.Context, store ledger.Store, id ledger.BatchID, sha256 string, review Review) error {
	existing, err := Find(ctx, store, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	if existing.SHA256 == sha256 {
		return nil
	}
	if review.KnownTotal().Count == 0 && len(review.Conflicts) == 0 {
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
	for payout, err := range store.OpenPayouts(ctx, id) {
		if err != nil {
			return 0, fmt.Errorf("read batch %q: %w", id, err)
		}
		if payout.State == ledger.Queued && payout.Batch == id {
			queued++
		}
	}
	return queued, nil
}

// Enrol makes the file's rows durable in the ledger as the batch. The file must
// have been inspected; it is read and checked once more, so the checker is a new
// one. Rows with problems are kept as rejected.
func Enrol(ctx context.Context, store ledger.Store, batch ledger.Batch, file File, checker Checker) (ledger.Enrolment, error) {
	enrolment, err := store.Enrol(ctx, batch, ahead(ctx, func(ctx context.Context) iter.Seq2[ledger.Entry, error] {
		return entries(ctx, file, checker)
	}))
	if err != nil {
		return enrolment, fmt.Errorf("enrol batch %q: %w", batch.ID, err)
	}
	return enrolment, nil
}

func entries(ctx context.Context, file File, checker Checker) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for row, err := range file.Rows(ctx) {
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			entry, _ := checker.Check(row)
			if !yield(entry, nil) {
				return
			}
		}
	}
}

// Find returns a batch by its id, or ledger.ErrNotFound.
func Find(ctx context.Context, store ledger.Store, id ledger.BatchID) (ledger.Batch, error) {
	batches, err := store.Batches(ctx)
	if err != nil {
		return ledger.Batch{}, fmt.Errorf("list batches: %w", err)
	}
	for _, batch := range batches {
		if batch.ID == id {
			return batch, nil
		}
	}
	return ledger.Batch{}, fmt.Errorf("batch %q: %w", id, ledger.ErrNotFound)
}
