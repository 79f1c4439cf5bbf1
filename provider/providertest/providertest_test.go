package providertest

import (
	"context"
	"testing"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
)

func TestTheDoublesKeepThePromises(t *testing.T) { Run(t, Doubles) }

// TestTheSuiteHoldsAProviderOfDigits: nothing in it leans on how long references are and
// what they are made of, or on a balance.
func TestTheSuiteHoldsAProviderOfDigits(t *testing.T) {
	can := Capabilities()
	can.ReferenceLength, can.ReferenceAlphabet = provider.ReferenceLengthMin, provider.Digits
	can.List, can.Balance = false, false
	Run(t, func(t *testing.T, day Day) Harness {
		t.Helper()
		h := Doubles(t, day)
		h.Provider = distorted{Provider: h.Provider, can: &can, send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			if !can.TakesReference(request.Reference) {
				return Refuses().Send(ctx, request)
			}
			return next.Send(ctx, request)
		}}
		return h
	})
}

// distorted is a provider with one defect.
type distorted struct {
	provider.Provider
	send    func(context.Context, provider.Provider, provider.Request) provider.Outcome
	lookUp  func(context.Context, provider.Provider, provider.Query) provider.Outcome
	balance error
	// can replaces what it states of itself.
	can *provider.Capabilities
}

func (d distorted) Capabilities() provider.Capabilities {
	if d.can == nil {
		return d.Provider.Capabilities()
	}
	return *d.can
}

// stating returns a defect of what is stated.
func stating(change func(*provider.Capabilities)) distorted {
	can := Capabilities()
	change(&can)
	return distorted{can: &can}
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

func (d distorted) Balance(ctx context.Context) (money.Amount, error) {
	if d.balance != nil {
		return money.Amount{}, d.balance
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
		{"pays twice", paysOnce, normal(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			next.Send(ctx, request)
			return next.Send(ctx, request)
		}}},
		{"pays another amount", paysOnce, normal(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			request.Amount.Minor++
			return next.Send(ctx, request)
		}}},
		{"pays nobody", paysOnce, normal(), distorted{send: func(context.Context, provider.Provider, provider.Request) provider.Outcome {
			return successful()
		}}},
		{"is never final", paysOnce, normal(), distorted{send: calls(provider.Outcome{Class: provider.Pending}), lookUp: answers(provider.Outcome{Class: provider.Pending})}},
		{"calls what it paid not sent", saysNoMoreThanTheBooks, normal(), distorted{send: calls(provider.Outcome{Class: provider.NotSent})}},
		{"calls what it paid failed", saysNoMoreThanTheBooks, normal(), distorted{send: calls(provider.Outcome{Class: provider.Failed})}},
		{"calls what it did not pay paid", saysNoMoreThanTheBooks, harness(Refuses()), distorted{send: calls(successful())}},
		{"answers a transfer with not found", saysNoMoreThanTheBooks, normal(), distorted{send: calls(provider.Outcome{Class: provider.NotFound})}},
		{"tells of a page instead of a transfer", doesNotKnow, normal(), distorted{lookUp: answers(provider.Outcome{Class: provider.NotFound, Code: "HTTP_404"})}},
		{"takes a gateway's word", saysNoMoreThanTheBooks, harness(HasNoMoney()), distorted{send: calls(provider.Outcome{Class: provider.NoBalance, Code: "HTTP_412"})}},
		{"describes nothing", describes, normal(), distorted{lookUp: answers(successful())}},
		{"finds what was never sent", doesNotKnow, normal(), distorted{lookUp: answers(successful())}},
		{"confirms any amount", confirmsNothingElse, normal(), distorted{lookUp: answers(successful())}},
		{"refuses and pays", refuses, normal(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			request.Scheme, request.Amount = template().Scheme, money.XOF.Of(100)
			next.Send(ctx, request)
			return provider.Outcome{Class: provider.Refused, Code: "NO"}
		}}},
		{"takes a transfer of nothing", refuses, harness(AlwaysPays()), distorted{}},
		{"states to take more than it does", keepsItsCapabilities, normal(), stating(func(c *provider.Capabilities) { c.ReferenceLength++ })},
		{"states to take less than it does", keepsItsCapabilities, normal(), stating(func(c *provider.Capabilities) { c.ReferenceLength-- })},
		{"leaves no room for an attempt", keepsItsCapabilities, normal(), stating(func(c *provider.Capabilities) { c.ReferenceAlphabet = "ABCDEF-" })},
		{"states no currency", keepsItsCapabilities, normal(), stating(func(c *provider.Capabilities) { c.Currencies = nil })},
		{"states a balance and has none", keepsItsCapabilities, normal(), distorted{balance: &provider.Error{}}},
		{"cannot be looked up", keepsItsCapabilities, normal(), stating(func(c *provider.Capabilities) { c.LookUp = provider.LookUpFields{} })},
		{"has no balance to tell", takesFromTheBalance, normal(), distorted{balance: &provider.Error{}}},
		{"sends what was cancelled", sendsNothingWhenCancelled, normal(), distorted{send: func(ctx context.Context, next provider.Provider, request provider.Request) provider.Outcome {
			return next.Send(context.WithoutCancel(ctx), request)
		}}},
		{"takes a lost answer for not sent", findsWhatWasLost, harness(PaysThenHangsUp()), distorted{send: calls(provider.Outcome{Class: provider.NotSent})}},
		{"believes lies", flagsMismatches, normal(), distorted{}},
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
	request.Reference, request.Amount = "A", money.XOF.Of(500)
	for range 4 {
		d.Send(t.Context(), request)
	}
	d.LookUp(t.Context(), provider.Query{Reference: "A", Number: request.Number, Amount: request.Amount})
	times, total := d.Credited("A")
	if d.Sends("A") != 4 || d.LookUps("A") != 1 || times != 2 || total.Minor != 1000 {
		t.Errorf("sent %d, looked up %d, paid %d times %s; want 4, 1, 2 times 1000", d.Sends("A"), d.LookUps("A"), times, total)
	}
	if d.Sends("B")+d.LookUps("B") != 0 {
		t.Error("another reference was counted too")
	}
	if o := NeverAnswers().Send(t.Context(), request); o.Class != provider.Unknown {
		t.Errorf("a double that never answers says %+v", o)
	}
}
