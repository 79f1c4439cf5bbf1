package worker_test

import (
	"context"
	"errors"
	"slices"
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
	// slow payments go on until they are drained, long ones for so long without that. What is
	// drained has moved, unless it is stuck.
	slow, stuck map[ledger.BatchID]bool
	long        map[ledger.BatchID]time.Duration
	approvedFor map[ledger.BatchID]time.Time
	paid        []ledger.BatchID
	// locked batches cannot be opened, stopped are those of which that was recorded.
	locked  map[ledger.BatchID]error
	stopped []ledger.BatchID
	busy    int
}

func (l *till) Payable(context.Context) ([]ledger.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(l.batches), func(b ledger.Batch) bool {
		return b.State != ledger.BatchApproved && (b.State != ledger.BatchPaying || !b.Release.Due(time.Now()))
	}), nil
}

func (l *till) ReleaseApproved(_ context.Context, _ service.Actor, id ledger.BatchID) (ledger.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.batches {
		if b := &l.batches[i]; b.ID == id {
			if at, waits := l.approvedFor[id]; waits && time.Now().Before(at) {
				return *b, &ledger.NotYetError{Batch: id, NotBefore: at}
			}
			b.State = ledger.BatchPaying
			return *b, nil
		}
	}
	return ledger.Batch{}, ledger.ErrNotFound
}

func (l *till) Open(_ context.Context, _ service.Actor, id ledger.BatchID) (ledger.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.batches {
		if b.ID == id {
			return b, l.locked[id]
		}
	}
	return ledger.Batch{}, ledger.ErrNotFound
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
	slow, long := l.slow[id], l.long[id]
	l.mu.Unlock()
	if p.Watch != nil {
		p.Watch(ledger.ByState{})
	}
	began := time.Now()
	var stopped error
	if slow {
		<-p.Drain
		stopped = engine.ErrInterrupted
	} else if long > 0 {
		select {
		case <-p.Drain:
			stopped = engine.ErrInterrupted
		case <-time.After(long):
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	if long > 0 && !l.stuck[id] {
		l.long[id] = long - time.Since(began)
	}
	if slow || l.long[id] > 0 {
		return service.Paid{Stopped: stopped, Tally: pending(l.long[id])}, nil
	}
	if ends := l.ends[id]; len(ends) > 0 {
		l.ends[id] = ends[1:]
		return service.Paid{Stopped: ends[0]}, nil
	}
	l.open[id] = false
	return service.Paid{}, nil
}

// pending is one payout for each second that is left.
func pending(left time.Duration) ledger.ByState {
	var tally ledger.ByState
	for range max(1, int(left/time.Second)) {
		tally.Add(ledger.Payout{State: ledger.Pending})
	}
	return tally
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
	l := &till{
		open: map[ledger.BatchID]bool{}, ends: map[ledger.BatchID][]error{}, slow: map[ledger.BatchID]bool{}, stuck: map[ledger.BatchID]bool{},
		long: map[ledger.BatchID]time.Duration{}, approvedFor: map[ledger.BatchID]time.Time{},
	}
	for _, state := range states {
		id := ledger.BatchID(state.String())
		l.batches = append(l.batches, ledger.Batch{ID: id, State: state})
		l.open[id] = true
	}
	return l
}

// run has a worker work in virtual time while the test does something.
func run(t *testing.T, l *till, do func(t *testing.T, w *worker.Worker), changes ...func(*worker.Config)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := worker.Config{Desk: l, Again: time.Minute, Idle: 10 * time.Second}
		for _, change := range changes {
			change(&config)
		}
		w := worker.New(config)
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
				if held := len(w.Held()) == 1; held == test.again {
					t.Errorf("held: %v", w.Held())
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
		w := worker.New(worker.Config{Desk: l, Again: time.Minute, Idle: time.Second})
		if err := w.Run(t.Context(), t.Context()); !errors.Is(err, ledger.ErrStopped) {
			t.Errorf("it went on, and ended with %v", err)
		}
	})
}

// large adds a batch that takes so long.
func (l *till) large(id ledger.BatchID, takes time.Duration) {
	l.release(ledger.Batch{ID: id, State: ledger.BatchPaying})
	l.long[id] = takes
}

// TestBatchesTakeTurns: a small batch waits for a turn of a large one, not for its end, and
// both end.
func TestBatchesTakeTurns(t *testing.T) {
	l := in()
	run(t, l, func(t *testing.T, w *worker.Worker) {
		t.Helper()
		l.large("large", time.Hour)
		l.large("other", time.Minute)
		w.Wake("large")
		pass(5 * time.Second)
		l.release(ledger.Batch{ID: "small", State: ledger.BatchPaying})
		pass(40 * time.Second)
		if l.open["small"] || !w.Paying("large") {
			t.Errorf("small still open %t after two turns; paid in the order %q", l.open["small"], l.paid)
		}
		pass(3 * time.Hour)
		if l.open["large"] || l.open["other"] || w.Paying("large") {
			t.Errorf("not all have an end: %v", l.open)
		}
	})
}

// TestABatchAloneIsNotInterrupted: turns are for when another one waits.
func TestABatchAloneIsNotInterrupted(t *testing.T) {
	l := in()
	run(t, l, func(t *testing.T, w *worker.Worker) {
		t.Helper()
		l.large("large", time.Hour)
		w.Wake("large")
		pass(30 * time.Minute)
		l.release(ledger.Batch{ID: "june", State: ledger.BatchPaying, Release: &ledger.Release{NotBefore: time.Now().Add(time.Hour)}})
		pass(31 * time.Minute)
		if l.count("large") != 1 || l.open["large"] {
			t.Errorf("it was begun %d times, open %t", l.count("large"), l.open["large"])
		}
	})
}

// TestOnceEnds: with all that can be done, also where two batches wait for the provider and
// nothing of either moves; and each is told of once.
func TestOnceEnds(t *testing.T) {
	l := in()
	l.large("one", time.Hour)
	l.large("two", time.Hour)
	l.stuck["one"], l.stuck["two"] = true, true
	l.release(ledger.Batch{ID: "three", State: ledger.BatchPaying})
	l.ends["three"] = []error{engine.ErrOutage}
	var told []service.Paid
	run(t, l, func(t *testing.T, _ *worker.Worker) {
		t.Helper()
		pass(2 * time.Hour)
		if len(told) != 3 {
			t.Fatalf("told of %d batches, want 3", len(told))
		}
		for _, paid := range told {
			if errors.Is(paid.Stopped, engine.ErrInterrupted) {
				t.Error("it was told as interrupted, and nobody did")
			}
		}
		before := len(l.paid)
		pass(time.Hour)
		if len(l.paid) != before {
			t.Error("it went on")
		}
	}, func(c *worker.Config) {
		c.Once, c.Wait = true, 5*time.Minute
		c.Told = func(_ context.Context, paid service.Paid, err error) error {
			told = append(told, paid)
			return err
		}
	})
}

// TestApprovalReleasesWhereItMay: a worker by itself pays what people approved at its time, and
// one that waits for their word does not.
func TestApprovalReleasesWhereItMay(t *testing.T) {
	for name, approves := range map[string]bool{"by approval": true, "by a word": false} {
		t.Run(name, func(t *testing.T) {
			l := in(ledger.BatchApproved)
			l.approvedFor["approved"] = time.Date(2000, 1, 1, 2, 0, 0, 0, time.UTC) // two hours after virtual time begins
			run(t, l, func(t *testing.T, _ *worker.Worker) {
				t.Helper()
				pass(2*time.Hour - time.Second)
				if len(l.paid) != 0 {
					t.Error("it was paid before its time")
				}
				pass(12 * time.Second)
				if paid := len(l.paid) == 1; paid != approves {
					t.Errorf("paid %t, want %t", paid, approves)
				}
			}, func(c *worker.Config) { c.Approved = approves })
		})
	}
}

// TestAReleaseElsewhereCounts: what was held goes on once a person released it at another server.
func TestAReleaseElsewhereCounts(t *testing.T) {
	l := in()
	run(t, l, func(t *testing.T, _ *worker.Worker) {
		t.Helper()
		l.release(ledger.Batch{ID: "may", State: ledger.BatchPaying, Release: &ledger.Release{At: time.Now()}})
		l.ends["may"] = []error{engine.ErrBalance}
		pass(time.Hour)
		if l.count("may") != 1 {
			t.Fatalf("it was begun %d times", l.count("may"))
		}
		l.mu.Lock()
		l.batches[0].Release = &ledger.Release{At: time.Now()}
		l.mu.Unlock()
		pass(11 * time.Second)
		if l.count("may") != 2 || l.open["may"] {
			t.Errorf("begun %d times, open %t", l.count("may"), l.open["may"])
		}
	})
}

// TestWhatCannotBeBegunIsTold, once, and holds up no other batch.
func TestWhatCannotBeBegunIsTold(t *testing.T) {
	l := in()
	l.locked = map[ledger.BatchID]error{"abroad": &ledger.AccountError{}}
	run(t, l, func(t *testing.T, w *worker.Worker) {
		t.Helper()
		l.release(ledger.Batch{ID: "abroad", State: ledger.BatchPaying})
		l.release(ledger.Batch{ID: "may", State: ledger.BatchPaying})
		pass(time.Hour)
		if l.open["may"] || l.count("abroad") != 0 || !slices.Equal(l.stopped, []ledger.BatchID{"abroad"}) || len(w.Held()) != 1 {
			t.Errorf("paid %q, recorded as stopped: %q, held %q", l.paid, l.stopped, w.Held())
		}
	})
}
