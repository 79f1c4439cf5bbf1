package boltledger

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"

	"payrun/ledger"
)

// payout replays one payout from its entering on, and holds its record and its entries in
// the indexes against what comes of that.
func (v *verifier) payout(entered ledger.Event, stored record, value []byte) error {
	where := wherePayout(stored.ID)
	listed, err := tableOfBatch(v.tx, bucketOpen, stored.Batch).get(positionKey(stored.position))
	if err != nil {
		return err
	}
	moves, err := v.movesOf(where, entered.Sequence, stored, listed)
	if err != nil {
		return err
	}
	life := beginLife(entered, stored)
	for i := range moves {
		if err := life.move(moves[i]); err != nil {
			return v.store.corrupt(fmt.Sprintf("event %d", moves[i].Sequence), "an event that can be replayed", err.Error())
		}
	}
	if !bytes.Equal(value, life.record.encode()) {
		return v.store.corrupt(where, "what its events make of it: "+life.now.State.String(), stored.State.String()+", or other content")
	}
	if open := life.openEntry(); !bytes.Equal(listed, open) {
		return v.store.corrupt(where, fmt.Sprintf("the entry %x among the open payouts", open), hex.EncodeToString(listed))
	}
	if err := v.compareNoted(where, stored.position, life.now); err != nil {
		return err
	}
	v.count(stored.spot(), life.now)
	return v.compareNames(where, moves)
}

// movesOf returns the events that moved a payout since it entered, in order: they lead back
// one to the other from the last that its record, or its entry among the open payouts, has.
func (v *verifier) movesOf(where string, entered uint64, stored record, listed []byte) (moves []ledger.Event, err error) {
	last := stored.event
	if entry, err := decodeOpen(listed); err == nil && !entry.intended.IsZero() {
		last = entry.event
	}
	for last != entered {
		event, previous, err := readLinked(v.tx, last)
		if err != nil {
			return nil, err
		}
		if event.Payout != stored.ID || previous >= last || previous < entered {
			return nil, v.store.corrupt(where, fmt.Sprintf("events that lead back to event %d", entered), fmt.Sprintf("event %d", last))
		}
		moves = append(moves, event)
		last = previous
	}
	slices.Reverse(moves)
	v.followed += uint64(len(moves))
	return moves, nil
}

// count counts a payout, and what indexes must have of it.
func (v *verifier) count(at spot, now ledger.Payout) {
	batch := v.batch(at.batch)
	batch.counts.Add(now)
	if now.State.Open() {
		batch.open++
	}
	if noted(now) {
		batch.noted++
	}
	v.result.Payouts++
	v.result.ByState.Add(now)
	v.ids.add(keyed{key: []byte(now.ID), value: at.encode()})
	var own [][]byte
	for _, attempt := range now.Attempts() {
		one := fingerprint(attempt.Terms, now.QueuedAt)
		if !slices.ContainsFunc(own, func(key []byte) bool { return bytes.Equal(key, one.key) }) {
			own = append(own, one.key)
			v.finder.add(one)
		}
	}
}

// compareNoted holds a payout against the index of notable ones.
func (v *verifier) compareNoted(where string, position uint32, now ledger.Payout) error {
	listed, err := tableOfBatch(v.tx, bucketNoted, now.Batch).get(positionKey(position))
	if err != nil {
		return err
	}
	if noted(now) != (string(listed) == string(now.ID)) {
		return v.store.corrupt(where, "an entry among the notable payouts only if it is one", now.State.String())
	}
	return nil
}

// compareNames looks for the names of a payout's later attempts.
func (v *verifier) compareNames(where string, moves []ledger.Event) error {
	for i := range moves {
		reference := moves[i].Change().Reference
		if reference == "" {
			continue
		}
		v.references++
		owner, err := tableOf(v.tx, bucketReferences).get([]byte(reference))
		if err != nil {
			return err
		}
		if string(owner) != string(moves[i].Payout) {
			return v.store.corrupt(where, fmt.Sprintf("its reference %q", reference), fmt.Sprintf("%q", owner))
		}
	}
	return nil
}

// life is a payout as its events make it, and what the ledger keeps of it.
type life struct {
	now ledger.Payout
	// record stands in the payouts; an intent is in the index of open ones alone.
	record record
	open   openEntry
}

func beginLife(entered ledger.Event, stored record) *life {
	now := ledger.NewPayout(stored.Accepted(), entered.Batch, stored.Row, entered.At)
	return &life{
		now: now, record: record{Payout: now, position: stored.position, event: entered.Sequence},
		open: openEntry{id: now.ID, event: entered.Sequence},
	}
}

func (l *life) move(event ledger.Event) error {
	change := event.Change()
	before := l.now
	after, err := before.Applied(change)
	if err != nil {
		return err
	}
	l.now = after
	if onlyIntent(change) {
		l.open.intended, l.open.event = change.At, event.Sequence
		return nil
	}
	l.record.Payout, l.record.event = after, event.Sequence
	if indexing(before.State, after.State) == listed {
		l.open = openEntry{id: after.ID, event: event.Sequence}
	}
	return nil
}

// openEntry is the payout's entry among the open ones, nil if it has none.
func (l *life) openEntry() []byte {
	if !l.now.State.Open() {
		return nil
	}
	return l.open.encode()
}
