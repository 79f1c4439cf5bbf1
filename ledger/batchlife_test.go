package ledger_test

import (
	"errors"
	"testing"

	"payrun/ledger"
)

// acts are all that are done to a batch.
func acts() []ledger.ActCode {
	return []ledger.ActCode{
		ledger.ActSealed, ledger.ActSubmitted, ledger.ActReleased, ledger.ActApproved, ledger.ActRejected,
		ledger.ActExpired, ledger.ActUnapproved, ledger.ActPaused, ledger.ActClosed, ledger.ActCancelled,
	}
}

// TestADecisionMovesNoBatch: what decisions come to is an act of its own.
func TestADecisionMovesNoBatch(t *testing.T) {
	for _, state := range ledger.BatchStates() {
		if after, err := (ledger.Batch{State: state}).With(ledger.Act{Code: ledger.ActDecided}); err != nil || after.State != state {
			t.Errorf("%s is %s after a decision, %v", state, after.State, err)
		}
	}
}

// TestABatchMovesAsItsTableSays walks every state with every act.
func TestABatchMovesAsItsTableSays(t *testing.T) {
	legal := map[ledger.BatchState]map[ledger.ActCode]ledger.BatchState{}
	for _, move := range ledger.BatchMoves() {
		if legal[move.From] == nil {
			legal[move.From] = map[ledger.ActCode]ledger.BatchState{}
		}
		if _, twice := legal[move.From][move.By]; twice {
			t.Errorf("%s has two moves by %q", move.From, move.By)
		}
		legal[move.From][move.By] = move.To
	}
	for _, state := range ledger.BatchStates() {
		for _, code := range acts() {
			after, err := ledger.Batch{State: state}.With(ledger.Act{Code: code, Batch: "may"})
			to, allowed := legal[state][code]
			var refused *ledger.BatchStateError
			switch {
			case allowed && (err != nil || after.State != to):
				t.Errorf("%s, %s: %s, %v, want %s", state, code, after.State, err, to)
			case !allowed && (!errors.As(err, &refused) || refused.State != state || after.State != state):
				t.Errorf("%s, %s: %s, %v, want a BatchStateError", state, code, after.State, err)
			}
		}
		if entered := (ledger.Batch{State: state}).Entered(); entered.State != ledger.BatchDraft {
			t.Errorf("%s is %s once payouts entered", state, entered.State)
		}
	}
}

// TestOnlyAReleaseLeadsToPaying, whatever a batch was before.
func TestOnlyAReleaseLeadsToPaying(t *testing.T) {
	for _, move := range ledger.BatchMoves() {
		if (move.To == ledger.BatchPaying) != (move.By == ledger.ActReleased) {
			t.Errorf("%s → %s by %q", move.From, move.To, move.By)
		}
	}
}

// TestABatchStateIsReadAsItIsWritten, none of them as another.
func TestABatchStateIsReadAsItIsWritten(t *testing.T) {
	for _, state := range append(ledger.BatchStates(), 0) {
		text, err := state.MarshalText()
		var again ledger.BatchState
		if err := errors.Join(err, again.UnmarshalText(text)); err != nil || again != state {
			t.Errorf("%s is read as %s, %v", state, again, err)
		}
	}
	var none ledger.BatchState
	if err := none.UnmarshalText([]byte("queued")); err == nil {
		t.Error("a payout's state is read as a batch's")
	}
}
