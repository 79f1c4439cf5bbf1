package engine

import (
	"context"
	"time"

	"payrun/provider"
)

// job is one request to make.
type job struct {
	payment  *payment
	lookup   bool
	answered func(error)
}

// result is what came of it.
type result struct {
	job
	outcome provider.Outcome
	took    time.Duration
	// seen is told once the dispatcher has taken in an answer that is not smooth.
	seen chan<- struct{}
}

// smooth reports whether an answer is one after which the next request may go
// before the dispatcher has seen it.
func (r result) smooth() bool {
	switch r.outcome.Class {
	case provider.Successful, provider.Pending, provider.Failed:
		return true
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.NotFound,
		provider.Throttled, provider.Unauthorized, provider.NoBalance:
		return false
	default:
		return false
	}
}

// work carries requests to the provider until there are no more. There is room
// in results for every worker's answer, so that none waits for the dispatcher,
// unless the answer may be a reason to take back what lies ready.
func (r *run) work(ctx context.Context) {
	// A context of its own: requests that all hang on one wait for its lock.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	seen := make(chan struct{}, 1)
	for j := range r.jobs {
		started := time.Now()
		var outcome provider.Outcome
		if j.lookup {
			outcome = r.config.Provider.LookUp(ctx, j.payment.query())
		} else {
			outcome = r.config.Provider.Send(ctx, r.config.Request(j.payment.payout))
		}
		done := result{job: j, outcome: outcome, took: time.Since(started), seen: seen}
		r.results <- done
		if !done.smooth() {
			<-seen
		}
	}
}
