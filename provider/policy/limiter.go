package policy

import (
	"math"
	"time"

	"golang.org/x/time/rate"

	"payrun/provider"
)

const (
	// burstFor is how much time's worth of tokens the bucket holds: enough to
	// make up for timers that fire late, too little to be called a burst.
	burstFor = 20 * time.Millisecond
	// slowest is the rate below which being throttled does not push: one
	// request a second tells soon enough that the provider has recovered.
	slowest = rate.Limit(1)
	// adjustEvery bounds how often the rate is changed, in either direction.
	adjustEvery = time.Second
	// strayShare of the answers may be "too fast" by chance, and strayWidth standard
	// deviations more; one always may, but among the first firstMin of all, and two among
	// pairMin.
	firstMin   = 6
	pairMin    = 10
	strayShare = 0.01
	strayWidth = 5
	// measureMin is how many answers say which share of them is "too fast". What fewer
	// say is believed up to fewShare.
	measureMin = 20
	fewShare   = 0.3
	// drowned is the share of "too fast" from which on the provider is overrun.
	drowned = 0.7
	// raiseFactor gives a raised rate far from where the provider last complained, and
	// raiseShare of the full rate the least of it.
	raiseFactor = 1.6
	raiseShare  = 0.05
	// near is how close to what the provider was seen to take raises become probes of
	// probeShare each. Where only the rate is known at which it complained, strides end
	// far below it and go on by stepFactor. Both are believed in for edgeFor.
	near       = 0.95
	probeShare = 0.02
	far        = 0.8
	stepFactor = 1.1
	edgeFor    = 30 * time.Second
	// beyond is how far above the rate at which an unlimited run was slowed it counts
	// as unlimited again.
	beyond = 2
	// pauseMin and pauseMax bound the silence after the provider was overrun and did
	// not say how long it wants.
	pauseMin = time.Second
	pauseMax = 30 * time.Second
)

// Limiter spaces requests: a token bucket whose rate follows what the provider takes.
// A provider that says "too fast" has it lowered, once a second at most, to what was
// taken in the last seconds; it is raised again quickly up to near where the provider
// complained, and from there in small steps. A "too fast" here and there among many
// answers is chance: it holds up the request it was said of, and nobody else.
// It is not safe for concurrent use.
type Limiter struct {
	ceiling rate.Limit
	bucket  *rate.Limiter

	// reserved is when the token that was reserved may be used; zero when none
	// is reserved.
	reserved    time.Time
	pausedUntil time.Time
	pause       time.Duration

	// cutAt is when the rate was last lowered and adjusted when it was last changed.
	cutAt, adjusted time.Time
	// peak is the rate at which the provider first complained, edge that at which it last
	// did, and knee what it then took, 0 if too few answers tell.
	peak, edge, knee rate.Limit

	recent window
}

// window counts answers and requests of the current second and of the one before.
type window struct {
	since     time.Time
	now, last counts
}

type counts struct{ sent, taken, throttled int }

// answers is how many of the requests were answered.
func (c counts) answers() int { return c.taken + c.throttled }

// at moves the window on to a moment.
func (w *window) at(now time.Time) *counts {
	switch passed := now.Sub(w.since); {
	case passed < 0: // a silence has yet to end
	case passed >= 2*time.Second:
		w.last, w.now, w.since = counts{}, counts{}, now
	case passed >= time.Second:
		w.last, w.now, w.since = w.now, counts{}, w.since.Add(time.Second)
	}
	return &w.now
}

// sum returns the counts of the window and how long it has been filled.
func (w *window) sum(now time.Time) (counts, time.Duration) {
	length := now.Sub(w.since)
	if w.last != (counts{}) {
		length += time.Second
	}
	return counts{
		sent: w.now.sent + w.last.sent, taken: w.now.taken + w.last.taken,
		throttled: w.now.throttled + w.last.throttled,
	}, length
}

// NewLimiter returns a limiter of perSecond requests, 0 for no limit. It starts
// with a single token, so that a run does not begin with a burst.
func NewLimiter(perSecond float64, now time.Time) *Limiter {
	ceiling := rate.Limit(perSecond)
	if perSecond <= 0 {
		ceiling = rate.Inf
	}
	l := &Limiter{ceiling: ceiling, bucket: rate.NewLimiter(ceiling, burst(ceiling)), recent: window{since: now}}
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
func (l *Limiter) Unlimited() bool { return l.bucket.Limit() == rate.Inf }

// PerSecond returns the current rate in requests a second, 0 for no limit.
func (l *Limiter) PerSecond() float64 {
	if l.bucket.Limit() == rate.Inf {
		return 0
	}
	return float64(l.bucket.Limit())
}

// Slowed reports whether the rate is below the one that was asked for.
func (l *Limiter) Slowed() bool { return l.bucket.Limit() < l.ceiling }

// Delay returns how long the next request has to wait.
func (l *Limiter) Delay(now time.Time) time.Duration {
	if wait := l.pausedUntil.Sub(now); wait > 0 {
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
	l.recent.at(now).sent++
}

// Note takes in what a request that was sent at a moment was answered with: a slower
// pace where the answers ask for one, and now and then a faster one where not.
func (l *Limiter) Note(now, sent time.Time, o provider.Outcome) {
	if o.BackOff || o.Class == provider.Throttled {
		l.throttled(now, sent, o.RetryAfter)
		return
	}
	if sent.After(l.cutAt) {
		l.recent.at(now).taken++
	}
	l.recover(now)
}

// throttled weighs one "too fast". What left before the rate was last lowered, or comes
// during a silence, complains of what was mended: it only prolongs the silence.
func (l *Limiter) throttled(now, sent time.Time, retryAfter time.Duration) {
	if now.Before(l.pausedUntil) {
		l.silence(now, retryAfter)
		return
	}
	if !sent.After(l.cutAt) || now.Sub(l.cutAt) < adjustEvery {
		return
	}
	l.recent.at(now).throttled++
	seen, length := l.recent.sum(now)
	if first := l.cutAt.IsZero() && seen.answers() < firstMin; !first && seen.stray() {
		return
	}
	share := float64(seen.throttled) / float64(seen.answers())
	l.lower(now, l.sending(seen, length), share, seen.answers() >= measureMin)
	switch {
	case retryAfter > 0:
		l.silence(now, retryAfter)
	case share >= drowned:
		l.pause = min(max(2*l.pause, pauseMin), pauseMax)
		l.silence(now, l.pause)
	}
}

// stray reports whether so few complaints may be chance.
func (c counts) stray() bool {
	expected := strayShare * float64(c.answers())
	few := 1.0
	if c.answers() >= pairMin {
		few = 2
	}
	return float64(c.throttled) <= max(few, expected+strayWidth*math.Sqrt(expected))
}

func perSecond(count int, length time.Duration) rate.Limit {
	return rate.Limit(float64(count) / max(length, burstFor).Seconds())
}

// silence keeps all requests back for a time.
func (l *Limiter) silence(now time.Time, asked time.Duration) {
	if until := now.Add(asked); asked > 0 && until.After(l.pausedUntil) {
		l.pausedUntil = until
	}
	l.adjusted = later(l.adjusted, l.pausedUntil)
	l.recent = window{since: later(now, l.pausedUntil)}
}

// sending is the rate at which requests leave, which workers may keep below the limit.
func (l *Limiter) sending(seen counts, length time.Duration) rate.Limit {
	measured, limit := perSecond(seen.sent, length), l.bucket.Limit()
	switch {
	case length >= adjustEvery/2:
		return min(limit, measured)
	case limit == rate.Inf:
		return max(l.peak, measured)
	default:
		return limit
	}
}

// lower sets the rate to a little less than what the provider took of what was sent.
// What many answers say is remembered as what it takes.
func (l *Limiter) lower(now time.Time, sending rate.Limit, share float64, many bool) {
	if !l.Slowed() {
		l.peak = sending
	}
	overrun := share >= drowned
	if !many {
		share = min(share, fewShare)
	}
	taken := sending * rate.Limit(1-share)
	l.edge, l.knee, l.cutAt, l.adjusted, l.recent = 0, 0, now, now, window{since: now}
	if many {
		l.edge = sending
	}
	if many && !overrun {
		l.knee = taken
	}
	l.set(now, max(taken*rate.Limit(1-share/2), min(slowest, l.ceiling)))
}

// recover raises a lowered rate from time to time.
func (l *Limiter) recover(now time.Time) {
	if now.Before(l.pausedUntil) {
		return
	}
	l.pause = 0
	if !l.Slowed() || now.Sub(l.adjusted) < adjustEvery {
		return
	}
	l.adjusted = now
	full := l.ceiling
	if full == rate.Inf {
		full = l.peak
	}
	raised := l.raised(now, full)
	switch {
	case l.ceiling == rate.Inf && raised >= beyond*full:
		raised = rate.Inf
	case raised >= l.ceiling:
		raised = l.ceiling
	}
	l.recent = window{since: now}
	l.set(now, raised)
}

// raised is the next rate: in strides up to where the provider last complained, in small
// steps from there.
func (l *Limiter) raised(now time.Time, full rate.Limit) rate.Limit {
	current := l.bucket.Limit()
	stride := max(current*raiseFactor, full*raiseShare)
	switch {
	case now.Sub(l.cutAt) >= edgeFor, l.edge == 0:
		return stride
	case l.knee == 0:
		return min(stride, max(current*stepFactor, l.edge*far))
	case current >= l.knee*near:
		return current + l.knee*probeShare
	default:
		return min(stride, l.knee*near)
	}
}

func (l *Limiter) set(now time.Time, limit rate.Limit) {
	l.bucket.SetLimitAt(now, limit)
	l.bucket.SetBurstAt(now, burst(limit))
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
