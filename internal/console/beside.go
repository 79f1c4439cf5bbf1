package console

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// errNotYet is returned for what is still under way. Whoever waits is shown how far it is.
var errNotYet = errors.New("it is still under way")

// beside is work that goes on beside the requests which ask for it, so many at a time; others wait for
// their turn. Nobody who goes away ends it.
type beside struct {
	//nolint:containedctx // that of the work, which no request owns; close ends it
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
	// turns has a value for each that is under way.
	turns chan struct{}

	// mu guards closed, after which nothing begins, and what the work is remembered by.
	mu     sync.Mutex
	closed bool
}

func newBeside(atOnce int) *beside {
	b := &beside{turns: make(chan struct{}, atOnce)}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// close ends what is under way, and waits for that.
func (b *beside) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	b.running.Wait()
}

// turn waits for a turn, which lasts until leave is called, or for the end of ctx.
func (b *beside) turn(ctx context.Context) (leave func(), err error) {
	select {
	case b.turns <- struct{}{}:
		return func() { <-b.turns }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// safely does something with an upload. One on which payrun panics is an error of its own, as it is for
// a request, and not the end of the server.
func safely(what, upload string, do func() error) (err error) {
	defer func() {
		if why := recover(); why != nil {
			err = fmt.Errorf("%s upload %s: panic: %v\n%s", what, upload, why, debug.Stack())
		}
	}()
	return do()
}

// await waits until something is done, and returns errNotYet if that takes longer than the patience, which
// ends when it says so; nil is one without end.
func await(ctx context.Context, done <-chan struct{}, patience <-chan time.Time) error {
	select {
	case <-done:
	case <-patience:
		if !ended(done) {
			return errNotYet
		}
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// ended reports whether something is done.
func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
