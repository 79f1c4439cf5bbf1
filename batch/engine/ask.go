package engine

import (
	"container/heap"
	"context"
	"time"

	"github.com/rs/zerolog"

	"payrun/provider"
)

// asker looks payments up beside the dispatcher's loop, before that begins or after it
// ended: through the run's gate and on its workers.
type asker struct {
	pool *pool
	gate *gate
	log  zerolog.Logger
}

// taker weighs an answer, and reports whether the payment is to be asked about again,
// when it is due. An error ends the asking.
type taker func(p *payment, o provider.Outcome, now time.Time) (again bool, err error)

// lookUp looks up each payment's first name. Take is given every answer. It ends with
// take's first error, or with one of the package's.
func (a asker) lookUp(ctx context.Context, drain <-chan struct{}, payments []*payment, take taker) error {
	var waiting schedule
	for _, p := range payments {
		heap.Push(&waiting, p)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	interrupted := ctx.Done()
	var stopped error
	for a.pool.busy > 0 || (stopped == nil && len(waiting) > 0) {
		wake := time.Now().Add(maxSleep)
		if stopped == nil {
			a.gate.heed()
			if stopped = a.gate.checkOutage(time.Now()); stopped != nil {
				continue
			}
			wake = a.dispatch(&waiting, wake)
		}
		timer.Reset(time.Until(wake))
		select {
		case res := <-a.pool.results:
			again, err := a.settle(res, take)
			switch {
			case err != nil && stopped == nil:
				stopped = err
			case again && err == nil:
				heap.Push(&waiting, res.payment)
			}
		case <-a.gate.woken:
		case <-timer.C:
		case <-drain:
			drain, stopped = nil, ErrInterrupted
		case <-interrupted:
			interrupted, stopped = nil, ErrInterrupted
		}
	}
	return stopped
}

// settle takes in an answer.
func (a asker) settle(res result, take taker) (again bool, err error) {
	now := time.Now()
	a.pool.busy--
	if !res.conclusive() {
		res.ack <- struct{}{}
	}
	a.gate.note(now, res.started, res.leave, res.outcome)
	logRequest(a.log, res)
	again, err = take(res.payment, res.outcome, now)
	if a.gate.stopErr != nil {
		return false, a.gate.stopErr
	}
	return again, err
}

// dispatch gives workers what may be asked now, and returns when to look again, at the
// latest at wake.
func (a asker) dispatch(waiting *schedule, wake time.Time) time.Time {
	for a.pool.busy < a.pool.workers && len(*waiting) > 0 {
		now := time.Now()
		if !waiting.isDue(now) {
			return waiting.nextDue()
		}
		decision, leave, retryAt := a.gate.next(now, true)
		switch {
		case decision == closed:
			return now
		case decision == hold && retryAt.IsZero():
			return wake
		case decision == hold:
			return retryAt
		}
		p := waiting.take()
		a.pool.hand(job{payment: p, task: aheadOfSend, query: p.names[0].query(), leave: leave})
	}
	return wake
}

// pause waits until a moment, unless somebody interrupts.
func pause(ctx context.Context, drain <-chan struct{}, until time.Time) error {
	wait := time.Until(until)
	if wait <= 0 {
		return nil
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-drain:
	case <-ctx.Done():
	}
	return ErrInterrupted
}
