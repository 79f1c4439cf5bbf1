package engine

import (
	"errors"
	"testing"
	"time"

	"payrun/provider"
)

func newTestGate(rate float64) *gate {
	return newGate(Config{Rate: rate, Workers: 2, OutageMax: time.Minute, Observer: unobserved{}}, noon)
}

// TestTheGateHoldsBackForOneReasonAtATime: a pace, a silent provider, an outage, a stop.
func TestTheGateHoldsBackForOneReasonAtATime(t *testing.T) {
	t.Run("nothing is wanted", func(t *testing.T) {
		g := newTestGate(1)
		for range 3 { // no token is taken
			if d, _, wake := g.next(noon, false); d != hold || !wake.IsZero() {
				t.Errorf("%d until %s", d, wake)
			}
		}
		if d, leave, _ := g.next(noon, true); d != pass || leave == nil {
			t.Errorf("%d although a token is left", d)
		}
	})
	t.Run("the pace", func(t *testing.T) {
		g := newTestGate(1)
		g.next(noon, true)
		if d, _, wake := g.next(noon, true); d != hold || !wake.Equal(noon.Add(time.Second)) {
			t.Errorf("%d until %s, want a second's wait", d, wake)
		}
		if d, _, _ := g.next(noon.Add(time.Second), true); d != pass {
			t.Errorf("%d after that second", d)
		}
	})
	t.Run("an outage", func(t *testing.T) {
		g := newTestGate(0)
		_, leave, _ := g.next(noon, true)
		g.note(noon, noon, leave, provider.Outcome{Class: provider.Unknown})
		if d, _, _ := g.next(noon.Add(59*time.Second), true); d != pass {
			t.Errorf("%d before the outage is one", d)
		}
		if d, _, _ := g.next(noon.Add(time.Minute), false); d != closed || !errors.Is(g.stopErr, ErrOutage) {
			t.Errorf("%d, %v; want it closed", d, g.stopErr)
		}
	})
	t.Run("the first reason counts", func(t *testing.T) {
		g := newTestGate(0)
		g.stop(ErrInterrupted)
		_, leave, _ := newTestGate(0).next(noon, true)
		g.note(noon, noon, leave, provider.Outcome{Class: provider.Unauthorized})
		if d, _, _ := g.next(noon, true); d != closed || !errors.Is(g.stopErr, ErrInterrupted) {
			t.Errorf("%d, %v", d, g.stopErr)
		}
	})
	t.Run("an empty account stops transfers alone", func(t *testing.T) {
		g := newTestGate(0)
		if g.capacity(2) != 4 {
			t.Error("nothing lies ready without a rate")
		}
		g.stopSending(ErrBalance)
		if d, _, _ := g.next(noon, true); d != pass || g.sends() || g.capacity(2) != 2 {
			t.Errorf("%d, sends %t, capacity %d", d, g.sends(), g.capacity(2))
		}
	})
}
