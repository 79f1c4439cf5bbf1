package boltledger

import (
	"bytes"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Forge gives tests the hands of somebody who knows the format: it replaces the
// value of a key by what change makes of it and computes the checksum anew. A nil
// value that comes back removes the key.
func Forge(tx *bbolt.Tx, bucket string, batch ledger.BatchID, key []byte, change func(value []byte) []byte) error {
	t := tableOf(tx, []byte(bucket))
	if batch != "" {
		t = tableOfBatch(tx, []byte(bucket), batch)
	}
	value, err := t.get(key)
	if err != nil {
		return fmt.Errorf("forge %s %x: %w", bucket, key, err)
	}
	changed := change(bytes.Clone(value))
	if changed == nil {
		return t.delete(key)
	}
	return t.put(key, changed)
}

// Released is a batch as it would be if somebody had let it be paid.
func Released(batch []byte) []byte {
	b, err := decodeBatch(nil, batch)
	if err != nil {
		return batch
	}
	b.Release = &ledger.Release{At: time.Unix(0, 0).UTC(), Count: ledger.Count{Count: 1, Amount: money.XOF.Of(1)}}
	return encodeBatch(b)
}

// OpenEntry is an entry of the index of open payouts: the moment of an intent in
// nanoseconds, 0 for none, the number of the event that wrote it, the payout.
func OpenEntry(intended, event uint64, id ledger.TransactionID) []byte {
	return openEntry{id: id, event: event}.encodeAt(intended)
}
