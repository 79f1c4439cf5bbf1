package ledger_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/ledger"
	"payrun/ledger/money"
)

func at(minute int) time.Time { return time.Date(2026, 11, 24, 8, minute, 0, 0, time.UTC) }

func queued() ledger.Payout {
	return ledger.Payout{
		Terms: ledger.Terms{ID: "A", Number: "+2250701020304", Amount: money.XOF.Of(500), Operator: "ORANGE"},
		State: ledger.Queued, Attempt: 1, Reference: "A", QueuedAt: at(0),
	}
}

func moved(t *testing.T, p ledger.Payout, changes ...ledger.Change) ledger.Payout {
	t.Helper()
	for _, change := range changes {
		change.ID = p.ID
		after, err := p.Applied(change)
		if err != nil {
			t.Fatal(err)
		}
		p = after
	}
	return p
}

func TestAPayoutRemembersWhatTheProviderSaidLast(t *testing.T) {
	got := moved(t, queued(),
		ledger.Change{From: ledger.Queued, To: ledger.Submitting, At: at(1)},
		ledger.Change{From: ledger.Submitting, To: ledger.Pending, At: at(2), Answer: ledger.Answer{
			ProviderRef: "DP-1", Code: "PENDING", Message: "wait",
		}},
		ledger.Change{From: ledger.Pending, To: ledger.Successful, At: at(3), Answer: ledger.Answer{
			Code: "SUCCESSFUL", Fees: money.XOF.Fine(500), FeesKnown: true,
		}})
	want := queued()
	want.State, want.SubmittedAt, want.SettledAt = ledger.Successful, at(1), at(3)
	want.Intents, want.FirstIntent, want.Said = 1, at(1), ledger.SaidPending|ledger.SaidSuccessful
	want.Answer = ledger.Answer{ProviderRef: "DP-1", Code: "SUCCESSFUL", Fees: money.XOF.Fine(500), FeesKnown: true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAContraryWordChangesNothingButTheDifference(t *testing.T) {
	paid := moved(t, queued(),
		ledger.Change{From: ledger.Queued, To: ledger.Submitting, At: at(1)},
		ledger.Change{From: ledger.Submitting, To: ledger.Successful, At: at(2)})
	reversed := ledger.Difference{Code: "reversed", Recorded: ledger.Successful, Said: "failed", At: at(9)}
	got := moved(t, paid, ledger.Change{
		From: ledger.Successful, To: ledger.Successful, At: at(9), Said: ledger.SaidFailed, Difference: &reversed,
	})
	want := paid
	want.Differences, want.Said = []ledger.Difference{reversed}, ledger.SaidSuccessful|ledger.SaidFailed
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestANewAttemptStartsWithACleanSlate(t *testing.T) {
	got := moved(t, queued(),
		ledger.Change{From: ledger.Queued, To: ledger.Submitting, At: at(1)},
		ledger.Change{From: ledger.Submitting, To: ledger.Unknown, At: at(2), Answer: ledger.Answer{Code: "TIMEOUT"}},
		ledger.Change{From: ledger.Unknown, To: ledger.Failed, At: at(3), Answer: ledger.Answer{Code: "FAILED"}},
		ledger.Change{From: ledger.Failed, To: ledger.Queued, At: at(4), Reference: "A-2"})
	want := queued()
	want.Attempt, want.Reference = 2, "A-2"
	want.Earlier = []ledger.Attempt{{
		Number: 1, Reference: "A", Terms: want.Terms, State: ledger.Failed, Intents: 1, FirstIntent: at(1),
		Said: ledger.SaidFailed, Answer: ledger.Answer{Code: "FAILED"}, SettledAt: at(3),
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAMoveFromWhereThePayoutIsNotIsRefused(t *testing.T) {
	for name, change := range map[string]ledger.Change{
		"from another state":           {From: ledger.Pending, To: ledger.Successful},
		"other terms, no new attempt":  {From: ledger.Queued, To: ledger.Submitting, Terms: &ledger.Terms{ID: "A"}},
		"an unused answer":             {From: ledger.Queued, To: ledger.Pending, Unused: true},
		"to no state":                  {From: ledger.Queued},
		"a name without a new attempt": {From: ledger.Queued, To: ledger.Submitting, Reference: "A-2"},
	} {
		change.ID = "A"
		_, err := queued().Applied(change)
		var illegal *ledger.TransitionError
		if !errors.As(err, &illegal) || illegal.Recorded != ledger.Queued || illegal.ID != "A" {
			t.Errorf("%s: %v, want a TransitionError", name, err)
		}
	}
}

func TestStatesAreWrittenByTheirNames(t *testing.T) {
	for _, state := range ledger.States() {
		text, err := state.MarshalText()
		if err != nil || string(text) != state.String() {
			t.Errorf("%s is written %q, %v", state, text, err)
		}
		var read ledger.State
		if err := read.UnmarshalText(text); err != nil || read != state {
			t.Errorf("%q is read as %s, %v", text, read, err)
		}
		if state.Open() == state.Final() {
			t.Errorf("%s is both open and final, or neither", state)
		}
	}
	var none ledger.State
	if _, err := none.MarshalText(); err == nil || none.Open() || none.Final() {
		t.Error("the zero state passes for a state")
	}
}
