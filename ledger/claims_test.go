package ledger_test

import (
	"testing"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestAPayoutIsHeldByOneWorker at work: nobody else claims, takes over or moves it, and who is
// not at work any more does nothing.
func TestAPayoutIsHeldByOneWorker(t *testing.T) {
	mine, other := ledger.Claim{Worker: "a", Epoch: 1}, ledger.Claim{Worker: "b", Epoch: 2}
	renamed := ledger.Claim{Worker: "c", Epoch: 1} // an epoch of another ledger's
	both := map[uint64]string{1: "a", 2: "b"}
	for says, test := range map[string]struct {
		atWork map[uint64]string // nil: all who joined are
		holder ledger.Claim
		by     ledger.Claim
		may    bool
	}{
		"nobody holds it":                        {both, ledger.Claim{}, mine, true},
		"they hold it":                           {both, mine, mine, true},
		"somebody else does":                     {both, other, mine, false},
		"somebody who is not at work did":        {map[uint64]string{1: "a"}, other, mine, true},
		"they are not at work":                   {map[uint64]string{2: "b"}, ledger.Claim{}, mine, false},
		"their epoch is somebody else's":         {both, ledger.Claim{}, renamed, false},
		"where it is not said who is at work":    {nil, ledger.Claim{}, mine, true},
		"and where somebody else holds it there": {nil, other, mine, false},
	} {
		claims := func() *ledger.Claims {
			var c ledger.Claims
			c.Among(test.atWork)
			if !test.holder.IsZero() {
				c.Hold("A", test.holder)
			}
			return &c
		}
		made, may := claims().Claim(as(ledger.Queued), &ledger.ClaimRequest{Claim: test.by, At: at(1)})
		if may != test.may || may && made.After.State != ledger.Submitting {
			t.Errorf("%s: claimed %t, want %t", says, may, test.may)
		}
		for _, state := range []ledger.State{ledger.Submitting, ledger.Unknown, ledger.Pending} {
			if took := claims().TakeOver(as(state, sent), test.by); took != test.may {
				t.Errorf("%s: taken over %s %t, want %t", says, state, took, test.may)
			}
		}
		_, lost, err := claims().Apply(as(ledger.Unknown, sent), ledger.Change{
			ID: "A", From: ledger.Unknown, To: ledger.Pending, At: at(2), Claim: test.by, Attempt: 1,
		})
		if lost == test.may || err != nil {
			t.Errorf("%s: lost %t, %v, want %t", says, lost, err, !test.may)
		}
	}
	var c ledger.Claims
	if _, may := c.Claim(as(ledger.Unknown, sent), &ledger.ClaimRequest{Claim: mine, At: at(1)}); may {
		t.Error("what may have left is claimed")
	}
	if c.TakeOver(as(ledger.Queued), mine) || c.TakeOver(as(ledger.Failed), mine) {
		t.Error("what is not under way is taken over")
	}
}

// TestAMoveOfAnotherAttemptIsLost, but what was heard of one by its name.
func TestAMoveOfAnotherAttemptIsLost(t *testing.T) {
	mine := ledger.Claim{Worker: "a", Epoch: 1}
	second := as(ledger.Unknown, sent, retried)
	for says, test := range map[string]struct {
		change ledger.Change
		lost   bool
	}{
		"of this attempt":        {ledger.Change{To: ledger.Pending, Attempt: 2}, false},
		"of the one before":      {ledger.Change{To: ledger.Pending, Attempt: 1}, true},
		"heard of it, by a name": {ledger.Change{To: ledger.Unknown, Attempt: 1, About: "A", Said: ledger.SaidFailed}, false},
	} {
		var c ledger.Claims
		c.Hold("A", mine)
		test.change.ID, test.change.From, test.change.At, test.change.Claim = "A", ledger.Unknown, at(3), mine
		if _, lost, err := c.Apply(second, test.change); lost != test.lost || err != nil {
			t.Errorf("%s: lost %t, %v, want %t", says, lost, err, test.lost)
		}
	}
}

// TestAMoveSaysWhoHoldsAPayout: who made it while it is under way, nobody at its end or by a
// person's hand, and whoever did before where something was only heard.
func TestAMoveSaysWhoHoldsAPayout(t *testing.T) {
	mine, other := ledger.Claim{Worker: "a", Epoch: 1}, ledger.Claim{Worker: "b", Epoch: 2}
	for says, test := range map[string]struct {
		move ledger.Moved
		want ledger.Claim
	}{
		"on its way":         {ledger.Moved{Claim: mine, From: ledger.Queued, To: ledger.Submitting}, mine},
		"at its end":         {ledger.Moved{Claim: mine, From: ledger.Submitting, To: ledger.Successful}, ledger.Claim{}},
		"queued again":       {ledger.Moved{Claim: mine, From: ledger.Unknown, To: ledger.Queued}, ledger.Claim{}},
		"moved by a person":  {ledger.Moved{From: ledger.Unknown, To: ledger.Pending}, ledger.Claim{}},
		"ended by a person":  {ledger.Moved{From: ledger.Failed, To: ledger.Successful}, ledger.Claim{}},
		"something is heard": {ledger.Moved{Claim: mine, From: ledger.Unknown, To: ledger.Unknown}, other},
	} {
		var c ledger.Claims
		c.Hold("A", other)
		test.move.ID = "A"
		c.Note([]ledger.Moved{test.move})
		if got := c.Holder("A"); got != test.want {
			t.Errorf("%s: held by %+v, want %+v", says, got, test.want)
		}
	}
}

// TestAPersonsWordIsNotTheProviders: what somebody saw moves a payout, and is nothing that was
// heard of its attempt.
func TestAPersonsWordIsNotTheProviders(t *testing.T) {
	p := ledger.NewPayout(ledger.Terms{ID: "A", Amount: money.XOF.Of(500)}, "may", 1, at(0))
	p.State, p.Intents = ledger.Failed, 1
	after, err := p.Applied(ledger.Change{ID: "A", From: ledger.Failed, To: ledger.Successful, At: at(9), Resolution: &ledger.Resolution{Paid: true, At: at(9)}})
	if err != nil || after.State != ledger.Successful || after.Said != 0 {
		t.Errorf("%s, heard %q, %v, want it paid and nothing heard", after.State, after.Said, err)
	}
}
