package engine

import (
	"container/heap"
	"context"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// actor is how the audit log names the engine.
const actor = "engine"

// run is the state of one Run. All of it belongs to the dispatcher; the workers
// and the recorder use the channels only.
type run struct {
	config Config
	tally  Tally

	limiter *limiter
	outage  *outage
	// heldSince is since when the rate limit has kept a request; zero when none
	// is kept.
	heldSince time.Time

	queue *queue
	// ready may be sent: their intent is durable.
	ready []*payment
	// doubts are unknown, pendings the provider is working on: both wait for a
	// look-up.
	doubts, pendings schedule
	// sentLast says whose turn it is when a transfer and a look-up of a
	// pending payout could both go.
	sentLast bool

	// busy counts the requests that are handed out.
	busy       int
	recording  bool
	windowOpen bool
	// window is how many intents are recorded together, 0 before the first, and
	// windowAt when the last were; zero while there is none to compare with.
	window   int
	windowAt time.Time
	outbox   group

	// halted ends all requests, short only those that move money.
	halted, short error
	// storeErr is set when the ledger could not record: nothing else counts.
	storeErr error
	// idleSince is when there was last something to send.
	idleSince time.Time
	// waited is set once the run said that everything was sent.
	waited bool

	jobs    chan job
	results chan result
	groups  chan group
	commits chan commit
}

// newRun takes over what an earlier process left half-way.
func newRun(ctx context.Context, config Config, before Standing) *run {
	now := time.Now()
	r := &run{
		config:    config,
		tally:     before.tally,
		limiter:   newLimiter(config.Rate, now),
		outage:    newOutage(config.Workers, config.Observer.BreakerChanged),
		queue:     newQueue(context.WithoutCancel(ctx), config.Store, before.batch.ID),
		idleSince: now,
		jobs:      make(chan job, 2*config.Workers),
		results:   make(chan result, 2*config.Workers),
		groups:    make(chan group, 1),
		commits:   make(chan commit, 1),
	}
	for _, payout := range before.underWay {
		r.inherit(payout, now)
	}
	config.Log.Info().
		Int("queued", r.tally.In(ledger.Queued).Count).
		Int("in_doubt", len(r.doubts)).
		Int("pending", len(r.pendings)).
		Msg(phaseSubmitting)
	return r
}

// inherit takes over a payout that was under way. Its request may have been on
// the wire until the earlier process died, which was before now at the latest;
// recorded times are not asked, because the clock may have been set since.
func (r *run) inherit(payout ledger.Payout, now time.Time) {
	p := &payment{payout: payout, onWire: now, due: now}
	switch payout.State {
	case ledger.Submitting:
		r.move(p, ledger.Unknown, ledger.Answer{
			Code:    provider.CodeInterrupted,
			Message: "an earlier run ended while the request may have been under way",
		})
		heap.Push(&r.doubts, p)
	case ledger.Unknown:
		heap.Push(&r.doubts, p)
	case ledger.Pending:
		heap.Push(&r.pendings, p)
	case ledger.Queued, ledger.Successful, ledger.Failed, ledger.Cancelled:
	}
	r.queue.inherited[payout.ID] = struct{}{}
}

// move records a change of a payment, to be made durable with the next group.
func (r *run) move(p *payment, to ledger.State, answer ledger.Answer) {
	now := time.Now()
	change := ledger.Change{
		ID: p.payout.ID, From: p.payout.State, To: to,
		At: now.UTC(), Actor: actor, Answer: answer,
	}
	after, err := p.payout.Applied(change)
	if err != nil {
		// A defect. Nothing that the ledger would refuse may be acted on.
		r.halt(err)
		return
	}
	r.tally.move(p.payout, to)
	p.payout = after
	if len(r.outbox.changes) == 0 {
		r.outbox.since = now
	}
	r.outbox.changes = append(r.outbox.changes, change)
	r.config.Log.Debug().
		Str("transaction_id", string(after.ID)).
		Int("attempt", after.Attempt).
		Stringer("from", change.From).
		Stringer("state", to).
		Str("provider_code", answer.Code).
		Msg("payout")
}

// halt stops all requests, for the first reason given.
func (r *run) halt(reason error) {
	r.recall()
	if r.halted == nil {
		r.halted = reason
	}
}

// stopSending stops transfers but not look-ups, for the first reason given.
func (r *run) stopSending(reason error) {
	if r.short == nil {
		r.short = reason
	}
}
