package boltledger

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cespare/xxhash/v2"
	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// table is a bucket whose values carry a checksum over the bucket's name, their
// key and themselves. bbolt checks none of what it reads, so a flipped bit, or a
// page of another place, would otherwise be believed.
type table struct {
	bucket *bbolt.Bucket
	// seed stands for the name, of the bucket and of the batch it belongs to.
	seed uint64
}

// sumSize is the length of a checksum, which stands behind the value.
const sumSize = 8

// errChecksum says that a value is not the one that was written under its key.
var errChecksum = fmt.Errorf("%w: its checksum does not fit", errEncoding)

// errMissing says that something is gone that is written of elsewhere.
var errMissing = errors.New("missing though it was recorded")

// seedOf stands for a part of a table, such as that of a batch.
func seedOf(name []byte, part string) uint64 {
	return xxhash.Sum64(append(append(append([]byte(nil), name...), 0), part...))
}

// tableOf returns a table that stands for itself.
func tableOf(tx *bbolt.Tx, name []byte) table {
	return table{bucket: tx.Bucket(name), seed: seedOf(name, "")}
}

// tableOfBatch returns a batch's part of a table; its bucket is nil if there is none.
func tableOfBatch(tx *bbolt.Tx, name []byte, batch ledger.BatchID) table {
	return table{bucket: tx.Bucket(name).Bucket([]byte(batch)), seed: seedOf(name, string(batch))}
}

// makeTableOfBatch returns a batch's part of a table, which it makes if need be.
func makeTableOfBatch(tx *bbolt.Tx, name []byte, batch ledger.BatchID) (table, error) {
	b, err := tx.Bucket(name).CreateBucketIfNotExists([]byte(batch))
	if err != nil {
		return table{}, err
	}
	b.FillPercent = appending
	return table{bucket: b, seed: seedOf(name, string(batch))}, nil
}

// exists reports whether there is such a table.
func (t table) exists() bool { return t.bucket != nil }

func (t table) sum(key, value []byte) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(t.seed + uint64(len(key)))
	_, _ = d.Write(key)
	_, _ = d.Write(value)
	return d.Sum64()
}

// put writes a value, to which it appends its checksum.
func (t table) put(key, value []byte) error {
	return t.bucket.Put(key, binary.BigEndian.AppendUint64(value, t.sum(key, value)))
}

func (t table) delete(key []byte) error { return t.bucket.Delete(key) }

// get returns the value of a key, nil if there is none.
func (t table) get(key []byte) ([]byte, error) { return t.open(key, t.bucket.Get(key)) }

// has reports whether there is a value, without looking at it.
func (t table) has(key []byte) bool { return t.bucket.Get(key) != nil }

// open returns what put was given for the key, nil for nothing.
func (t table) open(key, stored []byte) ([]byte, error) {
	if stored == nil {
		return nil, nil
	}
	cut := len(stored) - sumSize
	if cut < 0 {
		return nil, errChecksum
	}
	value := stored[:cut:cut]
	if binary.BigEndian.Uint64(stored[cut:]) != t.sum(key, value) {
		return nil, errChecksum
	}
	return value, nil
}

// each calls visit with every key from the given one on, in order, until it
// returns false or an error.
func (t table) each(from []byte, visit func(key, value []byte) (more bool, err error)) error {
	cursor := t.bucket.Cursor()
	for key, stored := cursor.Seek(from); key != nil; key, stored = cursor.Next() {
		value, err := t.open(key, stored)
		if err != nil {
			return fmt.Errorf("key %x: %w", key, err)
		}
		if more, err := visit(key, value); err != nil || !more {
			return err
		}
	}
	return nil
}

// count reads every value and returns how many there are.
func (t table) count() (int, error) {
	if !t.exists() {
		return 0, nil
	}
	n := 0
	err := t.each(nil, func([]byte, []byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}
