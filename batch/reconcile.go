package batch

import (
	"context"
	"errors"
	"fmt"

	"payrun/ledger"
)

// Reconciliation is what holding a batch against the provider brought.
type Reconciliation struct {
	// Agreed payouts are the same on both sides.
	Agreed ledger.Count
	// Settled payouts were open here; the provider's word was recorded.
	Settled ledger.Count
	// Open payouts are open on both sides.
	Open ledger.Count
	// Differences are listed. What contradicts a final state is recorded beside
	// it, too; states are not rewritten.
	Differences []Difference
	// Unanswered payouts got no answer that can be trusted.
	Unanswered []ledger.Payout

	// Provider is the provider's side in figures.
	Provider ProviderTotals
	// Prefix is what transfers of this batch begin with, empty if its ids share
	// too little; then transfers that were never sent from here are not sought.
	Prefix string
	// Listed is how many transfers the provider's list or statement has, and
	// LookedUp how many payouts were asked about one by one.
	Listed, LookedUp int
	// ListError is why there was no list; look-ups did without it, but transfers
	// that were never sent from here were not sought.
	ListError error
}

const reconcileActor = "reconcile"

// listedFrom is how many payouts make the provider's list worth believing. One
// request brings all of it, but all that the merchant ever paid; below this,
// look-ups take a few seconds and are a stronger word.
const listedFrom = 20

// ErrNoList is Reconciliation.ListError for a provider that has no list.
var ErrNoList = errors.New("the provider has no list of transactions")

// Reconcile holds every payout of the batch against the provider's word. It
// mends what is safe to mend, an open payout that the provider has settled, and
// nothing else; what contradicts a final state is recorded as an event and
// listed. It sends nothing. It stops with the first error of the ledger or the
// context.
//
// The provider's list is believed only where it says of a final payout what the
// ledger says. Its paging is not documented, so what it lacks proves nothing:
// whatever it does not confirm, and every payout of a small batch, is looked up.
func (q Inquiry) Reconcile(ctx context.Context, batch ledger.Batch, fees FeeEstimate) (Reconciliation, error) {
	r := &reconciling{store: q.Store, fees: fees, records: newRecords()}
	r.done.ListError = r.list(ctx, q.Provider)
	if ctx.Err() != nil {
		return r.done, fmt.Errorf("list the provider's transactions: %w", ctx.Err())
	}
	count, err := r.begin(ctx, batch.ID)
	if err != nil {
		return r.done, err
	}
	wanted := func(payout ledger.Payout) bool {
		return count < listedFrom || !r.confirmed(payout)
	}
	if err := q.each(ctx, batch.ID, wanted, r.decide); err != nil {
		return r.done, err
	}
	return r.finish(ctx, batch, func(row StatementRow) bool { return r.ours(row) })
}

// ReconcileStatement holds every payout of the batch against a statement that
// the provider's dashboard exported, and asks nobody. A row that belongs to no
// payout of the ledger is a difference. What the statement does not have is a
// difference if it is successful here; it is not recorded, because a statement
// may cover fewer days. The rest is as in Reconcile.
func ReconcileStatement(ctx context.Context, store ledger.Store, batch ledger.Batch, statement []StatementRow, fees FeeEstimate) (Reconciliation, error) {
	r := &reconciling{store: store, fees: fees, records: newRecords(), offline: true}
	for _, row := range statement {
		r.records.add(row)
	}
	r.done.Listed = len(statement)
	if _, err := r.begin(ctx, batch.ID); err != nil {
		return r.done, err
	}
	for payout, err := range store.Payouts(ctx, batch.ID) {
		if err != nil {
			return r.done, fmt.Errorf("read batch %q: %w", batch.ID, err)
		}
		if err := r.decide(ctx, payout, r.stated(payout)); err != nil {
			return r.done, err
		}
	}
	return r.finish(ctx, batch, func(StatementRow) bool { return true })
}
