package policy_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"payrun/provider"
	"payrun/provider/policy"
)

// cell is one in a database that answers after a time, and whose clock goes otherwise.
type cell struct {
	takes, ahead time.Duration

	// turn is held by whoever changes the rest: time goes on for those who wait for a
	// channel.
	turn   chan struct{}
	text   []byte
	silent bool
	asked  int
}

func newCell(takes, ahead time.Duration) *cell {
	return &cell{takes: takes, ahead: ahead, turn: make(chan struct{}, 1)}
}

var errSilent = errors.New("the database is silent")

func (c *cell) Exchange(ctx context.Context, change func([]byte, time.Time) ([]byte, error)) error {
	<-time.After(c.takes / 2)
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	if c.asked++; c.silent {
		return errSilent
	}
	after, err := change(slices.Clone(c.text), time.Now().Add(c.ahead))
	if err != nil {
		return err
	}
	<-time.After(c.takes / 2)
	if after != nil {
		c.text = after
	}
	return ctx.Err()
}

func (c *cell) set(change func(*cell)) {
	c.turn <- struct{}{}
	change(c)
	<-c.turn
}

// sender sends through a limiter as a dispatcher does, one request after the other.
type sender struct {
	limiter *policy.Shared
	woken   chan struct{}
	leave   context.CancelFunc
	left    sync.WaitGroup
}

func newSender(c policy.Cell, perSecond float64) *sender {
	s := &sender{woken: make(chan struct{}, 1)}
	s.limiter = policy.NewShared(c, perSecond, func() {
		select {
		case s.woken <- struct{}{}:
		default:
		}
	}, zerolog.Nop())
	ctx, cancel := context.WithCancel(context.Background())
	s.leave = cancel
	s.left.Go(func() { s.limiter.Keep(ctx) })
	return s
}

// end has the sender's machine leave.
func (s *sender) end() {
	s.leave()
	s.left.Wait()
}

// send sends until a moment, with a pause after each request. Answer says whether the
// provider takes it.
func (s *sender) send(until time.Time, each func() time.Duration, answer func(time.Time) provider.Outcome) {
	for now := time.Now(); now.Before(until); now = time.Now() {
		if wait := s.limiter.Delay(now); wait > 0 {
			select {
			case <-s.woken:
			case <-time.After(min(wait, until.Sub(now))):
			}
			continue
		}
		s.limiter.Take(now)
		s.limiter.Note(now, now, answer(now))
		<-time.After(each())
	}
}

func at(pause time.Duration) func() time.Duration { return func() time.Duration { return pause } }

// book notes when requests arrived.
type book struct {
	mu    sync.Mutex
	times []time.Time
}

func (b *book) take(now time.Time) provider.Outcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.times = append(b.times, now)
	return provider.Outcome{Class: provider.Successful}
}

// most is how many requests arrived within a time at most.
func (b *book) most(within time.Duration) (most int) {
	first := 0
	for last, now := range b.times {
		for now.Sub(b.times[first]) >= within {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// between counts those that arrived in a time.
func (b *book) between(from, to time.Time) (count int) {
	for _, one := range b.times {
		if !one.Before(from) && one.Before(to) {
			count++
		}
	}
	return count
}

// TestMachinesKeepOneRate has three machines ask one account for a minute: as fast as they
// may, unevenly, and with one that comes late and one that leaves early.
func TestMachinesKeepOneRate(t *testing.T) {
	const machines = 3
	for name, load := range map[string]struct {
		takes, ahead time.Duration
		pauses       [machines]time.Duration
		from, to     [machines]time.Duration
	}{
		"all as fast as they may":       {takes: 4 * time.Millisecond},
		"a database far away":           {takes: 60 * time.Millisecond},
		"a database an hour ahead":      {takes: 4 * time.Millisecond, ahead: time.Hour},
		"two with little to do":         {takes: 4 * time.Millisecond, pauses: [machines]time.Duration{0, 3 * time.Second, 700 * time.Millisecond}},
		"one comes late and one leaves": {takes: 4 * time.Millisecond, from: [machines]time.Duration{1: 20 * time.Second}, to: [machines]time.Duration{2: 40 * time.Second}},
	} {
		for _, perSecond := range []float64{1, 2, 10, 50, 300} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					const long = time.Minute
					c, b, began := newCell(load.takes, load.ahead), &book{}, time.Now()
					var all sync.WaitGroup
					for i := range machines {
						all.Go(func() {
							<-time.After(load.from[i])
							s := newSender(c, perSecond)
							defer s.end()
							end := began.Add(long)
							if load.to[i] > 0 {
								end = began.Add(load.to[i])
							}
							s.send(end, at(load.pauses[i]), b.take)
						})
					}
					all.Wait()
					const within = 5 * time.Second
					burst := perSecond*(100*time.Millisecond+load.takes/2).Seconds() + 1
					if most := b.most(within); float64(most) > perSecond*within.Seconds()+burst {
						t.Errorf("%v a second: %d requests within %s", perSecond, most, within)
					}
					if got := float64(len(b.times)); got < 0.95*perSecond*long.Seconds() {
						t.Errorf("%v a second: %v requests in a minute", perSecond, got)
					}
					if c.asked > 60*machines*12 && float64(c.asked) > 1.2*perSecond*long.Seconds()+60*machines {
						t.Errorf("%v a second: the database was asked %d times", perSecond, c.asked)
					}
				})
			})
		}
	}
}

// TestTheLowestRateCountsWhileItsMachineIsThere has machines with different rates.
func TestTheLowestRateCountsWhileItsMachineIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b, began := newCell(4*time.Millisecond, 0), &book{}, time.Now()
		fast, slow := newSender(c, 100), newSender(c, 10)
		var both sync.WaitGroup
		both.Go(func() { fast.send(began.Add(40*time.Second), at(0), b.take); fast.end() })
		both.Go(func() { slow.send(began.Add(20*time.Second), at(0), b.take); slow.end() })
		both.Wait()
		together := b.between(began.Add(2*time.Second), began.Add(20*time.Second))
		alone := b.between(began.Add(30*time.Second), began.Add(40*time.Second))
		if together < 170 || together > 190 || alone < 950 || alone > 1010 {
			t.Errorf("%d requests in 18 seconds together, and %d in 10 alone", together, alone)
		}
	})
}

// TestNothingLeavesWhileTheDatabaseIsSilent has it fall silent for a while.
func TestNothingLeavesWhileTheDatabaseIsSilent(t *testing.T) {
	for _, perSecond := range []float64{50, 0} {
		synctest.Test(t, func(t *testing.T) {
			c, b, began := newCell(4*time.Millisecond, 0), &book{}, time.Now()
			s := newSender(c, perSecond)
			time.AfterFunc(10*time.Second, func() { c.set(func(c *cell) { c.silent = true }) })
			time.AfterFunc(30*time.Second, func() { c.set(func(c *cell) { c.silent = false }) })
			s.send(began.Add(40*time.Second), at(time.Millisecond), b.take)
			s.end()
			if late := b.between(began.Add(11100*time.Millisecond), began.Add(30*time.Second)); late > 0 {
				t.Errorf("%v a second: %d requests left in the silence", perSecond, late)
			}
			if after := b.between(began.Add(31*time.Second), began.Add(40*time.Second)); after < 440 {
				t.Errorf("%v a second: %d requests in nine seconds after the silence", perSecond, after)
			}
		})
	}
}

// TestATooFastSlowsAllMachinesOnce has the provider take a third of what three machines may
// send, and then all of it.
func TestATooFastSlowsAllMachinesOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const perSecond, taken = 60, 20
		c, b, began := newCell(4*time.Millisecond, 0), &book{}, time.Now()
		var second, inSecond, refused int
		recovers := began.Add(3 * time.Minute)
		answer := func(now time.Time) provider.Outcome {
			o := b.take(now)
			b.mu.Lock()
			defer b.mu.Unlock()
			if s := int(now.Sub(began) / time.Second); s != second {
				second, inSecond = s, 0
			}
			if inSecond++; inSecond > taken && now.Before(recovers) {
				if now.Sub(began) > time.Minute {
					refused++
				}
				o.Class = provider.Throttled
			}
			return o
		}
		var all sync.WaitGroup
		limits := make([]*policy.Shared, 3)
		for i := range limits {
			s := newSender(c, perSecond)
			limits[i] = s.limiter
			all.Go(func() { s.send(began.Add(5*time.Minute), at(0), answer); s.end() })
		}
		<-time.After(5 * time.Second)
		low, high := limits[0].PerSecond(), limits[0].PerSecond()
		for _, one := range limits {
			if !one.Slowed() {
				t.Error("a machine was not slowed")
			}
			low, high = min(low, one.PerSecond()), max(high, one.PerSecond())
		}
		if low < taken/3 || high > 2*taken {
			t.Errorf("rates from %v to %v after five seconds, want about %d: one decrease a second for all", low, high, taken)
		}
		all.Wait()
		accepted := b.between(began.Add(time.Minute), recovers) - refused
		if accepted < 2*60*taken*8/10 || refused > accepted/3 {
			t.Errorf("%d requests were taken in two minutes and %d refused, want nearly %d and few", accepted, refused, 2*60*taken)
		}
		if back := b.between(began.Add(4*time.Minute), began.Add(5*time.Minute)); back < 60*perSecond*95/100 {
			t.Errorf("%d requests in the last minute, want the full rate", back)
		}
	})
}

// TestASilenceThatOneMachineIsAskedForIsKeptByAll has one machine told to come back later.
func TestASilenceThatOneMachineIsAskedForIsKeptByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, b, began := newCell(4*time.Millisecond, -time.Hour), &book{}, time.Now()
		told := false
		var all sync.WaitGroup
		for range 3 {
			s := newSender(c, 30)
			all.Go(func() {
				s.send(began.Add(30*time.Second), at(0), func(now time.Time) provider.Outcome {
					o := b.take(now)
					b.mu.Lock()
					defer b.mu.Unlock()
					if !told && now.Sub(began) > 5*time.Second {
						// A single one among many would be chance.
						told = now.Sub(began) > 5500*time.Millisecond
						o = provider.Outcome{Class: provider.Throttled, RetryAfter: 10 * time.Second}
					}
					return o
				})
				s.end()
			})
		}
		all.Wait()
		if during := b.between(began.Add(6*time.Second), began.Add(15*time.Second)); during > 0 {
			t.Errorf("%d requests in the silence", during)
		}
		if after := b.between(began.Add(16*time.Second), began.Add(30*time.Second)); after < 100 {
			t.Errorf("%d requests after it", after)
		}
	})
}

// TestAStopIsHeardByAllAndByThoseWhoComeLater has one machine hear that the account is
// empty.
func TestAStopIsHeardByAllAndByThoseWhoComeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCell(4*time.Millisecond, 0)
		hears, other := newSender(c, 10), newSender(c, 10)
		hears.limiter.Stop(policy.Stop{Code: "balance", Reason: "empty"})
		hears.end()
		<-time.After(2 * time.Second)
		if stop, is := other.limiter.Stopped(); !is || stop != (policy.Stop{Code: "balance", Reason: "empty"}) {
			t.Errorf("the other machine has %+v, %v", stop, is)
		}
		other.end()
		later := newSender(c, 10)
		for later.limiter.Delay(time.Now()) > 0 {
			<-later.woken
		}
		if _, is := later.limiter.Stopped(); !is {
			t.Error("a machine that came later has leave and no stop")
		}
		later.end()
		if err := policy.GoOn(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		again := newSender(c, 10)
		<-time.After(time.Second)
		if _, is := again.limiter.Stopped(); is {
			t.Error("the stop is there after a person went on")
		}
		again.end()
	})
}

// TestWhoOnlyAsksKeepsTheRateOfAll has a machine pay while another looks many payouts up: the
// provider hears no more than one rate of both.
func TestWhoOnlyAsksKeepsTheRateOfAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, lasts = 50, 30 * time.Second
		shared, heard := newCell(2*time.Millisecond, 0), &book{}
		until := time.Now().Add(lasts)
		paying := newSender(shared, rate)
		asking := policy.NewPaced(&counted{heard: heard}, policy.Pace{Rate: rate, Workers: 8, Account: shared, Log: zerolog.Nop()})
		var both, askers sync.WaitGroup
		both.Go(func() { paying.send(until, at(0), heard.take) })
		var mu sync.Mutex
		looked, err := policy.While(t.Context(), asking, func(ctx context.Context) (looked int, _ error) {
			for range 8 {
				askers.Go(func() {
					for time.Now().Before(until) {
						if o := asking.LookUp(ctx, provider.Query{Reference: "T-1"}); o.Class != provider.Successful {
							t.Errorf("a look-up: %+v", o)
						}
						mu.Lock()
						looked++
						mu.Unlock()
					}
				})
			}
			askers.Wait()
			return looked, nil
		})
		both.Wait()
		paying.end()
		if err != nil || looked < 5*rate {
			t.Errorf("%d look-ups, %v, want a share of the rate for them", looked, err)
		}
		if most := heard.most(5 * time.Second); most > 5*rate+rate/10 {
			t.Errorf("%d requests within five seconds, want %d at most", most, 5*rate+rate/10)
		}
		if all := len(heard.times); all < int(0.9*rate*lasts.Seconds()) {
			t.Errorf("%d requests in %s, want most of %d a second", all, lasts, rate)
		}
	})
}

// counted is a provider that knows every payout as paid.
type counted struct {
	provider.Provider
	heard *book
}

func (c *counted) Capabilities() provider.Capabilities { return provider.Capabilities{} }

func (c *counted) LookUp(context.Context, provider.Query) provider.Outcome {
	return c.heard.take(time.Now())
}
