package providertest

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
)

// Double is a provider in the test's own process that behaves in one way. It is
// safe for concurrent use and counts what it is asked, by reference.
type Double struct {
	// answer decides about the nth transfer of a reference, counted from 1, and
	// whether it is paid.
	answer func(n int) (_ provider.Outcome, pays bool)
	// deaf answers a look-up or the balance, if it has a Code; else the
	// books answer.
	deaf provider.Outcome

	mu      sync.Mutex
	sends   map[string]int
	lookUps map[string]int
	paid    []payment
	balance money.Amount
}

type payment struct {
	provider.Request
	ref string
	at  time.Time
}

// describe has an answer say what it is about.
func (p payment) describe(o provider.Outcome) provider.Outcome {
	o.ProviderRef = p.ref
	o.Described = provider.Described{Ours: true, Number: p.Number, Amount: p.Amount, AmountKnown: true, At: p.at}
	o.Received = time.Now().UTC()
	o.Clock = o.Received
	return o
}

var (
	_ provider.Provider = (*Double)(nil)
	_ provider.Lister   = (*Double)(nil)
)

// plenty is the balance of a double's merchant.
const plenty = 1_000_000_000_000

func double(answer func(n int) (provider.Outcome, bool)) *Double {
	return &Double{answer: answer, sends: map[string]int{}, lookUps: map[string]int{}, balance: money.XOF.Of(plenty)}
}

func always(o provider.Outcome, pays bool) *Double {
	return double(func(int) (provider.Outcome, bool) { return o, pays })
}

// AlwaysPays returns a double that pays whatever it is sent, as often as it is
// sent.
func AlwaysPays() *Double { return always(successful(), true) }

// NeverAnswers returns a double of which nothing is heard: every call ends as if
// it had timed out, at once, and nobody is paid.
func NeverAnswers() *Double {
	silence := provider.Outcome{Code: provider.CodeTimeout, Message: "no answer in time"}
	d := always(silence, false)
	d.deaf = silence
	return d
}

// PaysThenHangsUp returns a double that pays and breaks the connection before it
// says so. Look-ups tell.
func PaysThenHangsUp() *Double {
	return always(provider.Outcome{Code: provider.CodeBroken, Message: "unexpected EOF"}, true)
}

// Refuses returns a double that turns every transfer away for what it says.
func Refuses() *Double {
	return always(provider.Outcome{Class: provider.Refused, Code: "REFUSED", Message: "not like this", Documented: true}, false)
}

// Throttles returns a double that asks for a second's patience the first n times
// it is sent a reference, and then pays.
func Throttles(n int) *Double {
	return double(func(nth int) (provider.Outcome, bool) {
		if nth <= n {
			return provider.Outcome{Class: provider.Throttled, Code: "TOO_FAST", Documented: true, BackOff: true, RetryAfter: time.Second}, false
		}
		return successful(), true
	})
}

// CannotBeReached returns a double to which no connection is had.
func CannotBeReached() *Double {
	gone := provider.Outcome{Class: provider.NotSent, Code: provider.CodeUnreachable, Message: "connection refused", Unsent: true}
	d := always(gone, false)
	d.deaf = gone
	return d
}

// HasNoMoney returns a double whose merchant owns nothing.
func HasNoMoney() *Double {
	d := always(provider.Outcome{Class: provider.NoBalance, Code: "NO_BALANCE", Documented: true}, false)
	d.balance = money.Amount{}
	return d
}

// LetsNobodyIn returns a double that does not accept the credentials.
func LetsNobodyIn() *Double {
	locked := provider.Outcome{Class: provider.Unauthorized, Code: "UNAUTHORIZED", Documented: true}
	d := always(locked, false)
	d.deaf = locked
	return d
}

func successful() provider.Outcome {
	return provider.Outcome{Class: provider.Successful, Code: "SUCCESSFUL", Documented: true}
}

// Capabilities returns what doubles can: every look-up, and references as short as any
// provider's.
func Capabilities() provider.Capabilities {
	return provider.Capabilities{
		ReferenceLength: 20, ReferenceAlphabet: provider.ASCIILettersDigits + "-_.", NameLength: 100,
		Countries: []string{"CI"}, Currencies: []money.Currency{money.XOF},
		LookUp: provider.LookUpFields{Reference: true, ProviderRef: true, Number: true, Amount: true},
		List:   true, Balance: true,
	}
}

// Capabilities implements provider.Provider.
func (d *Double) Capabilities() provider.Capabilities { return Capabilities() }

// Send implements provider.Provider.
func (d *Double) Send(ctx context.Context, request provider.Request) provider.Outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o, over := ended(ctx); over {
		return o
	}
	d.sends[request.Reference]++
	o, pays := d.answer(d.sends[request.Reference])
	if pays {
		d.paid = append(d.paid, payment{request, fmt.Sprintf("REF-%d", len(d.paid)+1), time.Now().UTC()})
		d.balance = d.balance.Minus(request.Amount)
	}
	if o.Class == provider.Successful {
		o = d.paid[len(d.paid)-1].describe(o)
	}
	return o
}

// LookUp implements provider.Provider.
func (d *Double) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	d.mu.Lock()
	defer d.mu.Unlock()
	if o, over := ended(ctx); over {
		return o
	}
	d.lookUps[query.Reference]++
	if d.deaf.Code != "" {
		return d.deaf
	}
	for _, known := range slices.Backward(d.paid) {
		switch {
		case known.Reference != query.Reference:
			continue
		case known.Amount != query.Amount, known.Number != query.Number:
			o := known.describe(provider.Outcome{Mismatch: true, Code: provider.CodeMismatch})
			o.ProviderRef = ""
			return o
		}
		return known.describe(successful())
	}
	return provider.Outcome{Class: provider.NotFound, Code: provider.CodeNotFound, Documented: true}
}

// Balance implements provider.Provider.
func (d *Double) Balance(ctx context.Context) (money.Amount, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	o, over := ended(ctx)
	if !over {
		o = d.deaf
	}
	if o.Code != "" {
		return money.Amount{}, &provider.Error{Class: o.Class, Op: "ask for the balance", Code: o.Code, Message: o.Message}
	}
	return d.balance, nil
}

// Transactions implements provider.Lister.
func (d *Double) Transactions(context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		d.mu.Lock()
		paid := slices.Clone(d.paid)
		d.mu.Unlock()
		for _, p := range paid {
			entry := provider.Transaction{
				ProviderRef: p.ref, Reference: p.Reference, Number: p.Number, Amount: p.Amount,
				Class: provider.Successful, Code: successful().Code, At: p.at,
			}
			if !yield(entry, nil) {
				return
			}
		}
	}
}

func ended(ctx context.Context) (provider.Outcome, bool) {
	if ctx.Err() == nil {
		return provider.Outcome{}, false
	}
	return provider.Outcome{Class: provider.NotSent, Code: provider.CodeUnreachable, Message: ctx.Err().Error(), Unsent: true}, true
}

// Sends returns how often a reference was sent.
func (d *Double) Sends(reference string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sends[reference]
}

// LookUps returns how often a reference was looked up.
func (d *Double) LookUps(reference string) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lookUps[reference]
}

// Credited returns how often a reference was paid, and how much in all.
func (d *Double) Credited(reference string) (times int, total money.Amount) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range d.paid {
		if p.Reference == reference {
			times++
			total = total.Plus(p.Amount)
		}
	}
	return times, total
}
