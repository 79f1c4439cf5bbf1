package policy

import (
	"context"
	"iter"
	"time"

	"github.com/rs/zerolog"

	"payrun/provider"
)

// Operation is the kind of a request.
type Operation string

// The operations.
const (
	Send   Operation = "send"
	LookUp Operation = "look_up"
)

// Call is one request and what it was answered with.
type Call struct {
	Operation Operation
	Reference string
	Outcome   provider.Outcome
	// Took is how long the answer was waited for, renewal of a token included.
	Took time.Duration
}

// observed tells of transfers and look-ups.
type observed struct {
	provider.Provider
	tell []func(Call)
}

// Observed returns p, which tells each of these functions of every transfer and every
// look-up once it was answered, on the caller's goroutine. They change nothing.
func Observed(p provider.Provider, tell ...func(Call)) provider.Provider {
	return observed{Provider: p, tell: tell}
}

// Logger returns a function for Observed that logs at level debug. A reference is the
// payer's own; nothing logged names a person or a number.
func Logger(log *zerolog.Logger) func(Call) {
	words := map[Operation]string{Send: "transfer", LookUp: "look-up"}
	return func(c Call) {
		log.Debug().
			Str("reference", c.Reference).
			Stringer("class", c.Outcome.Class).
			Str("provider_code", c.Outcome.Code).
			Dur("duration_ms", c.Took).
			Msg(words[c.Operation])
	}
}

// Capabilities implements provider.Provider.
func (p observed) Capabilities() provider.Capabilities { return capabilities(p.Provider) }

// Send implements provider.Provider.
func (p observed) Send(ctx context.Context, request provider.Request) provider.Outcome {
	started := time.Now()
	o := p.Provider.Send(ctx, request)
	p.told(Call{Send, request.Reference, o, time.Since(started)})
	return o
}

// LookUp implements provider.Provider.
func (p observed) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	started := time.Now()
	o := p.Provider.LookUp(ctx, query)
	p.told(Call{LookUp, query.Reference, o, time.Since(started)})
	return o
}

// Transactions implements provider.Lister.
func (p observed) Transactions(ctx context.Context) iter.Seq2[provider.Transaction, error] {
	return transactions(ctx, p.Provider)
}

func (p observed) told(c Call) {
	for _, tell := range p.tell {
		tell(c)
	}
}
