package boltledger

import (
	"context"
	"errors"
	"slices"

	"payrun/ledger"
)

// A file has one process at a time, so that whoever held a payout before it was opened is
// gone, and claims need no place on disk: events name them, and ledger.Claims fences
// those that work beside each other in this process.

// Join implements ledger.Claimer.
func (s *Store) Join(ctx context.Context, worker string) (ledger.Claim, error) {
	events, _, err := s.Head(ctx)
	if err = errors.Join(err, s.movedError()); err != nil {
		return ledger.Claim{}, err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.claims.Join(worker, events+1), ctx.Err()
}

// Prove implements ledger.Claimer. Nobody else is at work.
func (s *Store) Prove(ctx context.Context, _ ledger.Claim, _ ledger.BatchID, _ bool) (ledger.Proof, error) {
	return ledger.ProofWanted, ctx.Err()
}

// Leave implements ledger.Claimer.
func (s *Store) Leave(_ context.Context, claim ledger.Claim) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	s.claims.Leave(claim)
	return nil
}

// TakeOver implements ledger.Claimer.
func (s *Store) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	var taken []ledger.Payout
	err := s.view(func(tx *transaction) error {
		records := recordsOf(tx)
		for _, id := range payouts {
			r, err := records.read(id)
			if err != nil {
				return err
			}
			if s.claims.TakeOver(r.Payout, claim) {
				taken = append(taken, r.Payout)
			}
		}
		return ctx.Err()
	})
	return taken, err
}

// Claim implements ledger.Claimer.
func (s *Store) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	if err := ctx.Err(); err != nil {
		return ledger.Claimed{}, err
	}
	// Before anything is sent for it: an intent in a file that has no name any more
	// would be one that nobody finds.
	if err := s.InPlace(); err != nil {
		return ledger.Claimed{}, err
	}
	var claimed ledger.Claimed
	err := s.update(func(tx *transaction) error {
		g, err := s.group(tx)
		if err == nil {
			err = g.apply(request.Changes)
		}
		if err == nil {
			claimed.Payouts, err = g.claim(&request)
		}
		claimed.Lost = g.lost
		return g.finish(err)
	})
	if err != nil {
		return ledger.Claimed{}, err
	}
	return claimed, nil
}

// group collects the payouts that one transaction changes.
type group struct {
	records *records
	log     *auditLog
	claims  *ledger.Claims
	// made are the moves so far, lost the payouts of those that were not admitted.
	made []ledger.Moved
	lost []ledger.TransactionID
	// fingerprints are those that corrected payouts are found by from now on.
	fingerprints []keyed
	tallies      tallies
}

func (s *Store) group(tx *transaction) (*group, error) {
	log, err := openLog(tx)
	return &group{records: recordsOf(tx), log: log, claims: &s.claims, tallies: talliesOf(tx)}, err
}

// apply makes changes, as far as the fence admits them.
func (g *group) apply(changes []ledger.Change) error {
	g.made = slices.Grow(g.made, len(changes))
	for _, change := range changes {
		before, err := g.records.read(change.ID)
		if err != nil {
			return err
		}
		made, lost, err := g.claims.Apply(before.Payout, change)
		if err != nil {
			return err
		}
		if lost && !slices.Contains(g.lost, change.ID) {
			g.lost = append(g.lost, change.ID)
		}
		if made.Change.ID == "" {
			continue
		}
		if err := g.write(before, &made); err != nil {
			return err
		}
	}
	return nil
}

// claim records the intents of a request, as far as they may be, and returns the payouts.
func (g *group) claim(request *ledger.ClaimRequest) ([]ledger.Payout, error) {
	claimed := make([]ledger.Payout, 0, len(request.Payouts))
	g.made = slices.Grow(g.made, len(request.Payouts))
	for _, id := range request.Payouts {
		before, err := g.records.read(id)
		if err != nil {
			return nil, err
		}
		made, may := g.claims.Claim(before.Payout, request)
		if !may {
			continue
		}
		if err := g.pays(request, len(claimed)); err != nil {
			return nil, err
		}
		if err := g.write(before, &made); err != nil {
			return nil, err
		}
		claimed = append(claimed, made.After)
	}
	return claimed, nil
}

// pays returns an error, before the first of its payouts is claimed, if nothing of the batch of a
// request may be sent.
func (g *group) pays(request *ledger.ClaimRequest, claimed int) error {
	if request.Batch == "" || claimed > 0 {
		return nil
	}
	b, err := getBatch(tableOf(g.records.tx, bucketBatches), request.Batch)
	if err != nil {
		return err
	}
	return b.Pays(request.At)
}

// write writes one change and what it made.
func (g *group) write(before record, made *ledger.Made) error {
	change := &made.Change
	g.made = append(g.made, ledger.Moved{ID: change.ID, Claim: change.Claim, From: change.From, To: change.To})
	if added, is := corrected(before.Payout, made.After); is {
		g.fingerprints = append(g.fingerprints, added)
	}
	counts, err := g.tallies.of(made.After.Batch)
	if err != nil {
		return err
	}
	counts.Remove(before.Payout)
	counts.Add(made.After)
	return g.keep(before, made)
}

// finish completes the transaction unless there is an error. Who holds what changes with
// it: should the commit fail, the store is stopped.
func (g *group) finish(err error) error {
	if err != nil || len(g.made) == 0 {
		return err
	}
	g.claims.Note(g.made)
	return errors.Join(finderOf(g.records.tx).add(g.fingerprints), g.tallies.put(), g.log.finish())
}
