package reconcile

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"payrun/batch/rules"
	"payrun/ledger"
)

// Result is the outcome of holding a batch against the provider. It has to be closed.
type Result struct {
	// Agreed payouts are the same on both sides.
	Agreed ledger.Total
	// Settled payouts were open here; the provider's word was recorded.
	Settled ledger.Total
	// Open payouts are open on both sides.
	Open ledger.Total
	// Differences are listed. What contradicts a final state is recorded beside
	// it, too; states are not rewritten.
	Differences *Differences
	// Unanswered counts the payouts that got no answer that can be trusted; NoLookUpPage
	// tells that the last look-ups found no page.
	Unanswered   int
	NoLookUpPage bool

	// Provider is the provider's side in figures.
	Provider ProviderTotals
	// Prefix begins the references of this batch, empty if its ids share
	// too little; then transfers that were never sent from here are not sought.
	Prefix string
	// Listed counts the transfers of the provider's list or statement, and
	// LookedUp the payouts that were asked about one by one.
	Listed, LookedUp int
	// ListError is the reason that there was no list; look-ups did without it, but transfers
	// that were never sent from here, and second payments under one reference, were
	// not sought.
	ListError error
	// Lacking counts transfers that look-ups found and the list does not have: it ends
	// early, or has other things only, so that what else it lacks proves nothing.
	Lacking int
}

// Close lets go of the differences.
func (r Result) Close() error { return r.Differences.Close() }

// Whole reports whether everything was compared that could hide a payment: there was
// a list, and it has all that is known to be there.
func (r Result) Whole() bool { return r.ListError == nil && r.Lacking == 0 }

const actor = "reconcile"

// listedFrom is the number of payouts that make the provider's list worth believing. One
// request brings all of it, but all that the merchant ever paid; below this,
// look-ups take a few seconds and are a stronger word.
const listedFrom = 20

// ErrNoList is Result.ListError for a provider that has no list.
var ErrNoList = errors.New("the provider has no list of transactions")

// WithProvider holds every payout of the batch against the provider's word. It
// mends what is safe to mend, an open payout that the provider has settled, and
// nothing else; what contradicts a final state is recorded as an event and
// listed. It sends nothing. It stops with the first error of the ledger or the
// context.
//
// The provider's list is believed only where it says of a final payout what the
// ledger says. Its paging is not documented, so what it lacks proves nothing:
// whatever it does not confirm, and every payout of a small batch, is looked up.
func WithProvider(ctx context.Context, client StatusClient, batch ledger.Batch, fees rules.FeeEstimate) (_ Result, err error) {
	r := &comparison{client: client, store: client.Store, fees: fees, records: newTransferIndex()}
	r.done.Differences = &Differences{}
	defer func() { err = errors.Join(err, r.records.close()) }()
	r.done.ListError = r.list(ctx, client.Provider)
	if ctx.Err() != nil {
		return r.done, fmt.Errorf("list the provider's transactions: %w", ctx.Err())
	}
	count, err := r.begin(ctx, batch.ID)
	if err != nil {
		return r.done, err
	}
	r.trusted = count >= listedFrom
	if err := client.Each(ctx, batch.ID, func(ledger.Payout) bool { return true }, r.compare); err != nil {
		return r.done, err
	}
	r.done.NoLookUpPage = client.Provider.NoLookUpPage()
	return r.finish(ctx, batch, func(row Transfer) bool { return r.ours(row) })
}

// WithStatement holds every payout of the batch against a statement that
// the provider's dashboard exported, and asks nobody. A row that belongs to no
// payout of the ledger is a difference. What the statement does not have is a
// difference if it is successful here; it is not recorded, because a statement
// may cover fewer days. The rest is as in WithProvider. What the statement yields is
// read once; an error ends it.
func WithStatement(ctx context.Context, store ledger.Store, batch ledger.Batch, statement iter.Seq2[Transfer, error],
	fees rules.FeeEstimate,
) (_ Result, err error) {
	r := &comparison{store: store, fees: fees, records: newTransferIndex(), offline: true}
	r.done.Differences = &Differences{}
	defer func() { err = errors.Join(err, r.records.close()) }()
	for row, err := range statement {
		if err == nil {
			err = r.records.add(row)
		}
		if err != nil {
			return r.done, fmt.Errorf("read the statement: %w", err)
		}
		r.done.Listed++
	}
	if _, err := r.begin(ctx, batch.ID); err != nil {
		return r.done, err
	}
	for payout, err := range store.Payouts(ctx, batch.ID) {
		if err != nil {
			return r.done, fmt.Errorf("read batch %q: %w", batch.ID, err)
		}
		if err := r.compare(ctx, payout); err != nil {
			return r.done, err
		}
	}
	return r.finish(ctx, batch, func(Transfer) bool { return true })
}
