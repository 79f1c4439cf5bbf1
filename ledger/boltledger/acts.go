package boltledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"iter"
	"strconv"

	"payrun/ledger"
)

// actsOf begins the keys of the events of a batch, or of the ledger, that move no payout.
// With its length before it no id begins another.
func actsOf(batch ledger.BatchID) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(batch))), batch...) //nolint:gosec // a key of bbolt is shorter
}

func actKey(batch ledger.BatchID, sequence uint64) []byte {
	return binary.BigEndian.AppendUint64(actsOf(batch), sequence)
}

// Acts implements ledger.Reader.
func (s *Store) Acts(ctx context.Context, batch ledger.BatchID) iter.Seq2[ledger.Event, error] {
	return s.ActsFrom(ctx, batch, 1)
}

// ActsFrom implements ledger.Reader.
func (s *Store) ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	return ledger.InPages(from, func(from uint64) ([]ledger.Event, uint64, bool, error) { return s.actPage(ctx, batch, from) })
}

// actPage reads the acts from an event on.
func (s *Store) actPage(ctx context.Context, batch ledger.BatchID, from uint64) (page []ledger.Event, behind uint64, more bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, from, false, err
	}
	prefix := actsOf(batch)
	err = s.view(func(tx *transaction) error {
		return tableOf(tx, bucketActs).each(actKey(batch, from), func(key, _ []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			event, err := readEvent(tx, binary.BigEndian.Uint64(key[len(prefix):]))
			if err != nil {
				return false, err
			}
			page, behind = append(page, event), event.Sequence+1
			return len(page) < pageSize, nil
		})
	})
	return page, behind, len(page) == pageSize, err
}

// readEvent returns an event by its number.
func readEvent(tx *transaction, sequence uint64) (event ledger.Event, err error) {
	event, _, err = readLinked(tx, sequence)
	return event, err
}

// readLinked returns an event with the number of the one before it about the same payout.
func readLinked(tx *transaction, sequence uint64) (event ledger.Event, previous uint64, err error) {
	value, err := tableOf(tx, bucketEvents).get(sequenceKey(sequence))
	if err == nil && value == nil {
		err = errMissing
	}
	if err != nil {
		return event, 0, fmt.Errorf("event %d: %w", sequence, err)
	}
	kept, err := splitEvent(value)
	if err == nil {
		event, err = decodeEvent(kept.encoded)
	}
	if err != nil {
		return event, 0, fmt.Errorf("event %d: %w", sequence, err)
	}
	event.Hash = hex.EncodeToString(kept.hash[:])
	return event, kept.previous, nil
}

// compareActIndex holds the index of acts against the log, in which so many were met.
func (v *verifier) compareActIndex() error {
	listed, err := tableOf(v.tx, bucketActs).count()
	if err == nil && listed != v.acts {
		err = v.store.corrupt("the acts", strconv.Itoa(v.acts), strconv.Itoa(listed))
	}
	return err
}

// listedAct returns an error unless an event that moves no payout is in the index of acts.
func listedAct(s *Store, tx *transaction, event ledger.Event, where string) error {
	if event.Payout != "" {
		return nil
	}
	listed, err := tableOf(tx, bucketActs).has(actKey(event.Batch, event.Sequence))
	if err == nil && !listed {
		err = s.corrupt(where, "an entry among the acts", "none")
	}
	return err
}
