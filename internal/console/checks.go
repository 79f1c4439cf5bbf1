package console

import (
	"context"
	"sync/atomic"
	"time"

	"payrun/batch/inbox"
	"payrun/batch/service"
)

// Bounds of the checks.
const (
	// checksMax is how many files are remembered, for understoodFor: a page that is shown again does
	// not read a file of a million rows again. What a file comes to is always asked anew before it is
	// submitted.
	checksMax     = 64
	understoodFor = 10 * time.Minute
	// checksAtOnce is how many files are read at the same time; others wait for their turn.
	checksAtOnce = 2
)

// checks are the files that are being read for their pages, or were a moment ago. A file is read
// beside the requests for it: whoever asks waits for a while, and then is told how far it is. Nobody
// who goes away ends it; other choices, removing the file, or the end of the server do. It is read
// anew by whoever asks next.
type checks struct {
	*beside

	// read reads a file, and may be called several times at once.
	read  func(ctx context.Context, up inbox.Upload, told *service.Progress) (service.Understood, error)
	clock func() time.Time

	all map[string]*checking
}

// checking is the reading of one file with the choices that were made of it.
type checking struct {
	of       inbox.Upload
	progress service.Progress
	// began is set once it has its turn.
	began  atomic.Bool
	cancel context.CancelFunc

	// done is closed when found and err, and the time of them, are there.
	done  chan struct{}
	found service.Understood
	err   error
	at    time.Time
}

func newChecks(clock func() time.Time, read func(context.Context, inbox.Upload, *service.Progress) (service.Understood, error)) *checks {
	return &checks{beside: newBeside(checksAtOnce), read: read, clock: clock, all: map[string]*checking{}}
}

// of returns the reading of a file with its present choices, and begins it unless it is under way or
// was done a moment ago.
func (c *checks) of(up inbox.Upload) *checking {
	c.mu.Lock()
	defer c.mu.Unlock()
	before, has := c.all[up.ID]
	if has && before.of.Same(up) && !c.stale(before) {
		return before
	}
	if has {
		before.cancel()
	}
	c.makeRoom()
	one := &checking{of: up, done: make(chan struct{})}
	if c.closed {
		one.err, one.cancel = errStopping, func() {}
		close(one.done)
		return one
	}
	var ctx context.Context
	ctx, one.cancel = context.WithCancel(c.ctx)
	c.all[up.ID] = one
	c.running.Go(func() { c.run(ctx, one) })
	return one
}

// stale reports whether something was found too long ago to be believed.
func (c *checks) stale(one *checking) bool {
	return one.ended() && c.clock().Sub(one.at) >= understoodFor
}

// makeRoom forgets what was read first, where there is too much.
func (c *checks) makeRoom() {
	if len(c.all) < checksMax {
		return
	}
	oldest := ""
	for id, one := range c.all {
		if one.ended() && (oldest == "" || one.at.Before(c.all[oldest].at)) {
			oldest = id
		}
	}
	delete(c.all, oldest)
}

// forget ends the reading of a file, and what was found is not believed any more. It returns how many
// rows the file has, 0 where that is not known.
func (c *checks) forget(id string) (rows int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if one, has := c.all[id]; has {
		one.cancel()
		delete(c.all, id)
		_, _, rows = one.progress.Now()
	}
	return rows
}

// drop forgets one reading, unless another one of the file has begun.
func (c *checks) drop(one *checking) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all[one.of.ID] == one {
		delete(c.all, one.of.ID)
	}
}

// run reads a file when it has its turn.
func (c *checks) run(ctx context.Context, one *checking) {
	defer one.cancel()
	defer func() {
		one.at = c.clock()
		close(one.done)
	}()
	leave, err := c.turn(ctx)
	if err != nil {
		one.err = errStopping
		return
	}
	defer leave()
	one.began.Store(true)
	one.err = safely("read", one.of.ID, func() (err error) {
		one.found, err = c.read(ctx, one.of, &one.progress)
		return err
	})
	if ctx.Err() != nil {
		one.err = errStopping // or it has other choices by now: whoever asks again learns of those
	}
}

// ended reports whether there is an outcome.
func (one *checking) ended() bool { return ended(one.done) }

// wait returns what is found, once it is. An error is returned once: whoever asks again has the file
// read again. Where patience is a time, it is errNotYet after it.
func (c *checks) wait(ctx context.Context, one *checking, patience <-chan time.Time) (service.Understood, error) {
	if err := await(ctx, one.done, patience); err != nil {
		return service.Understood{}, err
	}
	if one.err != nil {
		c.drop(one)
	}
	return one.found, one.err
}
