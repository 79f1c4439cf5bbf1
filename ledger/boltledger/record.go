package boltledger

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// records reads payouts as they stand within one transaction. Nothing else may
// decide what state a payout is in.
type records struct {
	tx      *bbolt.Tx
	payouts *bbolt.Bucket
	open    map[ledger.BatchID]*bbolt.Bucket
	// cursor is at the record read last, in a transaction that only reads: most
	// files have their ids in order, and then the next record lies beside it.
	cursor *bbolt.Cursor
	// strayed counts records that did not lie there.
	strayed int
}

func recordsOf(tx *bbolt.Tx) *records {
	return &records{tx: tx, payouts: tx.Bucket(bucketPayouts), open: map[ledger.BatchID]*bbolt.Bucket{}}
}

// read returns a payout: its record, and the intent that may have been recorded
// since.
func (rs *records) read(id ledger.TransactionID) (record, error) {
	value := rs.value([]byte(id))
	if value == nil {
		return record{}, fmt.Errorf("payout %q: %w", id, ledger.ErrNotFound)
	}
	r, err := decodeRecord(value)
	if err == nil && r.State == ledger.Queued {
		r, err = rs.withIntent(r)
	}
	if err != nil {
		return record{}, fmt.Errorf("payout %q: %w", id, err)
	}
	return r, nil
}

// strayedMax is how many records may be missed beside the cursor before looking
// there is given up.
const strayedMax = 4

func (rs *records) value(key []byte) []byte {
	if rs.tx.Writable() || rs.strayed > strayedMax {
		return rs.payouts.Get(key)
	}
	if rs.cursor == nil {
		rs.cursor = rs.payouts.Cursor()
	} else if found, value := rs.cursor.Next(); bytes.Equal(found, key) {
		return value
	} else {
		rs.strayed++
	}
	if found, value := rs.cursor.Seek(key); bytes.Equal(found, key) {
		return value
	}
	return nil
}

// withIntent returns a payout whose record says queued as submitting if there is
// an intent.
func (rs *records) withIntent(r record) (record, error) {
	index, known := rs.open[r.Batch]
	if !known {
		index = ofBatch(rs.tx, bucketOpen, r.Batch)
		rs.open[r.Batch] = index
	}
	if index == nil {
		return record{}, fmt.Errorf("open payouts of batch %q: %w", r.Batch, errEncoding)
	}
	entry, err := decodeOpen(index.Get(positionKey(r.position)))
	if err == nil && entry.id != r.ID {
		err = errEncoding
	}
	return r.intend(entry.intended), err
}

// intend returns a queued payout with an intent; a zero time is none.
func (r record) intend(at time.Time) record {
	if !at.IsZero() {
		r.State, r.SubmittedAt = ledger.Submitting, at
	}
	return r
}
