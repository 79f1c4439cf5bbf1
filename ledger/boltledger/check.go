package boltledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// checkpointEvery is the number of events that are worth a checkpoint, which costs a commit.
const checkpointEvery = 1000

// Check implements ledger.Verifier.
//
// A disk that acknowledged a page and lost it, or wrote it elsewhere, leaves a file
// whose pages are whole and whose values have the right checksums, but some of them
// are old. They are told by the number of the event that each carries: the log says
// which event was the last about a payout. A checkpoint is only moved by a later
// process, after it has read what an earlier one wrote.
func (s *Store) Check(ctx context.Context) error {
	var from, to head
	err := s.view(func(tx *bbolt.Tx) (err error) {
		c := &checker{store: s, tx: tx, latest: map[ledger.TransactionID]uint64{}}
		from, to, err = c.run(ctx)
		return err
	})
	if err != nil || to.count < from.count+checkpointEvery {
		return err
	}
	return s.update(func(tx *bbolt.Tx) error {
		return tableOf(tx, bucketMeta).put(keyCheckpoint, to.encode())
	})
}

// checker holds what was recorded since a checkpoint against what is kept.
type checker struct {
	store *Store
	tx    *bbolt.Tx
	// latest is the number of the last event about each payout.
	latest map[ledger.TransactionID]uint64
}

func (c *checker) run(ctx context.Context) (from, to head, err error) {
	if from, err = readMark(c.tx, keyCheckpoint); err != nil {
		return from, to, err
	}
	if to, err = readHead(c.tx); err != nil {
		return from, to, err
	}
	if from.count > 0 {
		hash, known, err := hashAt(c.tx, from.count)
		if err != nil {
			return from, to, err
		}
		if !known || hash != from.hash {
			return from, to, c.store.corrupt(fmt.Sprintf("event %d", from.count), "hash "+hex.EncodeToString(from.hash[:]), "another")
		}
	}
	reached, err := eachEvent(ctx, c.store, c.tx, from, c.note)
	if err != nil {
		return from, to, err
	}
	if reached != to {
		return from, to, c.store.corruptHead(to, reached)
	}
	return from, to, c.compare()
}

// note keeps what an event says of payouts.
func (c *checker) note(event ledger.Event, where string) error {
	switch {
	case event.Enrolled > 0:
		digest := newTermsDigest()
		records := recordsOf(c.tx)
		err := eachEnrolled(c.store, c.tx, event, where, func(m member) error {
			r, err := records.read(m.id)
			if err != nil {
				return c.store.corrupt(where, "a payout", err.Error())
			}
			digest.add(r.Accepted())
			c.latest[m.id] = event.Sequence
			return nil
		})
		if err != nil {
			return err
		}
		if found := digest.hex(); found != event.Digest {
			return c.store.corrupt(where, "terms with digest "+event.Digest, found)
		}
	case event.Payout != "":
		c.latest[event.Payout] = event.Sequence
	}
	return nil
}

// compare holds every payout of which the log speaks against its last event.
func (c *checker) compare() error {
	records := recordsOf(c.tx)
	for id, event := range c.latest {
		where := fmt.Sprintf("payout %q", id)
		r, err := records.read(id)
		if errors.Is(err, ledger.ErrNotFound) {
			return c.store.corrupt(where, fmt.Sprintf("what event %d made of it", event), "nothing")
		}
		if err != nil {
			return err
		}
		if r.event != event {
			return c.store.corrupt(where, fmt.Sprintf("what event %d made of it", event), fmt.Sprintf("what event %d did", r.event))
		}
		value, err := tableOfBatch(c.tx, bucketOpen, r.Batch).get(positionKey(r.position))
		if err != nil {
			return err
		}
		entry, err := decodeOpen(value)
		if here := err == nil && entry.id == id; here != r.State.Open() {
			return c.store.corrupt(where, "an entry among the open payouts only if it is open", r.State.String())
		}
	}
	return nil
}

// eachEvent walks the chain after a place in it and returns how far it reaches.
func eachEvent(ctx context.Context, s *Store, tx *bbolt.Tx, at head, visit func(event ledger.Event, where string) error) (head, error) {
	err := tableOf(tx, bucketEvents).each(sequenceKey(at.count+1), func(key, value []byte) (bool, error) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		at.count++
		where := fmt.Sprintf("event %d", at.count)
		if !bytes.Equal(key, sequenceKey(at.count)) {
			return false, s.corrupt("the audit log", where, fmt.Sprintf("event %d", binary.BigEndian.Uint64(key)))
		}
		encoded, hash, err := splitEvent(value)
		if err != nil {
			return false, s.corrupt(where, "an event", err.Error())
		}
		if at.hash = chain(at.hash, encoded); at.hash != hash {
			return false, s.corrupt(where, fmt.Sprintf("hash %x", at.hash), hex.EncodeToString(hash[:]))
		}
		event, err := decodeEvent(encoded)
		if err != nil {
			return false, s.corrupt(where, "an event", err.Error())
		}
		return true, visit(event, where)
	})
	return at, err
}

// eachEnrolled calls visit with the members that entered with an event.
func eachEnrolled(s *Store, tx *bbolt.Tx, event ledger.Event, where string, visit func(member) error) error {
	members, adopted := tableOfBatch(tx, bucketMembers, event.Batch), tableOfBatch(tx, bucketAdopted, event.Batch)
	if !members.exists() {
		return s.corrupt(where, "a batch", fmt.Sprintf("%q, which is none", event.Batch))
	}
	entered := 0
	err := members.each(positionKey(uint32(event.First)), func(key, value []byte) (bool, error) { //nolint:gosec // written from a uint32
		m, err := readMember(key, value)
		if err != nil {
			return false, s.corrupt(where, "a member", err.Error())
		}
		if adopted.exists() && adopted.has([]byte(m.id)) {
			return true, nil
		}
		entered++
		return entered < event.Enrolled, visit(m)
	})
	if err == nil && entered < event.Enrolled {
		err = s.corrupt(where, fmt.Sprintf("%d payouts", event.Enrolled), strconv.Itoa(entered))
	}
	return err
}

func (s *Store) corrupt(where, expected, found string) error {
	return &ledger.CorruptError{Path: s.path, Where: where, Expected: expected, Found: found}
}

func (s *Store) corruptHead(recorded, reached head) error {
	return s.corrupt("the head of the audit log",
		fmt.Sprintf("event %d, %x", recorded.count, recorded.hash), fmt.Sprintf("event %d, %x", reached.count, reached.hash))
}
