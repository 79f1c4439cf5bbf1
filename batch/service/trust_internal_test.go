package service

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/provider"
)

// TestWhoElseWasAtWorkFollowsFromTheAnchors: whoever used this ledger in another place, or an older
// copy of it, or another ledger of the account; and for a day what they paid may not be seen yet.
func TestWhoElseWasAtWorkFollowsFromTheAnchors(t *testing.T) {
	now := time.Date(2026, 5, 30, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	here := anchor.Anchor{Ledger: "own", Path: "/led.db", Host: "h", User: "u"}
	own := func(change func(*anchor.Anchor)) anchor.Anchor {
		a := here
		a.At = ago(time.Hour)
		change(&a)
		return a
	}
	same := own(func(*anchor.Anchor) {})
	others := func(times ...time.Time) (all []anchor.Anchor) {
		for _, at := range times {
			all = append(all, anchor.Anchor{Ledger: "other", At: at})
		}
		return all
	}
	for name, test := range map[string]struct {
		verdict   anchor.Verdict
		simulated bool
		atWork    time.Time
		used      bool
		doubted   bool
	}{
		"nobody":                      {verdict: anchor.Verdict{}},
		"this one, here":              {verdict: anchor.Verdict{Own: same}},
		"under another path":          {verdict: anchor.Verdict{Own: own(func(a *anchor.Anchor) { a.Path = "/usb" })}, atWork: ago(time.Hour), used: true},
		"on another machine":          {verdict: anchor.Verdict{Own: own(func(a *anchor.Anchor) { a.Host = "i" })}, atWork: ago(time.Hour), used: true},
		"by somebody else":            {verdict: anchor.Verdict{Own: own(func(a *anchor.Anchor) { a.User = "v" })}, atWork: ago(time.Hour), used: true},
		"a newer one, here":           {verdict: anchor.Verdict{Standing: anchor.Older, Own: same}, atWork: ago(time.Hour), used: true, doubted: true},
		"another ledger":              {verdict: anchor.Verdict{Standing: anchor.OtherLedger, Others: others(ago(time.Minute))}, atWork: ago(time.Minute), used: true, doubted: true},
		"the last of others":          {verdict: anchor.Verdict{Own: same, Others: others(ago(3*time.Hour), ago(2*time.Hour), ago(4*time.Hour))}, atWork: ago(2 * time.Hour), used: true},
		"others, a day ago":           {verdict: anchor.Verdict{Others: others(ago(24 * time.Hour))}, atWork: ago(24 * time.Hour)},
		"others, nearly a day ago":    {verdict: anchor.Verdict{Others: others(ago(24*time.Hour - time.Second))}, atWork: ago(24*time.Hour - time.Second), used: true},
		"others, of a simulator here": {verdict: anchor.Verdict{Others: others(ago(time.Minute))}, simulated: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Config{Ledger: memledger.New(), Account: provider.Account{Simulated: test.simulated}, Clock: func() time.Time { return now }})
			s.here, s.verdict = here, test.verdict
			got := s.trust()
			if !got.AtWork.Equal(test.atWork) || got.Used != test.used || got.Doubted != test.doubted {
				t.Errorf("%+v, want it at work %s", got, test.atWork)
			}
			if got.New != test.simulated || got.Vouched != (test.verdict.Standing == anchor.Vouched) {
				t.Errorf("%+v", got)
			}
			s.begun = true
			if got := s.trust(); !got.New {
				t.Errorf("%+v, though somebody said that the account is new", got)
			}
		})
	}
}

// TestWhatAPersonSaidIsRecordedOnce for as long as the process lives.
func TestWhatAPersonSaidIsRecordedOnce(t *testing.T) {
	store := memledger.New()
	s := New(Config{Ledger: store})
	by := Actor{Person: "awa"}
	var adopted int
	for range 2 {
		recorded, err := s.Adopt(t.Context(), by)
		if err = errors.Join(err, s.BeginAccount(t.Context(), by)); err != nil {
			t.Fatal(err)
		}
		if recorded {
			adopted++
		}
	}
	acts := map[ledger.ActCode]int{}
	for event, err := range store.Acts(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		acts[event.Act]++
	}
	if adopted != 1 || acts[ledger.ActAdopted] != 1 || acts[ledger.ActNewAccount] != 1 {
		t.Errorf("recorded %d times, %v", adopted, acts)
	}
}

// together is a ledger that others pay from, of whom is known what they hold of a batch and leave.
type together struct {
	ledger.Store
	held, left []int
	err        error
}

func (g *together) Held(context.Context, ledger.BatchID) (held, left int, err error) {
	held, left = g.held[0], g.left[0]
	if len(g.held) > 1 {
		g.held, g.left = g.held[1:], g.left[1:]
	}
	return held, left, g.err
}

// TestWhatOthersHaveUnderWayIsWaitedFor until they leave some of it, or have none; and no longer
// than the time to wait without any of it coming to an end.
func TestWhatOthersHaveUnderWayIsWaitedFor(t *testing.T) {
	const wait = 10 * time.Second
	lost := errors.New("lost")
	for name, test := range map[string]struct {
		others  together
		again   bool
		least   time.Duration
		most    time.Duration
		drained bool
		err     error
	}{
		"they have none":        {others: together{held: []int{0}, left: []int{0}}},
		"they left some before": {others: together{held: []int{0}, left: []int{2}}, again: true},
		"they end":              {others: together{held: []int{2, 2, 0}, left: []int{0, 0, 0}}, again: true, least: 100 * time.Millisecond, most: time.Second},
		"they leave some":       {others: together{held: []int{2, 2, 1}, left: []int{0, 0, 1}}, again: true, least: 100 * time.Millisecond, most: time.Second},
		"they stand still":      {others: together{held: []int{2}, left: []int{0}}, least: wait, most: wait + 2*time.Second},
		"they go on, and stand still": {
			others: together{held: []int{3, 3, 3, 3, 3, 3, 3, 3, 2}, left: make([]int, 9)}, least: wait + 2*time.Second, most: 2 * wait,
		},
		"nobody waits any more":      {others: together{held: []int{2}, left: []int{0}}, drained: true},
		"the ledger cannot be asked": {others: together{held: []int{0}, left: []int{1}, err: lost}, err: lost},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := New(Config{Ledger: memledger.New(), Pace: Pace{Wait: wait}})
				drain := make(chan struct{})
				if test.drained {
					close(drain)
				}
				begin := time.Now()
				again, err := s.awaitOthers(t.Context(), &test.others, Payment{Drain: drain})
				if took := time.Since(begin); took < test.least || took > test.most {
					t.Errorf("it took %s, want %s to %s", took, test.least, test.most)
				}
				if again != test.again || !errors.Is(err, test.err) {
					t.Errorf("again: %t, %v; want %t, %v", again, err, test.again, test.err)
				}
			})
		})
	}
}

// TestWhatIsQueuedForAnotherReasonIsNotGoneOnWith: a batch that is as it was the last time is not paid
// again and again.
func TestWhatIsQueuedForAnotherReasonIsNotGoneOnWith(t *testing.T) {
	store := memledger.New()
	ledgertest.Reach(t, store, ledger.Queued, ledger.Queued, ledger.Pending)
	s, last := New(Config{Ledger: store}), ledger.ByState{}
	apply := func(changes ...ledger.Change) {
		t.Helper()
		if _, err := store.Apply(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
	}
	for i, test := range []struct {
		before []ledger.Change
		want   bool
	}{
		{nil, true},
		{nil, false},
		{[]ledger.Change{ledgertest.Move("A-00000", ledger.Queued, ledger.Cancelled)}, true},
		{nil, false},
		{[]ledger.Change{ledgertest.Move("A-00001", ledger.Queued, ledger.Cancelled)}, false}, // one is pending
		{[]ledger.Change{ledgertest.Move("A-00002", ledger.Pending, ledger.Successful)}, true},
	} {
		apply(test.before...)
		if again, err := s.moved(t.Context(), "may", &last); err != nil || again != test.want {
			t.Errorf("question %d: %t, %v, want %t", i, again, err, test.want)
		}
	}
}
