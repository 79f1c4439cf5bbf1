package engine

import (
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"payrun/provider"
	"payrun/provider/policy"
)

// gate decides whether a request may leave now. Everything that can hold one back is
// in it, so that "why is nothing sent" has one answer: the rate limit, the circuit
// breaker, the budgets of refusals and of silence, and the reasons to stop. It is used
// by the dispatcher alone.
type gate struct {
	limiter limiter
	breaker *policy.Breaker
	// account shares the account with other machines, nil if there are none, and woken is
	// told when what they share changed.
	account account
	woken   chan struct{}
	// paced and slowed are the rate that was told last.
	paced  float64
	slowed bool
	// refusals are held back until it is known what they are about, and unanswered
	// measures how long transfers go without a usable answer.
	refusals   streak
	unanswered unanswered
	outageMax  time.Duration
	// page notices that look-ups are asked for at a wrong address.
	page policy.LookUpPage

	observer Observer
	log      zerolog.Logger
	// heldSince is since when the rate limit has kept a request; zero when none
	// is kept.
	heldSince time.Time

	// stopErr ends all requests, sendStop only those that move money.
	stopErr, sendStop error
}

func newGate(config Config, now time.Time) *gate {
	g := &gate{
		woken:     make(chan struct{}, 1),
		breaker:   policy.NewBreaker(config.Workers, config.Observer.BreakerChanged),
		outageMax: config.OutageMax,
		observer:  config.Observer,
		log:       config.Log,
	}
	g.limiter = policy.NewLimiter(config.Rate, now)
	if config.Account != nil {
		shared := policy.NewShared(config.Account, config.Rate, g.wake, config.Log)
		g.limiter, g.account = shared, shared
	}
	g.paced = g.limiter.PerSecond()
	g.observer.RateChanged(g.paced)
	return g
}

// decision is the gate's word on the next request.
type decision uint8

const (
	// hold: not now.
	hold decision = iota
	// pass: one request may leave.
	pass
	// closed: none may leave any more.
	closed
)

// next decides on the next request, if one is wanted. With pass comes the permit, which
// is given back with the answer. With hold comes when to ask again, zero if only an
// event can change anything.
func (g *gate) next(now time.Time, wanted bool) (decision, policy.Permit, time.Time) {
	switch {
	case g.checkOutage(now) != nil:
		return closed, nil, time.Time{}
	case !wanted:
		return hold, nil, time.Time{}
	}
	if delay := g.limiter.Delay(now); delay > 0 {
		if g.heldSince.IsZero() {
			g.heldSince = now
		}
		return hold, nil, now.Add(delay)
	}
	leave, retryAt, ok := g.breaker.Allow()
	if !ok {
		return hold, nil, retryAt
	}
	g.limiter.Take(now)
	g.observeWait(now)
	return pass, leave, time.Time{}
}

// checkOutage stops everything once the provider has been silent for longer than it may
// be, and returns why everything is stopped, nil if it is not.
func (g *gate) checkOutage(now time.Time) error {
	if g.breaker.SilentFor(now) >= g.outageMax {
		g.stop(g.page.Reason(ErrOutage))
	}
	return g.stopErr
}

// observeWait tells the observer of the time for which the rate limit kept the request
// that goes now.
func (g *gate) observeWait(now time.Time) {
	wait := time.Duration(0)
	if !g.heldSince.IsZero() {
		wait = now.Sub(g.heldSince)
	}
	g.heldSince = time.Time{}
	g.observer.RateWaited(wait)
}

// capacity is the number of requests that so many workers may be given: one to each,
// and as many transfers again if no rate, no silence of the provider and no empty
// account holds them back (see prefetch.go).
func (g *gate) capacity(workers int) int {
	if g.limiter.Unlimited() && g.breaker.Answering() && g.sendStop == nil {
		return 2 * workers
	}
	return workers
}

// note takes in what the answer to a request that was sent at a moment says of the
// provider, whatever it was about.
func (g *gate) note(now, sent time.Time, leave policy.Permit, o provider.Outcome) {
	g.breaker.Note(now, leave, o.Class)
	g.notePace(now, sent, o)
	if o.Class == provider.Unauthorized {
		g.stop(fmt.Errorf("%w: %s", ErrCredentials, describe(o)))
	}
}

// notePace has the rate follow what the provider takes.
func (g *gate) notePace(now, sent time.Time, o provider.Outcome) {
	g.limiter.Note(now, sent, o)
	g.tellPace()
}

// tellPace says when the rate was cut and when it is back.
func (g *gate) tellPace() {
	after, slowed := g.limiter.PerSecond(), g.limiter.Slowed()
	if after == g.paced {
		return
	}
	g.observer.RateChanged(after)
	switch {
	case slowed && !g.slowed:
		g.log.Info().Float64("requests_per_second", after).Msg("the provider turns requests away as too many: going more slowly")
	case g.slowed && !slowed:
		g.log.Info().Float64("requests_per_second", after).Msg("back at the full rate")
	}
	g.paced, g.slowed = after, slowed
}

// noteSend takes in what the answer to a transfer says beside that.
func (g *gate) noteSend(now time.Time, o provider.Outcome) {
	g.unanswered.note(now, o)
	if o.Class == provider.Unknown && g.unanswered.lasted(now, g.outageMax) {
		g.stop(ErrOutage)
	}
}

// stop ends all requests, for the first reason given.
func (g *gate) stop(reason error) {
	if g.stopErr == nil {
		g.stopErr = reason
		g.tellStop(reason)
	}
}

// stopSending ends transfers but not look-ups, for the first reason given.
func (g *gate) stopSending(reason error) {
	if g.sendStop == nil {
		g.sendStop = reason
		g.tellStop(reason)
	}
}

// sends reports whether transfers may still be made.
func (g *gate) sends() bool { return g.stopErr == nil && g.sendStop == nil }
