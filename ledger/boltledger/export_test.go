package boltledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"
	"go.etcd.io/bbolt"

	"payrun/ledger"
	"payrun/ledger/money"
)

// Forge gives tests the hands of somebody who knows the format: it replaces the
// value of a key by what change makes of it and computes the checksum anew. A nil
// value that comes back removes the key.
func Forge(tx *bbolt.Tx, bucket string, batch ledger.BatchID, key []byte, change func(value []byte) []byte) error {
	guarded := &transaction{Tx: tx}
	t := tableOf(guarded, []byte(bucket))
	if batch != "" {
		t = tableOfBatch(guarded, []byte(bucket), batch)
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

// ForgeFinder replaces the entries of the finder of repeated payments by what change makes
// of them, as somebody would who knows the format: a change returns nil for an entry that
// goes. Others may be added.
func ForgeFinder(tx *bbolt.Tx, change func(key, value []byte) (changed []byte), added ...[2][]byte) error {
	f := finderOf(&transaction{Tx: tx})
	all, err := f.list()
	if err != nil {
		return err
	}
	var entries []keyed
	for _, r := range all {
		err := r.each(nil, func(e keyed) error {
			if value := change(e.key, bytes.Clone(e.value)); value != nil {
				entries = append(entries, keyed{bytes.Clone(e.key), value})
			}
			return nil
		})
		if err := errors.Join(err, f.tx.deletePart(f.name, r.name)); err != nil {
			return err
		}
	}
	for _, one := range added {
		entries = append(entries, keyed{one[0], one[1]})
	}
	return f.add(entries)
}

// ForgeIDs makes the index of ids say where payouts are, nil for nowhere.
func ForgeIDs(tx *bbolt.Tx, places map[string][]byte) error {
	index := idsOf(&transaction{Tx: tx})
	all, err := index.list()
	if err != nil {
		return err
	}
	var entries []keyed
	for _, r := range all {
		err := r.each(nil, func(e keyed) error {
			if _, forged := places[string(e.key)]; !forged {
				entries = append(entries, keyed{bytes.Clone(e.key), bytes.Clone(e.value)})
			}
			return nil
		})
		if err := errors.Join(err, index.tx.deletePart(index.name, r.name)); err != nil {
			return err
		}
	}
	for id, place := range places {
		if place != nil {
			entries = append(entries, keyed{[]byte(id), place})
		}
	}
	return index.add(entries)
}

// ForgeFilter gives a run of the finder the filter of other numbers.
func ForgeFilter(tx *bbolt.Tx) error {
	f := finderOf(&transaction{Tx: tx})
	all, err := f.list()
	if err != nil {
		return err
	}
	low, high, readErr := all[0].bounds()
	filter, encodeErr := encodeFilter(low, high, []uint64{1})
	return errors.Join(err, readErr, encodeErr, all[0].put(keyFilter, filter))
}

// ForgeRange gives a run of the finder a filter that says that it ends before its last key.
func ForgeRange(tx *bbolt.Tx) error {
	f := finderOf(&transaction{Tx: tx})
	all, err := f.list()
	if err != nil {
		return err
	}
	low, _, err := all[0].bounds()
	if err != nil {
		return err
	}
	var hashes []uint64
	err = all[0].each(nil, func(e keyed) error {
		hashes = append(hashes, xxhash.Sum64(numberOf(e.key)))
		return nil
	})
	filter, encodeErr := encodeFilter(low, low, hashes)
	return errors.Join(err, encodeErr, all[0].put(keyFilter, filter))
}

// Released is a batch as it would be if somebody had let it be paid.
func Released(batch []byte) []byte {
	b, err := decodeBatch(nil, batch)
	if err != nil {
		return batch
	}
	b.Release = &ledger.Release{At: time.Unix(0, 0).UTC(), Count: ledger.Total{Count: 1, Amount: money.XOF.Of(1)}}
	return encodeBatch(b)
}

// Since is a payout whose record says that another event wrote it.
func Since(event uint64) func(record []byte) []byte {
	return func(value []byte) []byte {
		r, err := decodeRecord(value)
		if err != nil {
			return value
		}
		r.event = event
		return r.encode()
	}
}

// Renumbered is an event that says it is another, with the hash that it had.
func Renumbered(change func(*ledger.Event)) func(event []byte) []byte {
	return func(value []byte) []byte {
		kept, err := splitEvent(value)
		event, decodeErr := decodeEvent(kept.encoded)
		if err != nil || decodeErr != nil {
			return value
		}
		change(&event)
		return append(encodeEvent(event), value[len(kept.encoded):]...)
	}
}

// EnrolFirst is how many rows are made durable together at first.
const EnrolFirst = enrolFirst

// OpenEntry is an entry of the index of open payouts: the moment of an intent in
// nanoseconds, 0 for none, the number of the event that wrote it, the payout.
func OpenEntry(intended, event uint64, id ledger.TransactionID) []byte {
	return openEntry{id: id, event: event}.encodeAt(intended)
}

// Looked returns how many pages an open ledger has looked at.
func Looked(s *Store) int {
	s.guard.mutex.Lock()
	defer s.guard.mutex.Unlock()
	return len(s.guard.checked)
}

// ForgeFree has a closed ledger say that a page in use is free, as somebody would who knows
// the format, and seals that.
func ForgeFree(image []byte, used uint64) error {
	file := writableImage(image)
	boot, _ := newestBootPage(file)
	_, list, err := freePages(file, boot)
	if err != nil {
		return err
	}
	at := int(list.id) * int(boot.pageSize) //nolint:gosec // small
	end := at + len(list.data)
	binary.NativeEndian.PutUint64(image[end:], used)
	binary.NativeEndian.PutUint16(image[at+10:], uint16(list.count)+1) //nolint:gosec // small
	if _, list, err = freePages(file, boot); err != nil {
		return err
	}
	copy(image[boot.sealPlace():], boot.seal(list))
	return nil
}

// Unseal takes the seals off a closed ledger, as a machine that went down does.
func Unseal(image []byte) {
	file := writableImage(image)
	boot, _ := newestBootPage(file)
	for boot.txid = range uint64(2) {
		clear(image[boot.sealPlace():][:sealSize])
	}
}

// RootPage is the page at which a part of a closed ledger begins.
func RootPage(tx *bbolt.Tx, name string) uint64 { return uint64(tx.Bucket([]byte(name)).Root()) }

// writableImage is a file in memory.
type writableImage []byte

func (w writableImage) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(w).ReadAt(p, at)
}
