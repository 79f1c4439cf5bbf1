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
	payouts *reader
	open    map[ledger.BatchID]*reader
}

func recordsOf(tx *bbolt.Tx) *records {
	return &records{tx: tx, payouts: readerOf(tx.Bucket(bucketPayouts)), open: map[ledger.BatchID]*reader{}}
}

// read returns a payout: its record, and the intent that may have been recorded
// since.
func (rs *records) read(id ledger.TransactionID) (record, error) {
	value := rs.payouts.get([]byte(id))
	if value == nil {
		return record{}, &ledger.NotFoundError{ID: id}
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

// withIntent returns a payout whose record says queued as submitting if there is
// an intent.
func (rs *records) withIntent(r record) (record, error) {
	index, known := rs.open[r.Batch]
	if !known {
		index = readerOf(ofBatch(rs.tx, bucketOpen, r.Batch))
		rs.open[r.Batch] = index
	}
	if index == nil {
		return record{}, fmt.Errorf("open payouts of batch %q: %w", r.Batch, errEncoding)
	}
	entry, err := decodeOpen(index.get(positionKey(r.position)))
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

// reader reads a bucket with one cursor. Most files have their ids in order, and
// then the next key lies beside the last.
type reader struct {
	cursor *bbolt.Cursor
	// beside is false where the next key need not be looked for: in a transaction
	// that writes, which may have moved what lies there.
	beside bool
	// strayed counts keys that did not lie there.
	strayed int
}

// readerOf returns nil for no bucket.
func readerOf(bucket *bbolt.Bucket) *reader {
	if bucket == nil {
		return nil
	}
	return &reader{cursor: bucket.Cursor(), beside: !bucket.Writable()}
}

// strayedMax is how many keys may be missed beside the last before looking there
// is given up.
const strayedMax = 4

// get returns the value of a key, nil if there is none.
func (r *reader) get(key []byte) []byte {
	if r.beside {
		found, value := r.cursor.Next()
		if bytes.Equal(found, key) {
			return value
		}
		r.strayed++
		r.beside = r.strayed < strayedMax
	}
	if found, value := r.cursor.Seek(key); bytes.Equal(found, key) {
		return value
	}
	return nil
}
