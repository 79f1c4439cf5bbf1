package engine

import (
	"testing"
	"time"

	"payrun/ledger"
)

// TestNobodyWaitsForAControlThatCannotCome: what is in doubt waits beside what the account has, or
// may still come to have, and what is old by the end needs none that is young.
func TestNobodyWaitsForAControlThatCannotCome(t *testing.T) {
	const longAgo, young = -30 * time.Hour, -time.Minute
	doubt := func(awaits bool, sent time.Duration) *payment {
		p := &payment{payout: payout(ledger.Unknown, 1, true), awaits: awaits}
		p.payout.SubmittedAt, p.posted = noon.Add(sent), noon.Add(sent)
		return p
	}
	ahead := func(awaits bool) *payment { return &payment{payout: payout(ledger.Queued, 0, false), awaits: awaits} }
	older, younger := control{has: true, candidate: takenAt("A", -90)}, control{has: true, candidate: takenAt("A", -30)}
	adopted := ledger.Identity{LookFirst: noon.Add(-time.Minute)}
	for name, test := range map[string]struct {
		scheduler scheduler
		proof     proof
		want      bool
	}{
		"nothing waits":                              {scheduler{}, proof{}, false},
		"a doubt, and the account has nothing":       {scheduler{unknowns: schedule{doubt(true, young)}}, proof{}, true},
		"it is asked about all the same":             {scheduler{unknowns: schedule{doubt(false, young)}}, proof{}, false},
		"what the account has is older":              {scheduler{unknowns: schedule{doubt(true, young)}}, proof{control: older}, true},
		"what the account has is younger":            {scheduler{unknowns: schedule{doubt(true, young)}}, proof{control: younger}, false},
		"it is older, and the doubt is old":          {scheduler{unknowns: schedule{doubt(true, longAgo)}}, proof{control: older}, false},
		"it is older, and the doubt will be old":     {scheduler{unknowns: schedule{doubt(true, -23*time.Hour)}}, proof{control: older}, false},
		"something is under way, and may be taken":   {scheduler{unknowns: schedule{doubt(true, young)}, pendings: schedule{doubt(false, young)}}, proof{}, false},
		"one queued, and the account has nothing":    {scheduler{ahead: schedule{ahead(true)}}, proof{}, true},
		"one queued and one in doubt":                {scheduler{unknowns: schedule{doubt(true, young)}, ahead: schedule{ahead(true)}}, proof{}, true},
		"one queued that is asked about":             {scheduler{ahead: schedule{ahead(false)}}, proof{}, false},
		"one queued, and any control will do":        {scheduler{ahead: schedule{ahead(true)}}, proof{control: older, scouted: true}, false},
		"one adopted, which may go out alone":        {scheduler{ahead: schedule{ahead(true)}}, proof{control: older, identity: adopted}, false},
		"one adopted, and another went out alone":    {scheduler{ahead: schedule{ahead(true)}}, proof{control: older, identity: adopted, scouted: true}, true},
		"that one is the control by now":             {scheduler{ahead: schedule{ahead(true)}}, proof{control: younger, identity: adopted, scouted: true}, false},
		"one adopted, and the account has nothing":   {scheduler{ahead: schedule{ahead(true)}}, proof{identity: adopted}, true},
		"one adopted, and one of two is asked about": {scheduler{ahead: schedule{ahead(true), ahead(false)}}, proof{identity: adopted}, false},
	} {
		if got := test.scheduler.hopeless(noon, noon.Add(2*time.Hour), &test.proof); got != test.want {
			t.Errorf("%s: hopeless %t", name, got)
		}
	}
}

// TestWhatWaitsIsCounted wherever it waits.
func TestWhatWaitsIsCounted(t *testing.T) {
	s := scheduler{
		unknowns: schedule{{awaits: true}, {}}, pendings: schedule{{}}, ahead: schedule{{awaits: true}, {}, {}},
	}
	if s.waiting() != 6 || s.awaiting() != 2 {
		t.Errorf("%d wait, %d of them for a control", s.waiting(), s.awaiting())
	}
}

// TestWhatIsLostIsNoLongerCounted as ready to be sent for the first time, and nothing else is.
func TestWhatIsLostIsNoLongerCounted(t *testing.T) {
	s := scheduler{queue: &queue{}}
	for _, id := range []ledger.TransactionID{"A", "B", "C"} {
		p := &payment{payout: payout(ledger.Submitting, 1, false)}
		p.payout.ID = id
		s.ready = append(s.ready, p)
		s.count(p, 1)
	}
	s.forget(map[ledger.TransactionID]bool{"B": true})
	if s.firsts != 2 || len(s.ready) != 2 {
		t.Errorf("%d counted of %d", s.firsts, len(s.ready))
	}
}
