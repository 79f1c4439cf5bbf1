package service

import (
	"context"
	"fmt"

	"payrun/ledger"
)

const cancelActor = "cancel"

// withdrawGroup is how many payouts are withdrawn in one durable group.
const withdrawGroup = 500

// Withdrawal divides the queued payouts of a batch by whether they can be withdrawn.
// Each list is in file order.
type Withdrawal struct {
	// Never were sent in no attempt and were brought in by the batch: they can.
	Never []ledger.Payout
	// Sent have a request in their history that may have reached the provider.
	Sent []ledger.Payout
	// Elsewhere were brought in by another batch, whose business they are.
	Elsewhere []ledger.Payout
}

// Total returns what can be withdrawn.
func (w Withdrawal) Total() ledger.Total {
	return ledger.TotalOf(w.Never)
}

// PrepareCancel says what of a batch can be withdrawn. It changes nothing and needs no
// provider.
func (s *Service) PrepareCancel(ctx context.Context, id ledger.BatchID) (Withdrawal, error) {
	var found Withdrawal
	if _, err := s.config.Ledger.Batch(ctx, id); err != nil {
		return found, err
	}
	for payout, err := range s.config.Ledger.Payouts(ctx, id, ledger.Queued) {
		switch {
		case err != nil:
			return found, fmt.Errorf("read batch %q: %w", id, err)
		case payout.Batch != id:
			found.Elsewhere = append(found.Elsewhere, payout)
		case !payout.NeverSent():
			found.Sent = append(found.Sent, payout)
		default:
			found.Never = append(found.Never, payout)
		}
	}
	return found, nil
}

// Cancel withdraws what can be, and returns what that comes to. What may have been
// sent, in any attempt, stays as it is, and so does what another batch brought in. It
// must not run beside a run of the same ledger. A batch of which nothing is open then has
// ended.
func (s *Service) Cancel(ctx context.Context, by Actor, id ledger.BatchID) (cancelled ledger.Total, err error) {
	err = s.closing(ctx, by, func() error {
		if cancelled, err = s.withdraw(ctx, by, id); err != nil {
			return err
		}
		return s.cancelled(ctx, by, id, cancelled)
	})
	return cancelled, err
}

func (s *Service) withdraw(ctx context.Context, by Actor, id ledger.BatchID) (ledger.Total, error) {
	var cancelled ledger.Total
	found, err := s.PrepareCancel(ctx, id)
	if err != nil {
		return cancelled, err
	}
	for rest := found.Never; len(rest) > 0; {
		group := rest[:min(len(rest), withdrawGroup)]
		rest = rest[len(group):]
		changes := make([]ledger.Change, 0, len(group))
		for _, payout := range group {
			changes = append(changes, ledger.Change{
				ID: payout.ID, From: ledger.Queued, To: ledger.Cancelled, At: s.now(), Actor: cancelActor, By: by.person(),
			})
		}
		if _, err := s.config.Ledger.Apply(ctx, changes); err != nil {
			return cancelled, fmt.Errorf("withdraw payouts of batch %q: %w", id, err)
		}
		for _, payout := range group {
			cancelled.Add(payout.Amount)
		}
	}
	return cancelled, nil
}

// cancelled records that all of a batch was withdrawn, if it was not released.
func (s *Service) cancelled(ctx context.Context, by Actor, id ledger.BatchID, withdrawn ledger.Total) error {
	b, err := s.config.Ledger.Batch(ctx, id)
	unreleased := b.State == ledger.BatchReady || b.State == ledger.BatchAwaitingApproval || b.State == ledger.BatchApproved
	if err != nil || !unreleased || withdrawn.Count == 0 {
		return err
	}
	open, err := s.AnyOpen(ctx, id)
	if err != nil || open {
		return err
	}
	code := ledger.ActCancelled
	if b.Release != nil && b.State != ledger.BatchReady {
		code = ledger.ActClosed // money moved before: a correction, or a new try, was withdrawn
	}
	return s.config.Ledger.Record(ctx, ledger.Act{Code: code, Batch: id, At: s.now(), By: by.person(), Count: withdrawn})
}
