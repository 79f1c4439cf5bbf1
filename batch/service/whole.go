package service

import (
	"context"
	"sync/atomic"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
)

// whole shows a batch that several machines pay as all of them have left it: the engine knows
// what others did only when its own part is done.
type whole struct {
	show func(engine.Progress)
	// counted is the batch as the ledger had it last, nil before.
	counted atomic.Pointer[ledger.ByState]
}

// Progress shows whichever of the two counts has come further.
func (w *whole) Progress(now engine.Progress) {
	if all := w.counted.Load(); all != nil && all.Open().Count < now.Tally.Open().Count {
		now.Tally = *all
	}
	w.show(now)
}

const (
	// wholeEach is the time between two counts, and wholeShare how many times as long as one
	// took it is at least.
	wholeEach  = 2 * time.Second
	wholeShare = 10
)

// follow counts until its context ends. What cannot be counted is counted later.
func (w *whole) follow(ctx context.Context, count func(context.Context) (ledger.Counts, error)) {
	for wait := wholeEach; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		began := time.Now()
		if counts, err := count(ctx); err == nil {
			all := counts.ByState()
			w.counted.Store(&all)
		}
		wait = max(wholeEach, wholeShare*time.Since(began))
	}
}

// together has the progress of a batch that machines share be that of all of them until enough is
// called.
func (s *Service) together(ctx context.Context, id ledger.BatchID, show func(engine.Progress)) (progress func(engine.Progress), enough func()) {
	if _, shared := s.config.Ledger.(sharer); !shared || show == nil {
		return show, func() {}
	}
	w, done := &whole{show: show}, make(chan struct{})
	following, stop := context.WithCancel(ctx)
	go func() {
		defer close(done)
		w.follow(following, func(ctx context.Context) (ledger.Counts, error) { return s.config.Ledger.Counts(ctx, id) })
	}()
	return w.Progress, func() {
		stop()
		<-done
	}
}
