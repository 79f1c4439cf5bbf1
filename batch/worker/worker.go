package worker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/service"
	"payrun/ledger"
)

// Desk is the part of the use cases that a worker needs; a *service.Service is one. Payable and
// AnyOpen are asked while it pays, all else by one caller at a time.
type Desk interface {
	Payable(ctx context.Context) ([]ledger.Batch, error)
	AnyOpen(ctx context.Context, id ledger.BatchID) (bool, error)
	ReleaseApproved(ctx context.Context, by service.Actor, id ledger.BatchID) (ledger.Batch, error)
	Open(ctx context.Context, by service.Actor, id ledger.BatchID) (ledger.Batch, error)
	Pay(ctx context.Context, by service.Actor, p service.Payment) (service.Paid, error)
	Stopped(ctx context.Context, by service.Actor, id ledger.BatchID, reason error) error
}

// Config is a worker's surroundings.
type Config struct {
	// Desk pays. It is the worker's alone.
	Desk Desk
	// By is who pays, as the audit log names them.
	By service.Actor
	// Approved has a batch released by the approval of people, without a further word.
	Approved bool
	// Once has Run end when nothing is left to do.
	Once bool
	// Again is how long what ended early, or is still open, is left alone.
	Again time.Duration
	// Idle is how long a worker that has nothing to do waits before it looks again, for
	// what another process released.
	Idle time.Duration
	// Turn is how long a batch is paid at least while another one waits. Default 20 s.
	Turn time.Duration
	// Wait is how long a batch in which nothing moves is waited for, over several turns. In one
	// of them that is a matter of the desk. Default: no longer than a turn.
	Wait time.Duration
	// Watch returns who is told of a batch while it is paid. Default: the log.
	Watch func(id ledger.BatchID) func(before ledger.ByState) service.Watch
	// Told is told how far a batch was paid, unless it only waits for its next turn. Its error
	// ends Run. Default: nothing.
	Told func(ctx context.Context, paid service.Paid, err error) error
	Log  zerolog.Logger
}

const turn = 20 * time.Second

// Worker pays what is released. Its methods are safe for concurrent use.
type Worker struct {
	config Config
	// turn is held by whoever pays or changes batches.
	turn  chan struct{}
	woken chan struct{}

	mu sync.Mutex
	// drain stops the payment that is under way, nil for none, of the batch paying.
	drain  chan struct{}
	paying ledger.BatchID
	ended  map[ledger.BatchID]Ended
	// turns are those of the batches that wait for the next one.
	turns map[ledger.BatchID]served
}

// Ended is why a batch is not being paid although it is released.
type Ended struct {
	// Stopped is why paying ended early, nil where payouts are open and time passed.
	Stopped error
	At      time.Time
	// Until is when it is taken up again, zero if a person has to release it.
	Until time.Time
	// released is when the batch was, that ended so.
	released time.Time
}

// served is the account of a batch's turns.
type served struct {
	// last is when the last one ended, moved when something of the batch did.
	last, moved time.Time
	tally       ledger.ByState
}

// New returns a worker that has yet to Run.
func New(config Config) *Worker {
	if config.Turn <= 0 {
		config.Turn = turn
	}
	if config.Told == nil {
		config.Told = func(context.Context, service.Paid, error) error { return nil }
	}
	return &Worker{
		config: config, turn: make(chan struct{}, 1), woken: make(chan struct{}, 1), ended: map[ledger.BatchID]Ended{}, turns: map[ledger.BatchID]served{},
	}
}

// Run pays until accepting ends, and then ends what is under way, as its context allows; or
// until nothing is left to do, if it is to pay once. The error is one after which nothing can
// be recorded any more, of reading the ledger, or of whoever is told.
func (w *Worker) Run(ctx, accepting context.Context) error {
	defer context.AfterFunc(accepting, w.interrupt)()
	for accepting.Err() == nil {
		worked, err := w.step(ctx, accepting)
		switch {
		case err != nil:
			return err
		case worked:
		case w.config.Once:
			return nil
		default:
			w.wait(accepting)
		}
	}
	return nil
}

// step pays one batch, if there is one to pay.
func (w *Worker) step(ctx, accepting context.Context) (worked bool, err error) {
	if !w.take(accepting) {
		return false, nil
	}
	defer w.give()
	if accepting.Err() != nil {
		return false, nil
	}
	b, found, err := w.next(ctx, "")
	if err != nil || !found {
		return false, err
	}
	return true, w.pay(ctx, accepting, b)
}

// take waits for the turn, and makes what may end the payment. It reports false if ctx
// ended first.
func (w *Worker) take(ctx context.Context) bool {
	select {
	case w.turn <- struct{}{}:
	case <-ctx.Done():
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.drain = make(chan struct{})
	return true
}

func (w *Worker) give() {
	w.mu.Lock()
	w.drain, w.paying = nil, ""
	w.mu.Unlock()
	<-w.turn
}

// interrupt ends the payment that is under way, gently.
func (w *Worker) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.drain == nil {
		return
	}
	select {
	case <-w.drain:
	default:
		close(w.drain)
	}
}

// next is the batch, but for one, whose last turn is the longest ago, the oldest of several, of
// those that may be paid, have something open and are not left alone.
func (w *Worker) next(ctx context.Context, but ledger.BatchID) (ledger.Batch, bool, error) {
	batches, err := w.config.Desk.Payable(ctx)
	if err != nil {
		return ledger.Batch{}, false, err
	}
	w.mu.Lock()
	slices.SortStableFunc(batches, func(a, b ledger.Batch) int { return w.turns[a.ID].last.Compare(w.turns[b.ID].last) })
	w.mu.Unlock()
	for _, b := range batches {
		if b.ID == but || (b.State == ledger.BatchApproved && !w.config.Approved) || w.left(b) {
			continue
		}
		open, err := w.config.Desk.AnyOpen(ctx, b.ID)
		if err != nil || open {
			return b, open, err
		}
	}
	return ledger.Batch{}, false, nil
}

// left reports whether a batch is left alone for now. One that was released since then is not.
func (w *Worker) left(b ledger.Batch) bool {
	ended, has := w.Ended(b.ID)
	return has && ended.released.Equal(releasedAt(b)) && (w.config.Once || ended.Until.IsZero() || time.Now().Before(ended.Until))
}

func releasedAt(b ledger.Batch) time.Time {
	if b.Release == nil {
		return time.Time{}
	}
	return b.Release.At
}

// end notes why a batch is not paid any further.
func (w *Worker) end(b ledger.Batch, err error) Ended {
	ended := Ended{Stopped: err, At: time.Now(), released: releasedAt(b)}
	if early, is := errors.AsType[*ledger.NotYetError](err); is {
		ended.Until = early.NotBefore
	} else if service.Mends(err) || errors.Is(err, errUnreleased) {
		ended.Until = ended.At.Add(w.config.Again)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended[b.ID] = ended
	delete(w.turns, b.ID)
	return ended
}

// wait returns when something may have been released, or a batch is due again.
func (w *Worker) wait(accepting context.Context) {
	timer := time.NewTimer(w.config.Idle)
	defer timer.Stop()
	select {
	case <-accepting.Done():
	case <-w.woken:
	case <-timer.C:
	}
}

// Wake says that a person released a batch: it is not left alone any more.
func (w *Worker) Wake(id ledger.BatchID) {
	w.mu.Lock()
	delete(w.ended, id)
	w.mu.Unlock()
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// Ended returns why a batch is not being paid, if it ended early in this process.
func (w *Worker) Ended(id ledger.BatchID) (Ended, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	ended, has := w.ended[id]
	return ended, has
}

// Paying reports whether a batch is being paid at this moment, or waits for its next turn.
func (w *Worker) Paying(id ledger.BatchID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, waits := w.turns[id]
	return id != "" && (w.paying == id || waits)
}

// Held lists the batches that only a person can have gone on with.
func (w *Worker) Held() []ledger.BatchID {
	w.mu.Lock()
	defer w.mu.Unlock()
	var held []ledger.BatchID
	for id, ended := range w.ended {
		if ended.Until.IsZero() {
			held = append(held, id)
		}
	}
	slices.Sort(held)
	return held
}

// Between does something while nothing is being paid: the payment that is under way ends
// gently first, and goes on afterwards. The error is that of the doing, or of a context that
// ended before its turn.
func (w *Worker) Between(ctx context.Context, do func() error) error {
	w.interrupt()
	if !w.take(ctx) {
		return ctx.Err()
	}
	defer w.give()
	return do()
}
