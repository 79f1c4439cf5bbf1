package providertest

import (
	"context"
	"testing"

	"payrun/ledger/money"
	"payrun/provider"
)

// Doubles is an Opener of doubles, one for each day but Mismatched, for suites about
// what wraps a provider.
func Doubles(t *testing.T, day Day) Harness {
	t.Helper()
	switch day {
	case AnswersLost:
		return harness(PaysThenHangsUp())
	case Unreachable:
		return harness(CannotBeReached())
	case TooFast:
		return harness(Throttles(1))
	case NoFunds:
		return harness(HasNoMoney())
	case BadCredentials:
		return harness(LetsNobodyIn())
	case Mismatched:
		t.Skip("no double answers about another transfer")
	case Normal, TokenExpires, Mixed:
	}
	return normal()
}

func template() provider.Request {
	return provider.Request{Number: "+2250777101308", Name: "Koné Awa", Scheme: "ORANGE", Country: "CI", Amount: money.XOF.Of(0)}
}

func harness(d *Double) Harness {
	return Harness{Provider: d, Credited: d.Credited, Template: template()}
}

// choosy refuses what it states not to take, and pays the rest.
type choosy struct {
	*Double
	refuses *Double
}

func (c choosy) Send(ctx context.Context, request provider.Request) provider.Outcome {
	if request.Amount.Minor <= 0 || request.Scheme != template().Scheme || !c.Capabilities().TakesReference(request.Reference) {
		return c.refuses.Send(ctx, request)
	}
	return c.Double.Send(ctx, request)
}

func normal() Harness {
	pays := AlwaysPays()
	return Harness{Provider: choosy{pays, Refuses()}, Credited: pays.Credited, Template: template()}
}
