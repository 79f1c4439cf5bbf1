package approval_test

import (
	"slices"
	"testing"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig/sshsigtest"
)

// TestNoCounterGoesBackFromOneBatchToTheNext: a passkey that counted further for another
// batch before is a copy of one that is older.
func TestNoCounterGoesBackFromOneBatchToTheNext(t *testing.T) {
	for name, c := range map[string]struct {
		elsewhere, here uint32
		later           bool // the other batch's came later
		want            []approval.Reason
	}{
		"counts on":                 {elsewhere: 4, here: 5},
		"counts back":               {elsewhere: 5, here: 4, want: []approval.Reason{approval.ReasonCounter}},
		"the same again":            {elsewhere: 5, here: 5, want: []approval.Reason{approval.ReasonCounter}},
		"was further, and is later": {elsewhere: 9, here: 4, later: true},
		"does not count":            {elsewhere: 0, here: 0},
	} {
		s := newScene(t, smallAmount)
		device := sshsigtest.NewDevice(t, "pay.example.ci", false)
		p := person(t, "yves", "checker")
		p.Keys = []approval.Key{{Public: device.PublicKey(), Origin: page}}
		s.act(approval.Act{Kind: approval.Add, Person: p})
		other := s.about
		other.Batch = "october"
		sign := func(counter uint32, about approval.Subject) approval.Decision {
			device.Counter = counter
			return s.byPasskey(device, approval.Statement{Word: approval.Approve, Subject: about, By: "yves"})
		}
		if !c.later {
			s.Elsewhere = append(s.Elsewhere, sign(c.elsewhere, other))
		}
		s.Decisions = append(s.Decisions, sign(c.here, s.about))
		if c.later {
			s.Elsewhere = append(s.Elsewhere, sign(c.elsewhere, other))
		}
		if v := s.evaluate(); !slices.Equal(reasons(v), c.want) || (v.State == approval.Approved) != (c.want == nil) {
			t.Errorf("%s: %s, %q, want %q", name, v.State, reasons(v), c.want)
		}
	}
}

// TestTheHighestSumHasWhatAPersonGotBefore: in what comes later in a batch, and only for
// numbers that it pays.
func TestTheHighestSumHasWhatAPersonGotBefore(t *testing.T) {
	tally := approval.NewTally(approval.Currency{Code: "XOF"})
	for i := range 2 {
		if err := tally.Add(payout(i, 1000)); err != nil {
			t.Fatal(err)
		}
	}
	tally.Beside(payout(1, 0).Number, 500)
	tally.Beside(payout(7, 0).Number, 9000)
	c := payroll(t, policy(t, policyText), 2, 1000)
	tally.Fill(&c.Summary)
	if c.Highest != (approval.NumberSum{Number: payout(1, 0).Number, Amount: 1500}) || c.Total != 2000 {
		t.Errorf("%+v of %d, want 1500 of 2000", c.Highest, c.Total)
	}
	for purpose, beyond := range map[approval.Purpose]bool{approval.Submission: false, approval.Correction: true} {
		c.Purpose, c.Highest.Amount = purpose, 2500
		if _, err := c.Text(); (err == nil) != beyond {
			t.Errorf("a %s with more to one number than in all: %v", purpose, err)
		}
	}
}
