package policy

import (
	"math"
	"time"

	"golang.org/x/time/rate"
)

const (
	// slowest is the rate below which being throttled does not push: one
	// request a second tells soon enough that the provider has recovered.
	slowest = rate.Limit(1)
	// adjustEvery bounds how often the rate is changed, in either direction.
	adjustEvery = time.Second
	// strayShare of the answers may be "too fast" by chance, and strayWidth standard
	// deviations more; one always may, unless it is the first of all, and two among pairMin.
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

// controller is the rate at which an account may be asked: it follows what the provider
// takes. A provider that says "too fast" has it lowered, once a second at most, to what was
// taken in the last seconds; it is raised again quickly up to near where the provider
// complained, and from there in small steps. A "too fast" here and there among many
// answers is chance: it holds up the request it was said of, and nobody else.
type controller struct {
	// Ceiling is the highest rate, Limit the one of the moment.
	Ceiling rate.Limit `json:"ceiling"`
	Limit   rate.Limit `json:"limit"`
	// PausedUntil is the end of the last silence, Pause the length of the last that
	// nobody had asked for.
	PausedUntil time.Time     `json:"paused_until,omitzero"`
	Pause       time.Duration `json:"pause,omitzero"`
	// CutAt is when the rate was last lowered and Adjusted when it was last changed.
	CutAt    time.Time `json:"cut_at,omitzero"`
	Adjusted time.Time `json:"adjusted,omitzero"`
	// Peak is the rate at which the provider first complained, Edge that at which it last
	// did, and Knee what it then took, 0 if too few answers tell.
	Peak rate.Limit `json:"peak,omitzero"`
	Edge rate.Limit `json:"edge,omitzero"`
	Knee rate.Limit `json:"knee,omitzero"`

	Recent window `json:"recent"`
}

// window counts answers and requests of the current second and of the one before.
type window struct {
	Since time.Time `json:"since,omitzero"`
	Now   counts    `json:"now,omitzero"`
	Last  counts    `json:"last,omitzero"`
}

type counts struct {
	Sent      int `json:"sent,omitzero"`
	Taken     int `json:"taken,omitzero"`
	Throttled int `json:"throttled,omitzero"`
}

// answers is how many of the requests were answered.
func (c counts) answers() int { return c.Taken + c.Throttled }

// at moves the window on to a moment.
func (w *window) at(now time.Time) *counts {
	switch passed := now.Sub(w.Since); {
	case passed < 0: // a silence has yet to end
	case passed >= 2*time.Second:
		w.Last, w.Now, w.Since = counts{}, counts{}, now
	case passed >= time.Second:
		w.Last, w.Now, w.Since = w.Now, counts{}, w.Since.Add(time.Second)
	}
	return &w.Now
}

// sum returns the counts of the window and how long it has been filled.
func (w *window) sum(now time.Time) (counts, time.Duration) {
	length := now.Sub(w.Since)
	if w.Last != (counts{}) {
		length += time.Second
	}
	return counts{
		Sent: w.Now.Sent + w.Last.Sent, Taken: w.Now.Taken + w.Last.Taken,
		Throttled: w.Now.Throttled + w.Last.Throttled,
	}, length
}

// newController returns one of so many requests a second, 0 for no limit.
func newController(perSecond float64, now time.Time) controller {
	ceiling := ceilingOf(perSecond)
	return controller{Ceiling: ceiling, Limit: ceiling, Recent: window{Since: now}}
}

// ceilingOf is a rate as people give it, 0 for no limit.
func ceilingOf(perSecond float64) rate.Limit {
	if perSecond <= 0 {
		return rate.Inf
	}
	return rate.Limit(perSecond)
}

// perSecond is the current rate as people read it, 0 for no limit.
func (c *controller) perSecond() float64 {
	if c.Limit == rate.Inf {
		return 0
	}
	return float64(c.Limit)
}

// slowed reports whether the rate is below the one that was asked for.
func (c *controller) slowed() bool { return c.Limit < c.Ceiling }

// limitTo sets the highest rate.
func (c *controller) limitTo(ceiling rate.Limit) {
	if !c.slowed() || c.Limit > ceiling {
		c.Limit = ceiling
	}
	c.Ceiling = ceiling
}

// took notes that a request leaves.
func (c *controller) took(now time.Time) { c.Recent.at(now).Sent++ }

// note takes in what a request that was sent at a moment was answered with: a slower
// pace where the answers ask for one, and now and then a faster one where not.
func (c *controller) note(now, sent time.Time, tooFast bool, retryAfter time.Duration) {
	if tooFast {
		c.throttled(now, sent, retryAfter)
		return
	}
	if sent.After(c.CutAt) {
		c.Recent.at(now).Taken++
	}
	c.recover(now)
}

// throttled weighs one "too fast". What left before the rate was last lowered, or comes
// during a silence, complains of what was mended: it only prolongs the silence.
func (c *controller) throttled(now, sent time.Time, retryAfter time.Duration) {
	if now.Before(c.PausedUntil) {
		c.silence(now, retryAfter)
		return
	}
	if !sent.After(c.CutAt) || now.Sub(c.CutAt) < adjustEvery {
		return
	}
	c.Recent.at(now).Throttled++
	seen, length := c.Recent.sum(now)
	if first := c.CutAt.IsZero() && seen.answers() == 1; !first && seen.stray() {
		return
	}
	share := float64(seen.Throttled) / float64(seen.answers())
	c.lower(now, c.sending(seen, length), share, seen.answers() >= measureMin)
	switch {
	case retryAfter > 0:
		c.silence(now, retryAfter)
	case share >= drowned:
		c.Pause = min(max(2*c.Pause, pauseMin), pauseMax)
		c.silence(now, c.Pause)
	}
}

// stray reports whether so few complaints may be chance.
func (c counts) stray() bool {
	expected := strayShare * float64(c.answers())
	few := 1.0
	if c.answers() >= pairMin {
		few = 2
	}
	return float64(c.Throttled) <= max(few, expected+strayWidth*math.Sqrt(expected))
}

func perSecond(count int, length time.Duration) rate.Limit {
	return rate.Limit(float64(count) / max(length, burstFor).Seconds())
}

// silence keeps all requests back for a time.
func (c *controller) silence(now time.Time, asked time.Duration) {
	if until := now.Add(asked); asked > 0 && until.After(c.PausedUntil) {
		c.PausedUntil = until
	}
	c.Adjusted = later(c.Adjusted, c.PausedUntil)
	c.Recent = window{Since: later(now, c.PausedUntil)}
}

// sending is the rate at which requests leave, which workers may keep below the limit.
func (c *controller) sending(seen counts, length time.Duration) rate.Limit {
	measured, limit := perSecond(seen.Sent, length), c.Limit
	switch {
	case length >= adjustEvery/2:
		return min(limit, measured)
	case limit == rate.Inf:
		return max(c.Peak, measured)
	default:
		return limit
	}
}

// lower sets the rate to a little less than what the provider took of what was sent.
// What many answers say is remembered as what it takes.
func (c *controller) lower(now time.Time, sending rate.Limit, share float64, many bool) {
	if !c.slowed() {
		c.Peak = sending
	}
	overrun := share >= drowned
	if !many {
		share = min(share, fewShare)
	}
	taken := sending * rate.Limit(1-share)
	c.Edge, c.Knee, c.CutAt, c.Adjusted, c.Recent = 0, 0, now, now, window{Since: now}
	if many {
		c.Edge = sending
	}
	if many && !overrun {
		c.Knee = taken
	}
	c.Limit = max(taken*rate.Limit(1-share/2), min(slowest, c.Ceiling))
}

// recover raises a lowered rate from time to time.
func (c *controller) recover(now time.Time) {
	if now.Before(c.PausedUntil) {
		return
	}
	c.Pause = 0
	if !c.slowed() || now.Sub(c.Adjusted) < adjustEvery {
		return
	}
	c.Adjusted = now
	full := c.Ceiling
	if full == rate.Inf {
		full = c.Peak
	}
	raised := c.raised(now, full)
	switch {
	case c.Ceiling == rate.Inf && raised >= beyond*full:
		raised = rate.Inf
	case raised >= c.Ceiling:
		raised = c.Ceiling
	}
	c.Recent = window{Since: now}
	c.Limit = raised
}

// raised is the next rate: in strides up to where the provider last complained, in small
// steps from there.
func (c *controller) raised(now time.Time, full rate.Limit) rate.Limit {
	current := c.Limit
	stride := max(current*raiseFactor, full*raiseShare)
	switch {
	case now.Sub(c.CutAt) >= edgeFor, c.Edge == 0:
		return stride
	case c.Knee == 0:
		return min(stride, max(current*stepFactor, c.Edge*far))
	case current >= c.Knee*near:
		return current + c.Knee*probeShare
	default:
		return min(stride, c.Knee*near)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
