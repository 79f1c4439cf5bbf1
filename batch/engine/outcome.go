package engine

import (
	"fmt"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

const (
	// retryMin and retryMax bound the time before a payout that provably was
	// not processed is sent again.
	retryMin = time.Second
	retryMax = 30 * time.Second
)

// reply is an answer of the provider with what it is weighed by. Weighing it reads the
// payment and the proof, changes neither, and does nothing: the verdict says what is to
// be done.
type reply struct {
	outcome provider.Outcome
	// asked is the moment at which the request left, now that of weighing its answer.
	asked, now time.Time
	proof      *proof
	// pollMin and pollMax bound the time between two look-ups.
	pollMin, pollMax time.Duration
}

// verdict is the consequence of a reply for a payment: at most one change to record,
// the memory from now on, and the next step.
type verdict struct {
	change  ledger.Change
	changes bool
	memory  memory
	next    step
	// due is the time of the next step, if it is one that waits.
	due time.Time
	// reason is that for which a payout is set aside.
	reason error
	// stop ends all requests, sendStop transfers.
	stop, sendStop error
	// taken: the provider has the transfer, which can be a control.
	taken bool
	// released: a "not found" alone lets it be sent, so that the last sweep looks
	// whether that was right.
	released bool
	// wantsControl: a "not found" waits for a control, or will.
	wantsControl bool
}

// step is the next thing to do with a payment after a reply.
type step uint8

const (
	// finish: it is final.
	finish step = iota
	// lookUp: it is looked up, again or for the first time, when it is due.
	lookUp
	// awaitControl: it is looked up when a control speaks for it, or when it is due.
	awaitControl
	// send: it is sent, again or for the first time, when it is due.
	send
	// holdRefusal: it was refused, and it is not known yet what that is about.
	holdRefusal
	// setAside: it stays as it is, for a reason, and the others go on.
	setAside
)

// record has the verdict change the payout.
func (v *verdict) record(c ledger.Change) { v.change, v.changes = c, true }

// move has the verdict change the payout's state.
func (v *verdict) move(to ledger.State, answer ledger.Answer) {
	v.record(ledger.Change{To: to, Answer: answer})
}

// fail has the verdict end a payout with the provider's words.
func (v *verdict) fail(answer ledger.Answer, said ledger.Said) {
	v.record(ledger.Change{To: ledger.Failed, Said: said, Answer: answer})
}

// again has the payment looked up at a moment.
func (v *verdict) again(due time.Time) { v.next, v.due = lookUp, due }

// poll has the payment looked up after the next, longer, pause, or that which the
// provider asked for.
func (v *verdict) poll(r reply) {
	v.again(r.now.Add(max(r.outcome.RetryAfter, v.memory.nextDelay(r.pollMin, r.pollMax))))
}

// doubt has the payout be one that may have been paid, and looked up.
func (v *verdict) doubt(r reply) {
	v.move(ledger.Unknown, answerOf(r.outcome))
	v.memory.tries = 0
	v.poll(r)
}

// toSend weighs the answer to a transfer.
func (r reply) toSend(p *payment) verdict {
	o := r.outcome
	v := verdict{memory: p.memory}
	m := &v.memory
	m.onWire, m.posted, m.notFound = r.now, r.asked, 0
	m.sameness = m.sameness.noted(o)
	again := m.expired
	m.expired = o.Class == provider.Expired
	if evidence.AboutAnother(p.payout.FirstIntent, o) {
		v.older(r, p)
		return v
	}
	switch o.Class {
	case provider.Successful:
		v.move(ledger.Successful, answerOf(o))
		v.taken = true
	case provider.Failed:
		v.move(ledger.Failed, answerOf(o))
	case provider.Pending:
		v.move(ledger.Pending, answerOf(o))
		v.poll(r)
		v.taken = true
	case provider.Refused, provider.Forbidden:
		v.refused(r, p)
	case provider.Exists:
		m.exists = true
		v.doubt(r)
	case provider.NotSent:
		v.requeue(r, p, r.now.Add(m.nextDelay(retryMin, retryMax)))
	case provider.Throttled:
		v.requeue(r, p, r.now.Add(max(o.RetryAfter, m.nextDelay(retryMin, retryMax))))
	case provider.Unauthorized:
		v.requeue(r, p, r.now)
	case provider.Expired:
		v.requeue(r, p, r.now)
		if again {
			v.stop = fmt.Errorf("%w: %s", ErrCredentials, describe(o))
		}
	case provider.NoBalance:
		v.requeue(r, p, r.now)
		v.sendStop = fmt.Errorf("%w: %s", ErrBalance, describe(o))
	case provider.Unknown, provider.NotFound:
		v.doubt(r)
	}
	return v
}

// refused weighs a refusal. That of a first request is the end of the payout, unless
// so many are refused in a row that the reason must be the account's. That of a
// repeat may say no more than that the first was taken.
func (v *verdict) refused(r reply, p *payment) {
	if p.payout.Intents > 1 || p.payout.Doubted {
		v.doubt(r)
		return
	}
	v.next = holdRefusal
}

// older records that an answer is about a transfer of before the first request, and
// leaves the payout to a person.
func (v *verdict) older(r reply, p *payment) {
	to := p.payout.State
	if to == ledger.Submitting {
		to = ledger.Unknown
	}
	v.record(ledger.Change{
		To: to, Difference: evidence.Difference(ledger.DifferenceOlder, p.payout, p.payout.Reference, r.outcome, r.now),
		Answer: ledger.Answer{Code: provider.CodeMismatch},
	})
	v.next, v.reason = setAside, ledger.ErrEvidence
}

// requeue puts back a payout that the provider certainly did not process. Unless nothing
// left the machine, what follows is a second post: it is looked up before.
func (v *verdict) requeue(r reply, p *payment, due time.Time) {
	o := r.outcome
	turnedAway := p.payout.State == ledger.Submitting
	unsent := o.Unsent && turnedAway
	v.record(ledger.Change{To: ledger.Queued, Unused: unsent, Said: evidence.Of(o), Answer: answerOf(o)})
	v.next, v.due = send, due
	if unsent || o.Class == provider.NotSent {
		return
	}
	names := namesOf(p.payout)
	if v.memory.turnedAway = turnedAway; !turnedAway {
		names = names[:len(p.payout.Earlier)] // its own reference was just not found
	}
	if len(names) > 0 {
		v.memory.names, v.memory.tries = names, 0
		v.next = lookUp
	}
}

// toLookUp weighs the provider's word about a payout that was sent.
func (r reply) toLookUp(p *payment) verdict {
	o := r.outcome
	v := verdict{memory: p.memory}
	if evidence.AboutAnother(p.payout.FirstIntent, o) {
		v.older(r, p)
		return v
	}
	switch o.Class {
	case provider.Successful:
		v.move(ledger.Successful, answerOf(o))
	case provider.Failed:
		v.move(ledger.Failed, answerOf(o))
	case provider.Pending:
		v.stillPending(r, p)
	case provider.NotFound:
		v.notFound(r, p)
	case provider.Unknown, provider.NotSent, provider.Throttled, provider.Unauthorized,
		provider.Refused, provider.Exists, provider.NoBalance, provider.Expired, provider.Forbidden:
		if o.Mismatch && !p.flagged {
			v.memory.flagged = true
			v.move(p.payout.State, answerOf(o))
		}
		v.poll(r)
	}
	return v
}

// stillPending keeps a payout that the provider has not decided on.
func (v *verdict) stillPending(r reply, p *payment) {
	answer, known := answerOf(r.outcome), p.payout.Answer
	news := answer.Code != known.Code || (answer.ProviderRef != "" && answer.ProviderRef != known.ProviderRef)
	if p.payout.State == ledger.Unknown {
		v.memory.tries = 0
		news = true
	}
	if news {
		v.move(ledger.Pending, answer)
	}
	v.poll(r)
}

// notFound weighs the provider's word that it does not know a payout. One such
// answer proves nothing, because a look-up may lag behind an acceptance and an
// acceptance behind a broken connection. Two do, if the second came when the
// grace had passed and the first was no echo of the same moment, and if a control
// shows that what was taken since would have been found.
func (v *verdict) notFound(r reply, p *payment) {
	if p.payout.State != ledger.Unknown || p.exists || p.payout.Named() || p.payout.Contradicted() {
		v.poll(r)
		return
	}
	grace, control, old := r.proof.grace(), &r.proof.control, p.old(r.now)
	sameness, spent := p.sameness.proved()
	proof := later(p.onWire.Add(grace), p.firstNotFound.Add(grace/2))
	switch {
	case p.notFound == 0:
		v.memory.notFound, v.memory.firstNotFound = 1, r.now
		v.wantsControl = !control.proves(proof, p.posted, old)
		v.again(later(p.onWire.Add(grace), r.now.Add(grace/2)))
	case !control.proves(r.asked, p.posted, old):
		v.wantsControl = true
		v.next, v.due = awaitControl, r.lookAgainAt(p)
	case r.now.Before(proof):
		v.again(proof)
	case spent:
		v.fail(p.sameness.answer, ledger.SaidRefused|ledger.SaidNotFound)
	default:
		v.memory.sameness = sameness
		v.memory.tries = 0
		v.released = true
		v.requeue(r, p, r.now)
	}
}

// lookAgainAt returns the time at which a payment that waits for a control is looked up
// all the same: ever less often, and once it is old.
func (r reply) lookAgainAt(p *payment) time.Time {
	const share = 8
	due := r.now.Add(max(r.pollMax, r.now.Sub(p.onWire)/share))
	if old := p.oldAt(); old.After(r.now) && old.Before(due) {
		return old
	}
	return due
}

// answerOf is an outcome as the ledger keeps it.
func answerOf(o provider.Outcome) ledger.Answer {
	return ledger.Answer{
		ProviderRef: o.ProviderRef,
		Code:        o.Code,
		Message:     o.Message,
		Fees:        o.Fees,
		FeesKnown:   o.FeesKnown,
	}
}

// describe is an outcome's words, for people.
func describe(o provider.Outcome) string {
	if o.Message == "" {
		return o.Code
	}
	return o.Code + ": " + o.Message
}
