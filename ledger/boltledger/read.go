package boltledger

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// pageSize is how many payouts are read in one transaction.
const pageSize = 512

// Batches implements ledger.Store.
func (s *Store) Batches(_ context.Context) ([]ledger.Batch, error) {
	var batches []ledger.Batch
	err := s.view(func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketBatches).ForEach(func(key, value []byte) error {
			var batch ledger.Batch
			if err := json.Unmarshal(value, &batch); err != nil {
				return fmt.Errorf("read batch %q: %w", key, err)
			}
			batches = append(batches, batch)
			return nil
		})
	})
	slices.SortStableFunc(batches, func(a, b ledger.Batch) int { return a.CreatedAt.Compare(b.CreatedAt) })
	return batches, err
}

// member is a payout's place in a batch.
type member struct {
	position uint32
	row      int
	id       ledger.TransactionID
}

// Payouts implements ledger.Store.
func (s *Store) Payouts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	return s.pages(ctx, batch, func(tx *bbolt.Tx, from uint32, page []member) ([]member, error) {
		cursor := ofBatch(tx, bucketMembers, batch).Cursor()
		for key, value := cursor.Seek(positionKey(from)); key != nil && len(page) < pageSize; key, value = cursor.Next() {
			m, err := readMember(key, value)
			if err != nil {
				return nil, err
			}
			page = append(page, m)
		}
		return page, nil
	}, func(ledger.Payout) bool { return true })
}

func readMember(key, value []byte) (member, error) {
	row, id, ok := decodeMember(value)
	if !ok || len(key) != 4 {
		return member{}, fmt.Errorf("member %x: %w", key, errEncoding)
	}
	return member{position: binary.BigEndian.Uint32(key), row: row, id: id}, nil
}

// OpenPayouts implements ledger.Store.
func (s *Store) OpenPayouts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Payout, error] {
	return s.pages(ctx, batch, func(tx *bbolt.Tx, from uint32, page []member) ([]member, error) {
		members := ofBatch(tx, bucketMembers, batch)
		collect := func(position []byte) error {
			m, err := readMember(position, members.Get(position))
			page = append(page, m)
			return err
		}
		cursor := ofBatch(tx, bucketOpen, batch).Cursor()
		for key, _ := cursor.Seek(positionKey(from)); key != nil && len(page) < pageSize; key, _ = cursor.Next() {
			if err := collect(key); err != nil {
				return nil, err
			}
		}
		// Adopted payouts are few, and their states lie with another batch.
		full := len(page) == pageSize
		err := ofBatch(tx, bucketAdopted, batch).ForEach(func(_, position []byte) error {
			at := binary.BigEndian.Uint32(position)
			if at < from || (full && at > page[pageSize-1].position) {
				return nil
			}
			return collect(position)
		})
		slices.SortFunc(page, func(a, b member) int { return cmp.Compare(a.position, b.position) })
		return page, err
	}, func(p ledger.Payout) bool { return p.State.Open() })
}

// pages yields the wanted payouts of the members that list appends to an empty
// page, page by page, each read within the transaction that listed it.
func (s *Store) pages(ctx context.Context, batch ledger.BatchID,
	list func(tx *bbolt.Tx, from uint32, page []member) ([]member, error), wanted func(ledger.Payout) bool,
) iter.Seq2[ledger.Payout, error] {
	return func(yield func(ledger.Payout, error) bool) {
		members, page := make([]member, 0, pageSize), make([]ledger.Payout, 0, pageSize)
		for from, last := uint32(0), false; !last; {
			err := s.view(func(tx *bbolt.Tx) error {
				if tx.Bucket(bucketBatches).Get([]byte(batch)) == nil {
					return fmt.Errorf("batch %q: %w", batch, ledger.ErrNotFound)
				}
				var err error
				if members, err = list(tx, from, members[:0]); err != nil {
					return err
				}
				if last = len(members) < pageSize; len(members) > 0 {
					from = members[len(members)-1].position + 1
				}
				page, err = readMembers(tx, members, page[:0], wanted)
				return err
			})
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(ledger.Payout{}, err)
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

// readMembers appends the wanted payouts to an empty page.
func readMembers(tx *bbolt.Tx, members []member, page []ledger.Payout, wanted func(ledger.Payout) bool) ([]ledger.Payout, error) {
	records := recordsOf(tx)
	for _, m := range members {
		r, err := records.read(m.id)
		if err != nil {
			return nil, err
		}
		if r.Row = m.row; wanted(r.Payout) {
			page = append(page, r.Payout)
		}
	}
	return page, nil
}

// RejectedRows implements ledger.Store.
func (s *Store) RejectedRows(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for from, last := uint32(0), false; !last; {
			var page []ledger.Entry
			err := s.view(func(tx *bbolt.Tx) error {
				bucket := ofBatch(tx, bucketRejected, batch)
				if bucket == nil {
					return fmt.Errorf("batch %q: %w", batch, ledger.ErrNotFound)
				}
				cursor := bucket.Cursor()
				for key, value := cursor.Seek(positionKey(from)); key != nil && len(page) < pageSize; key, value = cursor.Next() {
					var entry ledger.Entry
					if err := json.Unmarshal(value, &entry); err != nil {
						return fmt.Errorf("rejected row %x: %w", key, err)
					}
					page = append(page, entry)
					from = binary.BigEndian.Uint32(key) + 1
				}
				last = len(page) < pageSize
				return ctx.Err()
			})
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			for _, entry := range page {
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}
