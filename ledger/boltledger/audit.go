package boltledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"

	"payrun/ledger"
)

// auditLog appends events within one transaction.
type auditLog struct {
	tx           *transaction
	events, meta table
	linker       ledger.Linker
	chains       chains
	err          error
}

// chains are the chains of batches, as a table has their ends, and those that were read.
type chains struct {
	table table
	read  map[ledger.BatchID]*ledger.Chain
}

func chainsOf(tx *transaction, name []byte) chains {
	return chains{table: tableOf(tx, name), read: map[ledger.BatchID]*ledger.Chain{}}
}

// of returns the chain of a batch. What is done to it is written by put.
func (c chains) of(batch ledger.BatchID) (*ledger.Chain, error) {
	if chain, known := c.read[batch]; known {
		return chain, nil
	}
	var chain ledger.Chain
	if c.table.exists() {
		var err error
		if chain, err = readChain(c.table, chainKey(batch)); err != nil {
			return nil, err
		}
	}
	c.read[batch] = &chain
	return &chain, nil
}

// put writes the chains that were read to a table, which may be another.
func (c chains) put(to table) error {
	for batch, chain := range c.read {
		if err := to.put(chainKey(batch), encodeChain(*chain)); err != nil {
			return err
		}
	}
	return nil
}

// chainKey is the key of a batch's chain; the ledger's own, without a batch, has one too.
func chainKey(batch ledger.BatchID) []byte { return append([]byte{0}, batch...) }

func encodeChain(c ledger.Chain) []byte {
	value := make([]byte, 0, 8+len(c.Hash)+sumSize)
	return append(binary.BigEndian.AppendUint64(value, c.Count), c.Hash[:]...)
}

func readHead(tx *transaction) (ledger.Chain, error) {
	return readChain(tableOf(tx, bucketMeta), keyHead)
}

// readChain returns the chain that is kept under a key, one without a line if there is
// none.
func readChain(t table, key []byte) (ledger.Chain, error) {
	value, err := t.get(key)
	if err != nil || value == nil {
		return ledger.Chain{}, err
	}
	const countSize = 8
	if len(value) != countSize+sha256.Size {
		return ledger.Chain{}, fmt.Errorf("the end of a chain, %x: %w", key, errEncoding)
	}
	c := ledger.Chain{Count: binary.BigEndian.Uint64(value)}
	copy(c.Hash[:], value[countSize:])
	return c, nil
}

func openLog(tx *transaction) (*auditLog, error) {
	head, err := readHead(tx)
	if err != nil {
		return nil, err
	}
	events := tableOf(tx, bucketEvents)
	events.bucket.FillPercent = appending
	return &auditLog{
		tx: tx, events: events, meta: tableOf(tx, bucketMeta), linker: ledger.Linker{Heads: head}, chains: chainsOf(tx, bucketChains),
	}, nil
}

// append adds an event that moves no payout to its chains. An error is kept for finish.
func (l *auditLog) append(event ledger.Event) { l.move(event, 0) }

// move adds an event, of which previous is the one before it that is about the same payout.
func (l *auditLog) move(event ledger.Event, previous uint64) {
	if l.err != nil {
		return
	}
	batch, err := l.chains.of(event.Batch)
	if err != nil {
		l.err = err
		return
	}
	l.linker.Link(&event, batch)
	value := binary.BigEndian.AppendUint64(encodeEvent(event), previous)
	l.err = l.events.put(sequenceKey(event.Sequence), append(value, l.linker.Heads.Hash[:]...))
	if l.err == nil && event.Payout == "" {
		l.err = tableOf(l.tx, bucketActs).put(actKey(event.Batch, event.Sequence), nil)
	}
}

// last is the number of the last event.
func (l *auditLog) last() uint64 { return l.linker.Heads.Count }

// finish records where the chains end now.
func (l *auditLog) finish() error {
	if l.err != nil {
		return l.err
	}
	return errors.Join(l.chains.put(l.chains.table), l.meta.put(keyHead, encodeChain(l.linker.Heads)))
}

func sequenceKey(sequence uint64) []byte { return binary.BigEndian.AppendUint64(nil, sequence) }

// keptEvent is an event as it is kept.
type keptEvent struct {
	encoded []byte
	// previous is the number of the event before it that is about the same payout, 0 for
	// none. It is in no line that is hashed: verify follows it, and counts.
	previous uint64
	hash     [sha256.Size]byte
}

// splitEvent takes an event apart.
func splitEvent(value []byte) (kept keptEvent, err error) {
	const tail = 8 + sha256.Size
	if len(value) <= tail {
		return kept, errEncoding
	}
	cut := len(value) - tail
	kept.encoded, kept.previous = value[:cut:cut], binary.BigEndian.Uint64(value[cut:])
	copy(kept.hash[:], value[cut+8:])
	return kept, nil
}

// Head implements ledger.Log.
func (s *Store) Head(_ context.Context) (count uint64, hash string, err error) {
	var head ledger.Chain
	err = s.view(func(tx *transaction) error {
		head, err = readHead(tx)
		return err
	})
	if err != nil || head.Count == 0 {
		return 0, "", err
	}
	return head.Count, hex.EncodeToString(head.Hash[:]), nil
}

// Events implements ledger.Log.
func (s *Store) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return ledger.InPages(max(1, from), func(from uint64) ([]ledger.Event, uint64, bool, error) {
		page, err := s.eventPage(ctx, from)
		return page, from + pageSize, len(page) == pageSize, err
	})
}

func (s *Store) eventPage(ctx context.Context, from uint64) ([]ledger.Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	page := make([]ledger.Event, 0, pageSize)
	err := s.view(func(tx *transaction) error {
		return tableOf(tx, bucketEvents).each(sequenceKey(from), func(key, value []byte) (bool, error) {
			kept, err := splitEvent(value)
			if err != nil {
				return false, fmt.Errorf("event %x: %w", key, err)
			}
			event, err := decodeEvent(kept.encoded)
			if err != nil {
				return false, fmt.Errorf("event %x: %w", key, err)
			}
			event.Hash = hex.EncodeToString(kept.hash[:])
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
	err = s.view(func(tx *transaction) error {
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
func hashAt(tx *transaction, sequence uint64) (hash [sha256.Size]byte, known bool, err error) {
	value, err := tableOf(tx, bucketEvents).get(sequenceKey(sequence))
	if err != nil || value == nil {
		return hash, false, err
	}
	kept, err := splitEvent(value)
	return kept.hash, err == nil, err
}
