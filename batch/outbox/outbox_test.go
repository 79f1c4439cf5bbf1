package outbox_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/outbox"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// receiver takes facts in, but for those that the test refuses.
type receiver struct {
	mu sync.Mutex
	// refuse returns why an attempt fails, counted from 1 for each fact; nil takes all in.
	refuse func(ctx context.Context, fact outbox.Fact, nth int) error
	tried  []string
	told   []string
	at     []time.Time
}

func (r *receiver) Send(ctx context.Context, fact outbox.Fact) error {
	r.mu.Lock()
	r.tried, r.at = append(r.tried, fact.ID), append(r.at, time.Now())
	nth := 0
	for _, id := range r.tried {
		if id == fact.ID {
			nth++
		}
	}
	refuse := r.refuse
	r.mu.Unlock()
	if refuse != nil {
		if err := refuse(ctx, fact, nth); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.told = append(r.told, string(fact.Kind)+" "+string(fact.Batch.ID))
	return nil
}

func (r *receiver) heard() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.told)
}

func (r *receiver) tries() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tried)
}

// desk is a ledger and the processes that tell of it.
type desk struct {
	t     *testing.T
	store *memledger.Store
}

// mortal is the ledger as a process has it that can be killed: it records nothing any more then.
type mortal struct {
	*memledger.Store
	dead atomic.Bool
}

func (m *mortal) Record(ctx context.Context, act ledger.Act) error {
	if m.dead.Load() {
		return ledger.ErrStopped
	}
	return m.Store.Record(ctx, act)
}

// begin has a process tell a receiver, until the returned function stops it.
func (d desk) begin(process string, to outbox.Sender) (stop func()) {
	d.t.Helper()
	return d.beginOver(d.store, process, to)
}

func (d desk) beginOver(store outbox.Store, process string, to outbox.Sender) (stop func()) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- outbox.Run(ctx, ctx, outbox.Config{
			Store: store, Process: process, Jitter: func(int64) int64 { return 0 },
			Channels: []outbox.Channel{{Name: "webhook", Kinds: outbox.Kinds(), Sender: to}},
		})
	}()
	pass(5 * time.Second)
	return func() {
		cancel()
		if err := <-done; err != nil && !errors.Is(err, ledger.ErrStopped) {
			d.t.Errorf("%s ended with %v", process, err)
		}
	}
}

func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// released has a batch entered and released, which is one fact.
func (d desk) released(id ledger.BatchID) {
	d.t.Helper()
	batch := ledgertest.Batch(id)
	if _, err := d.store.Enrol(d.t.Context(), batch, ledgertest.Each(ledgertest.Entries(string(id), 2))); err != nil {
		d.t.Fatal(err)
	}
	d.act(id, ledger.ActReleased)
}

func (d desk) act(id ledger.BatchID, code ledger.ActCode) {
	d.t.Helper()
	if err := d.store.Record(d.t.Context(), ledger.Act{Code: code, Batch: id, At: time.Now().UTC(), By: ledger.Person{Name: "awa"}}); err != nil {
		d.t.Fatal(err)
	}
}

// in runs a test at a desk, in virtual time.
func in(t *testing.T, do func(t *testing.T, d desk)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { do(t, desk{t, memledger.New()}) })
}

func wants(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: told %q, want %q", what, got, want)
	}
}

// TestWhatHappensIsToldOnceAndInOrder, from when somebody is told at all, and across restarts.
func TestWhatHappensIsToldOnceAndInOrder(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		d.released("before")
		r := new(receiver)
		stop := d.begin("one", r)
		d.released("may")
		d.act("may", ledger.ActStopped)
		pass(5 * time.Second)
		wants(t, "while it runs", r.heard(), "batch.released may", "batch.stopped may")
		stop()
		d.act("may", ledger.ActClosed)
		stop = d.begin("two", r)
		d.act("before", ledger.ActClosed)
		d.act("before", ledger.ActReleased)
		pass(5 * time.Second)
		wants(t, "after a restart", r.heard(), "batch.released may", "batch.stopped may", "batch.closed may", "batch.closed before", "batch.released before")
		stop()
	})
}

// TestWhatIsNotTakenInIsTriedAgain, for three days, and then waits for a person.
func TestWhatIsNotTakenInIsTriedAgain(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		away, register := true, outbox.NewRegister(d.store)
		r := &receiver{refuse: func(context.Context, outbox.Fact, int) error {
			if away {
				return errors.New("nobody is there")
			}
			return nil
		}}
		defer d.begin("one", r)()
		d.released("may")
		pass(100 * time.Hour)
		if r.tries() != 10 {
			t.Errorf("tried %d times, want 10", r.tries())
		}
		if last := r.at[9].Sub(r.at[0]); last < 75*time.Hour || last > 76*time.Hour {
			t.Errorf("tried for %s, want three days and three hours", last)
		}
		dead, err := register.List(t.Context(), outbox.Dead)
		if err != nil || len(dead) != 1 || dead[0].Attempts != 10 || dead[0].Reason != "nobody is there" || dead[0].Batch != "may" {
			t.Fatalf("%+v, %v, want it dead", dead, err)
		}
		if count, err := register.Dead(t.Context()); count != 1 || err != nil {
			t.Errorf("%d are dead, %v, want one", count, err)
		}
		pass(100 * time.Hour)
		away = false
		by := ledger.Person{Name: "root"}
		if err := register.Again(t.Context(), by, "webhook", dead[0].Event+1, time.Now()); !errors.Is(err, outbox.ErrUnknown) {
			t.Errorf("again of nothing: %v", err)
		}
		if err := register.Again(t.Context(), by, "webhook", dead[0].Event, time.Now()); err != nil {
			t.Fatal(err)
		}
		for what, one := range map[string]*outbox.Register{"what it read": register, "a new one": outbox.NewRegister(d.store)} {
			if count, err := one.Dead(t.Context()); count != 0 || err != nil {
				t.Errorf("%s: %d are dead, %v, want none", what, count, err)
			}
		}
		pass(5 * time.Second)
		wants(t, "again", r.heard(), "batch.released may")
		if sent, err := register.List(t.Context(), outbox.Sent); err != nil || len(sent) != 1 || sent[0].Attempts != 1 {
			t.Errorf("%+v, %v, want it sent", sent, err)
		}
	})
}

// reading counts the acts that are read of a ledger.
type reading struct {
	*memledger.Store
	acts, batches int
}

func (r *reading) ActsFrom(ctx context.Context, id ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error] {
	return func(yield func(ledger.Event, error) bool) {
		for event, err := range r.Store.ActsFrom(ctx, id, from) {
			r.acts++
			if !yield(event, err) {
				return
			}
		}
	}
}

func (r *reading) Batches(ctx context.Context) ([]ledger.Batch, error) {
	r.batches++
	return r.Store.Batches(ctx)
}

// TestCountingWhatIsDeadReadsWhatWasRecordedSince, whatever was told before, and no batch.
func TestCountingWhatIsDeadReadsWhatWasRecordedSince(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		read := &reading{Store: d.store}
		register := outbox.NewRegister(read)
		dead := func() int {
			t.Helper()
			read.acts = 0
			count, err := register.Dead(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return count
		}
		r := &receiver{refuse: func(context.Context, outbox.Fact, int) error { return outbox.ErrGone }}
		defer d.begin("one", r)()
		for _, id := range []ledger.BatchID{"may", "june", "july"} {
			d.released(id)
			pass(5 * time.Second)
		}
		if got := dead(); got != 3 || read.acts == 0 {
			t.Errorf("%d are dead, by %d acts, want 3", got, read.acts)
		}
		if got := dead(); got != 3 || read.acts != 0 {
			t.Errorf("%d are dead, by %d acts, want 3 without reading any", got, read.acts)
		}
		d.released("august")
		pass(5 * time.Second)
		if got := dead(); got != 4 || read.acts != 4 || read.batches != 0 {
			t.Errorf("%d are dead, by %d acts and %d lists of batches, want 4 by what was recorded of one, twice", got, read.acts, read.batches)
		}
	})
}

// TestNobodyWaitsForWhatTheyAreNotToldOf: a list has of each channel what it is told, and nothing that
// would wait for ever.
func TestNobodyWaitsForWhatTheyAreNotToldOf(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		ctx, cancel := context.WithCancel(d.t.Context())
		done := make(chan error, 1)
		go func() {
			done <- outbox.Run(ctx, ctx, outbox.Config{
				Store: d.store, Process: "one", Jitter: func(int64) int64 { return 0 },
				Channels: []outbox.Channel{{Name: "mail awa", Kinds: []ledger.ActCode{ledger.ActClosed}, Sender: &receiver{}}},
			})
		}()
		pass(5 * time.Second)
		d.released("may")
		pass(5 * time.Second)
		if all, err := outbox.NewRegister(d.store).List(t.Context(), ""); err != nil || len(all) > 0 {
			t.Errorf("%+v, %v, want no release to wait", all, err)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// TestOneWhoWantsNoMoreIsNotTriedAgain.
func TestOneWhoWantsNoMoreIsNotTriedAgain(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		r := &receiver{refuse: func(context.Context, outbox.Fact, int) error { return outbox.ErrGone }}
		defer d.begin("one", r)()
		d.released("may")
		pass(100 * time.Hour)
		if dead, err := outbox.NewRegister(d.store).List(t.Context(), outbox.Dead); r.tries() != 1 || err != nil || len(dead) != 1 {
			t.Errorf("tried %d times, dead %+v, %v", r.tries(), dead, err)
		}
	})
}

// TestAKillLosesNothing: whatever was on its way when a process ended is told by the next one,
// under the same id, and by a neighbour.
func TestAKillLosesNothing(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		first := &mortal{Store: d.store}
		r := &receiver{}
		r.refuse = func(_ context.Context, _ outbox.Fact, nth int) error {
			if nth > 1 {
				return nil
			}
			first.dead.Store(true)
			return errors.New("killed on the way")
		}
		stop := d.beginOver(first, "one", r)
		d.released("may")
		pass(5 * time.Second)
		if !first.dead.Load() {
			t.Fatal("nothing was on its way")
		}
		stop()
		defer d.begin("two", r)()
		pass(2 * time.Minute)
		wants(t, "after the kill", r.heard(), "batch.released may")
		if len(r.tried) != 2 || r.tried[0] != r.tried[1] {
			t.Errorf("told as %q, want one id", r.tried)
		}
	})
}

// TestSeveralProcessesTellEachFactOnce: they look at the same moments, and take turns.
func TestSeveralProcessesTellEachFactOnce(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		slow := func(ctx context.Context, _ outbox.Fact, _ int) error {
			select {
			case <-time.After(3 * time.Second):
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		receivers := []*receiver{{refuse: slow}, {refuse: slow}, {refuse: slow}}
		for i, r := range receivers {
			defer d.begin([]string{"one", "two", "three"}[i], r)()
		}
		ids := []ledger.BatchID{"may", "june", "july", "august", "september"}
		for _, id := range ids {
			d.released(id)
		}
		pass(10 * time.Minute)
		var all []string
		for _, r := range receivers {
			all = append(all, r.heard()...)
		}
		slices.Sort(all)
		wants(t, "three processes", all, "batch.released august", "batch.released july", "batch.released june", "batch.released may", "batch.released september")
	})
}

// TestASlowReceiverHoldsUpNobody: it has its time, and the next fact its own.
func TestASlowReceiverHoldsUpNobody(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		r := &receiver{refuse: func(ctx context.Context, _ outbox.Fact, nth int) error {
			if nth > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		defer d.begin("one", r)()
		began := time.Now()
		d.released("may")
		if time.Since(began) != 0 {
			t.Error("a release waited for somebody to be told")
		}
		d.released("june")
		pass(2 * time.Minute)
		wants(t, "slowly", r.heard(), "batch.released may", "batch.released june")
	})
}

// TestOnlyWhoLooksAfterABatchLearnsNames of those who were not paid; a program elsewhere does not.
func TestOnlyWhoLooksAfterABatchLearnsNames(t *testing.T) {
	in(t, func(t *testing.T, d desk) {
		t.Helper()
		named := map[string]int{}
		note := func(channel string) outbox.Sender {
			return sender(func(fact outbox.Fact) {
				if fact.Kind == ledger.ActStopped {
					named[channel] = len(fact.Failed)
				}
			})
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			done <- outbox.Run(ctx, ctx, outbox.Config{
				Store: d.store, Process: "one", Jitter: func(int64) int64 { return 0 },
				Channels: []outbox.Channel{
					{Name: "mail", Kinds: outbox.Kinds(), Names: true, Sender: note("mail")},
					{Name: "webhook", Kinds: outbox.Kinds(), Sender: note("webhook")},
				},
			})
		}()
		pass(5 * time.Second)
		d.released("may")
		id := ledgertest.Entries("may", 2)[0].ID
		_, err := d.store.Apply(t.Context(), []ledger.Change{
			ledgertest.Move(id, ledger.Queued, ledger.Submitting), ledgertest.Move(id, ledger.Submitting, ledger.Failed),
		})
		if err != nil {
			t.Fatal(err)
		}
		d.act("may", ledger.ActStopped)
		pass(5 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if named["mail"] != 1 || named["webhook"] != 0 || len(named) != 2 {
			t.Errorf("named are %v", named)
		}
	})
}

// sender takes all in.
type sender func(fact outbox.Fact)

func (s sender) Send(_ context.Context, fact outbox.Fact) error {
	s(fact)
	return nil
}
