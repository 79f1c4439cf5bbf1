package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/ledger"
)

const resolveActor = "resolve"

// ErrNothingOpen is returned for a payout about which there is nothing for a person
// to say: it is final, and nobody disagrees.
var ErrNothingOpen = errors.New("nothing about the payout is open")

// ErrNeverSent is returned for a queued payout that was never sent: whether it is
// paid is not a question.
var ErrNeverSent = errors.New("the payout was never sent")

// Resolvable says whether a person's word about a payout would answer anything: of
// what was sent and has no end, of what ledger and provider disagree about, and of a
// failed payout that the provider does not know any more, or turned away: where
// nothing shows that its "not found" can be believed, a person's word is what is left.
func Resolvable(payout ledger.Payout) error {
	switch {
	case payout.Contradicted(), payout.State.Open() && payout.State != ledger.Queued:
		return nil
	case payout.State == ledger.Queued && payout.NeverSent():
		return fmt.Errorf("payout %q: %w", payout.ID, ErrNeverSent)
	case payout.State == ledger.Queued, payout.State == ledger.Failed && (forgotten(payout) || turnedAway(payout)):
		return nil
	default:
		return fmt.Errorf("payout %q: %w", payout.ID, ErrNothingOpen)
	}
}

// forgotten reports whether the provider once named an attempt and did not know it
// later.
func forgotten(payout ledger.Payout) bool {
	for _, attempt := range payout.Attempts() {
		if attempt.Named() && attempt.Said.Has(ledger.SaidNotFound) {
			return true
		}
	}
	return false
}

// turnedAway reports whether a request of an attempt may have left of which the
// provider never had a transfer, as far as it said, and no person has said more since.
func turnedAway(payout ledger.Payout) bool {
	for _, attempt := range payout.Attempts() {
		if !attempt.NeverSent() && !attempt.Named() && !payout.SeenUnpaid(attempt) {
			return true
		}
	}
	return false
}

// PrepareResolve returns a payout of a batch, for a person to look at before they say what
// they saw. It needs no provider. One that the batch has not is a *ledger.NotFoundError.
func (s *Service) PrepareResolve(ctx context.Context, id ledger.BatchID, wanted ledger.TransactionID) (ledger.Payout, error) {
	if _, err := s.config.Ledger.Batch(ctx, id); err != nil {
		return ledger.Payout{}, err
	}
	if own, err := s.member(ctx, id, wanted); err == nil || !errors.Is(err, ledger.ErrNotFound) {
		return own, err
	}
	// Another batch may have brought it in.
	for payout, err := range s.config.Ledger.Payouts(ctx, id) {
		if err != nil || payout.ID == wanted {
			return payout, err
		}
	}
	return ledger.Payout{}, &ledger.NotFoundError{ID: wanted}
}

// Seen is a person's word about a payout, as they saw it at the provider.
type Seen struct {
	Paid bool
	// Because is how they know, for whoever reads the books.
	Because string
}

// Resolve records what a person saw at the provider, and moves the payout to where
// that belongs: to successful, or to failed. Its differences count as answered. It
// returns the payout as it is then. A payout that was withdrawn and not paid stays
// cancelled. It must not run beside a run of the same ledger.
func (s *Service) Resolve(ctx context.Context, by Actor, payout ledger.Payout, seen Seen) (ledger.Payout, error) {
	if err := Resolvable(payout); err != nil {
		return payout, err
	}
	to := ledger.Failed
	switch {
	case seen.Paid:
		to = ledger.Successful
	case payout.State == ledger.Cancelled:
		to = ledger.Cancelled
	}
	said := ledger.Resolution{Paid: seen.Paid, Because: seen.Because, By: by.person(), At: s.answerTo(payout)}
	err := s.closing(ctx, by, func() error {
		_, err := s.config.Ledger.Apply(ctx, []ledger.Change{{
			ID: payout.ID, From: payout.State, To: to, At: said.At, Actor: resolveActor, By: said.By, Resolution: &said,
		}})
		return err
	})
	if err != nil {
		return payout, fmt.Errorf("record what was seen of %q: %w", payout.ID, err)
	}
	after, err := s.config.Ledger.Payout(ctx, payout.ID)
	if err != nil {
		return payout, fmt.Errorf("read payout %q: %w", payout.ID, err)
	}
	after.Row = payout.Row
	return after, nil
}

// answerTo is now, or just after the latest difference where a clock was set back: a
// resolution answers what came before it.
func (s *Service) answerTo(payout ledger.Payout) time.Time {
	at := s.now()
	for _, difference := range payout.Differences {
		if !at.After(difference.At) {
			at = difference.At.Add(time.Nanosecond)
		}
	}
	return at
}
