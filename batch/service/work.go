package service

import (
	"context"
	"errors"
	"time"

	"payrun/batch/clearance"
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

// payTogether is payAsking, and once more whenever others left something under way. Nobody
// waits longer than the time to wait without any of it coming to an end.
func (s *Service) payTogether(ctx context.Context, by Actor, p Payment) (Paid, error) {
	done, err := s.payAsking(ctx, by, p)
	shared, is := s.config.Ledger.(sharer)
	for is && err == nil && done.Stopped == nil && done.Tally.Open().Count > 0 {
		var again bool
		if again, err = s.awaitOthers(ctx, shared, p); err != nil || !again {
			return done, err
		}
		worked := done.Worked
		done, err = s.payAsking(ctx, by, p)
		done.Worked = done.Worked || worked
	}
	return done, err
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

// Released returns the batches that may be paid: released, entered to their last row, and with
// payouts that have no end. One that enough people have approved is released by that. Those of
// other accounts, or of keys that are not accepted, are none of them.
func (s *Service) Released(ctx context.Context, by Actor) ([]ledger.Batch, error) {
	all, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return nil, err
	}
	var released []ledger.Batch
	for _, b := range all {
		if !b.Sealed || b.Account.Place != s.config.Account.Place() {
			continue
		}
		if b.State == ledger.BatchApproved {
			timing, err := s.Timing(ctx, b.ID)
			if err != nil {
				return nil, err
			}
			if late := timing.Check(s.now()); late != nil {
				s.config.Log.Warn().Err(late).Str("batch", string(b.ID)).Msg("not paid from here")
				continue
			}
			if b, err = s.releaseApproved(ctx, by, b); err != nil {
				return nil, err
			}
		}
		if b.State != ledger.BatchPaying || !b.Release.Due(s.now()) {
			continue
		}
		open, err := s.AnyOpen(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		if !open {
			continue
		}
		found, err := s.Open(ctx, by, b.ID)
		if err != nil {
			s.config.Log.Warn().Err(err).Str("batch", string(b.ID)).Msg("not paid from here")
			continue
		}
		released = append(released, found)
	}
	return released, nil
}

// releaseApproved releases a batch that people have approved, and returns it as it is then:
// the same if what they signed does not stand any more.
func (s *Service) releaseApproved(ctx context.Context, by Actor, b ledger.Batch) (ledger.Batch, error) {
	err := s.Clear(ctx, by, b.ID)
	if err == nil {
		var found Sendable
		if found, err = s.sendable(ctx, b.ID); err == nil {
			by.Confirmed = BySignature
			err = s.Release(ctx, by, b.ID, found.Total())
		}
	}
	if err != nil && !errors.Is(err, clearance.ErrUnapproved) {
		return b, err
	}
	return s.config.Ledger.Batch(ctx, b.ID)
}
