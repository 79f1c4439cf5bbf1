package engine

import (
	"time"

	"golang.org/x/time/rate"
)

const (
	// burstFor is how much time's worth of tokens the bucket holds: enough to
	// make up for timers that fire late, too little to be called a burst.
	burstFor = 20 * time.Millisecond
	// slowest is the rate below which being throttled does not push: one
	// request a second tells soon enough that the provider has recovered.
	slowest = rate.Limit(1)
	// raiseEvery is how often the rate is raised after it was lowered, by
	// raiseShare of what it was before.
	raiseEvery = time.Second
	raiseShare = 0.1
	// pauseMin and pauseMax bound the silence after "too fast" when the
	// provider does not say how long it wants.
	pauseMin = time.Second
	pauseMax = 30 * time.Second
)

// limiter spaces requests. It is used by the dispatcher alone.
type limiter struct {
	ceiling rate.Limit
	bucket  *rate.Limiter

	// reserved is when the token that was reserved may be used; zero when none
	// is reserved.
	reserved    time.Time
	pausedUntil time.Time
	pause       time.Duration

	// step is what each raise adds; 0 while the rate is at its ceiling.
	step      rate.Limit
	lastRaise time.Time

	// second and inSecond measure the rate of the current second and
	// lastSecond that of the one before.
	second               time.Time
	inSecond, lastSecond int
}

// newLimiter returns a limiter of perSecond requests, 0 for no limit. It starts
// with a single token, so that a run does not begin with a burst.
func newLimiter(perSecond float64, now time.Time) *limiter {
	ceiling := rate.Limit(perSecond)
	if perSecond <= 0 {
		ceiling = rate.Inf
	}
	l := &limiter{ceiling: ceiling, bucket: rate.NewLimiter(ceiling, burst(ceiling)), second: now}
	l.bucket.ReserveN(now, l.bucket.Burst()-1)
	return l
}

func burst(limit rate.Limit) int {
	if limit == rate.Inf {
		return 1
	}
	return max(1, int(float64(limit)*burstFor.Seconds()))
}

// unlimited reports whether no request has to wait.
func (l *limiter) unlimited() bool { return l.bucket.Limit() == rate.Inf && l.pause == 0 }

// delay returns how long the next request has to wait.
func (l *limiter) delay(now time.Time) time.Duration {
	if wait := l.pausedUntil.Sub(now); wait > 0 {
		return wait
	}
	if l.reserved.IsZero() {
		l.reserved = now.Add(l.bucket.ReserveN(now, 1).DelayFrom(now))
	}
	return max(0, l.reserved.Sub(now))
}

// take uses the token that delay found.
func (l *limiter) take(now time.Time) {
	l.reserved = time.Time{}
	if now.Sub(l.second) >= time.Second {
		l.lastSecond, l.inSecond, l.second = l.inSecond, 0, now
	}
	l.inSecond++
}

// slowDown halves the rate and stays silent for as long as the provider asked,
// or for a time that doubles while it keeps complaining. Complaints during the
// silence are about requests that left before it: they only prolong it.
func (l *limiter) slowDown(now time.Time, retryAfter time.Duration) {
	if now.Before(l.pausedUntil) {
		if retryAfter > 0 {
			l.pausedUntil = later(l.pausedUntil, now.Add(retryAfter))
		}
		return
	}
	l.pause = min(max(2*l.pause, pauseMin), pauseMax)
	if retryAfter > 0 {
		l.pause = retryAfter
	}
	l.pausedUntil = now.Add(l.pause)

	current := l.bucket.Limit()
	if current == rate.Inf {
		current = rate.Limit(max(l.inSecond, l.lastSecond))
	}
	l.step = max(current*raiseShare, slowest*raiseShare)
	l.set(now, max(current/2, min(slowest, l.ceiling)))
	l.lastRaise = l.pausedUntil
}

// recover is told of every request that was not throttled and raises a lowered
// rate from time to time.
func (l *limiter) recover(now time.Time) {
	if now.Before(l.pausedUntil) {
		return
	}
	l.pause = 0
	if l.step == 0 || now.Sub(l.lastRaise) < raiseEvery {
		return
	}
	l.lastRaise = now
	raised := l.bucket.Limit() + l.step
	if raised >= l.ceiling {
		raised, l.step = l.ceiling, 0
	}
	l.set(now, raised)
}

func (l *limiter) set(now time.Time, limit rate.Limit) {
	l.bucket.SetLimitAt(now, limit)
	l.bucket.SetBurstAt(now, burst(limit))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
