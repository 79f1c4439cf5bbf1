package service

import (
	"context"
	"errors"
	"sync"
	"time"

	"payrun/ledger"
	"payrun/ledger/anchor"
)

// anchoredStore is a ledger whose anchor is advanced whenever intents became durable,
// before the caller sends the first of them. A copy made before that is known as older
// from then on.
type anchoredStore struct {
	ledger.Store
	watch *anchor.Watch
	// known is this ledger's anchor, but for where its log stands.
	known anchor.Anchor
	// failed is told of the first anchor that could not be advanced.
	failed func(error)
	clock  func() time.Time

	mu   sync.Mutex
	told bool
}

// Claim implements ledger.Claimer. No intent is recorded once somebody else pays from the
// account, which is an *anchor.OvertakenError.
func (s *anchoredStore) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	if err := s.alone(ctx); err != nil {
		return ledger.Claimed{}, err
	}
	claimed, err := s.Store.Claim(ctx, request)
	if err != nil {
		return ledger.Claimed{}, err
	}
	err = s.advance(context.WithoutCancel(ctx))
	if err != nil && !errors.Is(err, anchor.ErrOvertaken) {
		// Without an anchor the next run asks the provider; that is no reason to stop.
		s.tell(err)
		err = nil
	}
	return claimed, err
}

// alone returns an *anchor.OvertakenError if somebody else was at work meanwhile.
func (s *anchoredStore) alone(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.watch.Check(ctx, s.known)
}

func (s *anchoredStore) advance(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, err := s.stands(ctx)
	if err != nil {
		return err
	}
	return s.watch.Advance(ctx, now)
}

// stands is the anchor as it would be written now.
func (s *anchoredStore) stands(ctx context.Context) (anchor.Anchor, error) {
	now := s.known
	var err error
	if now.Head.Events, now.Head.Hash, err = s.Head(ctx); err != nil {
		return anchor.Anchor{}, err
	}
	now.At = s.clock().UTC()
	return now, nil
}

func (s *anchoredStore) tell(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.told {
		s.told = true
		s.failed(err)
	}
}
