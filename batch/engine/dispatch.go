package engine

import (
	"context"
	"errors"
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
		r.heed()
		r.refill(ctx, looked)
		wake := r.dispatchReady()
		r.report()
		r.noteUnsent(time.Now())
		if r.over(time.Now()) {
			r.windUp()
			if r.window.settled() {
				return r.reason()
			}
		}
		r.window.flush(time.Now())
		beating := r.unsent()
		timer.Reset(time.Until(r.wakeAt(looked, wake)))
		select {
		case res := <-r.pool.results:
			r.settleAll(res)
		case done := <-r.window.commits:
			r.committed(done)
		case <-r.gate.woken:
		case <-r.hinted(looked):
			r.takeHints(time.Now())
		case <-timer.C:
		case <-drain:
			drain = nil
			r.halt(ErrInterrupted)
		case <-interrupted:
			interrupted = nil
			r.halt(ErrInterrupted)
		}
		if beating && passed(looked) > stallMax(r.config) {
			r.halt(ErrStoodStill)
		}
	}
}

// heed takes in what other machines heard. Nothing that lies ready goes out after a stop.
func (r *run) heed() {
	sent := r.gate.sends()
	if r.gate.heed(); sent && !r.gate.sends() {
		r.reclaim()
	}
}

// refill asks for the next window of intents before the workers run out.
func (r *run) refill(ctx context.Context, now time.Time) {
	size := r.windowSize()
	// What waits to be looked up first holds back others like it, and not what was.
	full := len(r.sched.ahead) >= size
	if r.window.open || !r.sendable() || len(r.sched.ready) >= (size+1)/2 || r.expired(now) ||
		!r.proof.mayFollow(&r.sched, r.pool.busy) || (full && !r.sched.queue.retries.isDue(now)) {
		return
	}
	taken, err := r.sched.queue.take(now, size, !full)
	if err != nil {
		r.halt(err)
	}
	for _, p := range taken {
		if p.fresh && !r.takeUp(ctx, p, now) {
			continue
		}
		r.intend(p)
	}
}

// takeUp takes up a queued payout and reports whether it may be sent at once.
func (r *run) takeUp(ctx context.Context, p *payment, now time.Time) bool {
	p.fresh = false
	switch {
	case p.payout.Contradicted():
		r.setAside(p, ledger.ErrEvidence)
		return false
	case mustLookFirst(p.payout, r.proof.identity):
		p.names, p.due = namesOf(p.payout), now
		if marked(p.payout, r.proof.identity) {
			further, err := furtherNamesOf(ctx, &r.config, p.payout)
			if err != nil {
				r.halt(err)
				return false
			}
			p.names = append(p.names, further...)
		}
		r.sched.wait(p)
		return false
	default:
		r.sched.count(p, 1)
		return true
	}
}

// dispatchReady gives workers what may go now. It returns when to look again, zero if
// only an event can change anything.
func (r *run) dispatchReady() time.Time {
	for r.gate.stopErr == nil && r.pool.busy < r.capacity() {
		now := time.Now()
		from := r.choose(now)
		decision, leave, wake := r.gate.next(now, from != nothing)
		switch decision {
		case hold:
			return wake
		case closed:
			r.reclaim()
			return time.Time{}
		case pass:
		}
		if r.heed(); r.gate.stopErr != nil || (from == readyQueue && !r.gate.sends()) {
			leave.Recall() // with the leave came that another machine heard of a stop
			continue
		}
		next := r.pick(from)
		next.leave, next.handed = leave, now
		r.pool.hand(next)
	}
	return time.Time{}
}

// capacity is the number of requests that may be handed out at once.
func (r *run) capacity() int {
	if r.proof.solo.on {
		return 1
	}
	return r.gate.capacity(r.pool.workers)
}

// choose returns the source of the next request, nothing once it is not waited any
// longer. A look-up goes when a worker is free, and nothing may overtake it.
func (r *run) choose(now time.Time) source {
	if r.expired(now) {
		return nothing
	}
	from := r.sched.choose(now, r.gate.sends(), r.proof.control.isDue(now))
	if from != readyQueue && r.pool.busy >= r.pool.workers {
		return nothing
	}
	return from
}

// pick makes a job of the next request from where it comes.
func (r *run) pick(from source) job {
	if from == controlSource {
		r.proof.control.asked = true
		return job{task: controlling, query: r.proof.control.candidate.query()}
	}
	p := r.sched.take(from)
	switch from {
	case readyQueue:
		return job{payment: p, task: transfer}
	case aheadSchedule:
		return job{payment: p, task: aheadOfSend, query: p.names[0].query()}
	case unknownSchedule, pendingSchedule, controlSource, nothing:
	}
	return job{payment: p, task: followUp, query: p.query()}
}

// committed takes in what became of a group. Payments that could not be claimed are not
// sent; after an error nothing else is from then on.
func (r *run) committed(done commit) {
	starved := len(r.sched.ready) == 0 && r.pool.busy < r.pool.workers
	r.window.committed(done, starved, time.Now())
	if done.err != nil {
		r.halt(done.err)
		return
	}
	switch {
	case done.refused == nil:
	case mayNotBePaid(done.refused): // what was sent before has an end to come
		r.reclaim()
		r.gate.stopSending(done.refused)
	default:
		r.halt(done.refused)
	}
	r.lose(done.claimed.Lost)
	claimed := done.claimed.Payouts
	if 2*len(claimed) < len(done.window) {
		// Another machine is just here. Two that read one list side by side would get in
		// each other's way to its end.
		r.sched.queue.leap(uint32(r.config.Random(r.sched.queue.size))) //nolint:gosec // counts payouts
	}
	for _, p := range done.window {
		if len(claimed) > 0 && claimed[0].ID == p.payout.ID {
			p.payout, claimed = claimed[0], claimed[1:]
			delete(r.lost, p.payout.ID)
			r.sched.ready = append(r.sched.ready, p)
			continue
		}
		r.sched.count(p, -1)
		r.lose([]ledger.TransactionID{p.payout.ID})
	}
}

// wakeAt returns the first of the moments at which something may have to be
// done without an event. One that passed since the dispatcher last looked for what
// is due is among them: nobody has seen it.
func (r *run) wakeAt(looked, wake time.Time) time.Time {
	first := looked.Add(maxSleep)
	// What was due then is held back by the limiter, the breaker, a busy worker or
	// the recorder, and each of them has a moment or an event.
	consider := func(t time.Time) {
		if t.After(looked) && t.Before(first) {
			first = t
		}
	}
	consider(wake)
	if r.config.Hints != nil {
		consider(r.deafUntil)
	}
	if r.window.err != nil {
		return first
	}
	consider(r.window.nextFlush())
	if r.unsent() {
		consider(looked.Add(beat(r.config)))
	}
	if r.gate.stopErr == nil {
		for _, due := range r.sched.dues() {
			consider(due)
		}
		consider(r.proof.control.nextDue())
		consider(r.idleSince.Add(r.config.Wait))
	}
	return first
}

// maxSleep bounds the dispatcher's sleep if nothing is scheduled: an event will come
// first.
const maxSleep = time.Hour

// windUp decides what was left undecided when the run is over, and takes back the
// intents of payouts that will not be sent.
func (r *run) windUp() {
	if r.window.err != nil {
		return
	}
	r.decideHeld()
	for _, p := range r.sched.withdraw() {
		r.record(p, ledger.Change{To: ledger.Queued, Unused: true, Answer: ledger.Answer{Code: codeWithdrawn}})
	}
	// What is left is final for this run: it need not wait for company.
	r.window.hurry()
}

// reason returns the reason for which the run ended, nil if it came to its end.
func (r *run) reason() error {
	switch {
	case r.window.err != nil:
		return r.window.err
	case r.gate.stopErr != nil:
		return r.gate.stopErr
	case r.gate.sendStop != nil:
		return r.gate.sendStop
	case r.gate.page.Missing() && r.sched.waiting() > 0:
		return ErrNoLookUpPage
	case r.gate.unanswered.never() && len(r.sched.unknowns) > 0:
		return ErrOutage
	case r.sched.awaiting() > 0:
		return ErrNoControl
	default:
		return r.leftAside()
	}
}

// leftAside returns the reason for which a payout was left that nothing speaks against;
// a difference is told with its payout.
func (r *run) leftAside() error {
	for _, reason := range r.aside {
		if !errors.Is(reason, ledger.ErrEvidence) {
			return reason
		}
	}
	return nil
}
