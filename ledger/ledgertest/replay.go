package ledgertest

import (
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
)

// Replayed replays a store's log, and holds what comes of it against the store.
func Replayed(tb testing.TB, store ledger.Store) *ledger.Replayed {
	tb.Helper()
	replayed, err := ledger.Replay(store.Events(tb.Context(), 0), func(e ledger.Event) iter.Seq2[ledger.Entered, error] {
		return e.Entered(store.Payouts(tb.Context(), e.Batch))
	})
	if err != nil {
		tb.Fatal(err)
	}
	batches, err := store.Batches(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	count := 0
	for _, batch := range batches {
		for p, err := range store.Payouts(tb.Context(), batch.ID) {
			if err != nil {
				tb.Fatal(err)
			}
			if p.Batch != batch.ID {
				continue
			}
			count++
			if diff := cmp.Diff(p, replayed.Payouts[p.ID]); diff != "" {
				tb.Errorf("payout %q (-in the store +replayed):\n%s", p.ID, diff)
			}
		}
		made := replayed.Batches[batch.ID]
		if made.State == 0 {
			made.State = ledger.BatchDraft // nothing entered
		}
		if made.State != batch.State || !cmp.Equal(made.Release, batch.Release) {
			tb.Errorf("batch %q is %s and was released %+v, and is %s and %+v by its log", batch.ID, batch.State, batch.Release, made.State, made.Release)
		}
	}
	if count != len(replayed.Payouts) {
		tb.Errorf("%d payouts in the store, %d by its log", count, len(replayed.Payouts))
	}
	return replayed
}
