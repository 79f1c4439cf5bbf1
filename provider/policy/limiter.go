package policy

import (
	"time"

	"golang.org/x/time/rate"

	"payrun/provider"
)

// burstFor is how much time's worth of tokens a bucket holds: enough to make up for timers
// that fire late, too little to be called a burst.
const burstFor = 20 * time.Millisecond

// Limiter spaces the requests of one process: a token bucket whose rate follows what the
// provider takes. It is not safe for concurrent use.
type Limiter struct {
	pace   controller
	bucket *rate.Limiter

	// reserved is when the token that was reserved may be used; zero when none
	// is reserved.
	reserved time.Time
}

// NewLimiter returns a limiter of perSecond requests, 0 for no limit. It starts
// with a single token, so that a run does not begin with a burst.
func NewLimiter(perSecond float64, now time.Time) *Limiter {
	l := &Limiter{pace: newController(perSecond, now)}
	l.bucket = rate.NewLimiter(l.pace.Limit, burst(l.pace.Limit))
	l.bucket.ReserveN(now, l.bucket.Burst()-1)
	return l
}

func burst(limit rate.Limit) int {
	if limit == rate.Inf {
		return 1
	}
	return max(1, int(float64(limit)*burstFor.Seconds()))
}

// Unlimited reports whether no request has to wait.
func (l *Limiter) Unlimited() bool { return l.pace.Limit == rate.Inf }

// PerSecond returns the current rate in requests a second, 0 for no limit.
func (l *Limiter) PerSecond() float64 { return l.pace.perSecond() }

// Slowed reports whether the rate is below the one that was asked for.
func (l *Limiter) Slowed() bool { return l.pace.slowed() }

// Delay returns how long the next request has to wait.
func (l *Limiter) Delay(now time.Time) time.Duration {
	if wait := l.pace.PausedUntil.Sub(now); wait > 0 {
		return wait
	}
	if l.reserved.IsZero() {
		l.reserved = now.Add(l.bucket.ReserveN(now, 1).DelayFrom(now))
	}
	return max(0, l.reserved.Sub(now))
}

// Take uses the token that Delay found.
func (l *Limiter) Take(now time.Time) {
	l.reserved = time.Time{}
	l.pace.took(now)
}

// Note takes in what a request that was sent at a moment was answered with: a slower
// pace where the answers ask for one, and now and then a faster one where not.
func (l *Limiter) Note(now, sent time.Time, o provider.Outcome) {
	before := l.pace.Limit
	if l.pace.note(now, sent, o.BackOff || o.Class == provider.Throttled, o.RetryAfter); l.pace.Limit != before {
		l.bucket.SetLimitAt(now, l.pace.Limit)
		l.bucket.SetBurstAt(now, burst(l.pace.Limit))
	}
}
