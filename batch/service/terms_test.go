package service_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/digitalpaye"
	"payrun/provider/sandbox"
)

// otherRules are the built-in ones with replacements, as on another day or in another
// country.
func otherRules(t *testing.T, replacements ...string) *rules.Set {
	t.Helper()
	set, err := rules.Load(strings.NewReader(strings.NewReplacer(replacements...).Replace(string(rules.BuiltIn()))))
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// french are rules under which nothing of the November payroll would be accepted, and
// what its rows call Orange Money would be Wave.
func french(t *testing.T) *rules.Set {
	t.Helper()
	return otherRules(t, "country: CI", "country: FR", "currency: XOF", "currency: EUR", `country_prefix: "225"`, `country_prefix: "33"`,
		"number_length: 10", "number_length: 9", `["07"]`, `["6"]`, `["05"]`, `["7"]`, `["01"]`, `["6"]`, "amount_max: 1000000", "amount_max: 200",
		"id: ORANGE", "id: WAVE", "id: WAVE", "id: ORANGE", "name: Orange Money", "name: Wave", "name: Wave", "name: Orange Money")
}

// watched notes what is sent, and pays by the simulator.
type watched struct {
	*digitalpaye.Client

	mu   sync.Mutex
	sent map[string]provider.Request
}

func (w *watched) Send(ctx context.Context, request provider.Request) provider.Outcome {
	w.mu.Lock()
	w.sent[request.Reference] = request
	w.mu.Unlock()
	return w.Client.Send(ctx, request)
}

func before(t *testing.T, simulated *sandbox.Sandbox, dialect digitalpaye.Dialect) *watched {
	t.Helper()
	client, err := digitalpaye.New(digitalpaye.Config{
		BaseURL: "http://127.0.0.1", Environment: "Sandbox", Simulated: true, Transport: sandbox.InProcess(simulated), Dialect: dialect,
		Credentials: provider.Credentials{Key: sandbox.DefaultAPIKey, Secret: sandbox.DefaultAPISecret},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &watched{Client: client, sent: map[string]provider.Request{}}
}

func with(store ledger.Store, p *watched, set *rules.Set) *service.Service {
	return service.New(service.Config{
		Ledger: store, Provider: p, Account: p.Account(), Rules: set,
		Pace: service.Pace{Wait: time.Minute, PollMin: 10 * time.Millisecond, PollMax: 50 * time.Millisecond},
	})
}

// TestWhatIsSentIsWhatWasAccepted resumes a batch under the rules of another country and
// in another dialect: every request has the terms of the day of acceptance.
func TestWhatIsSentIsWhatWasAccepted(t *testing.T) {
	for _, dialect := range []digitalpaye.Dialect{digitalpaye.V2, digitalpaye.V1} {
		t.Run(string(dialect), func(t *testing.T) {
			simulated, err := sandbox.New(sandbox.Options{})
			if err != nil {
				t.Fatal(err)
			}
			store := memledger.New()
			submitted(t, with(store, before(t, simulated, digitalpaye.V2), otherRules(t)))

			other := before(t, simulated, dialect)
			later := with(store, other, french(t))
			batch, err := later.Open(t.Context(), awa, "november")
			if err != nil {
				t.Fatal(err)
			}
			paid, err := later.Pay(t.Context(), awa, service.Payment{Batch: batch})
			if err != nil || paid.Stopped != nil || paid.Tally.In(ledger.Successful).Count != 3 {
				t.Fatalf("%+v, %v", paid, err)
			}
			want := map[string]provider.Request{
				"NOV-001": {Reference: "NOV-001", Number: "+2250701020304", Name: "Awa Koné", Amount: money.XOF.Of(45_000), Scheme: "ORANGE", Country: "CI"},
				"NOV-002": {Reference: "NOV-002", Number: "+2250501020304", Name: "Yao Kra", Amount: money.XOF.Of(150_000), Scheme: "MTN", Country: "CI"},
				"NOV-003": {Reference: "NOV-003", Number: "+2250101020304", Name: "Fatou Bamba", Amount: money.XOF.Of(80_500), Scheme: "MOOV", Country: "CI"},
			}
			if diff := cmp.Diff(want, other.sent); diff != "" {
				t.Errorf("sent (-accepted +sent):\n%s", diff)
			}
			for _, transfer := range simulated.Books().Transfers {
				accepted := want[transfer.TransactionID]
				if transfer.Number != accepted.Number.National() || transfer.Amount.Money() != accepted.Amount ||
					!strings.HasPrefix(transfer.Operator, accepted.Scheme+"_MONEY") {
					t.Errorf("the provider paid %+v, accepted was %+v", transfer, accepted)
				}
			}
		})
	}
}

// TestABatchIsInOneCurrency: rows in another are no part of it, and a provider that does
// not pay in it is sent nothing.
func TestABatchIsInOneCurrency(t *testing.T) {
	simulated, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store, p := memledger.New(), before(t, simulated, digitalpaye.V2)
	submitted(t, with(store, p, otherRules(t)))
	euros := with(store, p, otherRules(t, "currency: XOF", "currency: EUR"))
	submit := func(name ledger.BatchID, text string) (ledger.Batch, error) {
		file, err := table.Open("-", table.Options{Stdin: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		checked, err := euros.Check(t.Context(), file, service.CheckOptions{Batch: name})
		if err != nil {
			t.Fatal(err)
		}
		return euros.Submit(t.Context(), awa, checked.Submission(t.Context(), "euros.csv", nil))
	}
	more := november + "NOV-004,Ali Cissé,0701020305,ORANGE,\"12,50\"\n"
	if _, err := submit("november", more); !errors.Is(err, ledger.ErrCurrency) {
		t.Errorf("rows in euros for a batch in francs: %v, want ErrCurrency", err)
	}
	batch, err := submit("euros", strings.ReplaceAll(more, "NOV-", "EUR-"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := euros.Pay(t.Context(), awa, service.Payment{Batch: batch}); !errors.Is(err, ledger.ErrCurrency) || len(p.sent) > 0 {
		t.Errorf("a batch in euros through a provider that pays in francs: %v, and sent is %v", err, p.sent)
	}
}

// elsewhere pays in francs, to another country.
type elsewhere struct{ *watched }

func (elsewhere) Capabilities() provider.Capabilities {
	can := (*digitalpaye.Client)(nil).Capabilities()
	can.Countries = []string{"SN"}
	return can
}

// TestNothingIsSentToACountryThatIsNotServed: a currency may be that of several countries.
func TestNothingIsSentToACountryThatIsNotServed(t *testing.T) {
	simulated, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	store, p := memledger.New(), before(t, simulated, digitalpaye.V2)
	batch := submitted(t, with(store, p, otherRules(t)))
	senegal := service.New(service.Config{Ledger: store, Provider: elsewhere{p}, Account: p.Account(), Rules: otherRules(t)})
	_, err = senegal.Pay(t.Context(), awa, service.Payment{Batch: batch})
	other, is := errors.AsType[*service.CountryError](err)
	if !is || !errors.Is(err, service.ErrCountry) || other.Country != "CI" || other.Batch != batch.ID {
		t.Errorf("a payroll for Côte d'Ivoire through a provider in Senegal: %v, want a *CountryError", err)
	}
	if transfers := simulated.Books().Transfers; len(p.sent) > 0 || len(transfers) > 0 {
		t.Errorf("sent is %v, and paid %v", p.sent, transfers)
	}
	paid, err := with(store, p, otherRules(t)).Pay(t.Context(), awa, service.Payment{Batch: batch})
	if err != nil || paid.Tally.In(ledger.Successful).Count != 3 {
		t.Errorf("through its own provider: %+v, %v", paid, err)
	}
}
