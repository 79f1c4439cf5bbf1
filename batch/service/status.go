package service

import (
	"context"

	"payrun/batch/clearance"
	"payrun/batch/retry"
	"payrun/ledger"
)

// Status is where a batch stands.
type Status struct {
	Batch  ledger.Batch
	States ledger.ByState
	// ByOperator divides States.
	ByOperator map[ledger.Operator]ledger.ByState
	// Open, Failed and Disputed are payouts by what a person has to know: those without an
	// end, those that were not paid, and those about which the provider disagrees, of
	// which no other list but Open has any. Each is in file order.
	Open, Failed, Disputed []ledger.Payout
	// Corrected counts those of Failed for which the batch's file has other terms: a retry
	// leaves them out.
	Corrected int
	// Chosen are those that the caller asked for.
	Chosen []ledger.Payout
	// Approval is where that stands, if a policy asks for it.
	Approval clearance.Standing
}

// Outcome is Conflict while the provider disagrees about a payout and nobody has resolved
// that, else AllPaid: a status is no judgement of what is on its way.
func (s Status) Outcome() Outcome {
	if len(s.Disputed) > 0 {
		return Conflict
	}
	return AllPaid
}

// Need returns the work that is left about the batch.
func (s Status) Need() Need {
	need := Need{Open: len(s.Open), Failed: len(s.Failed) - s.Corrected}
	if len(s.Disputed) > 0 {
		need.Differs = s.Disputed[0].ID
	}
	return need
}

// Status says where a batch stands, and which of its payouts chosen wants to see; chosen
// may be nil, and has all of them read. It needs the ledger alone.
func (s *Service) Status(ctx context.Context, id ledger.BatchID, chosen func(ledger.Payout) bool) (Status, error) {
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return Status{}, err
	}
	corrected, err := retry.OtherTerms(ctx, s.config.Ledger, id)
	if err != nil {
		return Status{}, err
	}
	counts, err := s.config.Ledger.Counts(ctx, id)
	if err != nil {
		return Status{}, err
	}
	found := Status{Batch: b, States: counts.ByState(), ByOperator: counts.ByOperator()}
	for payout, err := range s.config.Ledger.Notable(ctx, id) {
		if err != nil {
			return Status{}, err
		}
		found.add(payout)
	}
	if chosen != nil {
		for payout, err := range s.config.Ledger.Payouts(ctx, id) {
			if err != nil {
				return Status{}, err
			}
			if chosen(payout) {
				found.Chosen = append(found.Chosen, payout)
			}
		}
	}
	for _, p := range found.Failed {
		if corrected[p.ID] {
			found.Corrected++
		}
	}
	found.Approval, err = s.Approval(ctx, id)
	return found, err
}

// add lists a payout that a person has to know of.
func (s *Status) add(p ledger.Payout) {
	switch {
	case len(p.Unresolved()) > 0:
		s.Disputed = append(s.Disputed, p)
	case p.State == ledger.Failed:
		s.Failed = append(s.Failed, p)
	}
	if p.State.Open() {
		s.Open = append(s.Open, p)
	}
}

// Counted is a batch with its payouts counted by state.
type Counted struct {
	Batch  ledger.Batch
	States ledger.ByState
}

// Overview counts every batch of the ledger, the oldest first. It needs the ledger alone.
func (s *Service) Overview(ctx context.Context) ([]Counted, error) {
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Counted, 0, len(batches))
	for _, b := range batches {
		counts, err := s.config.Ledger.Counts(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, Counted{Batch: b, States: counts.ByState()})
	}
	return all, nil
}
