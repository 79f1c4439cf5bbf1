package providertest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
)

// Day is a behaviour of the simulated provider.
type Day string

// The days. On each but the last all transfers meet the same.
const (
	// Normal: what is right is paid, at once or within a second.
	Normal Day = "normal"
	// AnswersLost: transfers are paid, but no answer to one arrives whole.
	AnswersLost Day = "answers lost"
	// Mismatched: answers to transfers are about another reference, amount or number.
	Mismatched Day = "mismatched"
	// Unreachable: no connection is to be had.
	Unreachable Day = "unreachable"
	// TooFast: every transfer is turned away with a request for patience.
	TooFast Day = "too fast"
	// NoFunds: the merchant's account cannot cover any transfer.
	NoFunds Day = "no funds"
	// BadCredentials: the credentials are wrong.
	BadCredentials Day = "bad credentials"
	// TokenExpires: the authorisation runs out every few requests. For a provider
	// without one it is a normal day.
	TokenExpires Day = "token expires"
	// Mixed: any of this, and failures, at random. Nothing is reversed, and
	// what is accepted late is accepted within a second.
	Mixed Day = "mixed"
)

// Harness is an implementation and the simulated provider that it talks to.
type Harness struct {
	Provider provider.Provider
	// Credited says, from the simulated provider's books, how often a reference
	// was paid, and how much in all. It may be called concurrently.
	Credited func(reference string) (times int, total money.Amount)
	// Template is a request that the provider takes on a normal day. The suite
	// gives each its own Reference and Amount.
	Template provider.Request
}

// Opener returns a new world for a day. What it opens it closes by t.Cleanup. A
// day that cannot be had is skipped with t.Skip.
type Opener func(t *testing.T, day Day) Harness

// Run holds an implementation to every promise of provider.Provider, and to
// those of provider.Lister if it is one.
func Run(t *testing.T, open Opener) {
	t.Helper()
	for _, p := range promises() {
		t.Run(string(p.day)+"/"+p.says, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := p.keep(ctx, open(t, p.day)); err != nil {
				t.Error(err)
			}
		})
	}
}

// patience bounds each promise; a day's own delays are far below.
const patience = 20 * time.Second

// promise is one sentence of the contract, and how it is tried.
type promise struct {
	day  Day
	says string
	keep func(ctx context.Context, h Harness) error
}

func promises() []promise {
	return []promise{
		{Normal, "a payout is paid once, the amount asked for", paysOnce},
		{Normal, "its capabilities are those it has", keepsItsCapabilities},
		{Normal, "many at once are each paid once", paysManyAtOnce},
		{Normal, "what was never sent is not found", doesNotKnow},
		{Normal, "an answer describes what it is about", describes},
		{Normal, "a look-up with another amount or number is a mismatch", confirmsNothingElse},
		{Normal, "what breaks the rules is refused and not paid", refuses},
		{Normal, "the balance falls by what is paid", takesFromTheBalance},
		{Normal, "a call cancelled before it began sent nothing", sendsNothingWhenCancelled},
		{Normal, "a list names what was paid", lists},
		{AnswersLost, "without an answer it is unknown, and found by look-up", findsWhatWasLost},
		{Mismatched, "an answer about something else is unknown and flagged", flagsMismatches},
		{Unreachable, "without a connection it is not sent", turnedAway(provider.NotSent)},
		{TooFast, "asked for patience, it is throttled", turnedAway(provider.Throttled)},
		{NoFunds, "without cover, there is no balance", turnedAway(provider.NoBalance)},
		{BadCredentials, "without a right to, it is unauthorized", isLockedOut},
		{TokenExpires, "authorisation is renewed without paying twice", paysManyAtOnce},
		{Mixed, "no outcome says more than the books", saysNoMoreThanTheBooks},
	}
}

// request returns a fresh request of an amount in minor units. Where the provider does not take its reference,
// digits stand for it.
func (h Harness) request(reference string, minor int64) provider.Request {
	request := h.Template
	request.Reference, request.Amount = reference, h.Template.Amount.Currency.Of(minor)
	if !h.Provider.Capabilities().TakesReference(reference) {
		const limit = 1_000_000_000_000
		sum := sha256.Sum256([]byte(reference))
		request.Reference = fmt.Sprintf("%0*d", provider.ReferenceLengthMin, binary.BigEndian.Uint64(sum[:])%limit)
	}
	return request
}

func about(request provider.Request, told provider.Outcome) provider.Query {
	return provider.Query{
		Reference: request.Reference, ProviderRef: told.ProviderRef,
		Number: request.Number, Amount: request.Amount,
	}
}

// renewals bounds how often a request may meet the end of an authorisation.
const renewals = 5

// send sends a request, again where the provider says that the authorisation had
// run out and that it did nothing.
func (h Harness) send(ctx context.Context, request provider.Request) provider.Outcome {
	o := h.Provider.Send(ctx, request)
	for range renewals {
		if o.Class != provider.Expired {
			break
		}
		o = h.Provider.Send(ctx, request)
	}
	return o
}

// settle looks a payout up until it is final.
func (h Harness) settle(ctx context.Context, request provider.Request, told provider.Outcome) (provider.Outcome, error) {
	const interval = 5 * time.Millisecond
	query := about(request, told)
	for !final(told) {
		select {
		case <-time.After(interval):
		case <-ctx.Done():
			return told, fmt.Errorf("%s is not final in time: last %+v", request.Reference, told)
		}
		told = h.Provider.LookUp(ctx, query)
		if told.Class == provider.Unauthorized {
			return told, fmt.Errorf("look up %s: %+v", request.Reference, told)
		}
	}
	return told, nil
}

func final(o provider.Outcome) bool {
	return o.Class == provider.Successful || o.Class == provider.Failed
}

// credited checks the books.
func (h Harness) credited(request provider.Request, want int) error {
	times, total := h.Credited(request.Reference)
	if times != want || total.Minor != int64(want)*request.Amount.Minor {
		return fmt.Errorf("%s was paid %d times, %s in all; want %d times %s",
			request.Reference, times, total, want, request.Amount)
	}
	return nil
}
