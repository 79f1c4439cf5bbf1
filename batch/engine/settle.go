package engine

import (
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// codeWithdrawn marks an intent that was taken back unused.
const codeWithdrawn = "WITHDRAWN"

// settler takes in answers: it has each weighed, and carries out the verdicts.
type settler struct {
	*parts
	ending *ending
	// released are payments that a "not found" of this run released.
	released []*payment
	// aside are the reasons for which payouts were left where they stand.
	aside []error
}

// settleAll takes in an answer and those that came meanwhile, so that what is
// decided after each round is decided once for all of them.
func (s *settler) settleAll(first result) {
	for res, more := first, true; more; {
		s.pool.busy--
		s.settle(res)
		select {
		case res = <-s.pool.results:
		default:
			more = false
		}
	}
	s.afterRound(time.Now())
}

// settle takes in the answer to a request: what it says of the provider, of look-ups,
// and of the payment.
func (s *settler) settle(res result) {
	now := time.Now()
	if !res.conclusive() {
		s.reclaim()
		res.ack <- struct{}{}
	}
	s.gate.note(now, res.started, res.leave, res.outcome)
	logRequest(s.config.Log, res)
	p := res.payment
	reply := reply{
		outcome: res.outcome, asked: res.started, now: now, proof: &s.proof,
		pollMin: s.config.PollMin, pollMax: s.config.PollMax,
	}
	if res.task != transfer {
		s.gate.page.Note(res.outcome)
	}
	there := evidence.IsThere(res.outcome)
	switch res.task {
	case transfer:
		s.settleSend(p, reply)
	case followUp:
		if there && res.query.ProviderRef == "" {
			s.proof.control.see(p.payout.FirstIntent, now)
		}
		s.carryOut(p, reply.toLookUp(p), now)
	case aheadOfSend:
		if there {
			s.proof.control.see(p.payout.QueuedAt, now)
		}
		v := reply.toLookAhead(p)
		if v.changes && v.change.To != ledger.Queued {
			s.config.Log.Warn().Str("transaction_id", string(p.payout.ID)).Str("provider_code", res.outcome.Code).
				Time("taken_at", res.outcome.Described.At).Msg("the provider has it already: taken over, not sent")
		}
		s.carryOut(p, v, now)
	case controlling:
		s.proof.control.answered(now, res.outcome, s.config.PollMax/lagShare)
	}
}

// settleSend takes in the answer to a transfer.
func (s *settler) settleSend(p *payment, reply reply) {
	now, o := reply.now, reply.outcome
	if !p.payout.Doubted {
		s.ending.idleSince = now
	}
	if s.proof.solo.on {
		s.proof.solo.answeredAt = now
	}
	v := reply.toSend(p)
	s.carryOut(p, v, now)
	s.gate.noteSend(now, o)
	if v.next == holdRefusal {
		s.holdRefusal(p, o)
	}
	if v.taken {
		s.taken(p, now)
	}
	state := p.payout.State
	if notTaken := v.next == holdRefusal || state == ledger.Failed || state == ledger.Queued; p.scout && notTaken {
		// The one that went out alone shows nothing: another may go.
		p.scout, s.proof.scouted = false, false
		s.sched.wakeAhead(now)
	}
}

// carryOut does what a verdict says.
func (s *settler) carryOut(p *payment, v verdict, now time.Time) {
	p.memory = v.memory
	if v.changes {
		s.record(p, v.change)
	}
	if v.wantsControl {
		s.proof.control.needed = true
	}
	if v.released {
		s.released = append(s.released, p)
	}
	if s.lost[p.payout.ID] {
		return
	}
	s.proof.scouted = s.proof.scouted || p.scout
	p.due, p.awaits = v.due, v.next == awaitControl
	switch v.next {
	case lookUp:
		s.sched.wait(p)
	case awaitControl:
		if err := s.proof.seek(s.began); err != nil {
			s.halt(err)
		}
		s.sched.wait(p)
		if p.payout.State == ledger.Queued && s.proof.consultList() {
			s.sched.wakeAhead(now)
		}
	case send:
		s.sched.enqueue(p)
	case setAside:
		s.setAside(p, v.reason)
	case finish, holdRefusal:
	}
	if v.stop != nil {
		s.halt(v.stop)
	}
	if v.sendStop != nil {
		s.gate.stopSending(v.sendStop)
	}
}

// setAside leaves a payout where it stands, for the given reason: the others go on.
func (s *settler) setAside(p *payment, reason error) {
	s.config.Log.Warn().Str("transaction_id", string(p.payout.ID)).Err(reason).Msg("set aside")
	s.aside = append(s.aside, reason)
}

// taken takes in that the provider has a transfer: it can be a control, and what was
// refused before it was refused for its own sake.
func (s *settler) taken(p *payment, now time.Time) {
	accepted := now
	if p.payout.Intents > 1 {
		accepted = p.payout.FirstIntent // the answer may be about an earlier request
	}
	s.proof.control.accept(known{
		reference: p.payout.Reference, number: p.payout.Number, amount: p.payout.Amount, accepted: accepted,
	})
	s.failHeld(s.gate.refusals.take())
}

// holdRefusal keeps a refusal back. So many in a row are the account's, and not the rows'.
func (s *settler) holdRefusal(p *payment, o provider.Outcome) {
	full := s.gate.refusals.add(refusal{payment: p, answer: answerOf(o), forbidden: o.Class == provider.Forbidden})
	if full && s.ending.unsent() {
		s.turnBack(s.gate.refusals.take())
	}
}

// turnBack gives refused payouts back to the queue and stops sending.
func (s *settler) turnBack(held []refusal) {
	for _, one := range held {
		s.record(one.payment, ledger.Change{To: ledger.Queued, Said: ledger.SaidRefused, Answer: one.answer})
	}
	reason := ErrRefusals
	if allForbidden(held) {
		reason = ErrCredentials
	}
	last := held[len(held)-1].answer
	s.gate.stopSending(fmt.Errorf("%w: %s", reason, describe(provider.Outcome{Code: last.Code, Message: last.Message})))
}

// decideHeld decides on what was refused last: nothing was taken since.
func (s *settler) decideHeld() {
	held := s.gate.refusals.take()
	if !s.gate.unanswered.accepted && allForbidden(held) {
		s.turnBack(held)
		return
	}
	s.failHeld(held)
}

// failHeld ends refused payouts with the provider's words.
func (s *settler) failHeld(held []refusal) {
	for _, one := range held {
		s.record(one.payment, ledger.Change{To: ledger.Failed, Said: ledger.SaidRefused, Answer: one.answer})
	}
}

// afterRound takes in what a round of answers comes to: whether a control speaks for
// those that wait for one, how the payout that went out alone was judged, and what the
// last refusals were about if nothing is left to be sent.
func (s *settler) afterRound(now time.Time) {
	control := &s.proof.control
	if control.needed && control.found {
		control.needed = s.sched.wakeAwaiting(now, &s.proof)
	}
	if s.proof.solo.on {
		control.needed = control.needed || control.has
	}
	switch s.proof.judge(now, &s.sched, s.config.OutageMax) {
	case soloGoesOn:
	case soloFound:
		s.endSolo()
		s.config.Log.Info().Msg("the first payout was found by its reference: look-ups work")
	case soloHidden:
		s.endSolo()
		s.config.Log.Warn().Msg("the first payout was taken and is not found by its reference: what gets no answer will stay unknown")
	case soloFailed:
		s.gate.stopSending(ErrNoControl)
	}
	if s.pool.busy == 0 && !s.ending.unsent() {
		s.decideHeld()
	}
}

// endSolo lets the others follow the one that went out alone.
func (s *settler) endSolo() {
	s.proof.solo.on = false
	if err := s.proof.prove(); err != nil {
		s.halt(err)
	}
}

// logRequest tells, for whoever follows a run closely, of every answer.
func logRequest(log zerolog.Logger, res result) {
	kind, reference := "transfer", res.query.Reference
	switch res.task {
	case transfer:
		reference = string(res.payment.payout.Reference)
	case followUp, aheadOfSend:
		kind = "look-up"
	case controlling:
		kind = "control"
	}
	log.Debug().
		Str("reference", reference).
		Stringer("class", res.outcome.Class).
		Str("provider_code", res.outcome.Code).
		Dur("duration_ms", res.took).
		Msg(kind)
}
