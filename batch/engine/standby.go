package engine

import (
	"container/heap"
	"slices"

	"payrun/ledger"
)

// Where nothing but the workers limits how fast payouts are sent, a transfer lies
// ready for each of them, so that no worker waits for the dispatcher between two
// requests. Whatever gives a reason to send less has them taken back first.

// room is how many requests may be handed out: one to each worker, and as many
// transfers again if no rate, no silence of the provider and no empty account holds
// them back.
func (r *run) room() int {
	if r.limiter.unlimited() && r.outage.since.IsZero() && r.short == nil {
		return 2 * r.config.Workers
	}
	return r.config.Workers
}

// recall takes back what no worker has taken up. It has not left, and its intent is
// recorded.
func (r *run) recall() {
	var back []*payment
	for {
		select {
		case j := <-r.jobs:
			r.busy--
			j.answered(errRecalled)
			if j.lookup {
				r.schedule(j.payment)
			} else {
				back = append(back, j.payment)
			}
		default:
			if len(back) > 0 {
				r.ready = slices.Concat(back, r.ready)
			}
			return
		}
	}
}

// schedule puts a payment among those that wait for a look-up.
func (r *run) schedule(p *payment) {
	if p.payout.State == ledger.Unknown {
		heap.Push(&r.doubts, p)
		return
	}
	heap.Push(&r.pendings, p)
}
