package boltledger

import (
	"bytes"
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
	// trail goes ahead to each page that is read, nil if nothing does.
	trail *trail
	// err is why the bucket cannot be read.
	err error
}

// sumSize is the length of a checksum, which stands behind the value.
const sumSize = 8

// errChecksum says that a value is not the one that was written under its key.
var errChecksum = fmt.Errorf("%w: its checksum does not fit", errEncoding)

// errMissing says that something is gone that is written of elsewhere.
var errMissing = errors.New("missing though it was recorded")

// seedOf stands for a part of a table, such as that of a batch.
func seedOf(name []byte, part string) uint64 {
	const usual = 128 // bytes, which take no memory of the heap
	return xxhash.Sum64(append(append(append(make([]byte, 0, usual), name...), 0), part...))
}

// errPages says that a page is not as it was written.
var errPages = errors.New("a page is not as it was written")

func pagesError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", errPages, err)
}

// tableOf returns a table that stands for itself.
func tableOf(tx *transaction, name []byte) table { return tx.top(name) }

// tableOfBatch returns a batch's part of a table; its bucket is nil if there is none.
func tableOfBatch(tx *transaction, name []byte, batch ledger.BatchID) table {
	return tx.part(name, []byte(batch))
}

// makeTableOfBatch returns a batch's part of a table, which it makes if need be.
func makeTableOfBatch(tx *transaction, name []byte, batch ledger.BatchID) (table, error) {
	made, err := tx.makePart(name, []byte(batch))
	if err != nil {
		return table{}, err
	}
	made.bucket.FillPercent = appending
	return made, nil
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
	if err := t.reach(key); err != nil {
		return err
	}
	return t.bucket.Put(key, binary.BigEndian.AppendUint64(value, t.sum(key, value)))
}

func (t table) delete(key []byte) error {
	if t.err != nil {
		return t.err
	}
	if err := t.trail.reachAround(key); err != nil {
		return pagesError(err)
	}
	return t.bucket.Delete(key)
}

// get returns the value of a key, nil if there is none.
func (t table) get(key []byte) ([]byte, error) {
	if err := t.reach(key); err != nil {
		return nil, err
	}
	return t.open(key, t.bucket.Get(key))
}

// has reports whether there is a value.
func (t table) has(key []byte) (bool, error) {
	err := t.reach(key)
	return err == nil && t.bucket.Get(key) != nil, err
}

// reach has the page looked at in which a key is.
func (t table) reach(key []byte) error {
	if t.err != nil {
		return t.err
	}
	return pagesError(t.trail.reach(key))
}

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
	cursor := t.cursor()
	key, stored, err := cursor.seek(from)
	for ; key != nil && err == nil; key, stored, err = cursor.next() {
		value, err := t.open(key, stored)
		if err != nil {
			return fmt.Errorf("key %x: %w", key, err)
		}
		if more, err := visit(key, value); err != nil || !more {
			return err
		}
	}
	return err
}

// count reads every value and returns how many there are.
func (t table) count() (int, error) {
	if t.err == nil && !t.exists() {
		return 0, nil
	}
	n := 0
	err := t.each(nil, func([]byte, []byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

// cursor goes through a table, whose pages are looked at ahead of it. It stands nowhere at
// first.
type cursor struct {
	table  table
	cursor *bbolt.Cursor
	// at is the key where it stands, nil for none.
	at []byte
}

func (t table) cursor() *cursor {
	if t.bucket == nil {
		return &cursor{table: t}
	}
	return &cursor{table: t, cursor: t.bucket.Cursor()}
}

// seek goes to a key, or to the first one behind it.
func (c *cursor) seek(key []byte) (found, stored []byte, err error) {
	if c.table.err != nil {
		return nil, nil, c.table.err
	}
	if err := c.table.trail.reachBehind(key); err != nil {
		return nil, nil, pagesError(err)
	}
	c.at, stored = c.cursor.Seek(key)
	return c.at, stored, nil
}

// seekBefore goes to a key, or to the last one before it, or to the first of all.
func (c *cursor) seekBefore(key []byte) (found, stored []byte, err error) {
	if found, stored, err = c.seek(key); err != nil || bytes.Equal(found, key) {
		return found, stored, err
	}
	if err := c.table.trail.reachBefore(key); err != nil {
		return nil, nil, pagesError(err)
	}
	if found == nil {
		c.at, stored = c.cursor.Last()
	} else {
		c.at, stored = c.cursor.Prev()
	}
	if c.at == nil {
		return c.seek(nil)
	}
	return c.at, stored, nil
}

// next goes to the next key.
func (c *cursor) next() (found, stored []byte, err error) {
	if c.table.err != nil {
		return nil, nil, c.table.err
	}
	if c.at == nil {
		return nil, nil, nil
	}
	if err := c.table.trail.reachBehind(c.at); err != nil {
		return nil, nil, pagesError(err)
	}
	c.at, stored = c.cursor.Next()
	return c.at, stored, nil
}
