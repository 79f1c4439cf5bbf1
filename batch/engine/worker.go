package engine

import (
	"context"
	"time"

	"payrun/ledger"
	"payrun/provider"
	"payrun/provider/policy"
)

// job is one request to make.
type job struct {
	payment *payment
	task    task
	// query is a look-up's question.
	query provider.Query
	leave policy.Permit
	// handed is the moment at which it was handed out.
	handed time.Time
}

// task is the purpose of a request.
type task uint8

const (
	// transfer sends the payment.
	transfer task = iota
	// followUp looks up a payment that was sent.
	followUp
	// aheadOfSend looks up one that was not.
	aheadOfSend
	// controlling looks up a transfer that is certainly there; there is no payment.
	controlling
)

// result is a job with its answer.
type result struct {
	job
	outcome provider.Outcome
	started time.Time
	took    time.Duration
	// ack is told once the dispatcher has taken in an answer that is not conclusive.
	ack chan<- struct{}
}

// conclusive reports whether an answer is one after which the next request may go
// before the dispatcher has seen it.
func (r result) conclusive() bool {
	switch r.outcome.Class {
	case provider.Successful, provider.Pending, provider.Failed:
		return true
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.NotFound,
		provider.Throttled, provider.Unauthorized, provider.NoBalance, provider.Expired, provider.Forbidden:
		return false
	default:
		return false
	}
}

// pool is the workers, as the dispatcher sees them: it hands out jobs, takes in results
// and counts what is under way.
type pool struct {
	workers int
	// busy counts the requests that are handed out and not answered.
	busy    int
	jobs    chan job
	results chan result
}

// newPool has room for what workers carry and for as much again, so that handing out
// never waits.
func newPool(workers int) *pool {
	return &pool{workers: workers, jobs: make(chan job, 2*workers), results: make(chan result, 2*workers)}
}

// hand gives a job to the next free worker.
func (p *pool) hand(j job) {
	p.busy++
	p.jobs <- j
}

// worker carries requests to the provider.
type worker struct {
	provider provider.Provider
	// request words a payout for the provider.
	request func(ledger.Payout) provider.Request
	// stall bounds the time for which a transfer may lie between dispatcher and worker.
	stall time.Duration
}

// work carries requests until there are no more. There is room in results for every
// worker's answer, so that none waits for the dispatcher, unless the answer may be a
// reason to take back what lies ready.
func (w worker) work(ctx context.Context, jobs <-chan job, results chan<- result) {
	// A context of its own: requests that all hang on one wait for its lock.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ack := make(chan struct{}, 1)
	for j := range jobs {
		started := time.Now()
		outcome := w.carry(ctx, j)
		done := result{job: j, outcome: outcome, started: started, took: time.Since(started), ack: ack}
		results <- done
		if !done.conclusive() {
			<-ack
		}
	}
}

// carry makes one request.
func (w worker) carry(ctx context.Context, j job) provider.Outcome {
	switch {
	case j.task == transfer && passed(j.handed) > w.stall:
		return stale()
	case j.task == transfer:
		return w.provider.Send(ctx, w.request(j.payment.payout))
	default:
		return w.provider.LookUp(ctx, j.query)
	}
}
