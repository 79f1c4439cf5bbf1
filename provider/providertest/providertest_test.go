package providertest

import (
	"context"
	"testing"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
)

func template() provider.Request {
	return provider.Request{Number: "0777101308", Name: "Koné Awa", Operator: "ORANGE_MONEY_CI", Country: "CI", Currency: "XOF"}
}

func harness(d *Double) Harness {
	return Harness{Provider: d, Credited: d.Credited, Template: template()}
}

// choosy refuses what no provider takes and pays the rest.
type choosy struct {
	*Double
	refuses *Double
}

func (c choosy) Send(ctx context.Context, request provider.Request) provider.Outcome {
	if request.Amount <= 0 || request.Operator != template().Operator {
		return c.refuses.Send(ctx, request)
	}
	return c.Double.Send(ctx, request)
}

func fair() Harness {
	pays := AlwaysPays()
	return Harness{Provider: choosy{pays, Refuses()}, Credited: pays.Credited, Template: template()}
}

func TestTheDoublesKeepThePromises(t *testing.T) {
	Run(t, func(t *testing.T, day Day) Harness {
		t.Helper()
		switch day {
		case AnswersLost:
			return harness(PaysThenHangsUp())
		case Unreachable:
			return harness(CannotBeReached())
		case Busy:
			return harness(Throttles(1))
		case Poor:
			return harness(HasNoMoney())
		case Locked:
			return harness(LetsNobodyIn())
		case Lies:
			t.Skip("no double lies")
		case Fair, Forgetful, Rough:
		}
		return fair()
	})
}

// distorted is a provider with one defect.
type distorted struct {
	provider.Provider
	send    func(context.Context, provider.Provider, provider.Request) provider.Outcome
	lookUp  func(context.Context, provider.Provider, provider.Query) provider.Outcome
	balance error
}

func (d distorted) Send(ctx context.Context, request provider.Request) provider.Outcome {
	if d.send == nil {
		return d.Provider.Send(ctx, request)
	}
	return d.send(ctx, d.Provider, request)
}

func (d distorted) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	if d.lookUp == nil {
		return d.Provider.LookUp(ctx, query)
	}
	return d.lookUp(ctx, d.Provider, query)
}

func (d distorted) Balance(ctx context.Context) (money.XOF, error) {
	if d.balance != nil {
		return 0, d.balance
	}
	return d.Provider.Balance(ctx)
}

// TestTheSuiteFindsDefects plants one defect at a time: a suite that cannot fail
// proves nothing.
func TestTheSuiteFindsDefects(t *testing.T) {
	calls := func(o provider.Outcome) func(context.Context, provider.Provider, provider.Request) provider.Outcome {
		return func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			next.Send(ctx, request)
			return o
		}
	}
	answers := func(o provider.Outcome) func(context.Context, provider.Provider, provider.Query) provider.Outcome {
		return func(context.Context, provider.Provider, provider.Query) provider.Outcome { return o }
	}
	for _, test := range []struct {
		says  string
		keeps func(context.Context, Harness) error
		in    Harness
		with  distorted
	}{
		{"pays twice", paysOnce, fair(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			next.Send(ctx, request)
			return next.Send(ctx, request)
		}}},
		{"pays another amount", paysOnce, fair(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			request.Amount++
			return next.Send(ctx, request)
		}}},
		{"pays nobody", paysOnce, fair(), distorted{send: func(context.Context, provider.Provider, provider.Request) provider.Outcome {
			return successful()
		}}},
		{"is never final", paysOnce, fair(), distorted{send: calls(provider.Outcome{Class: provider.Pending}), lookUp: answers(provider.Outcome{Class: provider.Pending})}},
		{"calls what it paid not sent", saysNoMoreThanTheBooks, fair(), distorted{send: calls(provider.Outcome{Class: provider.NotSent})}},
		{"calls what it paid failed", saysNoMoreThanTheBooks, fair(), distorted{send: calls(provider.Outcome{Class: provider.Failed})}},
		{"calls what it did not pay paid", saysNoMoreThanTheBooks, harness(Refuses()), distorted{send: calls(successful())}},
		{"answers a transfer with not found", saysNoMoreThanTheBooks, fair(), distorted{send: calls(provider.Outcome{Class: provider.NotFound})}},
		{"finds what was never sent", doesNotKnow, fair(), distorted{lookUp: answers(successful())}},
		{"confirms any amount", confirmsNothingElse, fair(), distorted{lookUp: answers(successful())}},
		{"refuses and pays", refuses, fair(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			request.Operator, request.Amount = template().Operator, 100
			next.Send(ctx, request)
			return provider.Outcome{Class: provider.Refused, Code: "NO"}
		}}},
		{"takes a transfer of nothing", refuses, harness(AlwaysPays()), distorted{}},
		{"has no balance to tell", takesFromTheBalance, fair(), distorted{balance: &provider.Error{}}},
		{"sends what was cancelled", sendsNothingWhenCancelled, fair(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			return next.Send(context.WithoutCancel(ctx), request)
		}}},
		{"takes a lost answer for not sent", findsWhatWasLost, harness(PaysThenHangsUp()), distorted{send: calls(provider.Outcome{Class: provider.NotSent})}},
		{"believes lies", believesNoLies, fair(), distorted{}},
		{"is busy without saying so", turnedAway(provider.Throttled), harness(Throttles(1)), distorted{send: calls(provider.Outcome{})}},
		{"is locked but tells the balance", isLockedOut, harness(LetsNobodyIn()), distorted{balance: context.Canceled}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		h := test.in
		test.with.Provider = h.Provider
		h.Provider = test.with
		if err := test.keeps(ctx, h); err == nil {
			t.Errorf("a provider that %s passes", test.says)
		}
		cancel()
	}
}

func TestADoubleCountsByReference(t *testing.T) {
	d := Throttles(2)
	request := template()
	request.Reference, request.Amount = "A", 500
	for range 4 {
		d.Send(t.Context(), request)
	}
	d.LookUp(t.Context(), provider.Query{Reference: "A", Number: request.Number, Amount: request.Amount})
	times, total := d.Credited("A")
	if d.Sends("A") != 4 || d.LookUps("A") != 1 || times != 2 || total != 1000 {
		t.Errorf("sent %d, looked up %d, paid %d times %s; want 4, 1, 2 times 1000", d.Sends("A"), d.LookUps("A"), times, total)
	}
	if d.Sends("B")+d.LookUps("B") != 0 {
		t.Error("another reference was counted too")
	}
	if o := NeverAnswers().Send(t.Context(), request); o.Class != provider.Unknown {
		t.Errorf("a double that never answers says %+v", o)
	}
}
