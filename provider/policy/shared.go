package policy

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/time/rate"

	"payrun/provider"
)

const (
	// heartbeat is how often a machine that wants nothing says that it is there.
	heartbeat = time.Second
	// exchangeMax is how long one waits for the cell, and failedFor how long one then
	// leaves it alone.
	exchangeMax = 5 * time.Second
	failedFor   = 250 * time.Millisecond
	// never is a delay that only an answer of the cell ends.
	never = time.Hour
)

// Shared is the limiter of one of several machines that ask one account. All of them
// together keep one rate, which follows what the provider takes: each takes leave for
// the next few requests at a time, as many as it had use for lately, and lets it go unused
// if there is nothing to send. While the cell does not answer nothing leaves beyond that.
// It is safe for concurrent use.
type Shared struct {
	cell Cell
	name string
	rate float64
	wake func()
	log  zerolog.Logger
	// kick has Keep ask the cell.
	kick chan struct{}

	mu sync.Mutex
	// due are the times of the requests that may leave, freeUntil the end of leave for
	// any number. Times are this machine's.
	due       []time.Time
	freeUntil time.Time
	// wanted is set while leave is asked for, size how much was last given; used and
	// void count what became of it.
	wanted           bool
	size, used, void int
	// pace is the account's, as it was last heard of, and pausedUntil the end of a silence.
	pace        controller
	pausedUntil time.Time
	stop        *Stop
	untold      untold
}

// untold is the news that the cell has yet to hear.
type untold struct {
	answers []answered
	sent    int
	stop    *Stop
}

// answered is a request that was, and how.
type answered struct {
	sent       time.Time
	tooFast    bool
	retryAfter time.Duration
}

// NewShared returns a limiter that shares the rate of a cell's account, of which it wants
// perSecond requests at most, 0 for no limit. It lets nothing through before Keep has
// heard from the cell. It calls wake when a Delay may have become shorter, or the account
// was stopped; wake must return at once.
func NewShared(cell Cell, perSecond float64, wake func(), log zerolog.Logger) *Shared {
	return &Shared{
		cell: cell, name: rand.Text(), rate: perSecond, wake: wake, log: log,
		kick: make(chan struct{}, 1), pace: newController(perSecond, time.Time{}),
	}
}

// Keep asks the cell until its context ends, and then tells it what it has yet to hear.
func (s *Shared) Keep(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	kick := s.kick
	for {
		select {
		case <-ctx.Done():
			s.leave(ctx)
			return
		case <-kick:
		case <-timer.C:
		}
		if err := s.exchange(ctx, false); err != nil && ctx.Err() == nil {
			s.log.Warn().Err(err).Msg("the account's rate is not known: sending nothing")
			kick = nil
			timer.Reset(failedFor)
			continue
		}
		kick = s.kick
		timer.Reset(heartbeat)
	}
}

// leave tells the cell that this machine asks the account no more.
func (s *Shared) leave(ctx context.Context) {
	if err := s.exchange(context.WithoutCancel(ctx), true); err != nil {
		s.log.Warn().Err(err).Msg("other machines were not told what the provider said last")
	}
}

// exchange tells the cell what it has yet to hear, and takes in what it says.
func (s *Shared) exchange(ctx context.Context, leaving bool) error {
	ctx, cancel := context.WithTimeout(ctx, exchangeMax)
	defer cancel()
	wanted, telling := s.ask()
	var heard account
	var given block
	var here, there time.Time
	err := s.cell.Exchange(ctx, func(text []byte, now time.Time) (_ []byte, err error) {
		here, there = time.Now(), now
		if heard, err = readAccount(text); err != nil {
			return nil, err
		}
		heard.meet(s.name, s.rate, now)
		telling.tell(&heard, here, now)
		if leaving {
			delete(heard.Machines, s.name)
		} else {
			given = heard.give(wanted, now)
		}
		return json.Marshal(heard)
	})
	if err != nil {
		s.keep(telling)
		return err
	}
	s.hear(&heard, given, wanted > 0, here, here.Sub(there))
	s.wake()
	return nil
}

// ask returns how many requests leave is wanted for: a machine that used all of its last
// block wants twice as many, one that did not what it used. Telling is what the cell has
// yet to hear.
func (s *Shared) ask() (wanted int, telling untold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	telling, s.untold = s.untold, untold{}
	if !s.wanted {
		return 0, telling
	}
	switch {
	case s.void > 0:
		s.size = s.used
	case s.used > 0:
		s.size *= 2
	}
	s.size = max(1, s.size)
	return s.size, telling
}

// keepMost bounds the answers that are kept for a cell that does not answer.
const keepMost = 1000

// keep keeps what could not be told.
func (s *Shared) keep(telling untold) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := append(telling.answers, s.untold.answers...)
	s.untold.answers = all[max(0, len(all)-keepMost):]
	s.untold.sent += telling.sent
	if s.untold.stop == nil {
		s.untold.stop = telling.stop
	}
}

// tell tells an account. Here and now are the same moment, by this machine's clock and by
// the cell's.
func (u *untold) tell(a *account, here, now time.Time) {
	if u.sent > 0 {
		a.Pace.Recent.at(now).Sent += u.sent
	}
	for _, one := range u.answers {
		a.Pace.note(now, now.Add(one.sent.Sub(here)), one.tooFast, one.retryAfter)
	}
	if a.Stop == nil {
		a.Stop = u.stop
	}
}

// hear takes in what the cell said here, when it was asked for leave or not; its times are
// earlier than this machine's by so much.
func (s *Shared) hear(a *account, given block, asked bool, here time.Time, earlier time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pace, s.pausedUntil = a.Pace, time.Time{}
	if !a.Pace.PausedUntil.IsZero() {
		s.pausedUntil = a.Pace.PausedUntil.Add(earlier)
	}
	if s.stop == nil {
		s.stop = a.Stop
	}
	if !asked {
		return
	}
	s.wanted, s.used, s.void, s.size = false, 0, 0, given.count
	if given.free {
		s.freeUntil = here.Add(freeFor)
	}
	for i := range given.count {
		s.due = append(s.due, given.first.Add(earlier+time.Duration(i)*given.apart))
	}
}

// want has Keep ask for leave.
func (s *Shared) want() {
	if !s.wanted {
		s.wanted = true
		s.kicks()
	}
}

func (s *Shared) kicks() {
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// Unlimited reports whether no request has to wait.
func (s *Shared) Unlimited() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pace.Limit == rate.Inf
}

// PerSecond returns the account's current rate in requests a second, 0 for no limit.
func (s *Shared) PerSecond() float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pace.perSecond()
}

// Slowed reports whether the rate is below the one that was asked for.
func (s *Shared) Slowed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pace.slowed()
}

// Delay returns how long the next request has to wait.
func (s *Shared) Delay(now time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait := s.pausedUntil.Sub(now); wait > 0 {
		return wait
	}
	if s.pace.Limit == rate.Inf {
		return s.free(now)
	}
	for len(s.due) > 0 && now.Sub(s.due[0]) > lateMax {
		s.due = s.due[1:]
		s.void++
	}
	if len(s.due) <= s.size/2 {
		s.want()
	}
	if len(s.due) == 0 {
		return never
	}
	return max(0, s.due[0].Sub(now))
}

// free is Delay where there is no limit.
func (s *Shared) free(now time.Time) time.Duration {
	left := s.freeUntil.Sub(now)
	if left < freeFor/2 {
		s.want()
	}
	if left <= 0 {
		return never
	}
	return 0
}

// Take uses the leave that Delay found.
func (s *Shared) Take(time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.due) > 0 {
		s.due = s.due[1:]
	}
	s.used++
	s.untold.sent++
}

// Note takes in what a request that was sent at a moment was answered with. The other
// machines hear of a "too fast" at once.
func (s *Shared) Note(_, sent time.Time, o provider.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := answered{sent: sent, tooFast: o.BackOff || o.Class == provider.Throttled, retryAfter: o.RetryAfter}
	s.untold.answers = append(s.untold.answers, one)
	if one.tooFast {
		s.kicks()
	}
}

// Stop stops all machines until a person goes on.
func (s *Shared) Stop(stop Stop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == nil {
		s.stop, s.untold.stop = &stop, &stop
		s.kicks()
	}
}

// Stopped returns why the account is stopped, if it is.
func (s *Shared) Stopped() (Stop, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stop == nil {
		return Stop{}, false
	}
	return *s.stop, true
}
