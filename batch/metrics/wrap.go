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

func (s measuredStore) Apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	started := time.Now()
	lost, err := s.Store.Apply(ctx, changes)
	s.metrics.committed(started, err)
	return lost, err
}

func (s measuredStore) Claim(ctx context.Context, request ledger.ClaimRequest) (ledger.Claimed, error) {
	started := time.Now()
	claimed, err := s.Store.Claim(ctx, request)
	s.metrics.committed(started, err)
	return claimed, err
}

// committed counts and times a commit.
func (m *Metrics) committed(started time.Time, err error) {
	result := "ok"
	if err != nil {
		result = "error"
	}
	m.commits.WithLabelValues(result).Observe(time.Since(started).Seconds())
}
