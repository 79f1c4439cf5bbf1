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
}

// work carries requests to the provider until there are no more. There is room
// in results for every worker's answer, so that none waits for the dispatcher.
func (r *run) work(ctx context.Context) {
	// A context of its own: requests that all hang on one wait for its lock.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for j := range r.jobs {
		started := time.Now()
		var outcome provider.Outcome
		if j.lookup {
			outcome = r.config.Provider.LookUp(ctx, j.payment.query())
		} else {
			outcome = r.config.Provider.Send(ctx, r.config.Request(j.payment.payout))
		}
		r.results <- result{job: j, outcome: outcome, took: time.Since(started)}
	}
}
