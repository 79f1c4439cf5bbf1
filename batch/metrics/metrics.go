// Package metrics measures a run for Prometheus: it is told of the provider's answers,
// wraps the ledger that the engine works with, and listens to what holds requests back.
//
// It decides nothing and changes no answer. Nothing it serves names a person, a
// number, an id or a credential. Durations are seconds, amounts whole XOF.
package metrics

import (
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
	"payrun/provider/policy"
)

// Metrics are the measurements of one process, in a registry of their own. All
// methods are safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	latest   atomic.Pointer[engine.Progress]

	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	waits     prometheus.Histogram
	commits   *prometheus.HistogramVec
	rate      prometheus.Gauge
	breaker   *prometheus.GaugeVec
}

var _ engine.Observer = (*Metrics)(nil)

const namespace = "payrun"

// Upper bounds of the histograms, in seconds: a request from a fast sandbox to
// the default time-out and beyond, a commit from a solid-state disk to one that is failing.
var (
	requestBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60} //nolint:gochecknoglobals // a table that nothing writes to
	commitBuckets  = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1} //nolint:gochecknoglobals // a table that nothing writes to
	waitBuckets    = []float64{0, .01, .05, .1, .2, .5, 1, 5, 30}                        //nolint:gochecknoglobals // a table that nothing writes to
)

// New returns measurements of a process of this version. Every series that can
// appear is there from the start, so that a missing one means a missing process.
func New(version string) *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "requests_total",
			Help: "Requests to the provider, by operation and by what the answer means.",
		}, []string{"operation", "class"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "request_duration_seconds",
			Help:    "How long a request to the provider took, token renewal included.",
			Buckets: requestBuckets,
		}, []string{"operation"}),
		waits: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "rate_wait_seconds",
			Help:    "How long a request that could have gone waited for the rate limit.",
			Buckets: waitBuckets,
		}),
		rate: prometheus.NewGauge(prometheus.GaugeOpts{
			Namespace: namespace, Name: "rate_limit_requests_per_second",
			Help: "Requests a second that may leave: those asked for, or fewer while the provider turns some away; 0 for no limit.",
		}),
		commits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "ledger_commit_duration_seconds",
			Help:    "How long the ledger took to make a group of changes durable.",
			Buckets: commitBuckets,
		}, []string{"result"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "breaker_state",
			Help: "1 for the state the circuit breaker is in: closed lets requests through, open holds them back.",
		}, []string{"state"}),
	}
	m.latest.Store(&engine.Progress{})
	m.registry.MustRegister(m.requests, m.durations, m.waits, m.rate, m.commits, m.breaker,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Name: "build_info", Help: "1, with the program's version.",
			ConstLabels: prometheus.Labels{"version": version},
		}, func() float64 { return 1 }))
	m.registerPayouts()
	m.showZeros()
	return m
}

// registerPayouts reads the tally when somebody asks, not when it changes.
func (m *Metrics) registerPayouts() {
	for _, state := range ledger.States() {
		labels := prometheus.Labels{"state": state.String()}
		m.registry.MustRegister(
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Namespace: namespace, Name: "payouts",
				Help: "Payouts of the batch being paid, by state.", ConstLabels: labels,
			}, func() float64 { return float64(m.latest.Load().Tally.In(state).Count) }))
	}
	m.registry.MustRegister(amounts{m})
}

// amounts collects what the payouts come to. Its currency is known with a batch, and it has
// no series before.
type amounts struct{ *Metrics }

// Describe implements prometheus.Collector.
func (amounts) Describe(to chan<- *prometheus.Desc) { to <- amountDesc() }

// Collect implements prometheus.Collector.
func (a amounts) Collect(to chan<- prometheus.Metric) {
	tally := a.latest.Load().Tally
	currency := tally.Total().Amount.Currency
	if currency == "" {
		return
	}
	for _, state := range ledger.States() {
		to <- prometheus.MustNewConstMetric(amountDesc(), prometheus.GaugeValue,
			float64(tally.In(state).Amount.Minor), state.String(), string(currency))
	}
}

func amountDesc() *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", "payouts_amount_minor"),
		"Their amounts in minor units of the batch's currency, by state.", []string{"state", "currency"}, nil)
}

func (m *Metrics) showZeros() {
	for _, operation := range []policy.Operation{policy.Send, policy.LookUp} {
		m.durations.WithLabelValues(string(operation))
		for _, class := range provider.Classes() {
			m.requests.WithLabelValues(string(operation), class.String())
		}
	}
	m.commits.WithLabelValues("ok")
	m.commits.WithLabelValues("error")
	m.BreakerChanged("closed")
}

// Progress takes in where the run stands.
func (m *Metrics) Progress(now engine.Progress) { m.latest.Store(&now) }

// RateWaited implements engine.Observer.
func (m *Metrics) RateWaited(wait time.Duration) { m.waits.Observe(wait.Seconds()) }

// RateChanged implements engine.Observer.
func (m *Metrics) RateChanged(perSecond float64) { m.rate.Set(perSecond) }

// BreakerChanged implements engine.Observer.
func (m *Metrics) BreakerChanged(state string) {
	for _, each := range []string{"closed", "half-open", "open"} {
		value := 0.0
		if each == state {
			value = 1
		}
		m.breaker.WithLabelValues(each).Set(value)
	}
}

// Handler serves the measurements under /metrics, and "ok" under /healthz as long
// as the process can answer at all.
func (m *Metrics) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, "ok\n") // whoever asked has gone
	})
	return mux
}
