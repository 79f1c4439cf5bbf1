package pgledger_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/pgledger"
	"payrun/ledger/pgledger/pgtest"
)

// turns are two stores over one ledger, which write in turn: what one has read, the other has
// changed since.
type turns struct {
	verified
	other *pgledger.Store
	count atomic.Int64
}

func newTurns(t *testing.T, address string) *turns {
	t.Helper()
	return &turns{verified: verified{open(t, address), t}, other: open(t, address)}
}

// turn returns the store whose turn it is, after both have read what is open.
func (s *turns) turn(ctx context.Context) *pgledger.Store {
	for _, store := range []*pgledger.Store{s.Store, s.other} {
		batches, err := store.Batches(ctx)
		if err != nil {
			return store
		}
		for _, b := range batches {
			for range store.Payouts(ctx, b.ID, ledger.OpenStates()...) { // reading is all
			}
		}
	}
	if s.count.Add(1)%2 == 0 {
		return s.Store
	}
	return s.other
}

func (s *turns) Apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	return s.turn(ctx).Apply(ctx, changes)
}

func (s *turns) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	return s.turn(ctx).Claim(ctx, request)
}

func (s *turns) TakeOver(ctx context.Context, claim ledger.Claim, payouts []ledger.TransactionID) ([]ledger.Payout, error) {
	return s.turn(ctx).TakeOver(ctx, claim, payouts)
}

func (s *turns) Enrol(ctx context.Context, batch ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	return s.turn(ctx).Enrol(ctx, batch, entries)
}

func (s *turns) Close() error {
	return errors.Join(s.other.Close(), s.verified.Close())
}

// TestTwoStoresInTurnAreOneLedger has claims kept, and any history told alike, while each
// write comes from a store that last read the ledger before the other wrote to it.
func TestTwoStoresInTurnAreOneLedger(t *testing.T) {
	t.Parallel()
	pgtest.Shared(t)
	t.Run("the contract", func(t *testing.T) {
		ledgertest.Sharing(t, func(t *testing.T) ledger.Store {
			t.Helper()
			return newTurns(t, begin(t))
		})
	})
	t.Run("any history", func(t *testing.T) {
		ledgertest.Model(t, func(t *testing.T) func() ledger.Store {
			t.Helper()
			address := begin(t)
			return func() ledger.Store { return newTurns(t, address) }
		}, func() ledger.Store { return memledger.New() })
	})
}

// TestAWriteThatPassedByTheLockIsNoticed tampers with a payout between a store's reading and its
// writing: the change is made from what is there, or not at all.
func TestAWriteThatPassedByTheLockIsNoticed(t *testing.T) {
	store := open(t, begin(t))
	defer store.Close()
	ids := enrol(t, store, 3)
	for range store.Payouts(t.Context(), "may", ledger.Queued) { // the store knows them now
	}
	if err := store.Exec(t.Context(), "update payouts set state = $2, event = event + 1000 where id = $1", string(ids[0]), int16(ledger.Cancelled)); err != nil {
		t.Fatal(err)
	}
	by := join(t, store, "worker")
	if claimed := claim(t, store, by, ids...); len(claimed) != 2 || claimed[0].ID != ids[1] {
		t.Errorf("claimed %v, want all but the one that was cancelled behind the store's back", claimed)
	}
}
