package engine

import (
	"testing"
	"time"

	"payrun/ledger"
	"payrun/provider"
)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func takenAt(reference string, seconds int) known {
	return known{reference: ledger.Reference(reference), accepted: at(seconds)}
}

// TestAControlProvesWhatItShowedAndNothingYounger: a "not found" counts from the moment at which
// the control was found, for what was posted no later than the control was taken.
func TestAControlProvesWhatItShowedAndNothingYounger(t *testing.T) {
	found := control{has: true, candidate: takenAt("A", 10), found: true, shown: at(10), foundAt: at(20)}
	waiting := control{has: true, candidate: takenAt("A", 10)}
	younger := control{has: true, candidate: takenAt("A", 10), hasNext: true, next: takenAt("B", 30)}
	for name, test := range map[string]struct {
		control       control
		asked, posted int
		old           bool
		proves, may   bool
	}{
		"asked when it was found":               {found, 20, 10, false, true, true},
		"asked a moment before":                 {found, 19, 10, false, false, true},
		"posted after what it showed":           {found, 20, 11, false, false, false},
		"posted after it, and long ago":         {found, 20, 11, true, true, true},
		"long ago, but asked before":            {found, 19, 11, true, false, true},
		"not found yet, posted before":          {waiting, 30, 10, false, false, true},
		"not found yet, posted after":           {waiting, 30, 11, false, false, false},
		"not found yet, and long ago":           {waiting, 30, 11, true, false, true},
		"a younger one waits":                   {younger, 30, 30, false, false, true},
		"posted after the younger one":          {younger, 30, 31, false, false, false},
		"a look-up found it, long ago":          {control{found: true, shown: at(10), foundAt: at(20)}, 20, 11, true, true, true},
		"a look-up found one older":             {control{found: true, shown: at(10), foundAt: at(20)}, 20, 11, false, false, false},
		"nothing is known of the account":       {control{}, 30, 10, false, false, false},
		"nothing is known, and it was long ago": {control{}, 30, 10, true, false, false},
	} {
		if got := test.control.proves(at(test.asked), at(test.posted), test.old); got != test.proves {
			t.Errorf("%s: proves %t", name, got)
		}
		if got := test.control.mayProve(at(test.posted), test.old); got != test.may {
			t.Errorf("%s: may prove %t", name, got)
		}
	}
}

// TestAControlIsTheYoungestThatTheAccountHas: one that is being looked for is not exchanged, and
// not given up before it was asked for in vain so often.
func TestAControlIsTheYoungestThatTheAccountHas(t *testing.T) {
	there, nothing, garbage := described(provider.Successful), described(provider.NotFound), provider.Outcome{}
	var c control
	want := func(when, candidate string) {
		t.Helper()
		if string(c.candidate.reference) != candidate {
			t.Errorf("%s: %q is looked for, want %q", when, c.candidate.reference, candidate)
		}
	}
	c.accept(takenAt("A", 10))
	c.accept(takenAt("B", 20))
	c.accept(takenAt("old", 15))
	want("nothing was asked", "B")
	c.needed, c.asked = true, true
	c.accept(takenAt("C", 30))
	want("B is being asked for", "B")
	if c.isDue(at(40)) || !c.nextDue().IsZero() {
		t.Error("it is asked for twice at once")
	}
	c.answered(at(40), nothing, 5*time.Second)
	want("B was not found", "B")
	c.accept(takenAt("D", 35))
	want("B was asked for in vain", "B")
	if c.isDue(at(44)) || !c.isDue(at(45)) || !c.nextDue().Equal(at(45)) {
		t.Errorf("due %s, want it after the pause", c.nextDue())
	}
	if c.lag != 20*time.Second {
		t.Errorf("a lag of %s, want what B was not seen for", c.lag)
	}
	c.answered(at(50), there, 0)
	want("B was found", "D")
	if !c.found || !c.shown.Equal(at(20)) || !c.foundAt.Equal(at(50)) || c.lag != 30*time.Second || c.tries != 0 || c.hidden != 0 {
		t.Errorf("%+v", c)
	}
	for range vainMax {
		c.answered(at(60), garbage, 0)
		c.accept(takenAt("E", 55))
		want("garbage is no end yet", "D")
	}
	c.answered(at(60), garbage, 0)
	want("D was asked for in vain too often", "E")
	if c.lag != 30*time.Second {
		t.Errorf("a lag of %s: garbage shows none", c.lag)
	}
	c.answered(at(70), there, 0)
	if c.isDue(at(80)) || !c.nextDue().IsZero() {
		t.Error("what was found is asked for again")
	}
	c.needed = false
	c.accept(takenAt("F", 65))
	if c.isDue(at(80)) || !c.nextDue().IsZero() {
		t.Error("it is asked for although nobody needs it")
	}
}

// TestWhatIsADayOldAndNotThereIsNoLag: it was forgotten, and says nothing of what is young.
func TestWhatIsADayOldAndNotThereIsNoLag(t *testing.T) {
	const day = 24 * 60 * 60
	for after, lag := range map[int]time.Duration{day - 1: (day - 1) * time.Second, day: 0} {
		c := control{has: true, candidate: takenAt("A", 0)}
		c.answered(at(after), described(provider.NotFound), 0)
		if c.lag != lag {
			t.Errorf("not found after %d s: a lag of %s, want %s", after, c.lag, lag)
		}
	}
}

// TestLookUpsAreBlindOnceAControlStaysHiddenBeyondTheGrace: by two answers, and nothing else was
// ever found.
func TestLookUpsAreBlindOnceAControlStaysHiddenBeyondTheGrace(t *testing.T) {
	hidden := control{has: true, candidate: takenAt("A", 0), hidden: 2}
	once, found, nobody := hidden, hidden, hidden
	once.hidden, found.found, nobody.has = 1, true, false
	for name, test := range map[string]struct {
		control control
		at      int
		want    bool
	}{
		"longer than the grace":      {hidden, 61, true},
		"as long as the grace":       {hidden, 60, false},
		"asked once":                 {once, 61, false},
		"another was found":          {found, 61, false},
		"nothing is known to be had": {nobody, 61, false},
	} {
		if got := test.control.blind(at(test.at), time.Minute); got != test.want {
			t.Errorf("%s: blind %t", name, got)
		}
	}
}

// TestWhatTheProviderHadIsAControl: whatever it was called since, unless something is against it.
func TestWhatTheProviderHadIsAControl(t *testing.T) {
	against := payout(ledger.Successful, 1, false)
	against.Differences = []ledger.Difference{{Code: ledger.DifferenceMismatch, At: noon}}
	said := func(state ledger.State, said ledger.Said) ledger.Payout {
		p := payout(state, 1, true)
		p.Said = said
		return p
	}
	for name, test := range map[string]struct {
		payout ledger.Payout
		want   bool
	}{
		"paid":                         {payout(ledger.Successful, 1, false), true},
		"under way":                    {payout(ledger.Pending, 1, false), true},
		"it failed once it was there":  {said(ledger.Failed, ledger.SaidPending|ledger.SaidFailed), true},
		"in doubt, and once called so": {said(ledger.Unknown, ledger.SaidSuccessful), true},
		"in doubt":                     {payout(ledger.Unknown, 1, true), false},
		"refused":                      {said(ledger.Failed, ledger.SaidRefused), false},
		"paid by a person's word":      {payout(ledger.Successful, 0, false), false},
		"something is against it":      {against, false},
	} {
		if k, got := acceptance(test.payout); got != test.want || got && !k.accepted.Equal(test.payout.FirstIntent) {
			t.Errorf("%s: %t, %+v", name, got, k)
		}
	}
}
