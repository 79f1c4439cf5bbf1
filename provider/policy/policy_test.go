package policy_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/policy"
	"payrun/provider/providertest"
)

// moody answers look-ups as it is told, in turn, the last one for ever.
type moody struct {
	*providertest.Double
	mu      sync.Mutex
	answers []provider.Outcome
	asked   []time.Time
}

func (m *moody) LookUp(context.Context, provider.Query) provider.Outcome {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = append(m.asked, time.Now())
	o := m.answers[0]
	if len(m.answers) > 1 {
		m.answers = m.answers[1:]
	}
	return o
}

// ask has so many workers look up at once, each so often, and returns how long it took.
func ask(t *testing.T, p provider.Provider, workers, each int) time.Duration {
	t.Helper()
	began := time.Now()
	var asking sync.WaitGroup
	for range workers {
		asking.Go(func() {
			for range each {
				p.LookUp(t.Context(), provider.Query{Reference: "A"})
			}
		})
	}
	asking.Wait()
	return time.Since(began)
}

func TestRequestsKeepTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{Double: providertest.AlwaysPays(), answers: []provider.Outcome{{Class: provider.Successful}}}
		paced := policy.NewPaced(m, policy.Pace{Rate: 10, Workers: 4, OutageMax: time.Minute})
		if took := ask(t, paced, 4, 25); took < 9*time.Second || took > 11*time.Second {
			t.Errorf("100 requests at 10 a second took %s", took)
		}
		m.asked = nil
		unlimited := policy.NewPaced(m, policy.Pace{Workers: 4, OutageMax: time.Minute})
		if took := ask(t, unlimited, 4, 25); took != 0 {
			t.Errorf("without a rate they took %s", took)
		}
	})
}

func TestTooFastSlowsDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		patience := provider.Outcome{Class: provider.Throttled, BackOff: true, RetryAfter: 20 * time.Second}
		m := &moody{Double: providertest.AlwaysPays(), answers: []provider.Outcome{patience, {Class: provider.Successful}}}
		paced := policy.NewPaced(m, policy.Pace{Rate: 10, Workers: 1, OutageMax: time.Minute})
		ask(t, paced, 1, 12)
		if silent := m.asked[1].Sub(m.asked[0]); silent < 20*time.Second {
			t.Errorf("asked again after %s, want the silence that was asked for", silent)
		}
		if slow := m.asked[3].Sub(m.asked[2]); slow < 150*time.Millisecond {
			t.Errorf("the next came after %s, want a lower rate", slow)
		}
	})
}

func TestAnOutageShutsTheDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{Double: providertest.AlwaysPays(), answers: []provider.Outcome{{Code: provider.CodeTimeout}}}
		paced := policy.NewPaced(m, policy.Pace{Workers: 4, OutageMax: time.Minute})
		if paced.Err() != nil {
			t.Fatal("shut before anything was asked")
		}
		took := ask(t, paced, 4, 50)
		if took != time.Minute || !errors.Is(paced.Err(), policy.ErrOutage) {
			t.Errorf("after %s: %v, want ErrOutage after a minute", took, paced.Err())
		}
		// Ten in a row open the breaker; one goes every five seconds from then on.
		if asked := len(m.asked); asked < 15 || asked > 30 {
			t.Errorf("asked %d times during the outage", asked)
		}
		if o := paced.LookUp(t.Context(), provider.Query{}); o.Class != provider.NotSent || !o.Unsent {
			t.Errorf("after an outage: %+v, want it unsent", o)
		}
	})
}

func TestALookUpPageThatIsNotThereIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			answers []provider.Outcome
			noPage  bool
		}{
			{[]provider.Outcome{{NoPage: true}}, true},
			{[]provider.Outcome{{NoPage: true}, {Code: provider.CodeTimeout}}, false},
		} {
			m := &moody{Double: providertest.AlwaysPays(), answers: test.answers}
			paced := policy.NewPaced(m, policy.Pace{Workers: 4, OutageMax: time.Minute})
			ask(t, paced, 4, 50)
			if err := paced.Err(); !errors.Is(err, policy.ErrOutage) || errors.Is(err, policy.ErrNoLookUpPage) != test.noPage {
				t.Errorf("after %+v: %v, want it told as a page that is not there: %t", test.answers, err, test.noPage)
			}
		}
	})
}

func TestAnAnswerEndsAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var answers []provider.Outcome
		for range 12 {
			answers = append(answers, provider.Outcome{Class: provider.NotSent})
		}
		m := &moody{Double: providertest.AlwaysPays(), answers: append(answers, provider.Outcome{Class: provider.Successful})}
		paced := policy.NewPaced(m, policy.Pace{Workers: 1, OutageMax: time.Minute})
		if took := ask(t, paced, 1, 30); took < 10*time.Second || took > 20*time.Second || paced.Err() != nil {
			t.Errorf("took %s, %v, want some seconds of silence", took, paced.Err())
		}
	})
}

func TestWhatContradictsIsNoSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{Double: providertest.AlwaysPays(), answers: []provider.Outcome{{Mismatch: true}}}
		paced := policy.NewPaced(m, policy.Pace{Workers: 4, OutageMax: time.Minute})
		if took := ask(t, paced, 4, 50); took != 0 || paced.Err() != nil {
			t.Errorf("200 contradictions took %s: %v", took, paced.Err())
		}
	})
}

func TestACancelledRequestIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &moody{Double: providertest.AlwaysPays(), answers: []provider.Outcome{{Class: provider.Throttled, BackOff: true, RetryAfter: time.Hour}}}
		paced := policy.NewPaced(m, policy.Pace{Workers: 1, OutageMax: 2 * time.Hour})
		paced.LookUp(t.Context(), provider.Query{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if o := paced.LookUp(ctx, provider.Query{}); o.Class != provider.NotSent || !o.Unsent || len(m.asked) != 1 {
			t.Errorf("%+v after %d requests, want it unsent", o, len(m.asked))
		}
	})
}

// TestWrappersKeepAProvidersPromises holds the wrappers to what every provider is.
func TestWrappersKeepAProvidersPromises(t *testing.T) {
	t.Parallel()
	providertest.Run(t, func(t *testing.T, day providertest.Day) providertest.Harness {
		t.Helper()
		h := providertest.Doubles(t, day)
		h.Provider = policy.NewPaced(policy.Observed(h.Provider), policy.Pace{Workers: 4, OutageMax: time.Minute})
		return h
	})
}

func TestEveryRequestIsTold(t *testing.T) {
	t.Parallel()
	var told []policy.Call
	p := policy.Observed(providertest.AlwaysPays(), func(c policy.Call) { told = append(told, c) })
	p.Send(t.Context(), provider.Request{Reference: "A", Amount: money.XOF.Of(100)})
	p.LookUp(t.Context(), provider.Query{Reference: "A", Amount: money.XOF.Of(100)})
	if len(told) != 2 || told[0].Operation != policy.Send || told[1].Operation != policy.LookUp ||
		told[1].Reference != "A" || told[1].Outcome.Class != provider.Successful {
		t.Errorf("told %+v", told)
	}
	if _, lists := provider.AsLister(p); !lists {
		t.Error("the list is lost")
	}
}
