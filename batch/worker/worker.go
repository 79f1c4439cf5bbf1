package worker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/ledger"
)

// Desk is the part of the use cases that a worker needs; a *service.Service is one.
type Desk interface {
	Open(ctx context.Context, by service.Actor, id ledger.BatchID) (ledger.Batch, error)
	AnyOpen(ctx context.Context, id ledger.BatchID) (bool, error)
	Pay(ctx context.Context, by service.Actor, p service.Payment) (service.Paid, error)
	Stopped(ctx context.Context, by service.Actor, id ledger.BatchID, reason error) error
}

// Config is a worker's surroundings.
type Config struct {
	// Desk pays. It is the worker's alone.
	Desk Desk
	// Batches lists those of the ledger, the oldest first.
	Batches func(context.Context) ([]ledger.Batch, error)
	// By is who pays, as the audit log names them.
	By service.Actor
	// Again is how long what ended early, or is still open, is left alone.
	Again time.Duration
	// Idle is how long a worker that has nothing to do waits before it looks again, for
	// what another process released.
	Idle time.Duration
	Log  zerolog.Logger
}

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
}

// Ended is why a batch is not being paid although it is released.
type Ended struct {
	// Stopped is why paying ended early, nil where payouts are open and time passed.
	Stopped error
	At      time.Time
	// Until is when it is taken up again, zero if a person has to release it.
	Until time.Time
}

// New returns a worker that has yet to Run.
func New(config Config) *Worker {
	return &Worker{
		config: config, turn: make(chan struct{}, 1), woken: make(chan struct{}, 1), ended: map[ledger.BatchID]Ended{},
	}
}

// Run pays until accepting ends, and then ends what is under way, as its context allows.
// The error is one after which nothing can be recorded any more, or of reading the ledger.
func (w *Worker) Run(ctx, accepting context.Context) error {
	defer context.AfterFunc(accepting, w.interrupt)()
	for accepting.Err() == nil {
		worked, err := w.step(ctx, accepting)
		if err != nil {
			return err
		}
		if !worked {
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
	b, found, err := w.next(ctx)
	if err != nil || !found {
		return false, err
	}
	return true, w.pay(ctx, b)
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

// next is the oldest batch that is released, has something open and is not left alone.
func (w *Worker) next(ctx context.Context) (ledger.Batch, bool, error) {
	batches, err := w.config.Batches(ctx)
	if err != nil {
		return ledger.Batch{}, false, err
	}
	for _, b := range batches {
		if b.State != ledger.BatchPaying || !b.Release.Due(time.Now()) || w.left(b.ID) {
			continue
		}
		open, err := w.config.Desk.AnyOpen(ctx, b.ID)
		if err != nil || open {
			return b, open, err
		}
	}
	return ledger.Batch{}, false, nil
}

// left reports whether a batch is left alone for now.
func (w *Worker) left(id ledger.BatchID) bool {
	ended, has := w.Ended(id)
	return has && (ended.Until.IsZero() || time.Now().Before(ended.Until))
}

// pay takes a batch as far as it goes, and notes how that ended.
func (w *Worker) pay(ctx context.Context, b ledger.Batch) error {
	w.mu.Lock()
	w.paying = b.ID
	drain := w.drain
	delete(w.ended, b.ID)
	w.mu.Unlock()

	log := w.config.Log.With().Str("batch", string(b.ID)).Logger()
	paid, err := w.drive(ctx, b, drain, log)
	if err == nil {
		err = paid.Stopped
	}
	switch {
	case errors.Is(err, ledger.ErrStopped), errors.Is(err, ledger.ErrReplaced):
		return err
	case ctx.Err() != nil, errors.Is(err, engine.ErrInterrupted):
		log.Info().Msg("interrupted; it goes on where it stopped")
	case err != nil:
		ended := w.end(b.ID, err)
		if ended.Until.IsZero() {
			if err := w.config.Desk.Stopped(ctx, w.config.By, b.ID, err); err != nil {
				return err
			}
		}
		log.Error().Err(err).Time("until", ended.Until).Msg("stopped early")
	case paid.Tally.Open().Count > 0:
		w.end(b.ID, nil)
		log.Info().Int("open", paid.Tally.Open().Count).Msg("payouts are still open")
	default:
		log.Info().Msg("every payout has an end")
	}
	return nil
}

func (w *Worker) drive(ctx context.Context, b ledger.Batch, drain <-chan struct{}, log zerolog.Logger) (service.Paid, error) {
	open, err := w.config.Desk.Open(ctx, w.config.By, b.ID)
	if err != nil {
		return service.Paid{}, err
	}
	log.Info().Msg("paying")
	return w.config.Desk.Pay(ctx, w.config.By, service.Payment{
		Batch: open, Drain: drain,
		Watch: func(ledger.ByState) service.Watch {
			return service.Watch{Log: log, Progress: func(engine.Progress) {}}
		},
	})
}

// mending are the reasons that time may mend.
func mending(err error) bool {
	outcome := service.OutcomeOf(err)
	if errors.Is(err, service.ErrMissed) {
		return false
	}
	return err == nil || outcome == service.StillOpen || errors.Is(err, engine.ErrOutage) ||
		service.TroubleOf(err).Name == "unreachable"
}

// end notes why a batch is not paid any further.
func (w *Worker) end(id ledger.BatchID, err error) Ended {
	ended := Ended{Stopped: err, At: time.Now()}
	if mending(err) {
		ended.Until = ended.At.Add(w.config.Again)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended[id] = ended
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

// Paying reports whether a batch is being paid at this moment.
func (w *Worker) Paying(id ledger.BatchID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.paying == id && id != ""
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
