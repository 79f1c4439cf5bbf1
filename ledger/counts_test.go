package ledger_test

import (
	"testing"

	"pgregory.net/rapid"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestCountsAreThoseOfThePayouts moves, corrects and withdraws payouts at random, and expects
// the counts that are kept meanwhile to be those of the payouts as they stand.
func TestCountsAreThoseOfThePayouts(t *testing.T) {
	operator := rapid.SampledFrom([]ledger.Operator{"ORANGE", "MTN", "WAVE"})
	state := rapid.SampledFrom(ledger.States())
	rapid.Check(t, func(t *rapid.T) {
		var kept ledger.Counts
		var payouts []ledger.Payout
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			p := ledger.Payout{State: state.Draw(t, "state")}
			p.Operator, p.Amount = operator.Draw(t, "operator"), money.XOF.Of(rapid.Int64Range(1, 900).Draw(t, "amount"))
			if len(payouts) == 0 || rapid.Bool().Draw(t, "new") {
				payouts = append(payouts, p)
			} else {
				at := rapid.IntRange(0, len(payouts)-1).Draw(t, "which")
				kept.Remove(payouts[at])
				payouts[at] = p
			}
			kept.Add(p)
		}
		var states ledger.ByState
		byOperator := map[ledger.Operator]ledger.Total{}
		for _, p := range payouts {
			states.Add(p)
			total := byOperator[p.Operator]
			total.Add(p.Amount)
			byOperator[p.Operator] = total
		}
		if kept.ByState() != states {
			t.Fatalf("%v, want %v", kept.ByState(), states)
		}
		found := kept.ByOperator()
		if len(found) != len(byOperator) {
			t.Fatalf("%d operators, want %d", len(found), len(byOperator))
		}
		for name, total := range byOperator {
			if found[name].Total() != total {
				t.Errorf("%s: %v, want %v", name, found[name].Total(), total)
			}
		}
	})
}
