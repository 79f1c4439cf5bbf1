package service_test

import (
	"context"
	"iter"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
)

// counting counts the acts that are read of a ledger, which may become another one.
type counting struct {
	ledger.Store
	acts *atomic.Int64
}

func (c counting) ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range c.Store.ActsFrom(ctx, batch, from) {
			if c.acts.Add(1); !yield(event, err) {
				return
			}
		}
	}
}

// TestGovernanceIsReadOnce: asking again costs what happened since, and is as right as reading all
// of the ledger anew: whoever wrote to it, and if it came back from a copy.
func TestGovernanceIsReadOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		visit := func(o *office, times int) {
			t.Helper()
			for range times {
				if err := o.store.Record(t.Context(), ledger.Act{Code: ledger.ActSessionUsed, At: time.Now(), Text: "x"}); err != nil {
					t.Fatal(err)
				}
			}
		}
		visit(o, 500)
		store := &counting{Store: o.store, acts: &atomic.Int64{}}
		registry := clearance.NewRegistry(store)
		same := func(o *office, what string, most int64) {
			t.Helper()
			store.acts.Store(0)
			got, err := registry.Governance(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if read := store.acts.Load(); read > most {
				t.Errorf("%s: %d acts were read, want %d at most", what, read, most)
			}
			want, err := clearance.NewRegistry(o.store).Governance(t.Context())
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: it is %+v, %v, want %+v", what, got, err, want)
			}
		}
		same(o, "at first", 600)
		same(o, "again", 0)
		visit(o, 3)
		same(o, "after visits", 3)
		o.remove("fanta")
		same(o, "after a change of people", 1)
		before, err := registry.Governance(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		o.decidePolicy(bothAlways, "koffi")
		same(o, "after a proposal", 8)
		if len(before.Proposals) != 0 {
			t.Error("what somebody was given changed afterwards")
		}
		// The ledger comes back as it was another day.
		earlier := newOffice(t, twoPeople)
		store.Store = earlier.store
		same(earlier, "of another ledger", 100)

		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range 20 {
					g, err := registry.Governance(t.Context())
					if err != nil {
						t.Error(err)
					}
					_ = append(g.Acts, approval.SignedAct{Event: 1}) // as who adds one to replay them
				}
			})
		}
		all.Go(func() { visit(earlier, 20) })
		all.Wait()
	})
}
