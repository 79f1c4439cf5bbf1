package boltledger

import (
	"context"
	"iter"
	"math"
	"slices"
	"time"

	"payrun/ledger"
	"payrun/ledger/phone"
)

// view answers questions within one transaction.
type view struct {
	tx *transaction

	records *records
	filters *filters
	// runs are those of the finder, nil until they are asked for.
	runs  []filtered
	ahead ahead
}

var _ ledger.View = (*view)(nil)

// View implements ledger.Reader.
func (s *Store) View(ctx context.Context, read func(ledger.View) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.view(func(tx *transaction) error {
		return read(&view{tx: tx, records: recordsOf(tx), filters: &s.memory.finder})
	})
}

// Payout implements ledger.View.
func (s *Store) Payout(ctx context.Context, id ledger.TransactionID) (found ledger.Payout, err error) {
	err = s.View(ctx, func(v ledger.View) error {
		found, err = v.Payout(ctx, id)
		return err
	})
	return found, err
}

// ByReference implements ledger.Reader.
func (s *Store) ByReference(_ context.Context, reference ledger.Reference) (found ledger.Payout, err error) {
	err = s.view(func(tx *transaction) error {
		id, err := tableOf(tx, bucketReferences).get([]byte(reference))
		if err != nil {
			return err
		}
		if id == nil {
			id = []byte(reference) // the first attempt goes by the payout's own id
		}
		r, err := recordsOf(tx).read(ledger.TransactionID(id))
		found = r.Payout
		return err
	})
	return found, err
}

// PaidTo implements ledger.View.
func (s *Store) PaidTo(ctx context.Context, number phone.E164, since time.Time) (found []ledger.Earlier, err error) {
	err = s.View(ctx, func(v ledger.View) error {
		found, err = v.PaidTo(ctx, number, since)
		return err
	})
	return found, err
}

// Payout implements ledger.View.
func (v *view) Payout(_ context.Context, id ledger.TransactionID) (ledger.Payout, error) {
	found, err := v.records.read(id)
	return found.Payout, err
}

// PaidTo implements ledger.View.
func (v *view) PaidTo(_ context.Context, number phone.E164, since time.Time) ([]ledger.Earlier, error) {
	may, err := v.mayHave(number)
	if err != nil {
		return nil, err
	}
	return paidTo(may, number, since)
}

// Latest implements ledger.View, in pages.
func (s *Store) Latest(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		batches, err := s.Batches(ctx)
		if err != nil {
			yield(ledger.Payout{}, err)
			return
		}
		left := most
		for _, batch := range slices.Backward(batches) {
			for payout, err := range s.Payouts(ctx, batch.ID) {
				if left <= 0 || !yield(payout, err) || err != nil {
					return
				}
				left--
			}
		}
	}
}

// Latest implements ledger.View. A batch is read page by page.
func (v *view) Latest(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		batches, err := batchesOf(v.tx)
		size := max(0, min(most, pageSize))
		members, page := make([]member, 0, pageSize), make([]ledger.Placed, 0, size)
		for _, batch := range slices.Backward(batches) {
			for from := uint32(0); err == nil && most > 0; {
				if members, err = allMembers(batch.ID)(v.tx, from, members[:0]); len(members) == 0 || err != nil {
					break
				}
				members = members[:min(len(members), most)]
				from = members[len(members)-1].position + 1
				if page, err = readMembers(v.tx, batch.ID, members, page[:0], false, ledger.SelectAll.Has); err == nil {
					err = ctx.Err()
				}
				if err != nil {
					break
				}
				most -= len(page)
				for _, placed := range page {
					if !yield(placed.Payout, nil) {
						return
					}
				}
			}
		}
		if err != nil {
			yield(ledger.Payout{}, err)
		}
	}
}

// LatestNoted implements ledger.View.
func (s *Store) LatestNoted(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		var found []ledger.Payout
		err := s.View(ctx, func(v ledger.View) error {
			for payout, err := range v.LatestNoted(ctx, most) {
				if err != nil {
					return err
				}
				found = append(found, payout)
			}
			return nil
		})
		if err != nil {
			yield(ledger.Payout{}, err)
			return
		}
		for _, payout := range found {
			if !yield(payout, nil) {
				return
			}
		}
	}
}

// LatestNoted implements ledger.View. The positions of a batch are the numbers from 1 on, so that
// how many payouts it has, and which are its first, is known without reading them.
func (v *view) LatestNoted(ctx context.Context, most int) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		batches, err := batchesOf(v.tx)
		for _, batch := range slices.Backward(batches) {
			if err != nil || most <= 0 {
				break
			}
			var noted []ledger.Payout
			noted, err = v.noted(batch.ID, uint32(min(most, math.MaxUint32)))
			if err == nil {
				err = ctx.Err()
			}
			for _, payout := range noted {
				if err == nil && !yield(payout, nil) {
					return
				}
			}
			if members := tableOfBatch(v.tx, bucketMembers, batch.ID); members.exists() {
				most -= int(min(members.bucket.Sequence(), math.MaxInt32))
			}
		}
		if err != nil {
			yield(ledger.Payout{}, err)
		}
	}
}

// noted reads those of a batch's payouts up to a position that are of ledger.SelectNoted.
func (v *view) noted(batch ledger.BatchID, until uint32) (found []ledger.Payout, err error) {
	list := indexedUntil(batch, until, bucketNoted)
	for from, last := uint32(0), false; !last; {
		members, err := list(v.tx, from, nil)
		if err != nil {
			return nil, err
		}
		if last = len(members) < pageSize; len(members) > 0 {
			from = members[len(members)-1].position + 1
		}
		placed, err := readMembers(v.tx, batch, members, nil, false, ledger.SelectNoted.Has)
		if err != nil {
			return nil, err
		}
		for _, p := range placed {
			found = append(found, p.Payout)
		}
	}
	return found, nil
}
