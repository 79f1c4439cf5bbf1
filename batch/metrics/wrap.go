package metrics

import (
	"context"
	"time"

	"payrun/ledger"
	"payrun/provider/policy"
)

// Answered counts and times a request, for policy.Observed.
func (m *Metrics) Answered(c policy.Call) {
	m.requests.WithLabelValues(string(c.Operation), c.Outcome.Class.String()).Inc()
	m.durations.WithLabelValues(string(c.Operation)).Observe(c.Took.Seconds())
}

// measuredStore times commits.
type measuredStore struct {
	ledger.Store
	metrics *Metrics
}

// Store returns s, measured.
func (m *Metrics) Store(s ledger.Store) ledger.Store {
	return measuredStore{Store: s, metrics: m}
}

func (s measuredStore) Apply(ctx context.Context, changes []ledger.Change) error {
	started := time.Now()
	err := s.Store.Apply(ctx, changes)
	result := "ok"
	if err != nil {
		result = "error"
	}
	s.metrics.commits.WithLabelValues(result).Observe(time.Since(started).Seconds())
	return err
}
