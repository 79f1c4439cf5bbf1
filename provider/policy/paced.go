package policy

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"math"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"payrun/provider"
)

// ErrOutage says that there was no trustworthy answer for longer than Pace.OutageMax.
var ErrOutage = errors.New("the provider cannot be reached or does not answer")

// Pace is how fast an account is asked, and for how long in vain.
type Pace struct {
	// Rate is how many requests go in a second at most, 0 for no limit; Workers how
	// many may be under way at once.
	Rate    float64
	Workers int
	// OutageMax is how long the provider may be silent before nothing more is sent; 0 is
	// as long as it likes.
	OutageMax time.Duration
	// Account is where the machines that ask the account share its rate; nil has a rate of
	// its own. Log is told if it cannot be asked.
	Account Cell
	Log     zerolog.Logger
}

// codeHeldBack is the code of a request that Paced did not let through.
const codeHeldBack = "HELD_BACK"

// Paced is a provider behind a rate limit and a circuit breaker: transfers and look-ups
// wait for their turn. What cannot go any more, because the context ended or the
// provider was silent for too long, is NotSent and Unsent; Err tells the latter. It is
// safe for concurrent use.
//
// The engine does not use it: it chooses what goes next only when something can, and so
// drives a Limiter and a Breaker itself.
type Paced struct {
	provider.Provider
	outageMax time.Duration

	// bell rings with each answer, and with leave from the other machines.
	bell bell
	// keep asks them until its context ends; nil if the rate is not shared.
	keep func(ctx context.Context)

	mu      sync.Mutex
	limiter spacer
	breaker *Breaker
	page    LookUpPage
	shut    bool
}

// spacer says when the next request may leave: a Limiter, or a Shared.
type spacer interface {
	Delay(now time.Time) time.Duration
	Take(now time.Time)
	Note(now, sent time.Time, o provider.Outcome)
}

// bell wakes whoever waits for it. The zero value is ready.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

// next is closed when the bell rings next.
func (b *bell) next() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}

var _ provider.Lister = (*Paced)(nil)

// NewPaced returns p at a pace. One that shares its rate lets nothing through outside of
// While.
func NewPaced(p provider.Provider, pace Pace) *Paced {
	paced := &Paced{
		Provider: p, outageMax: cmp.Or(pace.OutageMax, math.MaxInt64),
		limiter: NewLimiter(pace.Rate, time.Now()), breaker: NewBreaker(pace.Workers, func(string) {}),
	}
	if pace.Account != nil {
		shared := NewShared(pace.Account, pace.Rate, paced.bell.ring, pace.Log)
		paced.limiter, paced.keep = shared, shared.Keep
	}
	return paced
}

// While has ask make its requests through a provider at a pace, and shares the account's rate
// until it returns.
func While[T any](ctx context.Context, p *Paced, ask func(ctx context.Context) (T, error)) (T, error) {
	if p.keep == nil {
		return ask(ctx)
	}
	sharing, stop := context.WithCancel(ctx)
	var keeping sync.WaitGroup
	keeping.Go(func() { p.keep(sharing) })
	defer keeping.Wait()
	defer stop()
	return ask(ctx)
}

// Err is ErrOutage once the provider was silent for too long, ErrNoLookUpPage if only to
// look-ups; nothing is sent then.
func (p *Paced) Err() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return p.page.Reason(ErrOutage)
	}
	return nil
}

// NoLookUpPage reports whether the last look-ups all found no page.
func (p *Paced) NoLookUpPage() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.page.Missing()
}

// Capabilities implements provider.Provider.
func (p *Paced) Capabilities() provider.Capabilities { return capabilities(p.Provider) }

// Send implements provider.Provider.
func (p *Paced) Send(ctx context.Context, request provider.Request) provider.Outcome {
	return p.through(ctx, func() provider.Outcome { return p.Provider.Send(ctx, request) })
}

// LookUp implements provider.Provider.
func (p *Paced) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	return p.through(ctx, func() provider.Outcome {
		o := p.Provider.LookUp(ctx, query)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.page.Note(o)
		return o
	})
}

// Transactions implements provider.Lister. A list is one request, and does not wait.
func (p *Paced) Transactions(ctx context.Context) iter.Seq2[provider.Transaction, error] {
	return transactions(ctx, p.Provider)
}

// through makes a request when it is its turn, and takes in what it was answered with.
func (p *Paced) through(ctx context.Context, request func() provider.Outcome) provider.Outcome {
	leave, err := p.enter(ctx)
	if err != nil {
		return provider.Outcome{Class: provider.NotSent, Code: codeHeldBack, Message: err.Error(), Unsent: true}
	}
	sent := time.Now()
	o := request()
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case ctx.Err() != nil:
		leave.Recall() // it is this side that gave up
	case o.Mismatch:
		p.breaker.Note(now, leave, provider.Pending) // an answer, whatever it is about
	default:
		p.breaker.Note(now, leave, o.Class)
	}
	p.limiter.Note(now, sent, o)
	p.bell.ring()
	return o
}

// enter waits until a request may go.
func (p *Paced) enter(ctx context.Context) (Permit, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rung := p.bell.next() // before it is looked
		p.mu.Lock()
		leave, wait, err := p.try(time.Now())
		p.mu.Unlock()
		if leave != nil || err != nil {
			return leave, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-rung:
		case <-ctx.Done():
		}
		timer.Stop()
	}
}

// try lets a request through if it may go, and says otherwise when to try again.
func (p *Paced) try(now time.Time) (leave Permit, wait time.Duration, err error) {
	left := p.outageMax - p.breaker.SilentFor(now)
	if p.shut = p.shut || left <= 0; p.shut {
		return nil, 0, ErrOutage
	}
	if wait = p.limiter.Delay(now); wait > 0 {
		return nil, min(wait, left), nil
	}
	leave, retryAt, ok := p.breaker.Allow()
	if !ok {
		wait = left // or until the request under way is answered
		if !retryAt.IsZero() {
			wait = min(left, retryAt.Sub(now))
		}
		return nil, wait, nil
	}
	p.limiter.Take(now)
	return leave, 0, nil
}

// capabilities are those of what is wrapped: a list only if it is a Lister, as the
// wrapper always is.
func capabilities(p provider.Provider) provider.Capabilities {
	can := p.Capabilities()
	_, can.List = provider.AsLister(p)
	return can
}

// transactions yields the list of a provider that has one.
func transactions(ctx context.Context, p provider.Provider) iter.Seq2[provider.Transaction, error] {
	if lister, has := provider.AsLister(p); has {
		return lister.Transactions(ctx)
	}
	return func(yield func(provider.Transaction, error) bool) {
		yield(provider.Transaction{}, &provider.Error{Op: "list the transactions", Code: "NO_LIST"})
	}
}
