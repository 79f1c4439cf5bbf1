package worker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/ledger"
)

// pay takes a batch as far as it goes, or for its turn, and notes how that ended.
func (w *Worker) pay(ctx, accepting context.Context, b ledger.Batch) error {
	w.mu.Lock()
	w.paying = b.ID
	drain := w.drain
	delete(w.ended, b.ID)
	w.mu.Unlock()

	log := w.config.Log.With().Str("batch", string(b.ID)).Logger()
	p := w.drive(ctx, b, drain, log)
	why := p.err
	if why == nil {
		why = p.paid.Stopped
	}
	drained := interrupted(why, drain)
	switch {
	case errors.Is(why, ledger.ErrNotYet), errors.Is(why, errUnreleased):
		w.end(p.batch, why)
		return nil
	case errors.Is(why, ledger.ErrStopped), errors.Is(why, ledger.ErrReplaced):
		return errors.Join(why, w.config.Told(ctx, p.paid, p.err))
	case ctx.Err() != nil, drained && accepting.Err() != nil:
		log.Info().Msg("interrupted; it goes on where it stopped")
	case drained && !p.yielded:
		log.Debug().Msg("it goes on once something was changed")
		return nil
	case drained && w.another(b, p.paid.Tally):
		log.Debug().Msg("its turn is over; it goes on later")
		return nil
	case why != nil && !drained:
		ended := w.end(p.batch, why)
		log.Error().Err(why).Time("until", ended.Until).Msg("stopped early")
	case p.paid.Tally.Open().Count > 0:
		p.paid.Stopped = nil // nobody interrupted it
		w.end(p.batch, nil)
		log.Info().Int("open", p.paid.Tally.Open().Count).Msg("payouts are still open")
	default:
		p.paid.Stopped = nil
		w.forget(b.ID)
		log.Info().Msg("every payout has an end")
	}
	return w.config.Told(ctx, p.paid, p.err)
}

// errUnreleased is why a batch that was approved is not paid: what people signed does not stand
// any more.
var errUnreleased = errors.New("it is not released by its approval")

// interrupted reports whether paying ended because it was drained.
func interrupted(why error, drain <-chan struct{}) bool {
	select {
	case <-drain:
		return why == nil || errors.Is(why, engine.ErrInterrupted)
	default:
		return false
	}
}

// another notes that the turn of a batch is over. It reports false if there is none to come: all
// of it has an end, or nothing of it moved for so long that nobody waits for it any more.
func (w *Worker) another(b ledger.Batch, tally ledger.ByState) bool {
	if tally.Open().Count == 0 {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	t, known := w.turns[b.ID]
	if !known || t.tally != tally {
		t.moved, t.tally = now, tally
	}
	t.last = now
	w.turns[b.ID] = t
	return now.Sub(t.moved) < max(w.config.Wait, w.config.Turn)
}

func (w *Worker) forget(id ledger.BatchID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.turns, id)
}

// payment is the outcome of a batch's turn.
type payment struct {
	// batch is as it was when it was paid.
	batch ledger.Batch
	paid  service.Paid
	err   error
	// yielded is set if another one is next.
	yielded bool
}

// drive pays a batch until it is drained, releasing it before if people have approved it.
func (w *Worker) drive(ctx context.Context, b ledger.Batch, drain <-chan struct{}, log zerolog.Logger) payment {
	p := payment{batch: b, paid: service.Paid{Batch: b}}
	if p.batch, p.err = w.open(ctx, b); p.err != nil {
		return p
	}
	log.Info().Msg("paying")
	began, ready := time.Now(), make(chan time.Duration, 1)
	watch := w.watch(b.ID, log)
	waiting, done := context.WithCancel(ctx)
	var turns sync.WaitGroup
	turns.Go(func() { p.yielded = w.yield(waiting, b.ID, ready) })
	p.paid, p.err = w.config.Desk.Pay(ctx, w.config.By, service.Payment{
		Batch: p.batch, Drain: drain, Again: !w.config.Once,
		Watch: func(before ledger.ByState) service.Watch {
			select {
			case ready <- time.Since(began):
			default: // it is once more
			}
			return watch(before)
		},
	})
	done()
	turns.Wait()
	p.paid.Batch = p.batch
	return p
}

// open returns a batch as it is to be paid. Why one could not even be begun is recorded, if only a
// person can mend it.
func (w *Worker) open(ctx context.Context, b ledger.Batch) (ledger.Batch, error) {
	desk, by := w.config.Desk, w.config.By
	var err error
	if b.State == ledger.BatchApproved {
		var released ledger.Batch
		if released, err = desk.ReleaseApproved(ctx, by, b.ID); err == nil {
			if b = released; b.State != ledger.BatchPaying || !b.Release.Due(time.Now()) {
				return b, errUnreleased
			}
		}
	}
	if err == nil {
		var opened ledger.Batch
		if opened, err = desk.Open(ctx, by, b.ID); err == nil {
			return opened, nil
		}
	}
	if service.Mends(err) && !w.config.Once {
		return b, err
	}
	if unsaid := desk.Stopped(ctx, by, b.ID, err); unsaid != nil {
		err = errors.Join(err, unsaid)
	}
	return b, err
}

func (w *Worker) watch(id ledger.BatchID, log zerolog.Logger) func(ledger.ByState) service.Watch {
	if w.config.Watch != nil {
		return w.config.Watch(id)
	}
	return func(ledger.ByState) service.Watch { return service.Watch{Log: log, Progress: func(engine.Progress) {}} }
}

// shareOfBeginning bounds what is lost by turns: one is at least so many times as long as it took
// to begin it, as a large batch is read whole.
const shareOfBeginning = 10

// yield ends the payment of a batch, once it had its turn, when another one waits. It returns
// when its context ends, or it did, and reports whether it did.
func (w *Worker) yield(ctx context.Context, paying ledger.BatchID, ready <-chan time.Duration) bool {
	var timer <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return false
		case began := <-ready:
			timer = time.After(max(w.config.Turn, shareOfBeginning*began))
		case <-timer:
			timer = time.After(w.config.Idle)
			_, waits, err := w.next(ctx, paying)
			if err != nil {
				w.config.Log.Debug().Err(err).Msg("it is not known whether another batch waits")
			}
			if waits {
				w.interrupt()
				return true
			}
		}
	}
}
