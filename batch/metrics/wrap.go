package metrics

import (
	"context"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// measuredProvider counts and times requests. Balance is passed through: it is
// asked before and after a run, not during it.
type measuredProvider struct {
	provider.Provider
	metrics *Metrics
}

// Provider returns p, measured.
func (m *Metrics) Provider(p provider.Provider) provider.Provider {
	return measuredProvider{Provider: p, metrics: m}
}

func (p measuredProvider) Send(ctx context.Context, request provider.Request) provider.Outcome {
	started := time.Now()
	outcome := p.Provider.Send(ctx, request)
	p.metrics.request(opSend, outcome, time.Since(started))
	return outcome
}

func (p measuredProvider) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	started := time.Now()
	outcome := p.Provider.LookUp(ctx, query)
	p.metrics.request(opLookUp, outcome, time.Since(started))
	return outcome
}

func (m *Metrics) request(operation string, outcome provider.Outcome, took time.Duration) {
	m.requests.WithLabelValues(operation, outcome.Class.String()).Inc()
	m.durations.WithLabelValues(operation).Observe(took.Seconds())
}

// measuredStore times commits.
type measuredStore struct {
	ledger.Store
	metrics *Metrics
}

// Store returns s, measured. Of what s can do beyond a Store, the engine needs
// nothing, and it is not passed through.
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
