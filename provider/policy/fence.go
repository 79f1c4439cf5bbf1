package policy

import (
	"context"
	"iter"
	"time"

	"payrun/provider"
)

// CodeFenced is the code of a transfer that was not sent because its worker may not send any
// more, or not now.
const CodeFenced = "FENCED"

// fenced asks before each transfer whether it may leave.
type fenced struct {
	provider.Provider
	maySend func() (time.Duration, error)
}

// Fenced returns p, which asks right before each transfer whether it may leave, and for how
// long it may take: who shares a ledger with others may only send while they take it to be
// at work. Look-ups always go.
func Fenced(p provider.Provider, maySend func() (within time.Duration, err error)) provider.Provider {
	return fenced{Provider: p, maySend: maySend}
}

// Capabilities implements provider.Provider.
func (p fenced) Capabilities() provider.Capabilities { return capabilities(p.Provider) }

// Send implements provider.Provider. What may not leave is NotSent.
func (p fenced) Send(ctx context.Context, request provider.Request) provider.Outcome {
	within, err := p.maySend()
	if err != nil {
		return provider.Outcome{Class: provider.NotSent, Code: CodeFenced, Unsent: true, Message: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return p.Provider.Send(ctx, request)
}

// Transactions implements provider.Lister.
func (p fenced) Transactions(ctx context.Context) iter.Seq2[provider.Transaction, error] {
	return transactions(ctx, p.Provider)
}
