package engine

import (
	"context"
	"time"

	"payrun/ledger"
)

const (
	// windowMax bounds how many payouts a crash can leave in doubt.
	windowMax = 1024
	// groupMax is the number of changes that make a group worth a commit of its own: as
	// many as the largest window, so that while there is more to send, outcomes ride with
	// the next window.
	groupMax = windowMax
	// lagMax bounds an outcome's wait for company. A crash within it
	// costs a look-up, nothing else.
	lagMax = 50 * time.Millisecond
)

// group is a commit to be: changes that are made durable together, and with them the
// claim of payments that are to be sent.
type group struct {
	changes []ledger.Change
	window  []*payment
	// since is the time of the first change, and intended that of the claim, in UTC.
	since, intended time.Time
}

// shouldFlush reports whether the group should not wait any longer.
func (g group) shouldFlush(now time.Time) bool {
	return len(g.window) > 0 || len(g.changes) >= groupMax || (len(g.changes) > 0 && now.Sub(g.since) >= lagMax)
}

// commit is a group's end: durable, or why not. Of its window, what was claimed may be
// sent.
type commit struct {
	window  []*payment
	claimed ledger.Claimed
	// refused is why nothing was claimed, if the run's claim is over or its batch is not to be paid
	// any more: its changes were recorded, under a claim that is over as evidence.
	refused error
	err     error
}

// window is the dispatcher's side of the ledger: it gathers changes into groups, gives
// them to the recorder one at a time, and says how many intents are worth a commit.
type window struct {
	// sizeMin is the smallest window, sizeMax the largest that a crash may leave in
	// doubt at the rate asked for; 0 is as large as it may get.
	sizeMin, sizeMax int
	// size is the number of intents that are recorded together, 0 before the first, and
	// sizedAt the time at which the last were; zero while there is none to compare with.
	size    int
	sizedAt time.Time

	outbox group
	// recording is set while the recorder has a group, open while intents of payments
	// that are to be sent wait for it.
	recording, open bool
	// err is set when the ledger could not record: nothing else counts.
	err error

	groups  chan group
	commits chan commit
}

// newWindow begins with twice the workers, so that one window is being recorded while
// another is being sent. A rate bounds it to a second's work.
func newWindow(workers int, rate float64) *window {
	w := &window{sizeMin: 2 * workers, groups: make(chan group, 1), commits: make(chan commit, 1)}
	if rate > 0 {
		w.sizeMax = max(1, int(rate))
	}
	return w
}

// limit is the number of intents that the next window takes: more where one is used up sooner
// than is worth a commit, and never more than a second's work, so that a crash leaves
// few payouts in doubt.
func (w *window) limit() int {
	limit := max(w.size, w.sizeMin)
	if w.sizeMax > 0 {
		limit = min(limit, w.sizeMax)
	}
	return limit
}

// add has a change made durable with the next group.
func (w *window) add(c ledger.Change, now time.Time) {
	if len(w.outbox.changes) == 0 {
		w.outbox.since = now
	}
	w.outbox.changes = append(w.outbox.changes, c)
}

// intend has a payment sent once it is claimed. It returns the time of the intent.
func (w *window) intend(p *payment, now time.Time) time.Time {
	if len(w.outbox.window) == 0 {
		w.outbox.intended = now.UTC()
	}
	w.outbox.window = append(w.outbox.window, p)
	w.open = true
	return w.outbox.intended
}

// hurry has the next group wait for no company.
func (w *window) hurry() { w.outbox.since = time.Time{} }

// flush gives the outbox to the recorder if it is free and it is time.
func (w *window) flush(now time.Time) {
	if w.recording || w.err != nil || !w.outbox.shouldFlush(now) {
		return
	}
	w.recording = true
	w.groups <- w.outbox
	w.outbox = group{changes: make([]ledger.Change, 0, len(w.outbox.changes))}
}

// flushNow makes durable what waits for the recorder, while that has nothing to do.
func (w *window) flushNow(ctx context.Context, store ledger.Writer) (lost []ledger.TransactionID, err error) {
	changes := w.outbox.changes
	if len(changes) == 0 {
		return nil, nil
	}
	w.outbox = group{}
	return store.Apply(context.WithoutCancel(ctx), changes)
}

// nextFlush returns when what waits should wait no longer; zero if nothing does, or if
// the recorder is busy, whose commit comes first.
func (w *window) nextFlush() time.Time {
	if len(w.outbox.changes) == 0 || w.recording {
		return time.Time{}
	}
	return w.outbox.since.Add(lagMax)
}

// committed takes in a group's end. Starved says that workers had to wait for it.
func (w *window) committed(done commit, starved bool, now time.Time) {
	w.recording = false
	w.err = done.err
	if done.window != nil {
		w.open = false
		w.grow(starved, now)
	}
}

// grow makes the next windows twice as large if workers had to wait for this one, the
// first of a run apart, or if the one before it was used up sooner than an outcome may
// wait for company.
func (w *window) grow(starved bool, now time.Time) {
	switch {
	case w.size == 0:
		w.size = w.sizeMin
	case starved, now.Sub(w.sizedAt) < lagMax:
		// The first of a new size is asked for at once and says nothing about how
		// long one lasts.
		w.size, w.sizedAt = min(2*w.size, windowMax), time.Time{}
	default:
		w.sizedAt = now
	}
}

// settled reports whether nothing is left to record, or nothing can be.
func (w *window) settled() bool { return w.err != nil || len(w.outbox.changes) == 0 }
