package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// slowly answers each transfer after a second.
func slowly(answer func(after time.Duration) provider.Outcome) *scripted {
	p := &scripted{}
	p.send = func(int) provider.Outcome {
		<-time.After(time.Second)
		return answer(time.Since(p.began))
	}
	return p
}

// TestWorkersNeedNotWaitForTheDispatcher: while it is busy for a second, a worker
// carries the request that lay ready as well.
func TestWorkersNeedNotWaitForTheDispatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rows, workers = 400, 4
		p := &scripted{send: always(provider.Successful)}
		if _, err := newSmall(t, rows).run(t, p, func(c *engine.Config) {
			c.Workers, c.Progress = workers, func(engine.Progress) { <-time.After(time.Second) }
		}); err != nil {
			t.Fatal(err)
		}
		const alone = rows / workers * time.Second
		if took := time.Since(p.began); took > alone*9/10 {
			t.Errorf("took %s, without what lies ready it takes %s", took, alone)
		}
	})
}

func TestWhatLiesReadyIsNotSentAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 100)
		p := slowly(func(time.Duration) provider.Outcome { return provider.Outcome{Class: provider.Successful} })
		drain := make(chan struct{})
		time.AfterFunc(1500*time.Millisecond, func() { close(drain) })
		p.began = time.Now()
		tally, err := run(t.Context(), engine.Config{
			Trust: engine.Trust{Vouched: true},
			Store: batch.store, Provider: p, Request: request, Workers: 4, Log: zerolog.Nop(),
		}, batch.batch, drain)
		if !errors.Is(err, engine.ErrInterrupted) {
			t.Fatalf("error %v, want ErrInterrupted", err)
		}
		if len(p.sends) != 8 || tally.In(ledger.Successful).Count != 8 || tally.In(ledger.Queued).Count != 92 {
			t.Errorf("tally %+v after %d requests, want the 8 that were under way paid and the rest queued", tally, len(p.sends))
		}
	})
}

// TestWhatLiesReadyIsNotSentAfterAnAnswerAgainstIt: the answer comes to all workers
// after two seconds, when each has a transfer lying ready. One that says "too fast" may do so by
// chance, so that one transfer may leave between it and the next.
func TestWhatLiesReadyIsNotSentAfterAnAnswerAgainstIt(t *testing.T) {
	for _, test := range []struct {
		against provider.Outcome
		until   time.Duration
		between int
		reason  error
	}{
		{provider.Outcome{Class: provider.NoBalance}, time.Hour, 0, engine.ErrBalance},
		{provider.Outcome{Class: provider.Unauthorized}, time.Hour, 0, engine.ErrCredentials},
		{provider.Outcome{Class: provider.Throttled, RetryAfter: 20 * time.Second}, 22 * time.Second, 1, nil},
	} {
		t.Run(test.against.Class.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const workers, paid, rows = 4, 4, 30
				p := slowly(func(after time.Duration) provider.Outcome {
					if after > time.Second && after <= 2*time.Second {
						return test.against
					}
					return provider.Outcome{Class: provider.Successful}
				})
				_, err := newSmall(t, rows).run(t, p, func(c *engine.Config) { c.Workers = workers })
				if !errors.Is(err, test.reason) {
					t.Errorf("error %v, want %v", err, test.reason)
				}
				for n, request := range p.sends {
					if n >= paid+workers+test.between && request.after < test.until {
						t.Errorf("request %d left after %s, want none before %s", n+1, request.after, test.until)
					}
				}
			})
		})
	}
}
