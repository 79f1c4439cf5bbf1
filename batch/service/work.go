package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/ledger"
)

// sharer is a ledger from which several machines pay.
type sharer interface {
	// Held counts the payouts of a batch that others have under way: held by workers who
	// are at work, and left by those who are gone.
	Held(ctx context.Context, batch ledger.BatchID) (held, left int, err error)
}

// othersFirst is the time between the first two questions after what others still have under
// way: most often that is over at once. It doubles until it is othersMost.
const (
	othersFirst = 50 * time.Millisecond
	othersMost  = time.Second
)

// payTogether is payAsking, and once more whenever others left something under way, gave it back, or
// left the proof that they had begun. Nobody waits longer than the time to wait without any of it
// coming to an end.
func (s *Service) payTogether(ctx context.Context, by Actor, p Payment) (Paid, error) {
	done, err := s.payAsking(ctx, by, p)
	shared, is := s.config.Ledger.(sharer)
	unproven := func() bool { return errors.Is(done.Stopped, engine.ErrUnproven) }
	var givenBack ledger.ByState
	for is && err == nil && (done.Stopped == nil && done.Tally.Open().Count > 0 || unproven()) {
		again := unproven()
		if !again {
			again, err = s.awaitOthers(ctx, shared, p)
		}
		if err == nil && !again && !ending(ctx, p) {
			again, err = s.moved(ctx, p.Batch.ID, &givenBack)
		}
		if err != nil || !again {
			return done, err
		}
		worked := done.Worked
		done, err = s.payAsking(ctx, by, p)
		done.Worked = done.Worked || worked
	}
	return done, err
}

// ending reports whether nobody wants a payment to go on.
func ending(ctx context.Context, p Payment) bool {
	select {
	case <-p.Drain:
		return true
	default:
		return ctx.Err() != nil
	}
}

// moved reports whether something of a batch is to be done, or told, that no other has any more:
// what others gave back, or brought to its end, between the last look at the batch and the
// question what they hold. What is queued and as it was the last time is there for another reason.
func (s *Service) moved(ctx context.Context, id ledger.BatchID, last *ledger.ByState) (bool, error) {
	counts, err := s.config.Ledger.Counts(ctx, id)
	if err != nil {
		return false, err
	}
	now := counts.ByState()
	if now.Open().Count == 0 {
		return true, nil
	}
	known := *last == now
	*last = now
	return now.In(ledger.Queued).Count > 0 && !known, nil
}

// awaitOthers waits until others have left something of a batch, or have nothing under way any
// more. It reports false if they had nothing from the beginning, or if nobody waits for it any
// more.
func (s *Service) awaitOthers(ctx context.Context, shared sharer, p Payment) (bool, error) {
	before, moved := 0, s.now()
	for wait := othersFirst; ; wait = min(2*wait, othersMost) {
		held, left, err := shared.Held(ctx, p.Batch.ID)
		switch {
		case err != nil:
			return false, err
		case left > 0 || held == 0:
			return left > 0 || before > 0, nil
		case before == 0:
			s.config.Log.Info().Str("batch", string(p.Batch.ID)).Int("held", held).Msg("waiting for what others have under way")
		}
		if held != before {
			before, moved = held, s.now()
		}
		if s.now().Sub(moved) >= s.config.Pace.Wait {
			return false, nil
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-p.Drain:
			return false, nil
		case <-time.After(wait):
		}
	}
}

// Payable returns the batches that may be paid from here, the oldest first: entered to their
// last row, of this account, and released for a time that has come, or approved and still to be
// released. It needs the ledger alone, and may be asked while the service pays.
func (s *Service) Payable(ctx context.Context) ([]ledger.Batch, error) {
	all, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(b ledger.Batch) bool {
		if !b.Sealed || b.Account.Place != s.config.Account.Place() {
			return true
		}
		return b.State != ledger.BatchApproved && (b.State != ledger.BatchPaying || !b.Release.Due(s.now()))
	}), nil
}

// ReleaseApproved releases a batch that people have approved, and returns it as it is then:
// the same if what they signed does not stand any more. Before the time that they approved it
// is a *ledger.NotYetError, long after it a *MissedError.
func (s *Service) ReleaseApproved(ctx context.Context, by Actor, id ledger.BatchID) (ledger.Batch, error) {
	timing, err := s.Timing(ctx, id)
	if err == nil {
		err = timing.Check(s.now())
	}
	if err != nil {
		return ledger.Batch{}, err
	}
	if err = s.Clear(ctx, by, id); err == nil {
		var found Sendable
		if found, err = s.sendable(ctx, id); err == nil {
			by.Confirmed = BySignature
			err = s.Release(ctx, by, id, found.Total())
		}
	}
	if err != nil && !errors.Is(err, clearance.ErrUnapproved) {
		return ledger.Batch{}, err
	}
	return s.config.Ledger.Batch(ctx, id)
}
