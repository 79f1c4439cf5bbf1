package boltledger

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"

	"payrun/ledger"
)

// pageSize is the number of payouts that are read in one transaction.
const pageSize = 512

// Batch implements ledger.Reader.
func (s *Store) Batch(_ context.Context, id ledger.BatchID) (found ledger.Batch, err error) {
	err = s.view(func(tx *transaction) error {
		found, err = getBatch(tableOf(tx, bucketBatches), id)
		return err
	})
	return found, err
}

// Batches implements ledger.Reader.
func (s *Store) Batches(_ context.Context) (batches []ledger.Batch, err error) {
	err = s.view(func(tx *transaction) (err error) {
		batches, err = batchesOf(tx)
		return err
	})
	return batches, err
}

// batchesOf reads all batches, the oldest first.
func batchesOf(tx *transaction) (batches []ledger.Batch, err error) {
	err = tableOf(tx, bucketBatches).each(nil, func(key, value []byte) (bool, error) {
		batch, err := decodeBatch(key, value)
		batches = append(batches, batch)
		return true, err
	})
	slices.SortStableFunc(batches, func(a, b ledger.Batch) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return batches, err
}

// member is a payout's place in a batch.
type member struct {
	position uint32
	// row is where the file has it, unless that is where its record says.
	row     int
	another bool
	// id is that of a payout that another batch brought in, empty for the batch's own.
	id ledger.TransactionID
	// record is the payout's, as long as the transaction lasts, where it was met in listing.
	record []byte
}

// Payouts implements ledger.Reader.
func (s *Store) Payouts(ctx context.Context, batch ledger.BatchID, states ...ledger.State) iter.Seq2[ledger.Payout, error] {
	wanted := func(p ledger.Payout) bool { return len(states) == 0 || slices.Contains(states, p.State) }
	if len(states) > 0 && !slices.ContainsFunc(states, ledger.State.Final) {
		return ledger.Unplaced(s.pages(ctx, batch, 0, indexed(batch, bucketOpen), true, wanted))
	}
	return ledger.Unplaced(s.pages(ctx, batch, 0, allMembers(batch), false, wanted))
}

// PayoutsFrom implements ledger.Reader.
func (s *Store) PayoutsFrom(ctx context.Context, batch ledger.BatchID, from uint32, of ledger.Selection) iter.Seq2[ledger.Placed, error] {
	list, soon := allMembers(batch), false
	switch of {
	case ledger.SelectAll:
	case ledger.SelectOpen:
		list = indexed(batch, bucketOpen)
	case ledger.SelectQueued: // they are claimed next, by their ids
		list, soon = indexed(batch, bucketOpen), true
	case ledger.SelectNoted:
		list = indexed(batch, bucketNoted)
	case ledger.SelectNotable:
		list = indexed(batch, bucketOpen, bucketNoted)
	}
	return s.pages(ctx, batch, from, list, soon, of.Has)
}

// lister appends the members of a batch from a position on to an empty page.
type lister func(tx *transaction, from uint32, page []member) ([]member, error)

// allMembers lists every payout of a batch.
func allMembers(batch ledger.BatchID) lister {
	return func(tx *transaction, from uint32, page []member) ([]member, error) {
		page, err := positionsIn(tableOfBatch(tx, bucketPayouts, batch), from, page, true)
		if err != nil {
			return nil, err
		}
		return withMembers(tx, batch, from, math.MaxUint32, page)
	}
}

// positionsIn appends the positions that an index has, a page of them, with what is kept there if
// these are records.
func positionsIn(index table, from uint32, page []member, records bool) ([]member, error) {
	left := pageSize
	err := index.each(positionKey(from), func(key, value []byte) (bool, error) {
		if len(key) != positionSize {
			return false, fmt.Errorf("position %x: %w", key, errEncoding)
		}
		m := member{position: binary.BigEndian.Uint32(key)}
		if records {
			m.record = value
		}
		page = append(page, m)
		left--
		return left > 0, nil
	})
	return page, err
}

// withMembers adds what the members of a batch say, up to a position, to a page of its own payouts,
// which are all up to its last one if it is full: in which row a payout is now, and which payouts
// another batch brought in.
func withMembers(tx *transaction, batch ledger.BatchID, from, until uint32, page []member) ([]member, error) {
	slices.SortFunc(page, byPosition)
	full := len(page) >= pageSize
	page = page[:min(len(page), pageSize)]
	own := page
	err := tableOfBatch(tx, bucketMembers, batch).each(positionKey(from), func(key, value []byte) (bool, error) {
		m, err := readMember(key, value)
		if err != nil || m.position > until || (full && m.position > own[len(own)-1].position) {
			return false, err
		}
		at, is := slices.BinarySearchFunc(own, m, byPosition)
		switch {
		case is:
			own[at].row, own[at].another = m.row, true
		case m.id != "":
			page = append(page, m)
		}
		return true, nil
	})
	slices.SortFunc(page, byPosition)
	return page, err
}

func byPosition(a, b member) int { return cmp.Compare(a.position, b.position) }

func readMember(key, value []byte) (member, error) {
	row, id, ok := decodeMember(value)
	if !ok || len(key) != positionSize {
		return member{}, fmt.Errorf("member %x: %w", key, errEncoding)
	}
	return member{position: binary.BigEndian.Uint32(key), row: row, another: true, id: id}, nil
}

// pages yields the wanted payouts of the members that are listed from a position on, page by
// page, each read within the transaction that listed it.
func (s *Store) pages(
	ctx context.Context, batch ledger.BatchID, from uint32, list lister, remember bool, wanted func(ledger.Payout) bool,
) iter.Seq2[ledger.Placed, error] {
	return func(yield func(ledger.Placed, error) bool) {
		members, page := make([]member, 0, pageSize), make([]ledger.Placed, 0, pageSize)
		for from, last := from, false; !last; {
			err := s.view(func(tx *transaction) error {
				if err := knownBatch(tx, batch); err != nil {
					return err
				}
				var err error
				if members, err = list(tx, from, members[:0]); err != nil {
					return err
				}
				if last = len(members) < pageSize; len(members) > 0 {
					from = members[len(members)-1].position + 1
				}
				page, err = readMembers(tx, batch, members, page[:0], remember, wanted)
				return err
			})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(ledger.Placed{}, err)
				return
			}
			for _, payout := range page {
				if !yield(payout, nil) {
					return
				}
			}
		}
	}
}

// readMembers appends the wanted payouts of a batch to an empty page, and remembers where they
// are if they will be asked for by their ids soon.
func readMembers(
	tx *transaction, batch ledger.BatchID, members []member, page []ledger.Placed, remember bool, wanted func(ledger.Payout) bool,
) ([]ledger.Placed, error) {
	records := recordsOf(tx)
	for _, m := range members {
		var r record
		var err error
		if m.id == "" {
			at := spot{batch: batch, position: m.position}
			if r, err = records.met(at, m.record); err == nil && remember && tx.memory != nil {
				tx.memory.spots.put(r.ID, at)
			}
		} else if r, err = records.read(m.id); errors.Is(err, ledger.ErrNotFound) {
			err = fmt.Errorf("payout %q, which is a member of a batch: %w", m.id, errMissing)
		}
		if err != nil {
			return nil, err
		}
		if m.another {
			r.Row = m.row
		}
		if wanted(r.Payout) {
			page = append(page, ledger.Placed{Position: m.position, Payout: r.Payout})
		}
	}
	return page, nil
}

// RejectedRows implements ledger.Reader. Enrolling numbers the rows from 1, without a gap.
func (s *Store) RejectedRows(ctx context.Context, batch ledger.BatchID, after int) iter.Seq2[ledger.Entry, error] {
	first := uint32(min(max(after, 0), math.MaxUint32-1)) + 1
	return ledger.InPages(first, func(from uint32) (page []ledger.Entry, behind uint32, more bool, err error) {
		err = s.view(func(tx *transaction) error {
			rejected := tableOfBatch(tx, bucketRejected, batch)
			if !rejected.exists() {
				return fmt.Errorf("batch %q: %w", batch, ledger.ErrNotFound)
			}
			err := rejected.each(positionKey(from), func(key, value []byte) (bool, error) {
				entry, err := decodeRejected(key, value)
				if err != nil {
					return false, err
				}
				page, behind = append(page, entry), binary.BigEndian.Uint32(key)+1
				return len(page) < pageSize, nil
			})
			return errors.Join(err, ctx.Err())
		})
		return page, behind, len(page) == pageSize, err
	})
}
