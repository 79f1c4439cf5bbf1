package engine

import (
	"errors"
	"time"

	"github.com/sony/gobreaker/v2"

	"payrun/provider"
)

const (
	// silentMin is how many answers in a row must be missing before new
	// requests are held back; with more workers it takes as many as they are,
	// so that one bad moment does not count as an outage.
	silentMin = 10
	// probeEvery is how long requests are held back before one of them goes out
	// to see whether the provider has returned.
	probeEvery = 5 * time.Second
)

var (
	// errSilent is how the breaker is told of an answer that is none.
	errSilent = errors.New("no trustworthy answer")
	// errRecalled is how it is told of a request that was not made after all.
	errRecalled = errors.New("recalled")
)

// outage notices that the provider is down. It is used by the dispatcher alone.
type outage struct {
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	// reopens is when a breaker that is open lets a request through again.
	reopens time.Time
	// since is when the first request after the last real answer went
	// unanswered; zero when the last one was answered.
	since time.Time
}

// newOutage tells changed of every new state of the breaker.
func newOutage(workers int, changed func(state string)) *outage {
	o := &outage{}
	o.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		Name:    "provider",
		Timeout: probeEvery,
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			return int(counts.ConsecutiveFailures) >= max(silentMin, workers)
		},
		IsExcluded: func(err error) bool { return errors.Is(err, errRecalled) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			changed(to.String())
			if to == gobreaker.StateOpen {
				// The breaker opens strictly after its time-out.
				o.reopens = time.Now().Add(probeEvery + time.Millisecond)
			}
		},
	})
	return o
}

// allow asks to make a request. If it may, answered must be called with what
// came of it, or with errRecalled. Otherwise retryAt is when to ask again; it is
// zero when that is after the probe that is under way.
func (o *outage) allow() (answered func(error), retryAt time.Time, ok bool) {
	answered, err := o.breaker.Allow()
	switch {
	case err == nil:
		return answered, time.Time{}, true
	case errors.Is(err, gobreaker.ErrOpenState):
		return nil, o.reopens, false
	default:
		return nil, time.Time{}, false
	}
}

// note takes in what a request brought.
func (o *outage) note(now time.Time, answered func(error), class provider.Class) {
	switch class {
	case provider.Unknown, provider.NotSent:
		answered(errSilent)
		o.begin(now)
	case provider.Throttled:
		// The provider is alive, but being told to wait is not yet progress.
		answered(nil)
		o.begin(now)
	case provider.Successful, provider.Pending, provider.Failed, provider.Refused, provider.Exists,
		provider.NotFound, provider.Unauthorized, provider.NoBalance:
		answered(nil)
		o.since = time.Time{}
	}
}

func (o *outage) begin(now time.Time) {
	if o.since.IsZero() {
		o.since = now
	}
}

// lasted returns how long the provider has been without a real answer.
func (o *outage) lasted(now time.Time) time.Duration {
	if o.since.IsZero() {
		return 0
	}
	return now.Sub(o.since)
}
