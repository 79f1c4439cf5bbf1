package boltledger

import (
	"bytes"
	"fmt"

	"payrun/ledger"
)

// records reads payouts as they stand within one transaction. Nothing else may
// decide what state a payout is in.
type records struct {
	tx            *transaction
	ids           *ids
	payouts, open map[ledger.BatchID]*reader
}

func recordsOf(tx *transaction) *records {
	return &records{
		tx: tx, ids: idsOf(tx), payouts: map[ledger.BatchID]*reader{}, open: map[ledger.BatchID]*reader{},
	}
}

// read returns a payout: its record, and the intent that may have been recorded
// since.
func (rs *records) read(id ledger.TransactionID) (record, error) {
	at, found, err := rs.find(id)
	if err == nil && !found {
		return record{}, &ledger.NotFoundError{ID: id}
	}
	var r record
	if err == nil {
		r, err = rs.at(at)
	}
	if err == nil && r.ID != id {
		err = errEncoding
	}
	if err != nil {
		return record{}, fmt.Errorf("payout %q: %w", id, err)
	}
	return r, nil
}

// find returns where a payout is kept.
func (rs *records) find(id ledger.TransactionID) (at spot, found bool, err error) {
	if memory := rs.tx.memory; memory != nil {
		if at, found = memory.spots.get(id); found {
			return at, true, nil
		}
	}
	at, found, err = rs.ids.find(id)
	if found && rs.tx.memory != nil {
		rs.tx.memory.spots.put(id, at)
	}
	return at, found, err
}

// at returns the payout at a place.
func (rs *records) at(p spot) (record, error) {
	index, known := rs.payouts[p.batch]
	if !known {
		index = readerOf(tableOfBatch(rs.tx, bucketPayouts, p.batch))
		rs.payouts[p.batch] = index
	}
	if index == nil {
		return record{}, fmt.Errorf("payouts of batch %q: %w", p.batch, errMissing)
	}
	value, err := index.get(positionKey(p.position))
	if err == nil && value == nil {
		err = fmt.Errorf("payout at %d of batch %q: %w", p.position, p.batch, errMissing)
	}
	if err != nil {
		return record{}, err
	}
	return rs.decode(p, value)
}

// met returns the payout at a place whose record may have been met, nil for one that was not.
func (rs *records) met(p spot, value []byte) (record, error) {
	if value == nil {
		return rs.at(p)
	}
	return rs.decode(p, value)
}

// decode returns the payout whose record stands at a place.
func (rs *records) decode(p spot, value []byte) (record, error) {
	r, err := decodeRecord(value)
	if err == nil && (r.Batch != p.batch || r.position != p.position) {
		err = errEncoding
	}
	if err == nil && r.State == ledger.Queued {
		r, err = rs.withIntent(r)
	}
	if err != nil {
		return record{}, fmt.Errorf("payout at %d of batch %q: %w", p.position, p.batch, err)
	}
	return r, nil
}

// withIntent returns a payout whose record says queued as submitting if there is
// an intent.
func (rs *records) withIntent(r record) (record, error) {
	index, known := rs.open[r.Batch]
	if !known {
		index = readerOf(tableOfBatch(rs.tx, bucketOpen, r.Batch))
		rs.open[r.Batch] = index
	}
	if index == nil {
		return record{}, fmt.Errorf("open payouts of batch %q: %w", r.Batch, errEncoding)
	}
	value, err := index.get(positionKey(r.position))
	if err == nil && value == nil {
		err = fmt.Errorf("its entry among the open payouts: %w", errMissing)
	}
	if err != nil {
		return record{}, err
	}
	entry, err := decodeOpen(value)
	if err == nil && entry.id != r.ID {
		err = errEncoding
	}
	return r.intend(entry), err
}

// intend returns a queued payout with the intent that its entry has, if any.
func (r record) intend(entry openEntry) record {
	if !entry.intended.IsZero() {
		r.Payout, r.event = r.Intended(entry.intended), entry.event
	}
	return r
}

// reader reads a bucket with one cursor. Most files have their ids in order, and
// then the next key lies beside the last.
type reader struct {
	table  table
	cursor *cursor
	// beside is false where the next key need not be looked for: in a transaction
	// that writes, which may have moved what lies there.
	beside bool
	// strayed counts keys that did not lie there.
	strayed int
}

// readerOf returns nil for a table that does not exist.
func readerOf(t table) *reader {
	if t.err == nil && !t.exists() {
		return nil
	}
	return &reader{table: t, cursor: t.cursor(), beside: t.err == nil && !t.bucket.Writable()}
}

// strayedMax is the number of keys that may be missed beside the last before looking there
// is given up.
const strayedMax = 4

// get returns the value of a key, nil if there is none.
func (r *reader) get(key []byte) ([]byte, error) {
	if r.beside {
		found, stored, err := r.cursor.next()
		if err != nil {
			return nil, err
		}
		if bytes.Equal(found, key) {
			return r.table.open(key, stored)
		}
		r.strayed++
		r.beside = r.strayed < strayedMax
	}
	if !r.beside {
		return r.table.get(key) // no place to go on from is needed
	}
	found, stored, err := r.cursor.seek(key)
	if err == nil && bytes.Equal(found, key) {
		return r.table.open(key, stored)
	}
	return nil, err
}
