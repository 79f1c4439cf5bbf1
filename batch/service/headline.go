package service

import (
	"context"

	"payrun/ledger"
)

// Headline is where a batch stands in figures, without anybody's name.
type Headline struct {
	Batch  ledger.Batch
	States ledger.ByState
	// Disputed counts the payouts about which the provider disagrees and nobody has resolved
	// that; they are counted in States as well. Paid and Failed are those of States without them.
	Disputed     ledger.Total
	Paid, Failed ledger.Total
	// AtLeast is set if there are so many notable payouts that not all were looked at for
	// disputes.
	AtLeast bool
}

// Open are the payouts without an end.
func (h Headline) Open() ledger.Total { return h.States.Open() }

// Withdrawn are the payouts that were taken back before anything was sent.
func (h Headline) Withdrawn() ledger.Total { return h.States.In(ledger.Cancelled) }

// Sendable is the total that going on with the batch may send, as a person is asked to confirm it.
func (h Headline) Sendable() ledger.Total {
	return h.States.In(ledger.Queued).Plus(h.States.In(ledger.Submitting), h.States.In(ledger.Unknown))
}

// Headline says where a batch stands. What it costs does not depend on the length of the batch.
// It needs the ledger alone.
func (s *Service) Headline(ctx context.Context, id ledger.BatchID) (Headline, error) {
	b, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return Headline{}, err
	}
	counts, err := s.config.Ledger.Counts(ctx, id)
	if err != nil {
		return Headline{}, err
	}
	h := Headline{Batch: b, States: counts.ByState()}
	h.Paid, h.Failed = h.States.In(ledger.Successful), h.States.In(ledger.Failed)
	// Those that are final come first: a dispute is about them as a rule.
	for _, of := range []ledger.Selection{ledger.SelectNoted, ledger.SelectOpen} {
		if err := s.disputed(ctx, of, &h); err != nil {
			return Headline{}, err
		}
	}
	return h, nil
}

// disputed counts the disputed payouts of a selection.
func (s *Service) disputed(ctx context.Context, of ledger.Selection, h *Headline) error {
	searched := 0
	for p, err := range s.config.Ledger.PayoutsFrom(ctx, h.Batch.ID, 0, of) {
		if err != nil {
			return err
		}
		if searched == searchedMax {
			h.AtLeast = true
			return nil
		}
		searched++
		if len(p.Unresolved()) == 0 {
			continue
		}
		h.Disputed.Add(p.Amount)
		one := ledger.Total{Count: -1, Amount: p.Amount.Currency.Of(-p.Amount.Minor)}
		switch p.State { //nolint:exhaustive // the others are in neither
		case ledger.Successful:
			h.Paid = h.Paid.Plus(one)
		case ledger.Failed:
			h.Failed = h.Failed.Plus(one)
		}
	}
	return nil
}
