package boltledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// auditLog appends events within one transaction.
type auditLog struct {
	events, meta table
	head         head
	// scratch holds the bytes to hash.
	scratch []byte
	err     error
}

// head is the number of events and the hash of the last.
type head struct {
	count uint64
	hash  [sha256.Size]byte
}

func (h head) encode() []byte {
	return append(binary.BigEndian.AppendUint64(nil, h.count), h.hash[:]...)
}

func readHead(tx *bbolt.Tx) (head, error) {
	return readMark(tx, keyHead)
}

// readMark returns a place in the audit log that is kept under a key, the one before
// the first event if there is none.
func readMark(tx *bbolt.Tx, name []byte) (head, error) {
	value, err := tableOf(tx, bucketMeta).get(name)
	if err != nil || value == nil {
		return head{}, err
	}
	const countSize = 8
	if len(value) != countSize+sha256.Size {
		return head{}, fmt.Errorf("%s of the audit log: %w", name, errEncoding)
	}
	h := head{count: binary.BigEndian.Uint64(value)}
	copy(h.hash[:], value[countSize:])
	return h, nil
}

func openLog(tx *bbolt.Tx) (*auditLog, error) {
	h, err := readHead(tx)
	if err != nil {
		return nil, err
	}
	events := tableOf(tx, bucketEvents)
	events.bucket.FillPercent = appending
	return &auditLog{events: events, meta: tableOf(tx, bucketMeta), head: h}, nil
}

// append adds an event and chains it. An error is kept for finish.
func (l *auditLog) append(event ledger.Event) {
	if l.err != nil {
		return
	}
	l.head.count++
	event.Sequence = l.head.count
	encoded := encodeEvent(event)
	l.scratch = append(append(l.scratch[:0], l.head.hash[:]...), encoded...)
	l.head.hash = sha256.Sum256(l.scratch)
	l.err = l.events.put(sequenceKey(event.Sequence), append(encoded, l.head.hash[:]...))
}

// finish records the new head.
func (l *auditLog) finish() error {
	if l.err != nil {
		return l.err
	}
	return l.meta.put(keyHead, l.head.encode())
}

func chain(before [sha256.Size]byte, encoded []byte) [sha256.Size]byte {
	return sha256.Sum256(append(before[:], encoded...))
}

func sequenceKey(sequence uint64) []byte { return binary.BigEndian.AppendUint64(nil, sequence) }

// splitEvent separates an event's encoding from its hash.
func splitEvent(value []byte) (encoded []byte, hash [sha256.Size]byte, err error) {
	if len(value) <= sha256.Size {
		return nil, hash, errEncoding
	}
	cut := len(value) - sha256.Size
	copy(hash[:], value[cut:])
	return value[:cut], hash, nil
}

// Head implements ledger.Log.
func (s *Store) Head(_ context.Context) (count uint64, hash string, err error) {
	var h head
	err = s.view(func(tx *bbolt.Tx) error {
		h, err = readHead(tx)
		return err
	})
	if err != nil || h.count == 0 {
		return 0, "", err
	}
	return h.count, hex.EncodeToString(h.hash[:]), nil
}

// Events implements ledger.Log.
func (s *Store) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for next := max(1, from); ; {
			page, err := s.eventPage(ctx, next)
			if err != nil {
				yield(ledger.Event{}, err)
				return
			}
			for _, event := range page {
				if !yield(event, nil) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
			next += pageSize
		}
	}
}

func (s *Store) eventPage(ctx context.Context, from uint64) ([]ledger.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	page := make([]ledger.Event, 0, pageSize)
	err := s.view(func(tx *bbolt.Tx) error {
		return tableOf(tx, bucketEvents).each(sequenceKey(from), func(key, value []byte) (bool, error) {
			encoded, hash, err := splitEvent(value)
			if err != nil {
				return false, fmt.Errorf("event %x: %w", key, err)
			}
			event, err := decodeEvent(encoded)
			if err != nil {
				return false, fmt.Errorf("event %x: %w", key, err)
			}
			event.Hash = hex.EncodeToString(hash[:])
			page = append(page, event)
			return len(page) < pageSize, nil
		})
	})
	return page, err
}

// HashAt implements ledger.Log.
func (s *Store) HashAt(ctx context.Context, sequence uint64) (found string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	err = s.view(func(tx *bbolt.Tx) error {
		h, known, err := hashAt(tx, sequence)
		if known {
			found = hex.EncodeToString(h[:])
		}
		return err
	})
	return found, err
}

// hashAt returns an event's hash as the log has it; it is not known of an event
// that is not there.
func hashAt(tx *bbolt.Tx, sequence uint64) (hash [sha256.Size]byte, known bool, err error) {
	value, err := tableOf(tx, bucketEvents).get(sequenceKey(sequence))
	if err != nil || value == nil {
		return hash, false, err
	}
	_, hash, err = splitEvent(value)
	return hash, err == nil, err
}
