package engine

import (
	"slices"
	"testing"
	"time"

	"payrun/ledger"
)

// standing is a snapshot of payouts, in that order.
func standing(identity ledger.Identity, payouts ...ledger.Payout) BatchSnapshot {
	s := BatchSnapshot{identity: identity}
	for _, p := range payouts {
		s.tally.Add(p)
		s.note(p)
	}
	return s
}

// TestASnapshotKnowsTheYoungestTransfers: three of them, whatever order they are read in.
func TestASnapshotKnowsTheYoungestTransfers(t *testing.T) {
	paid := func(id ledger.TransactionID, minute int) ledger.Payout {
		p := payout(ledger.Successful, 1, false)
		p.ID, p.FirstIntent = id, noon.Add(time.Duration(minute)*time.Minute)
		return p
	}
	all := []ledger.Payout{paid("A", 1), paid("B", 2), paid("C", 3), paid("D", 4), paid("E", 5)}
	for _, order := range [][]int{{0, 1, 2, 3, 4}, {4, 3, 2, 1, 0}, {2, 4, 0, 3, 1}} {
		var payouts []ledger.Payout
		for _, i := range order {
			payouts = append(payouts, all[i])
		}
		var ids []ledger.TransactionID
		for _, k := range standing(ledger.Identity{}, payouts...).known {
			ids = append(ids, k.id)
		}
		if !slices.Equal(ids, []ledger.TransactionID{"C", "D", "E"}) {
			t.Errorf("read as %v: %v", order, ids)
		}
	}
}

// TestASnapshotKnowsWhatMayHaveLeft: by its requests and attempts, and which of those were sent
// again after a "not found".
func TestASnapshotKnowsWhatMayHaveLeft(t *testing.T) {
	retried := payout(ledger.Queued, 0, false)
	retried.Earlier = []ledger.Attempt{{Number: 1}}
	said := func(p ledger.Payout, said ledger.Said) ledger.Payout { p.Said = said; return p }
	for name, test := range map[string]struct {
		payout               ledger.Payout
		intended, again, may bool
	}{
		"never sent":                        {payout(ledger.Queued, 0, false), false, false, true},
		"sent once":                         {payout(ledger.Submitting, 1, false), true, false, true},
		"tried before":                      {retried, true, false, true},
		"in doubt":                          {payout(ledger.Unknown, 1, true), true, false, true},
		"sent once, and not found":          {said(payout(ledger.Unknown, 1, true), ledger.SaidNotFound), true, false, true},
		"sent twice":                        {payout(ledger.Unknown, 2, true), true, false, true},
		"sent twice, after a \"not found\"": {said(payout(ledger.Pending, 2, true), ledger.SaidNotFound), true, true, false},
		"paid by a person's word":           {payout(ledger.Successful, 0, false), false, false, false},
		"refused":                           {payout(ledger.Failed, 1, false), true, false, false},
		"withdrawn":                         {payout(ledger.Cancelled, 0, false), false, false, false},
	} {
		s := standing(ledger.Identity{}, test.payout)
		if got := s.intended > 0; got != test.intended || s.Empty() == test.intended || s.SentAgain() != test.again || s.maySend() != test.may {
			t.Errorf("%s: intended %d, empty %t, sent again %t, may send %t", name, s.intended, s.Empty(), s.SentAgain(), s.maySend())
		}
		if got := len(s.Countries()) > 0; got != test.may {
			t.Errorf("%s: its country counts: %t", name, got)
		}
	}
}

// TestABatchOfWhichAnythingIsUnderWayIsNotEmpty: what another ledger sent was taken over unsent.
func TestABatchOfWhichAnythingIsUnderWayIsNotEmpty(t *testing.T) {
	if (BatchSnapshot{underWay: []ledger.Payout{payout(ledger.Pending, 0, false)}}).Empty() {
		t.Error("it is paid with any key")
	}
}

// TestASnapshotKnowsWhenWhatIsLeftWasQueued: of what is not looked up by itself.
func TestASnapshotKnowsWhenWhatIsLeftWasQueued(t *testing.T) {
	queued := func(hour int) ledger.Payout {
		p := payout(ledger.Queued, 0, false)
		p.QueuedAt = noon.Add(time.Duration(hour) * time.Hour)
		return p
	}
	again := queued(9)
	again.Intents = 1
	s := standing(ledger.Identity{LookFirst: noon}, queued(-5), queued(2), queued(1), queued(3), again, payout(ledger.Successful, 1, false))
	if s.unmarked != 3 || !s.oldest.Equal(noon.Add(time.Hour)) || !s.newest.Equal(noon.Add(3*time.Hour)) {
		t.Errorf("%d of %s to %s", s.unmarked, s.oldest, s.newest)
	}
	if s := standing(ledger.Identity{}, queued(1), queued(1)); len(s.Countries()) != 1 {
		t.Errorf("%v, want a country once", s.Countries())
	}
}
