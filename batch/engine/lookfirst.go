package engine

import (
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// vainMax is the number of unusable answers after which a queued payout is set aside.
const vainMax = 6

// vain is the reason for which no more look-ups are made after the last of these.
func vain(o provider.Outcome) error {
	if o.NoPage {
		return ErrNoLookUpPage
	}
	return ErrOutage
}

// mustLookFirst reports whether a queued payout is looked up before it is sent: every
// attempt after the first, every post after the first, and what was queued when the
// ledger was adopted.
func mustLookFirst(p ledger.Payout, identity ledger.Identity) bool {
	return p.Attempt > 1 || p.Intents > 0 || marked(p, identity)
}

// marked reports whether a payout was queued, and not sent since, when a person said
// that the ledger may not know everything.
func marked(p ledger.Payout, identity ledger.Identity) bool {
	return markedAt(p.QueuedAt, identity) && !p.SubmittedAt.After(identity.LookFirst)
}

// markedAt reports whether what was queued then, and never sent, is marked.
func markedAt(queued time.Time, identity ledger.Identity) bool {
	return !identity.LookFirst.IsZero() && !queued.After(identity.LookFirst)
}

// finding is the meaning of an answer under one of a queued payout's names.
type finding struct {
	// absent: nothing is there under that name, if look-ups work.
	absent bool
	// passed: what is there speaks for the payout.
	passed bool
	// to is the state that an adopted transfer gives the payout, 0 for none.
	to ledger.State
	// difference speaks against sending it.
	difference *ledger.Difference
	// unconfirmed: the provider does not know what it once named.
	unconfirmed bool
}

// weigh finds the meaning of an answer for a payout that is about to be sent. An answer
// that means nothing is the zero finding.
func weigh(n name, p ledger.Payout, o provider.Outcome, now time.Time) finding {
	against := func(code string) finding {
		return finding{difference: evidence.Difference(code, p, n.reference, o, now)}
	}
	switch {
	case o.Mismatch && o.Described.Ours: // what is no answer speaks against nobody
		return against(ledger.DifferenceMismatch)
	case o.Class == provider.NotFound:
		return finding{absent: !n.named, unconfirmed: n.named}
	case !evidence.IsThere(o):
		return finding{}
	case n.kind == earlierName && o.Class == provider.Failed:
		return finding{passed: true}
	case n.kind != ownName:
		return against(ledger.DifferencePaidThere)
	case !sameTerms(n, o):
		return against(ledger.DifferenceMismatch)
	case evidence.DatedBefore(o, p.QueuedAt, evidence.FileOlder):
		return against(ledger.DifferenceOlder)
	}
	return finding{to: stateOf(o.Class)}
}

// sameTerms reports whether an answer names the number and the amount of a payout.
func sameTerms(n name, o provider.Outcome) bool {
	d := o.Described
	return d.AmountKnown && d.Amount == n.amount && d.Number == n.number
}

// stateOf is the state in which a transfer is that the provider has.
func stateOf(class provider.Class) ledger.State {
	switch class {
	case provider.Successful:
		return ledger.Successful
	case provider.Failed:
		return ledger.Failed
	case provider.Pending, provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.NotFound,
		provider.Throttled, provider.Unauthorized, provider.NoBalance, provider.Expired, provider.Forbidden:
	}
	return ledger.Pending
}

// toLookAhead weighs the answer to a look-up before the send, under the first of the
// names that are left.
func (r reply) toLookAhead(p *payment) verdict {
	v := verdict{memory: p.memory}
	n := p.names[0]
	if r.proof.atWork(p, n, r.outcome) {
		v.sendStop = &HitError{
			ID: p.payout.ID, Reference: n.reference, Said: r.outcome.Class, At: r.outcome.Described.At, Adopted: true,
		}
	}
	f := weigh(n, p.payout, r.outcome, r.now)
	switch {
	case f.to != 0:
		v.move(f.to, answerOf(r.outcome))
		if f.to == ledger.Pending {
			v.poll(r)
		}
	case f.difference != nil:
		v.contradict(n, r.outcome, f.difference)
	case f.unconfirmed:
		v.next, v.reason = setAside, ErrUnconfirmed
	case f.passed:
		v.nextName(r)
	case f.absent:
		v.absent(r, p)
	case p.tries >= vainMax:
		v.next, v.reason = setAside, vain(r.outcome)
	default:
		v.again(r.now.Add(max(r.outcome.RetryAfter, v.memory.nextDelay(retryMin, retryMax))))
	}
	return v
}

// contradict records what speaks against sending a payout, and leaves it to a person.
func (v *verdict) contradict(n name, o provider.Outcome, d *ledger.Difference) {
	c := ledger.Change{To: ledger.Queued, Difference: d}
	if n.kind == earlierName && !o.Mismatch {
		c.About, c.Said = n.reference, evidence.Of(o)
	}
	v.record(c)
	v.next, v.reason = setAside, ledger.ErrEvidence
}

// absent weighs a "not found" under one name.
func (v *verdict) absent(r reply, p *payment) {
	adopted := marked(p.payout, r.proof.identity)
	graceOver := r.proof.elsewhereUntil().Add(r.proof.grace())
	switch {
	case adopted && r.asked.Before(graceOver) && (r.proof.nothingThere || r.proof.control.found):
		v.again(graceOver)
	case r.proof.nothingThere, r.proof.covers(p, r.asked, r.now),
		p.turnedAway && !adopted && p.names[0].kind == ownName:
		v.nextName(r)
	case r.proof.mayScout(p, r.asked):
		v.released = !p.scout
		v.memory.scout = true
		v.nextName(r)
	default:
		v.wantsControl = true
		v.next, v.due = awaitControl, r.now.Add(maxSleep)
	}
}

// nextName goes on with a queued payout's next name, or lets it be sent.
func (v *verdict) nextName(r reply) {
	if v.memory.names = v.memory.names[1:]; len(v.memory.names) > 0 {
		v.again(r.now)
		return
	}
	v.memory.tries = 0
	v.next, v.due = send, r.now
}
