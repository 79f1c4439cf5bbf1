package boltledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"payrun/ledger"
)

// checkpointEvery is the number of events, and of payouts that entered with them, that are
// worth a checkpoint, which costs a commit.
const checkpointEvery = 1000

// Check implements ledger.Verifier.
//
// A disk that acknowledged a page and lost it, or wrote it elsewhere, leaves a file
// whose pages are whole and whose values have the right checksums, but some of them
// are old. They are told by the number of the event that each carries: the log says
// which event was the last about a payout. A checkpoint is only moved by a later
// process, after it has read what an earlier one wrote.
//
// One that was moved is not paid from: a *ledger.MovedError.
func (s *Store) Check(ctx context.Context) error {
	if err := s.movedError(); err != nil {
		return err
	}
	var from ledger.Chain
	var reached walk
	var read int
	err := s.view(func(tx *transaction) (err error) {
		c := &checker{store: s, tx: tx, records: recordsOf(tx)}
		from, reached, err = c.run(ctx)
		read = int(reached.linker.Heads.Count-from.Count) + c.entered //nolint:gosec // not negative
		return err
	})
	if err != nil || read < checkpointEvery {
		return err
	}
	return s.update(func(tx *transaction) error {
		return errors.Join(
			reached.chains.put(tableOf(tx, bucketChecked)),
			tableOf(tx, bucketMeta).put(keyCheckpoint, encodeChain(reached.linker.Heads)),
		)
	})
}

// checker holds what was recorded since a checkpoint against what is kept.
type checker struct {
	store   *Store
	tx      *transaction
	records *records
	// head is the number of the last event of the log.
	head uint64
	// entered counts the payouts that entered.
	entered int
}

func (c *checker) run(ctx context.Context) (from ledger.Chain, reached walk, err error) {
	if from, err = readChain(tableOf(c.tx, bucketMeta), keyCheckpoint); err != nil {
		return from, reached, err
	}
	if from.Count > 0 {
		hash, known, err := hashAt(c.tx, from.Count)
		if err != nil {
			return from, reached, err
		}
		if !known || hash != from.Hash {
			return from, reached, c.store.corrupt(fmt.Sprintf("event %d", from.Count), "hash "+hex.EncodeToString(from.Hash[:]), "another")
		}
	}
	reached = walkFrom(c.tx, from)
	head, err := readHead(c.tx)
	if err != nil {
		return from, reached, c.store.corrupt("the head of the audit log", "a head", err.Error())
	}
	c.head = head.Count
	err = reached.walk(ctx, c.store, c.note)
	return from, reached, err
}

// note holds the payouts that an event is about against it.
func (c *checker) note(event ledger.Event, where string) error {
	if err := listedAct(c.store, c.tx, event, where); err != nil {
		return err
	}
	switch {
	case event.Enrolled > 0:
		digest := ledger.NewListDigest()
		err := eachEnrolled(c.store, c.tx, event, where, func(at spot, value []byte) error {
			c.entered++
			r, err := c.records.decode(at, value)
			if err != nil {
				return c.store.corrupt(where, "a payout", err.Error())
			}
			terms := r.Accepted()
			digest.Add(&terms)
			if err := c.compareID(r); err != nil {
				return err
			}
			if r.event == event.Sequence {
				return c.compareOpen(r)
			}
			if r.event < event.Sequence || r.event > c.head {
				return c.store.corrupt(where, "what became of its payouts", fmt.Sprintf("what event %d did", r.event))
			}
			return nil
		})
		if err != nil {
			return err
		}
		if found := digest.Hex(); found != event.Digest {
			return c.store.corrupt(where, "terms with digest "+event.Digest, found)
		}
	case event.Payout != "":
		return c.compareMove(event)
	}
	return nil
}

// compareMove holds the payout that an event moved against it. What it is now was made by
// that event or by a later one, which the walk has yet to come to.
func (c *checker) compareMove(event ledger.Event) error {
	where := wherePayout(event.Payout)
	expected := fmt.Sprintf("what event %d made of it", event.Sequence)
	r, err := c.records.read(event.Payout)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return c.store.corrupt(where, expected, "nothing")
	case err != nil:
		return err
	case r.event < event.Sequence, r.event > c.head:
		return c.store.corrupt(where, expected, fmt.Sprintf("what event %d did", r.event))
	case r.event > event.Sequence:
		return nil
	}
	return c.compareOpen(r)
}

// compareID looks for a payout by its id: one that is not found would seem to be new.
func (c *checker) compareID(r record) error {
	at, found, err := c.records.ids.find(r.ID)
	if err == nil && (!found || at != r.spot()) {
		err = c.store.corrupt(wherePayout(r.ID), "to be found by its id", "another place, or none")
	}
	return err
}

func wherePayout(id ledger.TransactionID) string { return fmt.Sprintf("payout %q", id) }

// compareOpen holds a payout against the index of open ones.
func (c *checker) compareOpen(r record) error {
	value, err := tableOfBatch(c.tx, bucketOpen, r.Batch).get(positionKey(r.position))
	if err != nil {
		return err
	}
	entry, err := decodeOpen(value)
	if here := err == nil && entry.id == r.ID; here != r.State.Open() {
		return c.store.corrupt(wherePayout(r.ID), "an entry among the open payouts only if it is open", r.State.String())
	}
	return nil
}

// walk follows the chains from where they were at some moment.
type walk struct {
	tx     *transaction
	linker ledger.Linker
	// chains are those of the batches that the walk has met.
	chains chains
}

// walkFrom begins at the checkpoint that has the given head, or at the first event.
func walkFrom(tx *transaction, from ledger.Chain) walk {
	w := walk{tx: tx, linker: ledger.Linker{Heads: from}, chains: chainsOf(tx, bucketChecked)}
	if from.Count == 0 {
		w.chains.table = table{}
	}
	return w
}

// walk visits every event after the place where it stands, to the end of the chains,
// which must be where the ledger says.
func (w *walk) walk(ctx context.Context, s *Store, visit func(event ledger.Event, where string) error) error {
	err := tableOf(w.tx, bucketEvents).each(sequenceKey(w.linker.Heads.Count+1), func(key, value []byte) (bool, error) {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		number := w.linker.Heads.Count + 1
		where := fmt.Sprintf("event %d", number)
		if !bytes.Equal(key, sequenceKey(number)) {
			return false, s.corrupt("the audit log", where, fmt.Sprintf("event %d", binary.BigEndian.Uint64(key)))
		}
		event, err := w.link(s, where, value)
		if err != nil {
			return false, err
		}
		return true, visit(event, where)
	})
	if err != nil {
		return err
	}
	return w.compare(s)
}

// link decodes the next event and holds it against the chains.
func (w *walk) link(s *Store, where string, value []byte) (ledger.Event, error) {
	kept, err := splitEvent(value)
	if err != nil {
		return ledger.Event{}, s.corrupt(where, "an event", err.Error())
	}
	event, err := decodeEvent(kept.encoded)
	if err != nil {
		return ledger.Event{}, s.corrupt(where, "an event", err.Error())
	}
	chain, err := w.chains.of(event.Batch)
	if err != nil {
		return ledger.Event{}, s.corrupt(where, "a chain to go on", err.Error())
	}
	linked := event
	w.linker.Link(&linked, chain)
	if linked.Sequence != event.Sequence || linked.Place != event.Place || w.linker.Heads.Hash != kept.hash {
		return ledger.Event{}, s.corrupt(where,
			fmt.Sprintf("number %d, place %d, hash %x", linked.Sequence, linked.Place, w.linker.Heads.Hash),
			fmt.Sprintf("number %d, place %d, hash %x", event.Sequence, event.Place, kept.hash))
	}
	return event, nil
}

// compare holds the ends of the chains that the walk met against those that are kept.
func (w *walk) compare(s *Store) error {
	head, err := readHead(w.tx)
	if err != nil {
		return s.corrupt("the head of the audit log", "a head", err.Error())
	}
	if head != w.linker.Heads {
		return s.corruptEnd("the head of the audit log", head, w.linker.Heads)
	}
	kept := tableOf(w.tx, bucketChains)
	for batch, chain := range w.chains.read {
		end, err := readChain(kept, chainKey(batch))
		if err != nil {
			return s.corrupt(fmt.Sprintf("the chain of batch %q", batch), "its end", err.Error())
		}
		if end != *chain {
			return s.corruptEnd(fmt.Sprintf("the chain of batch %q", batch), end, *chain)
		}
	}
	return nil
}

// eachEnrolled calls visit with the records of the payouts that entered with an event.
func eachEnrolled(s *Store, tx *transaction, event ledger.Event, where string, visit func(at spot, value []byte) error) error {
	payouts := tableOfBatch(tx, bucketPayouts, event.Batch)
	if payouts.err == nil && !payouts.exists() {
		return s.corrupt(where, "a batch", fmt.Sprintf("%q, which is none", event.Batch))
	}
	entered := 0
	err := payouts.each(positionKey(uint32(event.First)), func(key, value []byte) (bool, error) { //nolint:gosec // written from a uint32
		if len(key) != positionSize {
			return false, s.corrupt(where, "a position", hex.EncodeToString(key))
		}
		entered++
		return entered < event.Enrolled, visit(spot{batch: event.Batch, position: binary.BigEndian.Uint32(key)}, value)
	})
	if err == nil && entered < event.Enrolled {
		err = s.corrupt(where, fmt.Sprintf("%d payouts", event.Enrolled), strconv.Itoa(entered))
	}
	return err
}

func (s *Store) corrupt(where, expected, found string) error {
	return &ledger.CorruptError{Path: s.path, Where: where, Expected: expected, Found: found}
}

func (s *Store) corruptEnd(where string, recorded, reached ledger.Chain) error {
	return s.corrupt(where,
		fmt.Sprintf("line %d, %x", recorded.Count, recorded.Hash), fmt.Sprintf("line %d, %x", reached.Count, reached.Hash))
}
