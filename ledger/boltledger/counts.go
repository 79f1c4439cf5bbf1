package boltledger

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"

	"payrun/ledger"
)

const countsVersion = 1

func encodeCounts(c ledger.Counts) []byte {
	var e encoder
	e.byte(countsVersion)
	operators := c.ByOperator()
	e.uint(uint64(len(operators)))
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		present := operators[operator].Present()
		e.string(string(operator))
		e.uint(uint64(len(present)))
		for _, state := range slices.Sorted(maps.Keys(present)) {
			e.byte(byte(state))
			e.count(present[state])
		}
	}
	return e.buf
}

func decodeCounts(value []byte) (c ledger.Counts, err error) {
	d := newDecoder(value)
	if d.byte() != countsVersion {
		return c, errEncoding
	}
	readMany(&d, func() struct{} {
		operator := ledger.Operator(d.string())
		readMany(&d, func() struct{} {
			state := ledger.State(d.byte())
			total := d.count()
			if !slices.Contains(ledger.States(), state) {
				d.bad = true
				return struct{}{}
			}
			c.AddTotal(operator, state, total)
			return struct{}{}
		})
		return struct{}{}
	})
	return c, d.done()
}

// ownCounts returns the counts of the payouts that a batch brought in.
func ownCounts(tx *transaction, batch ledger.BatchID) (ledger.Counts, error) {
	value, err := tableOf(tx, bucketCounts).get([]byte(batch))
	if err != nil || value == nil {
		return ledger.Counts{}, err
	}
	counts, err := decodeCounts(value)
	if err != nil {
		return ledger.Counts{}, fmt.Errorf("counts of batch %q: %w", batch, err)
	}
	return counts, nil
}

// tallies are the counts of batches as one transaction changes them.
type tallies struct {
	tx   *transaction
	read map[ledger.BatchID]*ledger.Counts
}

func talliesOf(tx *transaction) tallies {
	return tallies{tx: tx, read: map[ledger.BatchID]*ledger.Counts{}}
}

// of returns the counts of a batch. What is done to them is written by put.
func (t tallies) of(batch ledger.BatchID) (*ledger.Counts, error) {
	if counts, known := t.read[batch]; known {
		return counts, nil
	}
	counts, err := ownCounts(t.tx, batch)
	if err != nil {
		return nil, err
	}
	t.read[batch] = &counts
	return &counts, nil
}

func (t tallies) put() error {
	for batch, counts := range t.read {
		if err := tableOf(t.tx, bucketCounts).put([]byte(batch), encodeCounts(*counts)); err != nil {
			return err
		}
	}
	return nil
}

// Counts implements ledger.Reader.
func (s *Store) Counts(ctx context.Context, batch ledger.BatchID) (counts ledger.Counts, err error) {
	if err := ctx.Err(); err != nil {
		return counts, err
	}
	err = s.view(func(tx *transaction) error {
		if err := knownBatch(tx, batch); err != nil {
			return err
		}
		counts, err = allCounts(tx, batch)
		return err
	})
	return counts, err
}

// allCounts returns the counts of a batch. The payouts that another one brought in are few, and counted
// there.
func allCounts(tx *transaction, batch ledger.BatchID) (ledger.Counts, error) {
	counts, err := ownCounts(tx, batch)
	if err != nil {
		return counts, err
	}
	records := recordsOf(tx)
	err = tableOfBatch(tx, bucketAdopted, batch).each(nil, func(id, _ []byte) (bool, error) {
		r, err := records.read(ledger.TransactionID(id))
		counts.Add(r.Payout)
		return true, err
	})
	return counts, err
}

// knownBatch returns an error unless there is such a batch.
func knownBatch(tx *transaction, batch ledger.BatchID) error {
	known, err := tableOf(tx, bucketBatches).has([]byte(batch))
	if err == nil && !known {
		err = fmt.Errorf("batch %q: %w", batch, ledger.ErrNotFound)
	}
	return err
}

// Notable implements ledger.Reader.
func (s *Store) Notable(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	return ledger.Unplaced(s.PayoutsFrom(ctx, batch, 0, ledger.SelectNotable))
}

// noted reports whether a payout is in the index of those that are final and notable all the
// same.
func noted(p ledger.Payout) bool { return !p.State.Open() && p.Notable() }

// indexNoted lists who was not paid, or is disputed.
func indexNoted(tx *transaction, before, after record) error {
	is := noted(after.Payout)
	if is == noted(before.Payout) {
		return nil
	}
	index, key := tableOfBatch(tx, bucketNoted, after.Batch), positionKey(after.position)
	if is {
		return index.put(key, []byte(after.ID))
	}
	return index.delete(key)
}

// indexed lists the payouts of a batch that some indexes by position have, and those that
// another batch brought in: they are few, and their states lie with that one.
func indexed(batch ledger.BatchID, indexes ...[]byte) lister {
	return indexedUntil(batch, math.MaxUint32, indexes...)
}

// indexedUntil lists no payouts behind a position.
func indexedUntil(batch ledger.BatchID, until uint32, indexes ...[]byte) lister {
	return func(tx *transaction, from uint32, page []member) ([]member, error) {
		var err error
		for _, index := range indexes {
			if page, err = positionsIn(tableOfBatch(tx, index, batch), from, page, false); err != nil {
				return nil, err
			}
		}
		page = slices.DeleteFunc(page, func(m member) bool { return m.position > until })
		return withMembers(tx, batch, from, until, page)
	}
}
