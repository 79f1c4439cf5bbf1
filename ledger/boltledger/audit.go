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
	events, meta *bbolt.Bucket
	head         head
	// scratch is what is being hashed.
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
	value := tx.Bucket(bucketMeta).Get(keyHead)
	if value == nil {
		return head{}, nil
	}
	const countSize = 8
	if len(value) != countSize+sha256.Size {
		return head{}, fmt.Errorf("head of the audit log: %w", errEncoding)
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
	events := tx.Bucket(bucketEvents)
	events.FillPercent = appending
	return &auditLog{events: events, meta: tx.Bucket(bucketMeta), head: h}, nil
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
	l.err = l.events.Put(sequenceKey(event.Sequence), append(encoded, l.head.hash[:]...))
}

// finish records the new head.
func (l *auditLog) finish() error {
	if l.err != nil {
		return l.err
	}
	return l.meta.Put(keyHead, l.head.encode())
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

// Head implements ledger.Auditor.
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

// Events implements ledger.Auditor.
func (s *Store) Events(ctx context.Context) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for next := uint64(1); ; {
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
		cursor := tx.Bucket(bucketEvents).Cursor()
		for key, value := cursor.Seek(sequenceKey(from)); key != nil && len(page) < pageSize; key, value = cursor.Next() {
			encoded, hash, err := splitEvent(value)
			if err != nil {
				return fmt.Errorf("event %x: %w", key, err)
			}
			event, err := decodeEvent(encoded)
			if err != nil {
				return fmt.Errorf("event %x: %w", key, err)
			}
			event.Hash = hex.EncodeToString(hash[:])
			page = append(page, event)
		}
		return nil
	})
	return page, err
}
