package worker_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/batch/service"
	"payrun/batch/worker"
	"payrun/ledger"
)

// till is a desk of batches in memory: paying one ends as the test says.
type till struct {
	mu      sync.Mutex
	batches []ledger.Batch
	open    map[ledger.BatchID]bool
	// ends are how the next payments of a batch end. After the last it is paid.
	ends map[ledger.BatchID][]error
	// slow payments go on until they are drained.
	slow map[ledger.BatchID]bool
	paid []ledger.BatchID
	// stopped are those of which it was recorded that only a person can go on.
	stopped []ledger.BatchID
	busy    int
}

func (l *till) list(context.Context) ([]ledger.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]ledger.Batch(nil), l.batches...), nil
}

func (l *till) Open(_ context.Context, _ service.Actor, id ledger.BatchID) (ledger.Batch, error) {
	return ledger.Batch{ID: id}, nil
}

func (l *till) AnyOpen(_ context.Context, id ledger.BatchID) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[id], nil
}

func (l *till) Pay(_ context.Context, _ service.Actor, p service.Payment) (service.Paid, error) {
	l.mu.Lock()
	l.busy++
	if l.busy > 1 {
		panic("two payments at once")
	}
	id := p.Batch.ID
	l.paid = append(l.paid, id)
	slow := l.slow[id]
	l.mu.Unlock()
	if slow {
		<-p.Drain
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	if slow {
		return service.Paid{Stopped: engine.ErrInterrupted}, nil
	}
	if ends := l.ends[id]; len(ends) > 0 {
		l.ends[id] = ends[1:]
		return service.Paid{Stopped: ends[0]}, nil
	}
	l.open[id] = false
	return service.Paid{}, nil
}

func (l *till) Stopped(_ context.Context, _ service.Actor, id ledger.BatchID, _ error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopped = append(l.stopped, id)
	return nil
}

func (l *till) release(b ledger.Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.batches, l.open[b.ID] = append(l.batches, b), true
}

func (l *till) count(id ledger.BatchID) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	count := 0
	for _, paid := range l.paid {
		if paid == id {
			count++
		}
	}
	return count
}

// in is a till with batches in these states, each with something open.
func in(states ...ledger.BatchState) *till {
	l := &till{open: map[ledger.BatchID]bool{}, ends: map[ledger.BatchID][]error{}, slow: map[ledger.BatchID]bool{}}
	for _, state := range states {
		id := ledger.BatchID(state.String())
		l.batches = append(l.batches, ledger.Batch{ID: id, State: state})
		l.open[id] = true
	}
	return l
}

// run has a worker work in virtual time while the test does something.
func run(t *testing.T, l *till, do func(t *testing.T, w *worker.Worker)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := worker.New(worker.Config{Desk: l, Batches: l.list, Again: time.Minute, Idle: 10 * time.Second})
		accepting, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(t.Context(), accepting) }()
		synctest.Wait()
		do(t, w)
		stop()
		if err := <-done; err != nil {
			t.Errorf("the worker ended with %v", err)
		}
	})
}

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// TestOnlyWhatIsReleasedIsPaid: of all the states of a batch, one.
func TestOnlyWhatIsReleasedIsPaid(t *testing.T) {
	l := in(ledger.BatchStates()...)
	run(t, l, func(*testing.T, *worker.Worker) { pass(time.Hour) })
	if len(l.paid) != 1 || l.paid[0] != "paying" {
		t.Errorf("paid %v, want the batch that is paying, once", l.paid)
	}
}

// TestWhatOnlyAPersonCanMendWaitsForThem, and what time may mend does not.
func TestWhatOnlyAPersonCanMendWaitsForThem(t *testing.T) {
	for name, test := range map[string]struct {
		stopped error
		again   bool
	}{
		"credentials": {engine.ErrCredentials, false},
		"balance":     {engine.ErrBalance, false},
		"refusals":    {engine.ErrRefusals, false},
		"not newest":  {engine.ErrNotNewest, false},
		"unforeseen":  {errors.New("a surprise"), false},
		"missed":      {service.ErrMissed, false},
		"not yet":     {ledger.ErrNotYet, true},
		"an outage":   {engine.ErrOutage, true},
		"no control":  {engine.ErrNoControl, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := in(ledger.BatchPaying)
			l.ends["paying"] = []error{test.stopped}
			run(t, l, func(t *testing.T, w *worker.Worker) {
				t.Helper()
				if ended, has := w.Ended("paying"); !has || !errors.Is(ended.Stopped, test.stopped) || ended.Until.IsZero() == test.again {
					t.Errorf("ended %+v, %t", ended, has)
				}
				pass(30 * time.Second)
				if l.count("paying") != 1 {
					t.Error("it was not left alone")
				}
				pass(time.Hour)
				if again := l.count("paying") > 1; again != test.again {
					t.Errorf("taken up again %t, want %t", again, test.again)
				}
				if held := len(w.Held()) == 1; held == test.again || held != (len(l.stopped) == 1) {
					t.Errorf("held: %v, recorded as stopped: %v", w.Held(), l.stopped)
				}
				w.Wake("paying")
				pass(time.Second)
				if l.count("paying") != 2 || l.open["paying"] {
					t.Error("a person released it, and it did not go on")
				}
			})
		})
	}
}

// TestAWorkerWaitsForTheTimeOfABatch, and pays it then without being told.
func TestAWorkerWaitsForTheTimeOfABatch(t *testing.T) {
	l := in(ledger.BatchPaying)
	run(t, l, func(t *testing.T, w *worker.Worker) {
		t.Helper()
		if l.count("paying") != 1 {
			t.Fatal("what waits for nothing was not paid")
		}
		due := time.Now().Add(3 * time.Hour)
		l.release(ledger.Batch{ID: "june", State: ledger.BatchPaying, Release: &ledger.Release{NotBefore: due}})
		w.Wake("june")
		pass(time.Until(due.Add(-time.Second)))
		if l.count("june") != 0 {
			t.Error("it was paid before its time")
		}
		pass(11 * time.Second)
		if l.count("june") != 1 {
			t.Errorf("it was paid %d times", l.count("june"))
		}
	})
}

// TestAChangeComesBetweenPayments, which go on afterwards.
func TestAChangeComesBetweenPayments(t *testing.T) {
	l := in(ledger.BatchPaying)
	l.slow["paying"] = true
	run(t, l, func(t *testing.T, w *worker.Worker) {
		t.Helper()
		if !w.Paying("paying") {
			t.Fatal("it is not being paid")
		}
		err := w.Between(t.Context(), func() error {
			if w.Paying("paying") || l.busy != 0 {
				t.Error("something is being paid during the change")
			}
			l.slow["paying"] = false
			return errors.New("said no")
		})
		if err == nil || err.Error() != "said no" {
			t.Errorf("the change: %v", err)
		}
		pass(time.Second)
		if l.count("paying") != 2 || l.open["paying"] {
			t.Errorf("%d payments, open %t: it did not go on", l.count("paying"), l.open["paying"])
		}
		late, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.Between(late, func() error { return nil }); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("too late: %v", err)
		}
	})
}

// TestALedgerThatStoppedEndsTheWorker: nothing more may be sent.
func TestALedgerThatStoppedEndsTheWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := in(ledger.BatchPaying)
		l.ends["paying"] = []error{ledger.ErrStopped}
		w := worker.New(worker.Config{Desk: l, Batches: l.list, Again: time.Minute, Idle: time.Second})
		if err := w.Run(t.Context(), t.Context()); !errors.Is(err, ledger.ErrStopped) {
			t.Errorf("it went on, and ended with %v", err)
		}
	})
}
