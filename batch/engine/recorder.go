package engine

import (
	"context"

	"payrun/ledger"
)

// recorder is the only writer of a run: it makes groups durable, one at a time.
type recorder struct{ store ledger.Store }

// commitAll commits groups until there are no more.
func (r recorder) commitAll(ctx context.Context, groups <-chan group, commits chan<- commit) {
	for g := range groups {
		commits <- commit{window: g.window, err: r.store.Apply(ctx, g.changes)}
	}
}
