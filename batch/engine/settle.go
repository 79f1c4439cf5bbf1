package engine

import (
	"container/heap"
	"fmt"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

const (
	// codeWithdrawn marks an intent that was taken back unused.
	codeWithdrawn = "WITHDRAWN"
	// retryMin and retryMax bound the time before a payout that provably was
	// not processed is sent again.
	retryMin = time.Second
	retryMax = 30 * time.Second
)

// settle takes in the answer to a request.
func (r *run) settle(res result) {
	now := time.Now()
	p := res.payment
	if !res.smooth() {
		r.recall()
		res.seen <- struct{}{}
	}
	r.outage.note(now, res.answered, res.outcome.Class)
	r.logRequest(res)
	switch res.outcome.Class {
	case provider.Throttled:
		r.limiter.slowDown(now, res.outcome.RetryAfter)
	case provider.Unauthorized:
		r.halt(fmt.Errorf("%w: %s", ErrCredentials, describe(res.outcome)))
	case provider.Unknown, provider.NotSent, provider.Successful, provider.Pending, provider.Failed,
		provider.Refused, provider.Exists, provider.NotFound, provider.NoBalance:
		r.limiter.recover(now)
	}
	if res.lookup {
		r.settleLookup(p, res.outcome, now)
		return
	}
	r.settleSend(p, res.outcome, now)
}

// settleSend decides what an answer to a transfer makes of the payout.
func (r *run) settleSend(p *payment, o provider.Outcome, now time.Time) {
	p.onWire, p.notFound = now, 0
	r.idleSince = now
	answer := answerOf(o)
	switch o.Class {
	case provider.Successful:
		r.move(p, ledger.Successful, answer)
	case provider.Failed:
		r.move(p, ledger.Failed, answer)
	case provider.Pending:
		r.move(p, ledger.Pending, answer)
		r.follow(p, now)
	case provider.Refused:
		if !p.payout.Doubted {
			r.move(p, ledger.Failed, answer)
			return
		}
		// An earlier request of this attempt may have been taken, and this
		// refusal may say no more than that.
		p.refusal = &answer
		r.doubt(p, answer, now)
	case provider.Exists:
		p.exists = true
		r.doubt(p, answer, now)
	case provider.NotSent:
		r.requeue(p, answer, now.Add(p.nextDelay(retryMin, retryMax)))
	case provider.Throttled, provider.Unauthorized:
		r.requeue(p, answer, now)
	case provider.NoBalance:
		r.requeue(p, answer, now)
		r.stopSending(fmt.Errorf("%w: %s", ErrBalance, describe(o)))
	case provider.Unknown, provider.NotFound:
		r.doubt(p, answer, now)
	}
}

// settleLookup decides what the provider's word about a payout makes of it.
func (r *run) settleLookup(p *payment, o provider.Outcome, now time.Time) {
	answer := answerOf(o)
	switch o.Class {
	case provider.Successful:
		r.move(p, ledger.Successful, answer)
	case provider.Failed:
		r.move(p, ledger.Failed, answer)
	case provider.Pending:
		r.stillPending(p, answer, now)
	case provider.NotFound:
		r.notFound(p, answer, now)
	case provider.Unknown, provider.NotSent, provider.Throttled, provider.Unauthorized,
		provider.Refused, provider.Exists, provider.NoBalance:
		if o.Mismatch && !p.flagged {
			p.flagged = true
			r.move(p, p.payout.State, answer)
		}
		r.follow(p, now)
	}
}

// stillPending keeps a payout that the provider has not decided on.
func (r *run) stillPending(p *payment, answer ledger.Answer, now time.Time) {
	known := p.payout.Answer
	news := answer.Code != known.Code || (answer.ProviderRef != "" && answer.ProviderRef != known.ProviderRef)
	if p.payout.State == ledger.Unknown {
		p.tries = 0
		news = true
	}
	if news {
		r.move(p, ledger.Pending, answer)
	}
	r.follow(p, now)
}

// notFound weighs the provider's word that it does not know a payout. One such
// answer proves nothing, because a look-up may lag behind an acceptance and an
// acceptance behind a broken connection. Two do, if the second came when the
// grace had passed and the first was no echo of the same moment.
func (r *run) notFound(p *payment, answer ledger.Answer, now time.Time) {
	if p.payout.State != ledger.Unknown || p.exists {
		r.follow(p, now)
		return
	}
	proof := later(p.onWire.Add(r.config.LookupGrace), p.firstNotFound.Add(r.config.LookupGrace/2))
	switch {
	case p.notFound == 0:
		p.notFound, p.firstNotFound = 1, now
		p.due = later(p.onWire.Add(r.config.LookupGrace), now.Add(r.config.LookupGrace/2))
		heap.Push(&r.doubts, p)
	case now.Before(proof):
		p.due = proof
		heap.Push(&r.doubts, p)
	case p.refusal != nil:
		r.move(p, ledger.Failed, *p.refusal)
	default:
		p.tries = 0
		r.requeue(p, answer, now)
	}
}

// doubt marks a payout as one that may have been paid and has it looked up.
func (r *run) doubt(p *payment, answer ledger.Answer, now time.Time) {
	r.move(p, ledger.Unknown, answer)
	p.tries = 0
	r.follow(p, now)
}

// follow schedules the next look-up of a payout.
func (r *run) follow(p *payment, now time.Time) {
	p.due = now.Add(p.nextDelay(r.config.PollMin, r.config.PollMax))
	r.schedule(p)
}

// requeue puts back a payout that the provider certainly did not process.
func (r *run) requeue(p *payment, answer ledger.Answer, due time.Time) {
	r.move(p, ledger.Queued, answer)
	p.due = due
	r.queue.again(p)
}

func answerOf(o provider.Outcome) ledger.Answer {
	return ledger.Answer{
		ProviderRef: o.ProviderRef,
		Code:        o.Code,
		Message:     o.Message,
		Fees:        o.Fees,
		FeesKnown:   o.FeesKnown,
	}
}

func describe(o provider.Outcome) string {
	if o.Message == "" {
		return o.Code
	}
	return o.Code + ": " + o.Message
}

func (r *run) logRequest(res result) {
	kind := "transfer"
	if res.lookup {
		kind = "look-up"
	}
	r.config.Log.Debug().
		Str("transaction_id", string(res.payment.payout.ID)).
		Int("attempt", res.payment.payout.Attempt).
		Stringer("class", res.outcome.Class).
		Str("provider_code", res.outcome.Code).
		Dur("duration_ms", res.took).
		Msg(kind)
}

const (
	phaseSubmitting = "submitting"
	phaseWaiting    = "waiting for the provider"
	phaseStopping   = "stopping"
)

// report tells the caller where the run stands.
func (r *run) report() {
	phase := phaseSubmitting
	switch {
	case r.halted != nil:
		phase = phaseStopping
	case !r.unsent():
		phase = phaseWaiting
		if !r.waited {
			r.waited = true
			r.config.Log.Info().Int("open", r.tally.Open().Count).Msg(phase)
		}
	}
	r.config.Progress(Progress{Phase: phase, Tally: r.tally})
}
