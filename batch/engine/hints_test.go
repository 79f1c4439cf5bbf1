package engine_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/provider"
)

// hinting is the word of somebody outside while a batch of one payout is paid.
type hinting struct {
	// before is named before the run, and named again and again, every 10 ms, between two
	// moments of it.
	before, named []string
	from, until   time.Duration
}

// give hints to a run until that is done.
func (h hinting) give(hints *engine.Hints, done <-chan struct{}) {
	const again = 10 * time.Millisecond
	began, wait := time.Now(), max(h.from, again)
	for len(h.named) > 0 {
		select {
		case <-done:
			return
		case <-time.After(wait):
		}
		if time.Since(began) >= h.until {
			return
		}
		hints.Add(h.named...)
		wait = again
	}
}

// looksOf pays one payout whose look-ups are ten minutes apart, while somebody hints. It returns
// when it was looked up, where it ended, and how many events that took.
func looksOf(t *testing.T, p *scripted, h hinting) (looks []time.Duration, end ledger.State, events uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 1)
		hints := engine.NewHints()
		hints.Add(h.before...)
		done := make(chan struct{})
		flooded := make(chan struct{})
		go func() {
			defer close(flooded)
			h.give(hints, done)
		}()
		tally, err := batch.run(t, p, func(c *engine.Config) {
			c.PollMin, c.PollMax, c.Hints = 10*time.Minute, 10*time.Minute, hints
		})
		close(done)
		<-flooded
		if err != nil {
			t.Fatal(err)
		}
		hints.Add("T-001") // after it settled
		for state := range tally.Present() {
			end = state
		}
		for _, look := range p.looks {
			looks = append(looks, look.after.Round(time.Second))
		}
		if events, _, err = batch.store.Head(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return looks, end, events
}

// TestAHintBringsALookUpForward and does nothing else: however often it is repeated, whatever
// it names and whenever it comes, the payout ends as it would have, and no other request is
// made than its look-ups, one for a hint in PollMax.
func TestAHintBringsALookUpForward(t *testing.T) {
	const minute = time.Minute
	named := func(class provider.Class) func(int) provider.Outcome {
		return func(int) provider.Outcome {
			return provider.Outcome{Class: class, Code: class.String(), ProviderRef: "DP-1", Documented: true}
		}
	}
	pending := func() *scripted {
		return &scripted{send: named(provider.Pending), lookUp: inOrder(provider.Pending, provider.Pending, provider.Successful)}
	}
	failing := func() *scripted {
		return &scripted{send: named(provider.Pending), lookUp: inOrder(provider.Pending, provider.Failed)}
	}
	for name, test := range map[string]struct {
		script func() *scripted
		hints  hinting
		looks  []time.Duration
		end    ledger.State
	}{
		"nobody hints":          {pending, hinting{}, []time.Duration{10 * minute, 20 * minute, 30 * minute}, ledger.Successful},
		"once, by ours":         {pending, hinting{nil, []string{"T-001"}, 30 * time.Second, 30*time.Second + 10*time.Millisecond}, []time.Duration{30 * time.Second, 630 * time.Second, 1230 * time.Second}, ledger.Successful},
		"once, by theirs":       {pending, hinting{nil, []string{"DP-1"}, 30 * time.Second, 30*time.Second + 10*time.Millisecond}, []time.Duration{30 * time.Second, 630 * time.Second, 1230 * time.Second}, ledger.Successful},
		"a flood":               {pending, hinting{nil, []string{"T-001", "DP-1"}, 30 * time.Second, 9 * minute}, []time.Duration{30 * time.Second, 630 * time.Second, 1230 * time.Second}, ledger.Successful},
		"a flood without end":   {failing, hinting{nil, []string{"T-001"}, 0, 24 * time.Hour}, []time.Duration{0, 10 * minute}, ledger.Failed},
		"forged ones":           {pending, hinting{nil, []string{"T-999", "DP-2", "", "T-001 "}, 0, 24 * time.Hour}, []time.Duration{10 * minute, 20 * minute, 30 * minute}, ledger.Successful},
		"before it was sent":    {pending, hinting{[]string{"T-001", "DP-1"}, nil, 0, 0}, []time.Duration{10 * minute, 20 * minute, 30 * minute}, ledger.Successful},
		"again, ten min. later": {pending, hinting{nil, []string{"T-001"}, 9 * minute, 20 * minute}, []time.Duration{9 * minute, 19 * minute, 19 * minute}, ledger.Successful},
	} {
		t.Run(name, func(t *testing.T) {
			script := test.script()
			looks, end, events := looksOf(t, script, test.hints)
			if !slices.Equal(looks, test.looks) || end != test.end || len(script.sends) != 1 {
				t.Errorf("looked up at %v, ended %s, sent %d times; want %v, %s and once", looks, end, len(script.sends), test.looks, test.end)
			}
			if _, _, want := looksOf(t, test.script(), hinting{}); events != want {
				t.Errorf("%d events, want the %d of a run that nobody hints", events, want)
			}
		})
	}
}

// TestAHintChangesNothingInADoubt: its look-ups have their times, which prove something.
func TestAHintChangesNothingInADoubt(t *testing.T) {
	doubt := func() *scripted {
		return &scripted{send: always(provider.Unknown), lookUp: inOrder(provider.Unknown, provider.NotFound, provider.Unknown, provider.Successful)}
	}
	want, wantEnd, wantEvents := looksOf(t, doubt(), hinting{})
	flooded := doubt()
	looks, end, events := looksOf(t, flooded, hinting{[]string{"T-001"}, []string{"T-001"}, 0, 24 * time.Hour})
	if !slices.Equal(looks, want) || end != wantEnd || events != wantEvents || len(flooded.sends) != 1 || len(looks) != 4 {
		t.Errorf("looked up at %v, ended %s after %d events; want %v, %s and %d as without hints", looks, end, events, want, wantEnd, wantEvents)
	}
}
