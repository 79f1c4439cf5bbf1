package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/batch/clearance"
	"payrun/ledger"
)

// ErrMissed matches every *MissedError.
var ErrMissed = errors.New("the time of the batch was missed")

// MissedError says that a batch was to be paid at a time, and nothing of it was begun until
// long after. Nothing is sent before a person releases it again: beneficiaries, and whoever
// else is to pay them, may have been told something else by then.
type MissedError struct {
	Batch ledger.BatchID
	// NotBefore is the time at which it was to begin, in UTC, and Within how long after it
	// it might have begun by itself.
	NotBefore time.Time
	Within    time.Duration
}

func (e *MissedError) Error() string {
	return fmt.Sprintf("batch %q was to begin at %s, and did not within %s: a person has to release it again",
		e.Batch, e.NotBefore.Format(time.RFC3339), e.Within)
}

// Is makes errors.Is(err, ErrMissed) hold.
func (e *MissedError) Is(target error) bool { return target == ErrMissed }

// ErrPast is returned for a release at a time that is over.
var ErrPast = errors.New("the time before which nothing is sent is over")

// Timing is when a batch may be sent, as far as its release goes, or what people approved.
type Timing struct {
	Batch ledger.BatchID
	// NotBefore is the time before which nothing is sent, in UTC, zero for none.
	NotBefore time.Time
	// Missed is set where nothing of it was begun until long after that time.
	Missed bool
	// Within is how long after it the batch may begin by itself.
	Within time.Duration
}

// Check returns a *ledger.NotYetError before the time, a *MissedError if it was missed, and
// else nil.
func (t Timing) Check(now time.Time) error {
	switch {
	case now.Before(t.NotBefore):
		return &ledger.NotYetError{Batch: t.Batch, NotBefore: t.NotBefore}
	case t.Missed:
		return &MissedError{Batch: t.Batch, NotBefore: t.NotBefore, Within: t.Within}
	default:
		return nil
	}
}

// Timing says when a batch may be sent: as it was released or, while it was not, as it was
// approved. It needs the ledger alone.
func (s *Service) Timing(ctx context.Context, id ledger.BatchID) (Timing, error) {
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return Timing{}, err
	}
	t := Timing{Batch: id, Within: s.config.StartWithin}
	switch b.State { //nolint:exhaustive // in the others nothing waits for a time
	case ledger.BatchPaying:
		return s.missed(ctx, t, *b.Release)
	case ledger.BatchApproved:
		standing, err := s.Approval(ctx, id)
		if err != nil || standing.Content == nil {
			return t, err
		}
		t.NotBefore = standing.Content.NotBefore
		t.Missed = t.over(s.now())
	}
	return t, nil
}

// over reports whether nothing begins by itself any more.
func (t Timing) over(now time.Time) bool {
	return !t.NotBefore.IsZero() && now.Sub(t.NotBefore) > t.Within
}

// missed is the timing of a batch that is released: it began in time if anything of it was
// begun since.
func (s *Service) missed(ctx context.Context, t Timing, r ledger.Release) (Timing, error) {
	t.NotBefore = r.NotBefore
	if !t.over(s.now()) {
		return t, nil
	}
	for p, err := range s.config.Ledger.Payouts(ctx, t.Batch) {
		if err != nil {
			return t, err
		}
		if p.Intents > 0 && !p.SubmittedAt.Before(r.NotBefore) {
			return t, nil
		}
	}
	t.Missed = true
	return t, nil
}

// Timely returns why nothing of a batch is sent at this time, if anything of it would be: the
// error of its Timing. It needs the ledger alone.
func (s *Service) Timely(ctx context.Context, id ledger.BatchID) error {
	t, err := s.Timing(ctx, id)
	if err != nil {
		return err
	}
	late := t.Check(s.now())
	if late == nil {
		return nil
	}
	if may, err := s.any(ctx, id, sendableStates()...); err != nil || !may {
		return err
	}
	return late
}

// untimely returns an error as why paying stopped, if it is about the time.
func untimely(err error) (stopped, failed error) {
	if errors.Is(err, ledger.ErrNotYet) || errors.Is(err, ErrMissed) {
		return err, nil
	}
	return nil, err
}

// ReleaseAt is Release for a time: nothing is sent before it. If the process that pays is
// not there for longer than Config.StartWithin after it, a person is asked again. A time that
// is over is ErrPast, the zero time is at once. What was approved for a later time
// is not sent before that.
func (s *Service) ReleaseAt(ctx context.Context, by Actor, id ledger.BatchID, confirmed ledger.Total, notBefore time.Time) error {
	if confirmed.Count == 0 {
		return nil
	}
	at, err := s.releaseTime(notBefore)
	if err != nil {
		return err
	}
	open := s.config.Ledger.Payouts(ctx, id, sendableStates()...)
	return s.releaseOf(ctx, by, leave{id, confirmed, at}, open, maySend)
}

// releaseTime is a time in UTC and whole seconds, the later one.
func (s *Service) releaseTime(notBefore time.Time) (time.Time, error) {
	if notBefore.IsZero() {
		return notBefore, nil
	}
	at := notBefore.UTC().Truncate(time.Second)
	if at.Before(notBefore) {
		at = at.Add(time.Second)
	}
	if at.Before(s.now()) {
		return at, fmt.Errorf("%w: %s", ErrPast, ledger.ReleaseTime(at))
	}
	return at, nil
}

// leave is a person's leave to pay so much of a batch, and not before a time.
type leave struct {
	batch     ledger.BatchID
	confirmed ledger.Total
	notBefore time.Time
}

// cleared returns the leave as a policy allows it: what was approved for a later time waits
// for that, and what is not approved is a *clearance.UnapprovedError.
func (l leave) cleared(standing clearance.Standing, now time.Time) (leave, error) {
	if at := atTime(standing, now); at.After(now) && at.After(l.notBefore) {
		l.notBefore = at
	}
	if l.notBefore.After(now) {
		now = l.notBefore
	}
	return l, standing.Check(now)
}

// atTime is the moment at which a batch is sent at the earliest, as far as it was submitted
// for a time.
func atTime(standing clearance.Standing, now time.Time) time.Time {
	if c := standing.Content; standing.Governed && c != nil && c.NotBefore.After(now) {
		return c.NotBefore
	}
	return now
}
