package retry

import (
	"cmp"
	"context"
	"slices"

	"payrun/ledger"
)

const correctActor = "correct"

// Corrected is the result of corrections.
type Corrected struct {
	// Queued payouts have their new terms and a new attempt.
	Queued ledger.Total
	// Held stay as they are, in file order.
	Held []Held
}

// Correct gives each payout its new terms with a new attempt, through the same door as
// a retry. The old terms stay with the attempts that had them. It sends nothing.
func (q Retrier) Correct(ctx context.Context, batch ledger.Batch, corrections []ledger.Correction) (Corrected, error) {
	terms, ids := map[ledger.TransactionID]ledger.Terms{}, map[ledger.TransactionID]bool{}
	for _, c := range corrections {
		terms[c.Payout.ID], ids[c.Payout.ID] = c.Terms, true
	}
	r := retrying{door: newDoor(q, batch, correctActor, ids), terms: terms}
	wanted := func(p ledger.Payout) bool {
		given, is := terms[p.ID]
		return is && p.Correctable(batch.ID) && p.Terms != given
	}
	err := q.Each(ctx, batch.ID, wanted, r.decide)
	slices.SortFunc(r.done.Held, func(a, b Held) int { return cmp.Compare(a.Payout.Row, b.Payout.Row) })
	return Corrected{Queued: r.done.Queued, Held: r.done.Held}, err
}
