package engine

import (
	"container/heap"
	"context"
	"iter"
	"time"

	"payrun/ledger"
)

// queue gives out what waits to be sent: first what was already tried and may
// be sent again, then the batch's queued payouts in file order, read from the
// ledger as they are needed, and last those that an earlier run was refused: what
// was wrong with them must not stop the others. It is used by the dispatcher alone.
type queue struct {
	retries schedule
	refused []*payment

	next      func() (ledger.Payout, error, bool)
	stop      func()
	exhausted bool
	// inherited are the payouts that an earlier process left half-way. They
	// come back through retries, never from the ledger's list, which is read
	// in pages and may show them as they were.
	inherited map[ledger.TransactionID]struct{}
}

func newQueue(ctx context.Context, store ledger.Store, batch ledger.BatchID) *queue {
	q := &queue{inherited: make(map[ledger.TransactionID]struct{})}
	q.next, q.stop = iter.Pull2(store.Payouts(ctx, batch, ledger.Queued))
	return q
}

func (q *queue) close() { q.stop() }

// again puts a payment back, to be sent when it is due.
func (q *queue) again(p *payment) { heap.Push(&q.retries, p) }

// take returns at most limit payments whose time has come, with fresh also some that
// this run has not taken up yet.
func (q *queue) take(now time.Time, limit int, fresh bool) ([]*payment, error) {
	var taken []*payment
	for len(taken) < limit && q.retries.isDue(now) {
		taken = append(taken, q.retries.take())
	}
	if !fresh {
		return taken, nil
	}
	for len(taken) < limit && !q.exhausted {
		payout, err, ok := q.next()
		if err != nil {
			q.exhausted = true
			return taken, err
		}
		if !ok {
			q.exhausted = true
			break
		}
		if _, mine := q.inherited[payout.ID]; mine {
			continue
		}
		if p := (&payment{payout: payout, fresh: true}); payout.Said.Has(ledger.SaidRefused) {
			q.refused = append(q.refused, p)
		} else {
			taken = append(taken, p)
		}
	}
	if q.exhausted {
		last := min(limit-len(taken), len(q.refused))
		taken, q.refused = append(taken, q.refused[:last]...), q.refused[last:]
	}
	return taken, nil
}

// empty reports whether nothing is left, now or later.
func (q *queue) empty() bool { return q.read() && len(q.retries) == 0 }

// read reports whether nothing is left that this run has not taken up yet.
func (q *queue) read() bool { return q.exhausted && len(q.refused) == 0 }

// nextDue returns when the first retry is due; zero if there is none.
func (q *queue) nextDue() time.Time { return q.retries.nextDue() }
