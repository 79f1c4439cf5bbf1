package service

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider/policy"
)

// Sendable divides the payouts that going on with a batch may send.
type Sendable struct {
	// Queued was never sent, InDoubt goes out again if the provider does not know it.
	Queued, InDoubt ledger.Total
	// Fees is an estimate for what is queued.
	Fees money.Fine
	// Balance is the account's, nil if nothing is queued, since nobody asked
	// then, and if the provider does not tell.
	Balance *money.Amount
}

// Total returns how much a person is asked to release.
func (s Sendable) Total() ledger.Total {
	return s.Queued.Plus(s.InDoubt)
}

// Covered returns a *ShortfallError if the balance does not cover what is queued.
func (s Sendable) Covered() error {
	return Covers(s.Balance, s.Queued.Amount, s.Fees)
}

// Prepare says what going on with a batch may send, for a person to release. A batch that
// is only waited for has nothing to release, and the provider is not asked for it.
func (s *Service) Prepare(ctx context.Context, id ledger.BatchID) (Sendable, error) {
	found, err := s.sendable(ctx, id)
	if err != nil || found.Queued.Count == 0 {
		return found, err
	}
	found.Balance, err = s.Balance(ctx)
	return found, err
}

// sendable is Prepare without the balance.
func (s *Service) sendable(ctx context.Context, id ledger.BatchID) (Sendable, error) {
	var found Sendable
	for payout, err := range s.config.Ledger.Payouts(ctx, id, sendableStates()...) {
		if err != nil {
			return Sendable{}, fmt.Errorf("read batch %q: %w", id, err)
		}
		if payout.State != ledger.Queued {
			found.InDoubt.Add(payout.Amount)
			continue
		}
		found.Queued.Add(payout.Amount)
		found.Fees = found.Fees.Plus(s.config.Rules.Fee(payout.Operator, payout.Amount))
	}
	return found, nil
}

// ErrNotAsConfirmed matches every *ReleaseError.
var ErrNotAsConfirmed = errors.New("the batch is not what was confirmed")

// ReleaseError says that a batch would send something else than a person confirmed: rows
// were added since they were asked, or withdrawn. Nothing was released. That others have sent a
// part of it meanwhile, since the batch is being paid, is no such error.
type ReleaseError struct {
	Batch ledger.BatchID
	// Confirmed is how much the person let be paid, Found how much may be sent now.
	Confirmed, Found ledger.Total
}

func (e *ReleaseError) Error() string {
	return fmt.Sprintf("batch %q: %d payouts of %s were confirmed, and %d of %s may be sent now",
		e.Batch, e.Confirmed.Count, e.Confirmed.Amount, e.Found.Count, e.Found.Amount)
}

// Is makes errors.Is(err, ErrNotAsConfirmed) hold.
func (e *ReleaseError) Is(target error) bool { return target == ErrNotAsConfirmed }

// Release records that a person let so much of a batch be paid: what is queued, and what is
// in doubt and may go out again. From then on the batch is paying. If that is not what may
// be sent now, the error is a *ReleaseError, and if a policy asks for more approval than there
// is, a *clearance.UnapprovedError. Of nothing there is nothing to record.
func (s *Service) Release(ctx context.Context, by Actor, id ledger.BatchID, confirmed ledger.Total) error {
	return s.ReleaseAt(ctx, by, id, confirmed, time.Time{})
}

// releaseOf is ReleaseAt of those payouts that are wanted. Where payouts enter while they are read, they
// are read again.
func (s *Service) releaseOf(ctx context.Context, by Actor, l leave, payouts iter.Seq2[ledger.Payout, error], wanted func(ledger.Payout) bool) error {
	for {
		if err := s.releaseRead(ctx, by, l, payouts, wanted); !errors.Is(err, ledger.ErrUncovered) {
			return err
		}
	}
}

// releaseRead is releaseOf what was read once.
func (s *Service) releaseRead(ctx context.Context, by Actor, l leave, payouts iter.Seq2[ledger.Payout, error], wanted func(ledger.Payout) bool) error {
	before, err := s.config.Ledger.Batch(ctx, l.batch)
	if err != nil {
		return err
	}
	var found ledger.Total
	list := ledger.NewListDigest()
	for payout, err := range payouts {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("read batch %q: %w", l.batch, err)
		}
		if wanted(payout) {
			found.Add(payout.Amount)
			list.Add(&payout.Terms)
		}
	}
	after, err := s.config.Ledger.Batch(ctx, l.batch)
	switch {
	case err != nil:
		return err
	case found == l.confirmed, leftOver(before, found, l.confirmed) && leftOver(after, found, l.confirmed):
		l.confirmed = found
	default:
		return &ReleaseError{Batch: l.batch, Confirmed: l.confirmed, Found: found}
	}
	if found.Count == 0 {
		return nil
	}
	return s.recordRelease(ctx, by, l, list.Hex())
}

// leftOver reports whether what may be sent of a batch is less than a person confirmed because the
// batch is being paid: others send it meanwhile. All of it was released before, or is among what was
// confirmed.
func leftOver(b ledger.Batch, found, confirmed ledger.Total) bool {
	if b.State != ledger.BatchPaying || found.Count > confirmed.Count {
		return false
	}
	return found.Count == 0 || found.Amount.Currency == confirmed.Amount.Currency && found.Amount.Minor <= confirmed.Amount.Minor
}

// recordRelease records a release of the payouts that a list has.
func (s *Service) recordRelease(ctx context.Context, by Actor, l leave, list string) error {
	standing, err := s.Approval(ctx, l.batch)
	if err == nil {
		l, err = l.cleared(standing, s.now())
	}
	if err != nil {
		return err
	}
	err = s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActReleased, Batch: l.batch, At: s.now(), By: by.person(), Count: l.confirmed, Digest: list,
		Text: ledger.ReleaseTime(l.notBefore),
	})
	if err != nil || by.Confirmed == BySignature {
		return err // who signed did not say that what stopped the account is mended
	}
	return s.GoOn(ctx)
}

// GoOn has a person say that what stopped the account for all machines, an empty balance or
// a refused key, is mended. Releasing a batch says so too, but by signatures.
func (s *Service) GoOn(ctx context.Context) error {
	if s.config.AccountCell == nil {
		return nil
	}
	if err := policy.GoOn(ctx, s.config.AccountCell); err != nil {
		return fmt.Errorf("go on with the account: %w", err)
	}
	return nil
}

// sendableStates are those of payouts that may be sent, or sent again, once their batch is
// released.
func sendableStates() []ledger.State {
	return []ledger.State{ledger.Queued, ledger.Submitting, ledger.Unknown}
}

// maySend reports whether a payout is in one of them.
func maySend(p ledger.Payout) bool { return slices.Contains(sendableStates(), p.State) }

// Unreleased reports whether something of a batch is queued that nobody ever let be paid:
// all of it, or what was added to it.
func (s *Service) Unreleased(ctx context.Context, b ledger.Batch) (bool, error) {
	if b.State == ledger.BatchPaying {
		return false, nil
	}
	return s.any(ctx, b.ID, ledger.Queued)
}

// Unfinished returns the batches with open payouts, the oldest first, each to go on with
// as Open has it. Unread are those whose file was not read to its end: it has to be
// submitted again.
func (s *Service) Unfinished(ctx context.Context, by Actor) (open []ledger.Batch, unread []ledger.BatchID, err error) {
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, b := range batches {
		if !b.Sealed {
			unread = append(unread, b.ID)
			continue
		}
		found, err := s.Open(ctx, by, b.ID)
		if err != nil {
			return nil, nil, err
		}
		left, err := s.AnyOpen(ctx, b.ID)
		if err != nil {
			return nil, nil, err
		}
		if left {
			open = append(open, found)
		}
	}
	return open, unread, nil
}

// AnyOpen reports whether a payout of a batch has no end.
func (s *Service) AnyOpen(ctx context.Context, id ledger.BatchID) (bool, error) {
	return s.any(ctx, id, ledger.OpenStates()...)
}

// any reports whether a payout of a batch is in one of some states.
func (s *Service) any(ctx context.Context, id ledger.BatchID, states ...ledger.State) (bool, error) {
	for _, err := range s.config.Ledger.Payouts(ctx, id, states...) {
		return err == nil, err
	}
	return false, nil
}
