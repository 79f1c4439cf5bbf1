package engine_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/providertest"
)

// bank is a provider that pays whatever it is asked for, as often as it is asked, and
// whose look-ups can break what is taken for granted. Its books are the truth.
type bank struct {
	// blind look-ups find nothing; lag is how late they see a transfer, and frozen
	// after which moment they see none at all.
	blind  bool
	lag    time.Duration
	frozen time.Duration
	// deaf are the references about which look-ups bring nothing usable.
	deaf map[string]bool
	// lists reports whether there is a list.
	lists bool
	// loses are the references whose first answer gets lost although they are paid,
	// and late how long after that they are accepted.
	loses map[string]bool
	late  time.Duration
	// refuses answers a transfer without taking it, nil to take it.
	refuses func(reference string, nth int) *provider.Outcome
	// dated is the age that transfers claim.
	dated time.Duration

	mu    sync.Mutex
	began time.Time
	books []entry
	asked map[string]int
	sends []string
	looks []string
}

type entry struct {
	request provider.Request
	ref     string
	at      time.Time
}

func (b *bank) Send(_ context.Context, r provider.Request) provider.Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if b.asked == nil {
		b.asked = map[string]int{}
	}
	b.asked[r.Reference]++
	b.sends = append(b.sends, r.Reference)
	if b.refuses != nil {
		if o := b.refuses(r.Reference, b.asked[r.Reference]); o != nil {
			return *o
		}
	}
	lost := b.loses[r.Reference] && b.asked[r.Reference] == 1
	e := entry{request: r, ref: fmt.Sprintf("ref-%d", len(b.books)+1), at: now}
	if lost {
		e.at = now.Add(b.late)
	}
	b.books = append(b.books, e)
	if lost {
		return provider.Outcome{Code: provider.CodeBroken}
	}
	return b.describe(e, now)
}

func (b *bank) describe(e entry, now time.Time) provider.Outcome {
	return provider.Outcome{
		Class: provider.Successful, Code: "SUCCESSFUL", ProviderRef: e.ref, Documented: true,
		Described: provider.Described{
			Ours: true, Number: e.request.Number, Amount: e.request.Amount, AmountKnown: true, At: e.at.Add(-b.dated).UTC(),
		},
		Clock: now.UTC(), Received: now.UTC(),
	}
}

// LookUp answers with the first transfer under a reference that can be seen.
func (b *bank) LookUp(_ context.Context, q provider.Query) provider.Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.looks = append(b.looks, q.Reference)
	now := time.Now()
	if b.deaf[q.Reference] {
		return provider.Outcome{Code: provider.CodeGarbage}
	}
	for _, e := range b.books {
		hidden := b.blind || e.at.Add(b.lag).After(now) || (b.frozen > 0 && e.at.After(b.began.Add(b.frozen)))
		if e.request.Reference != q.Reference || hidden {
			continue
		}
		if e.request.Amount != q.Amount || e.request.Number != q.Number {
			return provider.Outcome{Mismatch: true, Code: provider.CodeMismatch, Described: provider.Described{Ours: true}}
		}
		return b.describe(e, now)
	}
	return provider.Outcome{Class: provider.NotFound, Code: "NotFoundError", Documented: true}
}

func (b *bank) Capabilities() provider.Capabilities { return providertest.Capabilities() }

func (b *bank) Balance(context.Context) (money.Amount, error) { return money.Amount{}, nil }

var errNoList = errors.New("there is no list")

func (b *bank) Transactions(context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if !b.lists {
			yield(provider.Transaction{}, errNoList)
			return
		}
		for _, e := range b.books {
			if !yield(provider.Transaction{
				ProviderRef: e.ref, Reference: e.request.Reference, Number: e.request.Number,
				Amount: e.request.Amount, Class: provider.Successful, At: e.at,
			}, nil) {
				return
			}
		}
	}
}

// twice returns the references that were paid more than once.
func (b *bank) twice() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	times, twice := map[string]int{}, []string(nil)
	for _, e := range b.books {
		if times[e.request.Reference]++; times[e.request.Reference] == 2 {
			twice = append(twice, e.request.Reference)
		}
	}
	return twice
}

// pay runs a batch against the bank. A batch that nothing vouches for says so in
// change.
func (s *small) pay(t *testing.T, b *bank, change func(*engine.Config)) (ledger.ByState, error) {
	t.Helper()
	if b.began.IsZero() {
		b.began = time.Now()
	}
	config := engine.Config{
		Store: s.store, Provider: b, Request: request, Workers: 4, LookupGrace: time.Minute, Wait: time.Hour,
		OutageMax: time.Hour, Log: zerolog.Nop(), Trust: engine.Trust{Vouched: true},
		Random: func(n int) int { return n - 1 },
	}
	if change != nil {
		change(&config)
	}
	return run(t.Context(), config, s.batch, nil)
}

func unvouched(c *engine.Config) { c.Trust = engine.Trust{} }

// payouts returns the batch's payouts by id.
func (s *small) payouts(t *testing.T) map[ledger.TransactionID]ledger.Payout {
	t.Helper()
	all := map[ledger.TransactionID]ledger.Payout{}
	for p, err := range s.store.Payouts(t.Context(), s.batch.ID) {
		if err != nil {
			t.Fatal(err)
		}
		all[p.ID] = p
	}
	return all
}

// differences counts what stands against the batch's payouts, by code.
func (s *small) differences(t *testing.T) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, p := range s.payouts(t) {
		for _, d := range p.Unresolved() {
			found[d.Code]++
		}
	}
	return found
}

// references returns the references of the first count rows.
func references(count int) map[string]bool {
	all := map[string]bool{}
	for i := range count {
		all[fmt.Sprintf("T-%03d", i+1)] = true
	}
	return all
}

// pass lets virtual time go by, in a testing/synctest bubble.
func pass(d time.Duration) { <-time.After(d) }
