package metrics_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"payrun/batch/engine"
	"payrun/batch/metrics"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/policy"
)

type answering struct {
	provider.Provider
	class provider.Class
}

func (a answering) Send(context.Context, provider.Request) provider.Outcome {
	return provider.Outcome{Class: a.class}
}

func (a answering) LookUp(context.Context, provider.Query) provider.Outcome {
	return provider.Outcome{Class: provider.NotFound}
}

type broken struct{ ledger.Store }

var errBroken = errors.New("broken")

func (broken) Apply(context.Context, []ledger.Change) ([]ledger.TransactionID, error) {
	return nil, errBroken
}

func (broken) Claim(context.Context, ledger.ClaimRequest) (ledger.Claimed, error) {
	return ledger.Claimed{}, errBroken
}

func page(t *testing.T, m *metrics.Metrics, path string) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("%s answers %d", path, answer.Code)
	}
	return answer.Body.String()
}

func expect(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("the page has no line %q", line)
		}
	}
}

// TestEverySeriesIsThereBeforeAnythingHappens: an alert on a series that only
// appears with the first failure never fires.
func TestEverySeriesIsThereBeforeAnythingHappens(t *testing.T) {
	t.Parallel()
	text := page(t, metrics.New("1.2.3"), "/metrics")
	for _, class := range provider.Classes() {
		expect(t, text, `payrun_requests_total{class="`+class.String()+`",operation="send"} 0`)
	}
	for _, state := range ledger.States() {
		expect(t, text, `payrun_payouts{state="`+state.String()+`"} 0`)
	}
	expect(t, text,
		`payrun_breaker_state{state="closed"} 1`,
		`payrun_breaker_state{state="open"} 0`,
		`payrun_build_info{version="1.2.3"} 1`,
		`payrun_ledger_commit_duration_seconds_count{result="error"} 0`)
	if got := page(t, metrics.New(""), "/healthz"); got != "ok\n" {
		t.Errorf("/healthz answers %q", got)
	}
}

func TestWhatHappensIsCounted(t *testing.T) {
	t.Parallel()
	m := metrics.New("dev")
	measured := policy.Observed(answering{class: provider.Throttled}, m.Answered)
	if got := measured.Send(t.Context(), provider.Request{}); got.Class != provider.Throttled {
		t.Errorf("measuring changed the answer to %v", got.Class)
	}
	measured.LookUp(t.Context(), provider.Query{})
	measured.LookUp(t.Context(), provider.Query{})
	if _, err := m.Store(broken{}).Apply(t.Context(), nil); !errors.Is(err, errBroken) {
		t.Errorf("measuring changed the error to %v", err)
	}
	m.RateWaited(2 * time.Second)
	m.RateChanged(2.5)
	m.BreakerChanged("open")
	var tally ledger.ByState
	tally.Add(ledger.Payout{State: ledger.Pending, Terms: ledger.Terms{Amount: money.XOF.Of(5000)}})
	m.Progress(engine.Progress{Tally: tally})
	expect(t, page(t, m, "/metrics"),
		`payrun_requests_total{class="throttled",operation="send"} 1`,
		`payrun_requests_total{class="not_found",operation="look_up"} 2`,
		`payrun_request_duration_seconds_count{operation="look_up"} 2`,
		`payrun_ledger_commit_duration_seconds_count{result="error"} 1`,
		`payrun_rate_wait_seconds_sum 2`,
		`payrun_rate_limit_requests_per_second 2.5`,
		`payrun_breaker_state{state="closed"} 0`,
		`payrun_breaker_state{state="open"} 1`,
		`payrun_payouts{state="pending"} 1`,
		`payrun_payouts_amount_minor{currency="XOF",state="pending"} 5000`,
		`payrun_payouts_amount_minor{currency="XOF",state="failed"} 0`)
}
