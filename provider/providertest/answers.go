package providertest

import (
	"context"

	"payrun/ledger/money"
	"payrun/provider"
)

// Answers is a provider that only answers look-ups, each as written for the reference,
// and panics if it is to send.
type Answers map[string]provider.Class

// LookUp implements provider.Provider.
func (a Answers) LookUp(_ context.Context, query provider.Query) provider.Outcome {
	return provider.Outcome{Class: a[query.Reference], Code: a[query.Reference].String()}
}

// Send implements provider.Provider.
func (Answers) Send(context.Context, provider.Request) provider.Outcome {
	panic("nothing may be sent")
}

// Balance implements provider.Provider.
func (Answers) Balance(context.Context) (money.Amount, error) { return money.Amount{}, nil }

// Capabilities implements provider.Provider.
func (Answers) Capabilities() provider.Capabilities { return Capabilities() }
