package policy_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"payrun/provider"
	"payrun/provider/policy"
)

// pace counts a limiter's requests before a provider, second by second.
type pace struct {
	taken []int
	cuts  int
}

// from returns how many requests were taken from one second to another, on average.
func (p pace) from(first, last int) float64 {
	sum := 0
	for _, n := range p.taken[first:last] {
		sum += n
	}
	return float64(sum) / float64(last-first)
}

// answering says whether the provider takes a request that reaches it at a moment, and
// which pause it asks for if not.
type answering func(at time.Time, second int) (taken bool, retryAfter time.Duration)

// drive sends as fast as the limiter lets it, in a time that is only counted. Answers
// come after the latency.
func drive(perSecond float64, seconds int, latency time.Duration, answer answering) pace {
	return driveWorkers(math.MaxInt, perSecond, seconds, latency, answer)
}

// driveWorkers is drive with so many requests under way at most.
func driveWorkers(workers int, perSecond float64, seconds int, latency time.Duration, answer answering) pace {
	began := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	l := policy.NewLimiter(perSecond, began)
	p := pace{taken: make([]int, seconds)}
	type request struct {
		sent  time.Time
		taken bool
		after time.Duration
	}
	var underWay []request
	now := began
	for end := began.Add(time.Duration(seconds) * time.Second); now.Before(end); {
		for len(underWay) > 0 && !underWay[0].sent.Add(latency).After(now) {
			one := underWay[0]
			underWay = underWay[1:]
			o := provider.Outcome{Class: provider.Successful}
			if !one.taken {
				o = provider.Outcome{Class: provider.Throttled, RetryAfter: one.after}
			}
			before := l.PerSecond()
			l.Note(one.sent.Add(latency), one.sent, o)
			if after := l.PerSecond(); after > 0 && (before == 0 || after < before) {
				p.cuts++
			}
		}
		wait := l.Delay(now)
		switch {
		case len(underWay) >= workers:
			wait = latency
		case wait == 0:
			l.Take(now)
			second := int(now.Sub(began) / time.Second)
			taken, after := answer(now, second)
			if taken {
				p.taken[second]++
			}
			underWay = append(underWay, request{now, taken, after})
			wait = 100 * time.Microsecond // nobody sends faster than this
		}
		if len(underWay) > 0 {
			wait = min(wait, max(underWay[0].sent.Add(latency).Sub(now), time.Microsecond))
		}
		now = now.Add(wait)
	}
	return p
}

// steady takes a number of requests in any second, a fifth of a second's worth at once, and refuses the rest.
func steady(limit func(second int) float64, retryAfter time.Duration) answering {
	var tokens float64
	var last time.Time
	return func(at time.Time, second int) (bool, time.Duration) {
		perSecond := limit(second)
		if !last.IsZero() {
			tokens = min(tokens+at.Sub(last).Seconds()*perSecond, max(2, perSecond/5))
		}
		last = at
		if tokens < 1 {
			return false, retryAfter
		}
		tokens--
		return true, 0
	}
}

// TestOneSecondOfComplaintsLowersTheRateOnce, however many there are.
func TestOneSecondOfComplaintsLowersTheRateOnce(t *testing.T) {
	for _, perSecond := range []float64{20, 200, 2000, 0} {
		complains := func(_ time.Time, second int) (bool, time.Duration) { return second != 3, 0 }
		p := drive(perSecond, 15, 50*time.Millisecond, complains)
		if p.cuts != 1 {
			t.Errorf("at %v a second the rate was lowered %d times, want once", perSecond, p.cuts)
		}
		if perSecond > 0 && p.from(13, 15) < 0.9*perSecond {
			t.Errorf("at %v a second: %v ten seconds later, want 0.9 of it: %v", perSecond, p.from(13, 15), p.taken)
		}
	}
}

// TestAComplaintHereAndThereIsChance: one answer in a hundred is "too fast", and asks
// for a pause.
func TestAComplaintHereAndThereIsChance(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		chance := func(time.Time, int) (bool, time.Duration) { return random.IntN(100) > 0, 2 * time.Second }
		for _, perSecond := range []float64{5, 50, 200, 1000} {
			if p := drive(perSecond, 30, 50*time.Millisecond, chance); p.from(0, 30) < 0.7*perSecond {
				t.Errorf("seed %d: %.1f of %v a second were taken, want 0.7: %v", seed, p.from(0, 30), perSecond, p.taken)
			}
		}
	}
}

// TestChanceKeepsWorkersBusy: no rate is set, so that the workers alone bound it, and one
// answer in a hundred is "too fast".
func TestChanceKeepsWorkersBusy(t *testing.T) {
	const seconds = 15
	for _, latency := range []time.Duration{10 * time.Millisecond, 50 * time.Millisecond, 500 * time.Millisecond} {
		for _, workers := range []int{4, 16, 64} {
			full := float64(workers) * float64(time.Second/latency)
			for seed := range uint64(50) {
				random := rand.New(rand.NewPCG(seed, 2))
				chance := func(time.Time, int) (bool, time.Duration) { return random.IntN(100) > 0, 1500 * time.Millisecond }
				p := driveWorkers(workers, 0, seconds, latency, chance)
				if kept := p.from(0, seconds) / full; kept < 0.7 {
					t.Errorf("seed %d, %d workers, %s: %.2f of the rate was kept, want 0.7: %v", seed, workers, latency, kept, p.taken)
				}
			}
		}
	}
}

// TestASteadyLimitIsReached: the provider takes less than was asked for. Within ten
// seconds of the first complaint a run is at nine tenths of it, and stays there.
func TestASteadyLimitIsReached(t *testing.T) {
	for _, perSecond := range []float64{40, 400, 4000, 0} {
		for _, share := range []float64{0.1, 0.3, 0.5, 0.9, 0.98} {
			limit := share * perSecond
			if perSecond == 0 {
				limit = share * 5000
			}
			p := drive(perSecond, 60, 50*time.Millisecond, steady(func(int) float64 { return limit }, 0))
			if got := p.from(10, 60); got < 0.9*limit {
				t.Errorf("%v a second, of which %v are taken: %.1f after ten seconds: %v", perSecond, limit, got, p.taken)
			}
		}
	}
}

// TestALimitThatIsLiftedIsNoticed: the provider was busy for a minute.
func TestALimitThatIsLiftedIsNoticed(t *testing.T) {
	busy := func(second int) float64 {
		if second < 60 {
			return 50
		}
		return 1000
	}
	p := drive(200, 120, 50*time.Millisecond, steady(busy, time.Second))
	if got := p.from(100, 120); got < 0.9*200 {
		t.Errorf("%.1f a second forty seconds after the limit was lifted, want 180: %v", got, p.taken)
	}
}

// TestThePauseThatIsAskedForIsKept by everybody once the provider is overrun, and
// grows where it asks for none and goes on complaining.
func TestThePauseThatIsAskedForIsKept(t *testing.T) {
	asks := func(_ time.Time, second int) (bool, time.Duration) { return second > 0, 5 * time.Second }
	if p := drive(100, 8, 50*time.Millisecond, asks); p.from(1, 5) != 0 || p.taken[6] == 0 {
		t.Errorf("taken %v, want five seconds of silence", p.taken)
	}
	never := 0
	refuses := func(time.Time, int) (bool, time.Duration) { never++; return false, 0 }
	if drive(100, 60, 50*time.Millisecond, refuses); never > 40 {
		t.Errorf("a provider that refuses everything was asked %d times in a minute", never)
	}
}
