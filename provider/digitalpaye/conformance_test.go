package digitalpaye_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"payrun/ledger/money"
	"payrun/provider/digitalpaye"
	"payrun/provider/providertest"
	"payrun/provider/sandbox"
)

// TestTheClientKeepsAProvidersPromises runs the suite against the simulated
// provider, in both dialects, in this process and over loopback.
func TestTheClientKeepsAProvidersPromises(t *testing.T) {
	for _, dialect := range []digitalpaye.Dialect{digitalpaye.V2, digitalpaye.V1} {
		for page, reach := range map[string]func(*testing.T, *sandbox.Sandbox) (string, http.RoundTripper){
			"get-status-payment": inProcess, "transaction": overLoopback,
		} {
			t.Run(string(dialect)+"/"+page, func(t *testing.T) {
				t.Parallel()
				providertest.Run(t, func(t *testing.T, day providertest.Day) providertest.Harness {
					t.Helper()
					simulated := simulate(t, day)
					url, transport := reach(t, simulated)
					if day == providertest.Unreachable { // which a listener cannot be
						url, transport = inProcess(t, simulated)
					}
					client := open(t, digitalpaye.Config{
						BaseURL: url, Transport: transport, Dialect: dialect, StatusPath: page,
						RequestTimeout: requestTimeout(day),
					})
					return providertest.Harness{Provider: client, Credited: creditedBy(simulated), Template: ours()}
				})
			})
		}
	}
}

func inProcess(_ *testing.T, simulated *sandbox.Sandbox) (string, http.RoundTripper) {
	return "http://127.0.0.1", sandbox.InProcess(simulated)
}

func overLoopback(t *testing.T, simulated *sandbox.Sandbox) (string, http.RoundTripper) {
	t.Helper()
	server, err := sandbox.Listen(simulated, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() { ended <- server.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return server.URL(), nil
}

func creditedBy(simulated *sandbox.Sandbox) func(string) (int, money.Amount) {
	return func(reference string) (times int, total money.Amount) {
		for _, transfer := range simulated.Books().Transfers {
			if transfer.TransactionID == reference && transfer.Credited {
				times++
				total = total.Plus(transfer.Amount.Money())
			}
		}
		return times, total
	}
}

// simulate opens a simulated provider that accepts the tests' credentials, on
// any day but one.
func simulate(t *testing.T, day providertest.Day) *sandbox.Sandbox {
	t.Helper()
	options := sandbox.Options{Scenario: scenario(day), APIKey: "the-key", APISecret: "the-secret"}
	if day == providertest.BadCredentials {
		options.APISecret = "another"
	}
	simulated, err := sandbox.New(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = simulated.Close() })
	return simulated
}

// requestTimeout is short where the provider hangs and the suite waits for it.
func requestTimeout(day providertest.Day) time.Duration {
	if day == providertest.AnswersLost || day == providertest.Mixed {
		return 300 * time.Millisecond
	}
	return 10 * time.Second
}

// scenario has every delay in milliseconds.
func scenario(day providertest.Day) *sandbox.Scenario {
	s := sandbox.DefaultScenario()
	short := sandbox.Range{Min: time.Millisecond, Max: 20 * time.Millisecond}
	s.Settle, s.Late, s.LookupLag, s.Slow = short, short, short, short
	s.Faults = map[sandbox.Fault]float64{sandbox.Pending: 50}
	switch day {
	case providertest.Normal:
	case providertest.AnswersLost:
		s.Faults = map[sandbox.Fault]float64{
			sandbox.DropAfter: 10, sandbox.HangAfter: 10, sandbox.HTTP502After: 10, sandbox.HTTP504After: 10,
			sandbox.Truncated: 10, sandbox.Empty: 10, sandbox.Pending: 50, sandbox.LookupLag: 50,
			// The answer that arrives is somebody else's.
			sandbox.HTTP401After: 5, sandbox.HTTP403After: 5, sandbox.HTTP429After: 5, sandbox.HTTP503After: 5,
			sandbox.GatewayAfter: 20,
		}
	case providertest.Mismatched:
		s.Faults = map[sandbox.Fault]float64{sandbox.Stranger: 50, sandbox.StrangerAfter: 50}
	case providertest.Unreachable:
		s.Faults = map[sandbox.Fault]float64{sandbox.ConnectRefused: 100}
	case providertest.TooFast:
		s.Faults = map[sandbox.Fault]float64{sandbox.Throttle: 50, sandbox.UnavailableRetry: 50}
	case providertest.NoFunds:
		s.Balance = 99
	case providertest.BadCredentials:
	case providertest.TokenExpires:
		s.TokenLife = 2 * time.Second
		s.Faults[sandbox.TokenExpired] = 50
	case providertest.Mixed:
		const share = 3
		for _, entry := range sandbox.Catalogue() {
			if entry.Beyond == "" {
				s.Faults[entry.Fault] = share
			}
		}
		for _, fault := range []sandbox.Fault{sandbox.Reversed, sandbox.PendingForever} {
			delete(s.Faults, fault)
		}
	}
	return &s
}
