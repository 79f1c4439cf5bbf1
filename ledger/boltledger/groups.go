package boltledger

import (
	"context"
	"fmt"
	"iter"

	"golang.org/x/sync/errgroup"

	"payrun/ledger"
)

// enrolFirst is the number of rows that are made durable together at first: the next ones are read
// meanwhile. Each group is twice the one before, up to enrolGroup. A commit costs two
// syncs, and a run of one group is written again with seven more (addition.go), so groups make
// enrolling fast; a larger one gains little, and takes a kilobyte a row of memory.
const enrolFirst, enrolGroup = 1000, 8000

// groupWriter makes the rows of a file durable in groups, one after the other. The next one is gathered
// meanwhile.
type groupWriter struct {
	store *Store
	batch ledger.BatchID
	done  ledger.Enrolment
	seen  fileSeen
	// groups hands a group over when the writer takes it, and upcoming is one that was taken.
	groups   chan []ledger.Entry
	upcoming []ledger.Entry
}

// fileSeen remembers a file as far as it was read: the places in the batch that it has, and the
// list of the payouts that are new.
type fileSeen struct {
	positions
	list *ledger.ListDigest
}

// writeAll gathers the rows and has them written. The groups that were whole before an error are.
func (w *groupWriter) writeAll(ctx context.Context, entries iter.Seq2[ledger.Entry, error]) error {
	writing, ctx := errgroup.WithContext(ctx)
	writing.Go(w.write)
	err := w.gather(ctx, entries)
	if failure := writing.Wait(); failure != nil {
		return failure // of which the gathering knows only that it should end
	}
	return err
}

// gather hands over the rows in groups, after which there are no more.
func (w *groupWriter) gather(ctx context.Context, entries iter.Seq2[ledger.Entry, error]) error {
	defer close(w.groups)
	most := enrolFirst
	group := make([]ledger.Entry, 0, most)
	for entry, err := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		if group = append(group, entry); len(group) < most {
			continue
		}
		if err := w.handOver(ctx, group); err != nil {
			return err
		}
		most = min(2*most, enrolGroup) //nolint:mnd // twice
		group = make([]ledger.Entry, 0, most)
	}
	if len(group) > 0 {
		return w.handOver(ctx, group)
	}
	return nil
}

func (w *groupWriter) handOver(ctx context.Context, group []ledger.Entry) error {
	select {
	case w.groups <- group:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write makes the groups durable until there are no more.
func (w *groupWriter) write() error {
	for {
		group := w.upcoming
		if w.upcoming = nil; group == nil {
			var more bool
			if group, more = <-w.groups; !more {
				return nil
			}
		}
		if err := w.writeGroup(group); err != nil {
			return err
		}
	}
}

// take takes the next group if it was gathered, so that the one after it is while the writer waits
// for the disk.
func (w *groupWriter) take() {
	select {
	case w.upcoming = <-w.groups:
	default:
	}
}

// writeGroup makes a group durable and then counts it.
func (w *groupWriter) writeGroup(group []ledger.Entry) error {
	var counted ledger.Enrolment
	err := w.store.update(func(tx *transaction) error {
		e, err := newEnroller(tx, w.batch, len(group), w.store.clock().UTC())
		if err != nil {
			return err
		}
		e.seen = &w.seen
		for i := range group {
			if err := e.enrol(&group[i]); err != nil {
				return fmt.Errorf("row %d: %w", group[i].Row, err)
			}
		}
		counted = e.counted
		if err := e.finish(w.store.view); err != nil {
			return err
		}
		w.take()
		return nil
	})
	if err != nil {
		return err
	}
	w.done.New = w.done.New.Plus(counted.New)
	w.done.Known = w.done.Known.Plus(counted.Known)
	w.done.Rejected = w.done.Rejected.Plus(counted.Rejected)
	w.done.Conflicts = append(w.done.Conflicts, counted.Conflicts...)
	return nil
}
