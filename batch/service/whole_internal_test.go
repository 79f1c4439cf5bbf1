package service

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
)

// TestProgressIsThatOfAllMachines: what this one knows is shown until the ledger knows of more,
// and again once this one has come further. A count that fails changes nothing.
func TestProgressIsThatOfAllMachines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows = 10
		var inLedger, shown atomic.Int64
		var broken atomic.Bool
		count := func(context.Context) (counts ledger.Counts, err error) {
			if broken.Load() {
				return counts, errors.New("away")
			}
			for i := range rows {
				counts.Add(paidUpTo(int(inLedger.Load()), i))
			}
			return counts, nil
		}
		w := &whole{show: func(p engine.Progress) { shown.Store(int64(p.Tally.In(ledger.Successful).Count)) }}
		ctx, stop := context.WithCancel(t.Context())
		go w.follow(ctx, count)
		defer stop()
		for _, step := range []struct {
			own, ledger, want int
			broken            bool
		}{
			{own: 2, ledger: 5, want: 5},
			{own: 6, ledger: 5, want: 6},
			{own: 6, ledger: 9, want: 9},
			{own: 6, ledger: 10, want: 9, broken: true},
			{own: 7, ledger: 10, want: 10},
		} {
			inLedger.Store(int64(step.ledger))
			broken.Store(step.broken)
			<-time.After(2 * wholeEach)
			synctest.Wait()
			var own ledger.ByState
			for i := range rows {
				own.Add(paidUpTo(step.own, i))
			}
			if w.Progress(engine.Progress{Tally: own}); shown.Load() != int64(step.want) {
				t.Errorf("%+v: %d are shown as paid", step, shown.Load())
			}
		}
	})
}

// paidUpTo is payout number i of those of which so many are paid.
func paidUpTo(paid, i int) ledger.Payout {
	p := ledger.Payout{Terms: ledger.Terms{Amount: money.XOF.Of(100)}, State: ledger.Queued}
	if i < paid {
		p.State = ledger.Successful
	}
	return p
}
