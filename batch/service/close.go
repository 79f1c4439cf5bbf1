package service

import (
	"context"
	"errors"

	"payrun/ledger"
)

// closing does what may end payouts, and records the end of every batch that is over
// then. Whatever can bring a payout to its end goes through it. All batches are looked at:
// they may share payouts, and a process may have died before it came to this. What was
// interrupted, or failed on the way, may have ended payouts too.
func (s *Service) closing(ctx context.Context, by Actor, end func() error) error {
	err := end()
	if errors.Is(err, ledger.ErrStopped) {
		return err
	}
	if closing := s.closeEnded(context.WithoutCancel(ctx), by); closing != nil {
		return errors.Join(err, closing)
	}
	return err
}

// closeEnded records of each batch that is paying or held that it is closed, if every
// payout of it is final.
func (s *Service) closeEnded(ctx context.Context, by Actor) error {
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return err
	}
	for _, b := range batches {
		if b.State != ledger.BatchPaying && b.State != ledger.BatchPaused {
			continue
		}
		open, err := s.AnyOpen(ctx, b.ID)
		if err != nil {
			return err
		}
		if open {
			continue
		}
		act := ledger.Act{Code: ledger.ActClosed, Batch: b.ID, At: s.now(), By: by.person()}
		if err := s.config.Ledger.Record(ctx, act); err != nil && !s.overtaken(ctx, b, err) {
			return err
		}
	}
	return nil
}

// overtaken reports whether an act upon a batch was refused because somebody else, perhaps on
// another machine, had changed its state by then.
func (s *Service) overtaken(ctx context.Context, b ledger.Batch, refused error) bool {
	if _, is := errors.AsType[*ledger.BatchStateError](refused); !is {
		return false
	}
	now, err := s.config.Ledger.Batch(ctx, b.ID)
	return err == nil && now.State != b.State
}
