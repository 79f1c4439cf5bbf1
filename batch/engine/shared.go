package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/provider"
	"payrun/provider/policy"
)

// ErrAccountStopped is returned where another machine heard what ends paying from the account
// for all of them, ErrBalance or ErrCredentials: the error is that as well. It stands until a
// person goes on.
var ErrAccountStopped = errors.New("the account was stopped for all machines")

// limiter spaces requests: policy.Limiter those of this process, policy.Shared those of
// all machines.
type limiter interface {
	Unlimited() bool
	PerSecond() float64
	Slowed() bool
	Delay(now time.Time) time.Duration
	Take(now time.Time)
	Note(now, sent time.Time, o provider.Outcome)
}

// account tells the machines that ask one account what stops all of them.
type account interface {
	Keep(ctx context.Context)
	Stop(stop policy.Stop)
	Stopped() (policy.Stop, bool)
}

// The reasons to stop that are the account's, by their stable codes.
const (
	stopBalance     = "balance"
	stopCredentials = "credentials"
)

// wake has the dispatcher look again.
func (g *gate) wake() {
	select {
	case g.woken <- struct{}{}:
	default:
	}
}

// keep shares the account until its context ends, if it is shared.
func (g *gate) keep(ctx context.Context) {
	if g.account != nil {
		g.account.Keep(ctx)
	}
}

// tellStop has the other machines hear of a reason that is theirs as well.
func (g *gate) tellStop(reason error) {
	switch {
	case g.account == nil || errors.Is(reason, ErrAccountStopped):
	case errors.Is(reason, ErrBalance):
		g.account.Stop(policy.Stop{Code: stopBalance, Reason: reason.Error()})
	case errors.Is(reason, ErrCredentials):
		g.account.Stop(policy.Stop{Code: stopCredentials, Reason: reason.Error()})
	}
}

// heed stops for what another machine heard, and tells of the rate of all.
func (g *gate) heed() {
	if g.account == nil {
		return
	}
	g.tellPace()
	stop, stopped := g.account.Stopped()
	switch {
	case !stopped || !g.sends():
	case stop.Code == stopBalance:
		g.stopSending(fmt.Errorf("%w: %w", ErrAccountStopped, heardError{ErrBalance, stop.Reason}))
	default:
		g.stop(fmt.Errorf("%w: %w", ErrAccountStopped, heardError{ErrCredentials, stop.Reason}))
	}
}

// heardError is a reason as another machine worded it.
type heardError struct {
	reason error
	words  string
}

func (e heardError) Error() string { return e.words }

// Unwrap returns the reason.
func (e heardError) Unwrap() error { return e.reason }
