package service

import (
	"context"
	"errors"
	"time"

	"payrun/batch/retry"
	"payrun/ledger"
)

// Confirmed is how much a person, who saw it, said that shall be sent.
type Confirmed struct {
	ledger.Total

	// Partial is set if they want to begin although the balance does not cover it.
	Partial bool
	// At is the time before which nothing is sent, zero for at once, if Timed is set. If it is
	// not, what waits for a time goes on waiting.
	At    time.Time
	Timed bool
}

// ErrNothingToRetry is returned where nothing that failed can be tried again.
var ErrNothingToRetry = errors.New("nothing failed that can be tried again")

// Confirm releases what may be sent of a batch, if that is what a person confirmed. What was
// released so before stays as it is. Where the batch is being paid and is to wait for a time, that
// is done by between, while nothing is paid. The error is a *ReleaseError where something else may be
// sent, a *ShortfallError, a *clearance.UnapprovedError, ErrPast, or one of Open.
func (s *Service) Confirm(ctx context.Context, by Actor, id ledger.BatchID, c Confirmed, between func(do func() error) error) error {
	b, err := s.Open(ctx, by, id)
	if err != nil {
		return err
	}
	timing, err := s.Timing(ctx, id)
	if err != nil {
		return err
	}
	paying := b.State == ledger.BatchPaying
	same := paying && b.Release.Count == c.Total && !timing.Missed
	if same && (!c.Timed || c.At.Equal(b.Release.NotBefore)) {
		return nil
	}
	release := func() error { return s.confirm(ctx, by, b, c) }
	if paying && c.Timed && !c.At.IsZero() {
		return between(release)
	}
	return release()
}

// confirm is Confirm of what was not released so before.
func (s *Service) confirm(ctx context.Context, by Actor, b ledger.Batch, c Confirmed) error {
	if err := s.Clear(ctx, by, b.ID); err != nil {
		return err
	}
	found, err := s.Prepare(ctx, b.ID)
	if err != nil {
		return err
	}
	if found.Total() != c.Total && !leftOver(b, found.Total(), c.Total) {
		return &ReleaseError{Batch: b.ID, Confirmed: c.Total, Found: found.Total()}
	}
	if err := found.Covered(); err != nil && !c.Partial {
		return err
	}
	return s.ReleaseAt(ctx, by, b.ID, c.Total, c.At)
}

// ConfirmRetry is Retry of what a person chose, if what that comes to is what they confirmed.
// The error is ErrNothingToRetry, a *retry.NotRetriableError, or one of Confirm.
func (s *Service) ConfirmRetry(ctx context.Context, by Actor, id ledger.BatchID, choice retry.Choice, c Confirmed) (retry.Retried, error) {
	b, err := s.Open(ctx, by, id)
	if err != nil {
		return retry.Retried{}, err
	}
	if early := s.Timely(ctx, id); errors.Is(early, ledger.ErrNotYet) {
		return retry.Retried{}, early // a retry would let it go out at once
	}
	found, err := s.PrepareRetry(ctx, b, choice)
	if err != nil {
		return retry.Retried{}, err
	}
	switch {
	case found.Released() != c.Total && !leftOver(b, found.Released(), c.Total):
		return retry.Retried{}, &ReleaseError{Batch: id, Confirmed: c.Total, Found: found.Released()}
	case len(found.Chosen) == 0:
		return retry.Retried{}, ErrNothingToRetry
	}
	if !c.Partial {
		balance, err := s.Balance(ctx)
		if err == nil {
			err = Covers(balance, found.Released().Amount, found.Fees)
		}
		if err != nil {
			return retry.Retried{}, err
		}
	}
	return s.Retry(ctx, by, found)
}
