package memledger

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"payrun/ledger"
)

// Apply implements ledger.Writer.
func (s *Store) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	claimed, err := s.write(ctx, ledger.ClaimRequest{Changes: changes})
	return claimed.Lost, err
}

// Claim implements ledger.Claimer.
func (s *Store) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	return s.write(ctx, request)
}

func (s *Store) write(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writeLocked(ctx, request)
}

// writeLocked is write within the lock.
func (s *Store) writeLocked(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Claimed{}, err
	}
	g := group{store: s, after: map[ledger.TransactionID]ledger.Payout{}, taken: map[ledger.Reference]ledger.TransactionID{}}
	for _, change := range request.Changes {
		if err := g.apply(change); err != nil {
			return ledger.Claimed{}, err
		}
	}
	for _, id := range request.Payouts {
		if err := g.claim(id, request); err != nil {
			return ledger.Claimed{}, err
		}
	}
	g.finish()
	return g.done, nil
}

// group collects the payouts that one write changes.
type group struct {
	store *Store
	after map[ledger.TransactionID]ledger.Payout
	taken map[ledger.Reference]ledger.TransactionID
	made  []ledger.Moved
	// events are those of the changes made.
	events []ledger.Event
	done   ledger.Claimed
}

// payout returns a payout as the group has it so far.
func (g *group) payout(id ledger.TransactionID) (ledger.Payout, error) {
	if payout, changed := g.after[id]; changed {
		return payout, nil
	}
	if payout, known := g.store.payouts[id]; known {
		return payout, nil
	}
	return ledger.Payout{}, &ledger.NotFoundError{ID: id}
}

// apply makes a change, as far as the fence admits it.
func (g *group) apply(change ledger.Change) error {
	before, err := g.payout(change.ID)
	if err != nil {
		return err
	}
	made, lost, err := g.store.claims.Apply(before, change)
	if err != nil {
		return err
	}
	if lost && !slices.Contains(g.done.Lost, change.ID) {
		g.done.Lost = append(g.done.Lost, change.ID)
	}
	if made.Change.ID == "" {
		return nil
	}
	return g.take(made)
}

// claim records the intent to send a payout, if it may be.
func (g *group) claim(id ledger.TransactionID, request ledger.ClaimRequest) error {
	before, err := g.payout(id)
	if err != nil {
		return err
	}
	made, may := g.store.claims.Claim(before, &request)
	if !may {
		return nil
	}
	if request.Batch != "" && len(g.done.Payouts) == 0 {
		b := g.store.find(request.Batch)
		if b == nil {
			return fmt.Errorf("batch %q: %w", request.Batch, ledger.ErrNotFound)
		}
		if err := b.Pays(request.At); err != nil {
			return err
		}
	}
	g.done.Payouts = append(g.done.Payouts, made.After)
	return g.take(made)
}

// take takes in what was made.
func (g *group) take(made ledger.Made) error {
	change := made.Change
	if change.Reference != "" {
		_, now := g.taken[change.Reference]
		_, earlier := g.store.references[change.Reference]
		_, payoutID := g.store.payouts[ledger.TransactionID(change.Reference)]
		if now || earlier || payoutID {
			return fmt.Errorf("reference %q: %w", change.Reference, ledger.ErrReferenceTaken)
		}
		g.taken[change.Reference] = change.ID
	}
	g.after[change.ID] = made.After
	g.made = append(g.made, ledger.Moved{ID: change.ID, Claim: change.Claim, From: change.From, To: change.To})
	g.events = append(g.events, ledger.EventOf(change, made.After))
	return nil
}

func (g *group) finish() {
	maps.Copy(g.store.payouts, g.after)
	maps.Copy(g.store.references, g.taken)
	g.store.append(g.events...)
	g.store.claims.Note(g.made)
}

// Join implements ledger.Claimer.
func (s *Store) Join(ctx context.Context, worker string) (ledger.Claim, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claims.Join(worker, uint64(len(s.events))+1), ctx.Err()
}

// Prove implements ledger.Claimer. Nobody else is at work.
func (s *Store) Prove(ctx context.Context, _ ledger.Claim, _ ledger.BatchID, _ bool) (ledger.Proof, error) {
	return ledger.ProofWanted, ctx.Err()
}

// Leave implements ledger.Claimer.
func (s *Store) Leave(_ context.Context, claim ledger.Claim) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.claims.Leave(claim)
	return nil
}

// TakeOver implements ledger.Claimer.
func (s *Store) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.takeOver(ctx, claim, payouts)
}

// takeOver is TakeOver within the lock.
func (s *Store) takeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	var taken []ledger.Payout
	for _, id := range payouts {
		payout, known := s.payouts[id]
		if !known {
			return nil, &ledger.NotFoundError{ID: id}
		}
		if s.claims.TakeOver(payout, claim) {
			taken = append(taken, payout)
		}
	}
	return taken, ctx.Err()
}
