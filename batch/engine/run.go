package engine

import (
	"context"
	"errors"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// actor is the engine's name in the audit log.
const actor = "engine"

// parts are the parts of a run: the scheduler says whose turn it is, the gate whether
// anything may leave, the pool carries requests, an answer is weighed beside the proof,
// and the window makes durable what comes of it. All of them belong to the dispatcher;
// the workers and the recorder use channels only.
type parts struct {
	config Config
	tally  ledger.ByState

	sched  scheduler
	gate   *gate
	window *window
	pool   *pool
	proof  proof

	// claim is the hold of this run on its payouts. Lost are those that somebody else has
	// instead: they are no part of the run any more.
	claim ledger.Claim
	lost  map[ledger.TransactionID]bool
	// began is the beginning of the run.
	began time.Time
}

// run is one Run as its dispatcher sees it.
type run struct {
	*parts
	ending
	settler
	// deafUntil is the time until which no hints are taken.
	deafUntil time.Time
	// waited is set once the run said that everything was sent.
	waited bool
}

// newRun takes over what an earlier process left half-way, as far as the claim has it.
func newRun(ctx context.Context, config Config, before BatchSnapshot, claim ledger.Claim) *run {
	now := time.Now()
	all := &parts{
		config: config,
		tally:  before.tally,
		sched:  scheduler{queue: newQueue(context.WithoutCancel(ctx), config.Store, before.batch.ID, before.tally.Total().Count)},
		gate:   newGate(config, now),
		window: newWindow(config.Workers, config.Rate),
		pool:   newPool(config.Workers),
		proof:  newProof(ctx, config, before, claim, now),
		claim:  claim,
		lost:   map[ledger.TransactionID]bool{},
		began:  now,
	}
	r := &run{parts: all, ending: ending{parts: all, idleSince: now}}
	r.settler = settler{parts: all, ending: &r.ending}
	for _, one := range before.known {
		r.proof.control.accept(one.before(now))
	}
	for _, payout := range before.underWay {
		posted, bounded := before.posted[payout.ID]
		if !bounded || !posted.Before(now) {
			posted = now
		}
		r.inherit(payout, now, posted)
	}
	if before.intended <= 1 {
		r.proof.solo.leftUnknowns = len(r.sched.unknowns)
	}
	config.Log.Info().
		Int("queued", r.tally.In(ledger.Queued).Count).
		Int("in_doubt", len(r.sched.unknowns)).
		Int("pending", len(r.sched.pendings)).
		Msg(phaseSubmitting)
	return r
}

// inherit takes over a payout that was under way. Its request may have been on
// the wire until the earlier process died, which was before now at the latest;
// recorded times are not asked, because the clock may have been set since. What is
// known of when it left at the latest is given.
func (r *run) inherit(payout ledger.Payout, now, posted time.Time) {
	p := &payment{payout: payout, memory: memory{onWire: now, posted: posted}, due: now}
	if payout.State == ledger.Submitting {
		r.record(p, ledger.Change{To: ledger.Unknown, Answer: ledger.Answer{Code: provider.CodeInterrupted}})
	}
	r.sched.wait(p)
	r.sched.queue.inherited[payout.ID] = struct{}{}
}

// pay asks what has to be asked before anything is sent, pays, and looks once more for
// what was released after a "not found".
func (r *run) pay(ctx context.Context, drain <-chan struct{}, before BatchSnapshot) error {
	first := probe{asker: r.asker(), config: &r.config, proof: &r.proof, claim: r.claim, before: before, began: r.began}
	if err := first.ask(ctx, drain); err != nil {
		// What an earlier process left half-way is in doubt all the same.
		return errors.Join(err, r.flushNow(ctx))
	}
	err := r.dispatch(ctx, drain)
	if r.gate.stopErr != nil {
		return err
	}
	if sweepErr := r.sweep(ctx, drain, before.released); sweepErr != nil {
		return sweepErr
	}
	return err
}

// asker looks payments up beside the dispatcher's loop, at the run's pace and on its
// workers.
func (r *run) asker() asker { return asker{pool: r.pool, gate: r.gate, log: r.config.Log} }

// record records a change of a payment, to be made durable with the next group.
func (r *parts) record(p *payment, change ledger.Change) {
	now := time.Now()
	change.At = now.UTC()
	if change, made := r.make(p, change); made {
		r.window.add(change, now)
	}
}

// intend has a payment claimed, with the next group, and then sent.
func (r *parts) intend(p *payment) {
	r.make(p, ledger.Change{To: ledger.Submitting, At: r.window.intend(p, time.Now())})
}

// make makes a change of a payment, which the ledger is still to make, and completes it.
func (r *parts) make(p *payment, change ledger.Change) (_ ledger.Change, made bool) {
	change.ID, change.From, change.Actor = p.payout.ID, p.payout.State, actor
	change.Claim, change.Attempt = r.claim, p.payout.Attempt
	after, err := p.payout.Applied(change)
	if err != nil {
		// A defect. Nothing that the ledger would refuse may be acted on.
		r.halt(err)
		return change, false
	}
	r.tally.Move(p.payout, change.To)
	p.payout = after
	r.config.Log.Debug().
		Str("transaction_id", string(after.ID)).
		Int("attempt", after.Attempt).
		Stringer("from", change.From).
		Stringer("state", change.To).
		Str("provider_code", change.Answer.Code).
		Msg("payout")
	return change, true
}

// flushNow makes durable what waits for the recorder, while that has nothing to do.
func (r *parts) flushNow(ctx context.Context) error {
	lost, err := r.window.flushNow(ctx, r.config.Store)
	r.lose(lost)
	return err
}

// lose lets go of payouts that somebody else has. What is still heard of them is recorded
// as evidence, and nothing more is asked or sent.
func (r *parts) lose(payouts []ledger.TransactionID) {
	for _, id := range payouts {
		r.config.Log.Debug().Str("transaction_id", string(id)).Msg("somebody else has it now")
		r.lost[id] = true
	}
	if len(payouts) > 0 {
		r.sched.forget(r.lost)
	}
}

// halt stops all requests, for the first reason given.
func (r *parts) halt(reason error) {
	r.reclaim()
	r.gate.stop(reason)
}

// reclaim takes back what no worker has taken up.
func (r *parts) reclaim() {
	back := r.pool.reclaim()
	r.sched.putBack(back)
	for _, j := range back {
		if j.task == controlling {
			r.proof.control.asked = false
		}
	}
}

// windowSize is the number of intents that are recorded together.
func (r *parts) windowSize() int {
	if r.proof.solo.on {
		return 1
	}
	return r.window.limit()
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
	case r.gate.stopErr != nil:
		phase = phaseStopping
	case !r.unsent():
		phase = phaseWaiting
		if !r.waited {
			r.waited = true
			r.config.Log.Info().Int("open", r.tally.Open().Count).Msg(phase)
		}
	}
	r.config.Progress(Progress{Phase: phase, Tally: r.tally, Slowed: r.gate.limiter.Slowed()})
}
