package engine

import (
	"context"
	"time"

	"payrun/ledger"
)

// dispatch pays until there is nothing left to do, and returns why it ended
// early if it did.
func (r *run) dispatch(ctx context.Context, drain <-chan struct{}) error {
	interrupted := ctx.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		looked := time.Now()
		r.refill()
		wake := r.handOut()
		r.report()
		if r.settled() {
			return r.reason()
		}
		r.post()
		timer.Reset(time.Until(r.soonest(looked, wake)))
		select {
		case res := <-r.results:
			r.settleAll(res)
		case done := <-r.commits:
			r.committed(done)
		case <-timer.C:
		case <-drain:
			drain = nil
			r.halt(ErrInterrupted)
		case <-interrupted:
			interrupted = nil
			r.halt(ErrInterrupted)
		}
	}
}

// settleAll takes in an answer and those that came meanwhile, so that what is
// decided after each round is decided once for all of them.
func (r *run) settleAll(first result) {
	for res, more := first, true; more; {
		r.busy--
		r.settle(res)
		select {
		case res = <-r.results:
		default:
			more = false
		}
	}
}

// windowMax bounds how many payouts a crash can leave in doubt.
const windowMax = 1024

// windowSize is how many intents are recorded together: twice the workers, so
// that one window is being recorded while another is being sent; more where one is
// used up sooner than is worth a commit; and never more than a second's work, so
// that a crash leaves few payouts in doubt.
func (r *run) windowSize() int {
	size := max(r.window, 2*r.config.Workers)
	if r.config.Rate > 0 {
		size = max(1, min(size, int(r.config.Rate)))
	}
	return size
}

// refill asks for the next window of intents before the workers run out.
func (r *run) refill() {
	size := r.windowSize()
	if r.windowOpen || !r.sendable() || len(r.ready) >= (size+1)/2 {
		return
	}
	window, err := r.queue.take(time.Now(), size)
	if err != nil {
		r.halt(err)
	}
	if len(window) == 0 {
		return
	}
	for _, p := range window {
		r.move(p, ledger.Submitting, ledger.Answer{})
	}
	r.outbox.window = window
	r.windowOpen = true
}

// handOut gives workers what may go now. It returns when to look again, zero if
// only an event can change anything.
func (r *run) handOut() (wake time.Time) {
	for r.halted == nil && r.busy < r.room() {
		now := time.Now()
		if r.outage.lasted(now) >= r.config.OutageMax {
			r.halt(ErrOutage)
			return time.Time{}
		}
		from := r.choose(now)
		// A look-up goes when a worker is free, and nothing may overtake it.
		if from == nothing || (from != readyQueue && r.busy >= r.config.Workers) {
			return time.Time{}
		}
		if delay := r.limiter.delay(now); delay > 0 {
			if r.heldSince.IsZero() {
				r.heldSince = now
			}
			return now.Add(delay)
		}
		answered, retryAt, ok := r.outage.allow()
		if !ok {
			return retryAt
		}
		r.limiter.take(now)
		r.observeWait(now)
		r.busy++
		r.jobs <- job{payment: r.pick(from), lookup: from != readyQueue, answered: answered}
	}
	return time.Time{}
}

// observeWait tells how long the rate limit kept the request that goes now.
func (r *run) observeWait(now time.Time) {
	wait := time.Duration(0)
	if !r.heldSince.IsZero() {
		wait = now.Sub(r.heldSince)
	}
	r.heldSince = time.Time{}
	r.config.Observer.RateWaited(wait)
}

// source is where the next request comes from.
type source int

const (
	nothing source = iota
	readyQueue
	doubtSchedule
	pendingSchedule
)

// choose says whose turn it is. A doubt goes first: it may be a payout that is
// already made and not yet known. Transfers and look-ups of pending payouts take
// turns, so that neither starves the other when the rate is low.
func (r *run) choose(now time.Time) source {
	if r.expired(now) {
		return nothing
	}
	sendable := len(r.ready) > 0 && r.short == nil
	pending := r.pendings.isDue(now)
	switch {
	case r.doubts.isDue(now):
		return doubtSchedule
	case sendable && (!pending || !r.sentLast):
		return readyQueue
	case pending:
		return pendingSchedule
	default:
		return nothing
	}
}

func (r *run) pick(from source) *payment {
	switch from {
	case readyQueue:
		r.sentLast = true
		p := r.ready[0]
		r.ready[0] = nil
		r.ready = r.ready[1:]
		return p
	case doubtSchedule:
		return r.doubts.take()
	case pendingSchedule:
		r.sentLast = false
		return r.pendings.take()
	case nothing:
	}
	return nil
}

// sendable reports whether payouts may still be taken up.
func (r *run) sendable() bool {
	return r.halted == nil && r.short == nil && r.storeErr == nil && !r.queue.empty()
}

// expired reports whether the time to wait for open payouts is over.
func (r *run) expired(now time.Time) bool {
	return !r.unsent() && now.Sub(r.idleSince) >= r.config.Wait
}

// unsent reports whether something is still to be sent.
func (r *run) unsent() bool {
	return r.sendable() || (r.short == nil && (r.windowOpen || len(r.ready) > 0))
}

// settled reports whether the run is over: no request is under way, none will
// be made, and everything is recorded.
func (r *run) settled() bool {
	now := time.Now()
	if r.unsent() {
		r.idleSince = now
	}
	if r.busy > 0 {
		return false
	}
	over := r.halted != nil || r.storeErr != nil || r.expired(now) ||
		(!r.unsent() && len(r.doubts) == 0 && len(r.pendings) == 0)
	if !over || r.recording {
		return false
	}
	if r.storeErr != nil {
		return true
	}
	r.withdraw()
	return len(r.outbox.changes) == 0
}

// withdraw takes back the intents of payouts that will not be sent.
func (r *run) withdraw() {
	for _, p := range r.ready {
		r.move(p, ledger.Queued, ledger.Answer{Code: codeWithdrawn, Message: "the run ended before it was sent"})
	}
	r.ready = nil
	// What is left is final for this run: it need not wait for company.
	r.outbox.since = time.Time{}
}

// post gives the outbox to the recorder if it is free and it is time.
func (r *run) post() {
	if r.recording || r.storeErr != nil || !r.outbox.ripe(time.Now()) {
		return
	}
	r.recording = true
	r.groups <- r.outbox
	r.outbox = group{changes: make([]ledger.Change, 0, len(r.outbox.changes))}
}

// committed takes in what became of a group. Intents that could not be made
// durable are not sent, nor is anything else from then on.
func (r *run) committed(done commit) {
	r.recording = false
	if done.window != nil {
		r.windowOpen = false
		r.widen()
	}
	if done.err != nil {
		r.storeErr = done.err
		r.halt(done.err)
		return
	}
	r.ready = append(r.ready, done.window...)
}

// widen makes the next windows twice as large if workers had to wait for this
// one, the first of a run apart, or if the one before it was used up sooner than an
// outcome may wait for company.
func (r *run) widen() {
	now := time.Now()
	switch {
	case r.window == 0:
		r.window = 2 * r.config.Workers
	case len(r.ready) == 0 && r.busy < r.config.Workers, now.Sub(r.windowAt) < lagMax:
		// The first of a new size is asked for at once and says nothing about how
		// long one lasts.
		r.window, r.windowAt = min(2*r.window, windowMax), time.Time{}
	default:
		r.windowAt = now
	}
}

// reason says why the run ended, nil if it came to its end.
func (r *run) reason() error {
	switch {
	case r.storeErr != nil:
		return r.storeErr
	case r.halted != nil:
		return r.halted
	default:
		return r.short
	}
}

// farAway is when to wake if nothing is scheduled: an event will come first.
const farAway = time.Hour

// soonest returns the first of the moments at which something may have to be
// done without an event. One that passed since the dispatcher last looked for what
// is due is among them: nobody has seen it.
func (r *run) soonest(looked, wake time.Time) time.Time {
	first := looked.Add(farAway)
	// What was due then is held back by the limiter, the breaker, a busy worker or
	// the recorder, and each of them has a moment or an event.
	consider := func(t time.Time) {
		if t.After(looked) && t.Before(first) {
			first = t
		}
	}
	consider(wake)
	if r.storeErr != nil {
		return first
	}
	if len(r.outbox.changes) > 0 && !r.recording {
		consider(r.outbox.since.Add(lagMax))
	}
	if r.halted == nil {
		consider(r.doubts.nextDue())
		consider(r.pendings.nextDue())
		consider(r.queue.nextDue())
		consider(r.idleSince.Add(r.config.Wait))
	}
	return first
}
