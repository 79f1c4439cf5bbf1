package engine

import (
	"testing"
	"time"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/provider"
)

// TestAListDecidesOnceWhereNothingElseCan: what it names is the control; an empty one tells that
// the account never paid, if nothing tells of another ledger; and where there is none, a rehearsal
// and a new account send one alone.
func TestAListDecidesOnceWhereNothingElseCan(t *testing.T) {
	none, empty := listing{}, listing{readable: true}
	full := listing{readable: true, count: 1, read: noon, youngest: provider.Transaction{Reference: "A", At: noon.Add(-time.Hour)}}
	names := listing{readable: true, count: 3}
	for name, test := range map[string]struct {
		list          listing
		trust         Trust
		decided, solo bool
		control       string
	}{
		"it names one":                          {full, Trust{}, false, false, "A"},
		"it names one, and the account is new":  {full, Trust{New: true, Rehearsal: true}, false, false, "A"},
		"it is empty":                           {empty, Trust{}, true, false, ""},
		"it is empty, of an account in use":     {empty, Trust{Used: true}, false, false, ""},
		"it is empty, in a rehearsal":           {empty, Trust{Rehearsal: true}, true, false, ""},
		"it is empty, in use, begun anew":       {empty, Trust{Used: true, New: true, Rehearsal: true}, true, true, ""},
		"it has what nobody can be asked about": {names, Trust{}, false, false, ""},
		"there is none":                         {none, Trust{}, false, false, ""},
		"there is none, and a person says new":  {none, Trust{New: true}, true, true, ""},
		"there is none, in a rehearsal":         {none, Trust{Rehearsal: true}, true, true, ""},
		"there is none, in use":                 {none, Trust{Used: true, New: true}, false, false, ""},
		"there is none, in use, in a rehearsal": {none, Trust{Used: true, Rehearsal: true}, false, false, ""},
		"there is none, in use, begun anew":     {none, Trust{Used: true, New: true, Rehearsal: true}, true, true, ""},
	} {
		read := 0
		p := proof{trust: test.trust, sources: sources{list: func() listing { read++; return test.list }}}
		decided := p.consultList()
		if decided != test.decided || p.nothingThere != test.decided || p.solo.on != test.solo || string(p.control.candidate.reference) != test.control {
			t.Errorf("%s: decided %t, %+v", name, decided, p)
		}
		if p.consultList() || read != 1 {
			t.Errorf("%s: the list was read %d times", name, read)
		}
	}
	p := proof{control: control{has: true}, sources: sources{list: func() listing { panic("it is not read beside a control") }}}
	if p.consultList() {
		t.Error("a list decided beside a control")
	}
}

// TestThatLookUpsWorkIsRecordedOnce and never doubted again. The batch's other workers hear of
// each proof.
func TestThatLookUpsWorkIsRecordedOnce(t *testing.T) {
	var acts []ledger.Act
	shared := 0
	p := proof{
		record: func(act ledger.Act) error { acts = append(acts, act); return nil },
		share:  func() error { shared++; return nil },
	}
	for range 2 {
		if err := p.prove(); err != nil {
			t.Fatal(err)
		}
	}
	if len(acts) != 1 || acts[0].Code != ledger.ActProven || p.identity.Proven.IsZero() || shared != 2 {
		t.Errorf("%+v, %+v, shared %d times", acts, p.identity, shared)
	}
}

// TestWhatMayHaveBeenSentIsLookedUpFirst: a later attempt, a request that may have left, and what
// was queued when another ledger may have gone on with it.
func TestWhatMayHaveBeenSentIsLookedUpFirst(t *testing.T) {
	adopted := ledger.Identity{LookFirst: noon}
	queued := func(at time.Time, change func(*ledger.Payout)) ledger.Payout {
		p := payout(ledger.Queued, 0, false)
		p.QueuedAt = at
		if change != nil {
			change(&p)
		}
		return p
	}
	for name, test := range map[string]struct {
		payout   ledger.Payout
		identity ledger.Identity
		want     bool
	}{
		"of this ledger alone":                {queued(noon, nil), ledger.Identity{}, false},
		"a second attempt":                    {queued(noon, func(p *ledger.Payout) { p.Attempt = 2 }), ledger.Identity{}, true},
		"a request that may have left":        {queued(noon, func(p *ledger.Payout) { p.Intents = 1 }), ledger.Identity{}, true},
		"queued when the ledger was adopted":  {queued(noon, nil), adopted, true},
		"queued before":                       {queued(noon.Add(-time.Hour), nil), adopted, true},
		"queued since":                        {queued(noon.Add(time.Second), nil), adopted, false},
		"queued before, and looked up since":  {queued(noon.Add(-time.Hour), func(p *ledger.Payout) { p.SubmittedAt = noon.Add(time.Second) }), adopted, false},
		"queued before, and sent before that": {queued(noon.Add(-time.Hour), func(p *ledger.Payout) { p.SubmittedAt = noon }), adopted, true},
	} {
		if got := mustLookFirst(test.payout, test.identity); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// evidenceOf is a log that has first attempts in that order.
func evidenceOf(ids ...ledger.TransactionID) evidence.Begun {
	begun := evidence.Begun{First: map[evidence.Try]evidence.Place{}}
	for i, id := range ids {
		begun.First[evidence.Try{ID: id, Attempt: 1}] = evidence.Place(i + 1)
	}
	return begun
}

// TestWhatWasBegunFirstIsNeverTheYounger: the audit log has the order, whatever the clocks said.
func TestWhatWasBegunFirstIsNeverTheYounger(t *testing.T) {
	begun := evidenceOf("A", "B", "C")
	s := BatchSnapshot{known: []known{
		{id: "C", attempt: 1, accepted: at(0)}, {id: "A", attempt: 1, accepted: at(60)}, {id: "B", attempt: 1, accepted: at(30)},
	}}
	s.arrange(begun)
	for i, id := range []ledger.TransactionID{"A", "B", "C"} {
		if s.known[i].id != id || i > 0 && !s.known[i-1].accepted.Before(s.known[i].accepted) {
			t.Errorf("%+v", s.known)
		}
	}
	if !s.known[2].accepted.Equal(at(0)) {
		t.Errorf("the youngest is dated %s", s.known[2].accepted)
	}
}
