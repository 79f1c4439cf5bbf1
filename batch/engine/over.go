package engine

import "time"

// ending is the one place that says whether a run is over, and what is still to come
// until it is. Its predicates change nothing.
type ending struct {
	*parts
	// idleSince is the last moment at which there was something to send.
	idleSince time.Time
}

// over reports whether the run is over: no request is under way, nothing is being
// recorded, and no request will be made any more. What is left to record may follow.
func (e *ending) over(now time.Time) bool {
	switch {
	case e.pool.busy > 0 || e.window.recording:
		return false
	case e.gate.stopErr != nil, e.expired(now), e.stuck(now):
		return true
	default:
		return !e.unsent() && e.sched.waiting() == 0
	}
}

// expired reports whether the time to wait for open payouts is over.
func (e *ending) expired(now time.Time) bool {
	return !e.unsentFirst() && now.Sub(e.idleSince) >= e.config.Wait
}

// stuck reports whether nothing is left but payments for which no control can come
// within the time to wait.
func (e *ending) stuck(now time.Time) bool {
	if e.onTheWay() || (e.sendable() && !e.blocked()) {
		return false
	}
	return e.sched.hopeless(now, e.idleSince.Add(e.config.Wait), &e.proof)
}

// sendable reports whether payouts may still be taken up.
func (e *ending) sendable() bool { return e.gate.sends() && !e.sched.queue.empty() }

// onTheWay reports whether payouts that were taken up are still to be sent.
func (e *ending) onTheWay() bool {
	return e.gate.sendStop == nil && (e.window.open || len(e.sched.ready) > 0)
}

// unsent reports whether something is still to be sent.
func (e *ending) unsent() bool { return e.sendable() || e.onTheWay() }

// unsentFirst reports whether something is still to be sent for the first time, or
// again after it was provably not processed: until then nobody waits in vain.
func (e *ending) unsentFirst() bool {
	return e.gate.sends() && (e.sched.firsts > 0 || (!e.sched.queue.read() && !e.blocked()))
}

// blocked reports whether what is queued has to wait behind payouts that wait for a
// control.
func (e *ending) blocked() bool { return e.sched.blocked(e.windowSize()) }

// noteUnsent has the time to wait begin once nothing is left to be sent.
func (e *ending) noteUnsent(now time.Time) {
	if e.unsentFirst() {
		e.idleSince = now
	}
}
