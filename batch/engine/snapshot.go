package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"payrun/ledger"
)

// BatchSnapshot is a batch as it stood when it was read, and all that a run needs to
// know of it to begin. It holds as long as nobody writes to the ledger.
type BatchSnapshot struct {
	batch    ledger.Batch
	tally    ledger.ByState
	identity ledger.Identity
	// unmarked counts the queued payouts that are not looked up before they are sent.
	unmarked int
	// oldest and newest are when the first and the last of those were queued.
	oldest, newest time.Time
	// intended counts the payouts of which a request may ever have left.
	intended int
	// known are the youngest transfers that the account is known to have.
	known []known
	// released are the payouts that an earlier run sent again after a "not found".
	released []ledger.TransactionID
	// underWay are the payouts that an earlier run left half-way.
	underWay []ledger.Payout
	// countries are those of the payouts that may be sent.
	countries []string
	// posted bounds when the last request of those left at the latest: not after a
	// transfer that the account has was begun. Those that nothing bounds are not in it.
	posted map[ledger.TransactionID]time.Time
}

// LoadSnapshot reads a batch as it stands. Payouts that are queued or final are counted,
// not kept.
func LoadSnapshot(ctx context.Context, store ledger.Store, id ledger.BatchID) (BatchSnapshot, error) {
	batch, err := store.Batch(ctx, id)
	if err != nil {
		return BatchSnapshot{}, fmt.Errorf("read batch %q: %w", id, err)
	}
	identity, err := store.Identity(ctx)
	if err != nil {
		return BatchSnapshot{}, fmt.Errorf("read what the ledger is: %w", err)
	}
	s := BatchSnapshot{batch: batch, identity: identity}
	if summed, err := s.sumUp(ctx, store); summed || err != nil {
		return s, err
	}
	for payout, err := range store.Payouts(ctx, batch.ID) {
		if err != nil {
			return BatchSnapshot{}, fmt.Errorf("read batch %q: %w", batch.ID, err)
		}
		s.take(payout)
	}
	return s, s.order(ctx, store)
}

// take counts a payout, and keeps it if it is under way.
func (s *BatchSnapshot) take(payout ledger.Payout) {
	s.tally.Add(payout)
	s.note(payout)
	if payout.State.Open() && payout.State != ledger.Queued {
		s.underWay = append(s.underWay, payout)
	}
}

// othersMax bounds the payouts that are read of a batch that is summed up: what is under way,
// and what a few windows had.
const othersMax = 10_000

// sumUp takes the snapshot of a batch from what the ledger says of all of it, if the ledger can, few
// payouts are special and none is looked up before it is sent that was never sent.
func (s *BatchSnapshot) sumUp(ctx context.Context, store ledger.Store) (bool, error) {
	far, can := store.(ledger.Summariser)
	if !can {
		return false, nil
	}
	var sum ledger.Begun
	var is bool
	var err error
	if sum.Untouched, is, err = far.Untouched(ctx, s.batch.ID); err == nil && !is {
		sum, is, err = far.Begun(ctx, s.batch.ID, othersMax)
	}
	if err != nil {
		return false, fmt.Errorf("sum up batch %q: %w", s.batch.ID, err)
	}
	queued := sum.Untouched
	if !is || queued.Total.Count > 0 && markedAt(queued.Oldest, s.identity) {
		return false, nil
	}
	s.tally.AddTotal(ledger.Queued, queued.Total)
	s.unmarked, s.oldest, s.newest, s.countries = queued.Total.Count, queued.Oldest, queued.Newest, queued.Countries
	s.tally.AddTotal(ledger.Successful, sum.Paid)
	s.intended = sum.Paid.Count
	for _, p := range sum.Others {
		s.take(p)
	}
	return true, s.order(ctx, store)
}

// knownMax bounds the transfers that are kept of those the account is known to have.
const knownMax = ledger.BegunLast

// note keeps of a payout what a run may need to know.
func (s *BatchSnapshot) note(p ledger.Payout) {
	if p.State == ledger.Queued && !mustLookFirst(p, s.identity) {
		if s.unmarked == 0 || p.QueuedAt.Before(s.oldest) {
			s.oldest = p.QueuedAt
		}
		s.newest = later(s.newest, p.QueuedAt)
		s.unmarked++
	}
	if sendable(p.State) && !slices.Contains(s.countries, p.Country) {
		s.countries = append(s.countries, p.Country)
	}
	if p.Intents > 0 || len(p.Earlier) > 0 {
		s.intended++
	}
	if p.Intents > 1 && p.Said.Has(ledger.SaidNotFound) {
		s.released = append(s.released, p.ID)
	}
	one, there := acceptance(p)
	if !there || (len(s.known) == knownMax && one.accepted.Before(s.known[0].accepted)) {
		return
	}
	s.known = append(s.known, one)
	slices.SortFunc(s.known, func(a, b known) int { return a.accepted.Compare(b.accepted) })
	if len(s.known) > knownMax {
		s.known = s.known[1:]
	}
}

// findKnown looks for a transfer that the account is known to have in the ledger's
// other batches, from the youngest batch on.
func findKnown(ctx context.Context, store ledger.Store, except ledger.BatchID) (known, bool, error) {
	batches, err := store.Batches(ctx)
	if err != nil {
		return known{}, false, fmt.Errorf("look for a transfer to compare with: %w", err)
	}
	for _, b := range slices.Backward(batches) {
		if b.ID == except {
			continue
		}
		for payout, err := range store.Payouts(ctx, b.ID) {
			if err != nil {
				return known{}, false, fmt.Errorf("look for a transfer to compare with: %w", err)
			}
			if one, there := acceptance(payout); there {
				return one, true, nil
			}
		}
	}
	return known{}, false, nil
}

// Pays returns ledger.ErrUnreleased or a *ledger.NotYetError if nothing of the batch might be sent at a
// time, as it stood.
func (s BatchSnapshot) Pays(at time.Time) error { return s.batch.Pays(at) }

// Tally counts the batch's payouts by state.
func (s BatchSnapshot) Tally() ledger.ByState { return s.tally }

// Countries returns those of the payouts that may be sent, by their ISO 3166-1 codes.
func (s BatchSnapshot) Countries() []string { return slices.Clone(s.countries) }

// sendable reports whether a payout in a state could be sent.
func sendable(state ledger.State) bool {
	return state == ledger.Queued || state == ledger.Submitting || state == ledger.Unknown
}

// maySend reports whether something of the batch could be sent.
func (s BatchSnapshot) maySend() bool {
	return s.tally.In(ledger.Queued).Count+s.tally.In(ledger.Submitting).Count+s.tally.In(ledger.Unknown).Count > 0
}
