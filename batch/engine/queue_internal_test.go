package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// TestAQueueGivesEachPayoutOnceWhereverItLeaps to, though what it gave is queued in the ledger
// still.
func TestAQueueGivesEachPayoutOnceWhereverItLeaps(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.IntRange(1, 60).Draw(r, "rows")
		store, entries := memledger.New(), ledgertest.Entries("T", rows)
		if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
			r.Fatal(err)
		}
		q := newQueue(t.Context(), store, "may", rows)
		defer func() { q.close() }()
		var given []ledger.TransactionID
		for !q.empty() {
			taken, err := q.take(time.Now(), rapid.IntRange(1, 9).Draw(r, "limit"), true)
			if err != nil {
				r.Fatal(err)
			}
			for _, p := range taken {
				given = append(given, p.payout.ID)
			}
			if rapid.Bool().Draw(r, "leaps") && len(taken) > 0 {
				q.leap(uint32(rapid.IntRange(0, 80).Draw(r, "to"))) //nolint:gosec // counts rows
			}
		}
		slices.Sort(given)
		var want []ledger.TransactionID
		for _, entry := range entries {
			want = append(want, entry.ID)
		}
		if !slices.Equal(given, want) {
			r.Fatal(fmt.Sprint("gave ", given))
		}
	})
}
