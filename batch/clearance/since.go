package clearance

import (
	"context"
	"fmt"
	"slices"
	"time"

	"payrun/ledger"
)

// since is the part of the log after an event, from which follows how payouts stood then.
type since struct {
	moved map[ledger.TransactionID]moves
	// entered counts the payouts that entered the batch, from the position first on.
	entered, first int
	// begun is when the first request was about to leave of each payout.
	begun map[ledger.TransactionID]time.Time
}

// moves are those of one payout.
type moves struct {
	// from is the state before the first of them.
	from ledger.State
	// attempts counts the attempts that began. Answered is set if a person said that one was
	// not paid.
	attempts int
	answered bool
}

// after reads the log behind an event, for the payouts of a batch.
func after(ctx context.Context, store ledger.Reader, batch ledger.BatchID, event uint64) (since, error) {
	s := since{moved: map[ledger.TransactionID]moves{}, begun: map[ledger.TransactionID]time.Time{}}
	for e, err := range store.Events(ctx, event+1) {
		switch {
		case err != nil:
			return s, fmt.Errorf("read what happened since event %d: %w", event, err)
		case e.Payout != "":
			s.move(e)
		case e.Enrolled > 0 && e.Batch == batch:
			if s.entered == 0 {
				s.first = e.First
			}
			s.entered += e.Enrolled
		}
	}
	return s, nil
}

func (s *since) move(e ledger.Event) {
	m, known := s.moved[e.Payout]
	if !known {
		m.from = e.From
	}
	if e.Reference != "" {
		m.attempts++
	}
	m.answered = m.answered || e.Resolution != nil && !e.Resolution.Paid
	s.moved[e.Payout] = m
	if _, begun := s.begun[e.Payout]; !begun && e.To == ledger.Submitting && e.From != ledger.Submitting {
		s.begun[e.Payout] = e.At
	}
}

// then is a payout as it stood at the event.
type then struct {
	state ledger.State
	terms ledger.Terms
	// there is false for a payout that entered later.
	there bool
}

// then returns how a payout, at its position in the batch, stood at the event.
func (s *since) then(p ledger.Payout, position int, batch ledger.BatchID) then {
	if s.entered > 0 && p.Batch == batch && position >= s.first {
		return then{}
	}
	t := then{state: p.State, terms: p.Terms, there: true}
	m, known := s.moved[p.ID]
	if !known {
		return t
	}
	t.state = m.from
	attempts := p.Attempts()
	if at := len(attempts) - 1 - m.attempts; at >= 0 {
		t.terms = attempts[at].Terms
	}
	return t
}

// maySend reports whether a payout in a state may be sent, once its batch is released.
func maySend(state ledger.State) bool {
	return slices.Contains([]ledger.State{ledger.Queued, ledger.Submitting, ledger.Unknown}, state)
}

// counts reports whether a payout in a state was paid, or may be without being sent again.
func counts(state ledger.State) bool { return state == ledger.Pending || state == ledger.Successful }
