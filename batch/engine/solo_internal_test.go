package engine

import (
	"errors"
	"testing"
	"time"
)

// TestWhatWentOutAloneDecidesForTheOthers: found by our reference they follow, and hidden only if a
// person called the account new and nothing speaks against that.
func TestWhatWentOutAloneDecidesForTheOthers(t *testing.T) {
	const outage = 5 * time.Minute
	hidden := control{has: true, hidden: 2, candidate: takenAt("A", -61)}
	left := func(count int) *scheduler {
		s := &scheduler{}
		for range count {
			s.unknowns = append(s.unknowns, &payment{})
		}
		return s
	}
	awaiting := &scheduler{}
	awaiting.unknowns = append(awaiting.unknowns, &payment{awaits: true})
	pending := &scheduler{}
	pending.pendings = append(pending.pendings, &payment{})
	answered := func(ago time.Duration, leftUnknowns int) solo {
		return solo{on: true, answeredAt: noon.Add(-ago), leftUnknowns: leftUnknowns}
	}
	for name, test := range map[string]struct {
		solo      solo
		control   control
		trust     Trust
		scheduler *scheduler
		want      soloEnd
	}{
		"nothing goes out alone":                  {solo{}, hidden, Trust{}, left(0), soloGoesOn},
		"it was found":                            {answered(0, 0), control{found: true}, Trust{}, left(0), soloFound},
		"it is hidden":                            {answered(0, 0), hidden, Trust{}, left(0), soloFailed},
		"it is hidden, and the account is new":    {answered(0, 0), hidden, Trust{New: true}, left(0), soloHidden},
		"it is hidden, and another paid from it":  {answered(0, 0), hidden, Trust{New: true, Used: true}, left(0), soloFailed},
		"it waits for a control":                  {answered(0, 0), control{}, Trust{}, awaiting, soloFailed},
		"it is in doubt":                          {answered(outage, 0), control{}, Trust{}, left(1), soloGoesOn},
		"it is in doubt for too long":             {answered(outage+1, 0), control{}, Trust{}, left(1), soloFailed},
		"it is under way for too long":            {answered(outage+1, 0), control{}, Trust{}, pending, soloFailed},
		"it is refused, and that is long ago":     {answered(outage+1, 0), control{}, Trust{}, left(0), soloGoesOn},
		"only an earlier one is in doubt":         {answered(outage+1, 1), control{}, Trust{}, left(1), soloGoesOn},
		"an earlier one, and it":                  {answered(outage+1, 1), control{}, Trust{}, left(2), soloFailed},
		"an earlier one, and nothing was sent":    {solo{on: true}, control{}, Trust{}, left(1), soloGoesOn},
		"look-ups lag by more than an outage may": {answered(outage+1, 0), control{lag: 2 * outage}, Trust{}, left(1), soloGoesOn},
	} {
		p := proof{solo: test.solo, control: test.control, trust: test.trust, minGrace: minGrace}
		if got := p.judge(noon, test.scheduler, outage); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}

// TestAnotherGoesOutAloneOnlyWhenNothingElseIsUnderWay.
func TestAnotherGoesOutAloneOnlyWhenNothingElseIsUnderWay(t *testing.T) {
	ready, doubt := &scheduler{}, &scheduler{}
	ready.ready = append(ready.ready, &payment{})
	doubt.unknowns = append(doubt.unknowns, &payment{})
	for name, test := range map[string]struct {
		solo      solo
		control   control
		scheduler *scheduler
		busy      int
		want      bool
	}{
		"nothing is":                          {solo{on: true}, control{}, &scheduler{}, 0, true},
		"a request is":                        {solo{on: true}, control{}, &scheduler{}, 1, false},
		"one lies ready":                      {solo{on: true}, control{}, ready, 0, false},
		"one is in doubt":                     {solo{on: true}, control{}, doubt, 0, false},
		"one of an earlier run is in doubt":   {solo{on: true, leftUnknowns: 1}, control{}, doubt, 0, true},
		"one was taken":                       {solo{on: true}, control{has: true}, &scheduler{}, 0, false},
		"nobody goes out alone":               {solo{}, control{has: true}, doubt, 9, true},
		"an earlier one, and another is sent": {solo{on: true, leftUnknowns: 1}, control{}, doubt, 1, false},
	} {
		p := proof{solo: test.solo, control: test.control}
		if got := p.mayFollow(test.scheduler, test.busy); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestAHitSaysWhichOfTwoThingsItShows: another ledger paid, or still pays after an adopting.
func TestAHitSaysWhichOfTwoThingsItShows(t *testing.T) {
	for adopted, words := range map[bool]error{false: ErrNotNewest, true: ErrAtWork} {
		err := error(&HitError{ID: "A", Reference: "A-2", At: noon, Adopted: adopted})
		if !errors.Is(err, ErrNotNewest) || errors.Is(err, ErrAtWork) != adopted || errors.Is(err, ErrOutage) {
			t.Errorf("adopted %t: %v", adopted, err)
		}
		if want := words.Error() + `: "A", as "A-2" (unknown, of 2026-01-30 12:00:00)`; err.Error() != want {
			t.Errorf("%q, want %q", err, want)
		}
	}
	if err := (&HitError{ID: "A", Reference: "A"}).Error(); err != ErrNotNewest.Error()+`: "A", as "A" (unknown)` {
		t.Error(err)
	}
}
