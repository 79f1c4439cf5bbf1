package engine

import (
	"testing"

	"payrun/ledger"
)

// TestWhatWasSentTwiceIsAControlFromItsFirstRequest: the answer to the second may be about the
// first, and then says nothing of what was posted in between.
func TestWhatWasSentTwiceIsAControlFromItsFirstRequest(t *testing.T) {
	for intents, late := range map[int]bool{1: false, 2: true} {
		s := &settler{parts: &parts{gate: newTestGate(0)}}
		p := &payment{payout: payout(ledger.Successful, intents, late)}
		s.taken(p, noon)
		want := noon
		if late {
			want = p.payout.FirstIntent
		}
		if c := s.proof.control; !c.has || !c.candidate.accepted.Equal(want) || c.candidate.reference != p.payout.Reference {
			t.Errorf("sent %d times: %+v, want it taken at %s", intents, c.candidate, want)
		}
	}
}
