package policy

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
	// errSilent is how the state machine is told of an answer that is none.
	errSilent = errors.New("no trustworthy answer")
	// errRecalled is how it is told of a request that was not made after all.
	errRecalled = errors.New("recalled")
)

// Breaker is a circuit breaker: it holds requests back while the provider is silent,
// and says for how long it has been. It is not safe for concurrent use.
type Breaker struct {
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]
	// reopens is when a breaker that is open lets a request through again.
	reopens time.Time
	// since is when the first request after the last real answer went
	// unanswered; zero when the last one was answered.
	since time.Time
}

// Permit is leave to make one request. Note or Recall gives it back.
type Permit func(error)

// Recall gives back a permit whose request was not made after all.
func (p Permit) Recall() { p(errRecalled) }

// NewBreaker returns a breaker for as many requests at once as there are workers. It
// tells changed of every new state: "closed", "half-open" or "open".
func NewBreaker(workers int, changed func(state string)) *Breaker {
	b := &Breaker{}
	b.breaker = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
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
				b.reopens = time.Now().Add(probeEvery + time.Millisecond)
			}
		},
	})
	return b
}

// Allow asks to make a request. Without leave, retryAt is when to ask again; it is zero
// when that is after the request under way that shows whether the provider is back.
func (b *Breaker) Allow() (leave Permit, retryAt time.Time, ok bool) {
	done, err := b.breaker.Allow()
	switch {
	case err == nil:
		return done, time.Time{}, true
	case errors.Is(err, gobreaker.ErrOpenState):
		return nil, b.reopens, false
	default:
		return nil, time.Time{}, false
	}
}

// Note takes in what the request with this permit was answered with.
func (b *Breaker) Note(now time.Time, leave Permit, class provider.Class) {
	switch class {
	case provider.Unknown, provider.NotSent:
		leave(errSilent)
		b.begin(now)
	case provider.Throttled, provider.Expired:
		// The provider is alive, but being told to wait is not yet progress.
		leave(nil)
		b.begin(now)
	case provider.Successful, provider.Pending, provider.Failed, provider.Refused, provider.Exists,
		provider.NotFound, provider.Unauthorized, provider.NoBalance, provider.Forbidden:
		leave(nil)
		b.since = time.Time{}
	}
}

func (b *Breaker) begin(now time.Time) {
	if b.since.IsZero() {
		b.since = now
	}
}

// Answering reports whether the last request had a real answer.
func (b *Breaker) Answering() bool { return b.since.IsZero() }

// SilentFor returns how long the provider has been without a real answer.
func (b *Breaker) SilentFor(now time.Time) time.Duration {
	if b.since.IsZero() {
		return 0
	}
	return now.Sub(b.since)
}
