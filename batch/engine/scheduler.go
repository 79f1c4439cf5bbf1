package engine

import (
	"container/heap"
	"slices"
	"time"

	"payrun/ledger"
)

// scheduler keeps every payment that is not with a worker or the recorder, and says
// whose turn it is. It is used by the dispatcher alone.
type scheduler struct {
	queue *queue
	// ready may be sent: their intent is durable.
	ready []*payment
	// unknowns are in doubt, pendings the provider is working on, and ahead is queued
	// and not yet known to be absent there: all wait for a look-up.
	unknowns, pendings, ahead schedule
	// firsts counts what is ready or waits for its intent and was never in doubt.
	firsts int
	// sentLast gives the turn to the look-up when a transfer and a look-up of a pending
	// payout could both go.
	sentLast bool
}

// wait puts a payment among those that wait for a look-up, by its state.
func (s *scheduler) wait(p *payment) {
	switch p.payout.State {
	case ledger.Unknown:
		heap.Push(&s.unknowns, p)
	case ledger.Queued:
		heap.Push(&s.ahead, p)
	case ledger.Pending, ledger.Submitting, ledger.Successful, ledger.Failed, ledger.Cancelled:
		heap.Push(&s.pendings, p)
	}
}

// enqueue has a payment sent, or sent again, when it is due.
func (s *scheduler) enqueue(p *payment) {
	s.count(p, 1)
	s.queue.again(p)
}

// count keeps count of the payments that are about to be sent for the first time.
func (s *scheduler) count(p *payment, change int) {
	if !p.payout.Doubted {
		s.firsts += change
	}
}

// source is a place from which the next request can come.
type source int

const (
	nothing source = iota
	readyQueue
	unknownSchedule
	controlSource
	aheadSchedule
	pendingSchedule
)

// choose returns the source whose turn it is. A doubt goes first: it may be a payout that is
// already made and not yet known. Transfers and look-ups of pending payouts take
// turns, so that neither starves the other when the rate is low.
func (s *scheduler) choose(now time.Time, sends, control bool) source {
	sendable := sends && len(s.ready) > 0
	pending := s.pendings.isDue(now)
	switch {
	case s.unknowns.isDue(now):
		return unknownSchedule
	case control:
		return controlSource
	case s.ahead.isDue(now):
		return aheadSchedule
	case sendable && (!pending || !s.sentLast):
		return readyQueue
	case pending:
		return pendingSchedule
	default:
		return nothing
	}
}

// take removes the next payment from where it comes, nil if it is from none of the
// scheduler's places.
func (s *scheduler) take(from source) *payment {
	var p *payment
	switch from {
	case readyQueue:
		s.sentLast = true
		p = s.ready[0]
		s.ready[0] = nil
		s.ready = s.ready[1:]
		s.count(p, -1)
	case unknownSchedule:
		p = s.unknowns.take()
		p.awaits = false
	case aheadSchedule:
		p = s.ahead.take()
		p.awaits = false
	case pendingSchedule:
		s.sentLast = false
		p = s.pendings.take()
	case controlSource, nothing:
	}
	return p
}

// withdraw returns the payments that will not be sent, and forgets them.
func (s *scheduler) withdraw() []*payment {
	unsent := s.ready
	s.ready, s.firsts = nil, 0
	return unsent
}

// forget takes payments out of every place in which they wait.
func (s *scheduler) forget(lost map[ledger.TransactionID]bool) {
	gone := func(p *payment) bool { return lost[p.payout.ID] }
	for _, p := range s.ready {
		if gone(p) {
			s.count(p, -1)
		}
	}
	s.ready = slices.DeleteFunc(s.ready, gone)
	for _, waiting := range []*schedule{&s.unknowns, &s.pendings, &s.ahead, &s.queue.retries} {
		*waiting = slices.DeleteFunc(*waiting, gone)
		heap.Init(waiting)
	}
}

// waiting returns how many payments wait for a look-up.
func (s *scheduler) waiting() int { return len(s.unknowns) + len(s.pendings) + len(s.ahead) }

// dues returns when something falls due by itself; zero where nothing does.
func (s *scheduler) dues() [4]time.Time {
	return [...]time.Time{s.unknowns.nextDue(), s.pendings.nextDue(), s.ahead.nextDue(), s.queue.nextDue()}
}

// awaiting returns how many payments wait for a control.
func (s *scheduler) awaiting() int {
	count := 0
	for _, waiting := range []schedule{s.unknowns, s.ahead} {
		for _, p := range waiting {
			if p.awaits {
				count++
			}
		}
	}
	return count
}

// blocked reports whether what is queued has to wait behind a whole window of payouts
// that wait for a control: taking up more would only have more of them wait.
func (s *scheduler) blocked(window int) bool {
	return len(s.ahead) >= window && len(s.queue.retries) == 0 &&
		!slices.ContainsFunc(s.ahead, func(p *payment) bool { return !p.awaits })
}

// wakeAhead has all look-ups made again that wait for a control before a first send.
func (s *scheduler) wakeAhead(now time.Time) { s.ahead.wake(now, func(*payment) bool { return true }) }

// wakeAwaiting has those looked up again that a control has come to speak for, and
// reports whether others wait. A "not found" of before the control is worth nothing.
func (s *scheduler) wakeAwaiting(now time.Time, proof *proof) (waiting bool) {
	s.unknowns.wake(now, func(p *payment) bool { return proof.control.proves(now, p.posted, p.old(now)) })
	s.ahead.wake(now, func(p *payment) bool { return proof.covers(p, now, now) || proof.mayScout(p, now) })
	// One that was not found will need the control once the grace has passed, and the
	// sooner it is looked for, the more its lag tells.
	return s.awaiting() > 0 || slices.ContainsFunc(s.unknowns, func(p *payment) bool {
		return p.notFound > 0 && !proof.control.proves(now, p.posted, p.old(now))
	})
}

// hopeless reports whether nothing waits but payments for which no control can come
// until a deadline.
func (s *scheduler) hopeless(now, deadline time.Time, proof *proof) bool {
	if len(s.pendings) > 0 || len(s.unknowns)+len(s.ahead) == 0 {
		return false
	}
	for _, p := range s.unknowns {
		old := p.old(now) || !p.oldAt().After(deadline)
		if !p.awaits || proof.control.mayProve(p.posted, old) {
			return false
		}
	}
	scouts := !proof.scouted && proof.control.mayProve(time.Time{}, true)
	for _, p := range s.ahead {
		posted, old := proof.mayBePosted(p, now)
		if !p.awaits || scouts || proof.control.mayProve(posted, old) {
			return false
		}
	}
	return true
}
