package engine

import (
	"context"
	"time"

	"payrun/ledger"
)

const (
	// groupMax is how many changes make a group worth a commit of its own: as many
	// as the largest window, so that while there is more to send, outcomes ride with
	// the next window.
	groupMax = windowMax
	// lagMax is how long an outcome may wait for company. A crash within it
	// costs a look-up, nothing else.
	lagMax = 50 * time.Millisecond
)

// group is what is made durable together: the changes, and with them the intents
// of the payments that may be sent once it is.
type group struct {
	changes []ledger.Change
	window  []*payment
	// since is when the first change came in.
	since time.Time
}

// ripe reports whether the group should not wait any longer.
func (g group) ripe(now time.Time) bool {
	return len(g.window) > 0 || len(g.changes) >= groupMax || (len(g.changes) > 0 && now.Sub(g.since) >= lagMax)
}

// commit is what became of a group.
type commit struct {
	window []*payment
	err    error
}

// record makes groups durable, one at a time, until there are no more. It is
// the only writer of a run.
func (r *run) record(ctx context.Context) {
	for g := range r.groups {
		r.commits <- commit{window: g.window, err: r.config.Store.Apply(ctx, g.changes)}
	}
}
