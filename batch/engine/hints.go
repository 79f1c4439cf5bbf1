package engine

import (
	"container/heap"
	"sync"
	"time"
)

// Hints are references about which somebody says that the provider has news. Nobody has to be
// believed: all that a hint does is to bring the next look-up of a payout forward that is
// pending here and now, and that at most once in Config.PollMax. It creates nothing, settles
// nothing, and says nothing of a payout in doubt, whose look-ups have their times for a reason.
// Its methods are safe for concurrent use, and those of a nil *Hints do nothing.
type Hints struct {
	mu    sync.Mutex
	named map[string]struct{}
	woken chan struct{}
}

const (
	// hintsMax bounds the references that wait for a run. What comes beyond is forgotten,
	// which costs as much as a call that got lost.
	hintsMax = 1024
	// hintsEach is how often a run looks for pending payouts among them.
	hintsEach = 250 * time.Millisecond
)

// NewHints returns none.
func NewHints() *Hints { return &Hints{named: map[string]struct{}{}, woken: make(chan struct{}, 1)} }

// Add names references, ours or the provider's, and returns at once.
func (h *Hints) Add(references ...string) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, reference := range references {
		if reference != "" && len(h.named) < hintsMax {
			h.named[reference] = struct{}{}
		}
	}
	if len(h.named) == 0 {
		return
	}
	select {
	case h.woken <- struct{}{}:
	default:
	}
}

// take returns what was named, and forgets it.
func (h *Hints) take() map[string]struct{} {
	h.mu.Lock()
	defer h.mu.Unlock()
	named := h.named
	h.named = map[string]struct{}{}
	return named
}

// hinted tells of hints, nil where a run does not listen at a moment.
func (r *run) hinted(now time.Time) <-chan struct{} {
	if r.config.Hints == nil || now.Before(r.deafUntil) {
		return nil
	}
	return r.config.Hints.woken
}

// takeHints brings forward what was named.
func (r *run) takeHints(now time.Time) {
	r.deafUntil = now.Add(hintsEach)
	r.sched.hint(r.config.Hints.take(), now, r.config.PollMax)
}

// hint makes due at once what is pending and named, unless it was in the time before.
func (s *scheduler) hint(named map[string]struct{}, now time.Time, again time.Duration) {
	for _, p := range s.pendings {
		_, ours := named[string(p.payout.Reference)]
		_, theirs := named[p.payout.Answer.ProviderRef]
		if (ours || theirs) && p.due.After(now) && (p.hinted.IsZero() || now.Sub(p.hinted) >= again) {
			p.due, p.hinted = now, now
		}
	}
	heap.Init(&s.pendings)
}
