package memledger

import (
	"context"
	"encoding/hex"
	"iter"
	"time"

	"payrun/ledger"
)

// append adds events to the audit log.
func (s *Store) append(events ...ledger.Event) {
	for _, event := range events {
		chain := s.chains[event.Batch]
		s.linker.Link(&event, &chain)
		s.chains[event.Batch] = chain
		event.Hash = hex.EncodeToString(s.linker.Heads.Hash[:])
		s.events = append(s.events, event)
	}
}

// enrolled are the rows of one enrolment that became payouts.
type enrolled struct {
	at           time.Time
	first, count int
	list         *ledger.ListDigest
}

// add notes a payout that entered at a position of its batch.
func (e *enrolled) add(terms ledger.Terms, position int) {
	if e.first == 0 {
		e.first = position
	}
	e.count++
	e.list.Add(&terms)
}

// logEnrolment appends the event of an enrolment that brought something in.
func (s *Store) logEnrolment(batch ledger.Batch, entered enrolled) {
	if entered.count == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.append(ledger.Event{
		At: entered.at, Actor: ledger.EnrolActor, By: batch.By, Batch: batch.ID,
		Enrolled: entered.count, First: entered.first, Digest: entered.list.Hex(),
	})
}

// hashAt is HashAt within the lock.
func (s *Store) hashAt(sequence uint64) string {
	if sequence == 0 || sequence > uint64(len(s.events)) {
		return ""
	}
	return s.events[sequence-1].Hash
}

// Events implements ledger.Log.
func (s *Store) Events(ctx context.Context, from uint64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for next := max(1, from); ; next++ {
			event, more := s.event(next)
			if err := ctx.Err(); err != nil {
				yield(ledger.Event{}, err)
				return
			}
			if !more || !yield(event, nil) {
				return
			}
		}
	}
}

func (s *Store) event(sequence uint64) (_ ledger.Event, there bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sequence > uint64(len(s.events)) {
		return ledger.Event{}, false
	}
	return s.events[sequence-1], true
}

// Head implements ledger.Log.
func (s *Store) Head(context.Context) (count uint64, hash string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count = uint64(len(s.events))
	return count, s.hashAt(count), nil
}

// HashAt implements ledger.Log.
func (s *Store) HashAt(ctx context.Context, sequence uint64) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hashAt(sequence), ctx.Err()
}

// Check implements ledger.Verifier. Memory loses nothing that a check would find.
func (s *Store) Check(ctx context.Context) error { return ctx.Err() }
