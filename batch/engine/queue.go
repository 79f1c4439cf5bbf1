package engine

import (
	"container/heap"
	"context"
	"iter"
	"math"
	"time"

	"payrun/ledger"
)

// queue gives out what waits to be sent: first what was already tried and may
// be sent again, then the batch's queued payouts in file order, read from the
// ledger as they are needed, and last those that an earlier run was refused: what
// was wrong with them must not stop the others. Where another machine is at the same place,
// this one goes on elsewhere, and comes back for what it left out. It is used by the dispatcher
// alone.
type queue struct {
	retries schedule
	refused []*payment

	// size is how many payouts the batch has.
	size int
	// list yields the queued payouts of the batch from a position on.
	list func(from uint32) iter.Seq2[ledger.Placed, error]
	next func() (ledger.Placed, error, bool)
	stop func()
	// began is where the list began that is being read, seen are the places that were.
	began     uint32
	seen      []stretch
	exhausted bool
	// inherited are the payouts that an earlier process left half-way. They
	// come back through retries, never from the ledger's list, which is read
	// in pages and may show them as they were.
	inherited map[ledger.TransactionID]struct{}
}

// stretch is a part of a list that was read in one go, from its first position to its last.
type stretch struct{ first, last uint32 }

func newQueue(ctx context.Context, store ledger.Store, batch ledger.BatchID, size int) *queue {
	q := &queue{
		size:      max(1, size),
		inherited: make(map[ledger.TransactionID]struct{}),
		list: func(from uint32) iter.Seq2[ledger.Placed, error] {
			return store.PayoutsFrom(ctx, batch, from, ledger.SelectQueued)
		},
	}
	q.begin(0)
	return q
}

// begin reads on from a position.
func (q *queue) begin(from uint32) {
	q.began, q.seen = from, append(q.seen, stretch{first: math.MaxUint32})
	q.next, q.stop = iter.Pull2(q.list(from))
}

// leap goes on at another place of the batch.
func (q *queue) leap(to uint32) {
	if !q.exhausted {
		q.stop()
		q.begin(to)
	}
}

// follow returns the next payout of the list that was not read before, from the beginning once
// its end was reached.
func (q *queue) follow() (payout ledger.Payout, more bool, err error) {
	for {
		placed, err, more := q.next()
		switch {
		case err != nil, !more && q.began == 0:
			return ledger.Payout{}, false, err
		case !more:
			q.leap(0)
		case q.isNew(placed.Position):
			return placed.Payout, true, nil
		}
	}
}

// isNew reports whether a place was not read before. What this run has in its hands may still
// be queued in the ledger: no place is read twice.
func (q *queue) isNew(at uint32) bool {
	reading := len(q.seen) - 1
	for _, before := range q.seen[:reading] {
		if before.first <= at && at <= before.last {
			return false
		}
	}
	now := &q.seen[reading]
	now.first, now.last = min(now.first, at), max(now.last, at)
	return true
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
		payout, more, err := q.follow()
		if err != nil {
			q.exhausted = true
			return taken, err
		}
		if !more {
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
