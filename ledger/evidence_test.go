package ledger_test

import (
	"testing"
	"time"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestAPayoutIsContradictedByWhatClaimsThatItIsPaid, unless it is paid or being paid.
func TestAPayoutIsContradictedByWhatClaimsThatItIsPaid(t *testing.T) {
	for _, state := range ledger.States() {
		p := ledger.NewPayout(ledger.Terms{ID: "A", Amount: money.XOF.Of(100)}, "may", 1, time.Now())
		p.State = state
		if p.Contradicted() {
			t.Errorf("%s: contradicted although nothing was said", state)
		}
		p.Said = ledger.SaidSuccessful
		want := state != ledger.Successful && state != ledger.Pending
		if p.Contradicted() != want {
			t.Errorf("%s and said to be successful: contradicted %t, want %t", state, !want, want)
		}
	}
}

// TestAResolutionAnswersEveryAttempt: what was said of earlier ones stands no longer
// against the payout either.
func TestAResolutionAnswersEveryAttempt(t *testing.T) {
	p := ledger.NewPayout(ledger.Terms{ID: "A", Amount: money.XOF.Of(100)}, "may", 1, time.Now())
	now := time.Now()
	for _, c := range []ledger.Change{
		{ID: "A", From: ledger.Queued, To: ledger.Submitting, At: now},
		{ID: "A", From: ledger.Submitting, To: ledger.Failed, At: now},
		{ID: "A", From: ledger.Failed, To: ledger.Queued, At: now, Reference: "A-2"},
		{ID: "A", From: ledger.Queued, To: ledger.Queued, At: now, About: "A", Said: ledger.SaidSuccessful},
	} {
		after, err := p.Applied(c)
		if err != nil {
			t.Fatalf("%s to %s: %v", c.From, c.To, err)
		}
		p = after
	}
	if !p.Contradicted() || p.Earlier[0].Answered != 0 {
		t.Fatalf("contradicted %t, answered %v before anybody answered", p.Contradicted(), p.Earlier[0].Answered)
	}
	p, err := p.Applied(ledger.Change{
		ID: "A", From: ledger.Queued, To: ledger.Queued, At: now, Resolution: &ledger.Resolution{},
	})
	if err != nil || p.Contradicted() || p.Earlier[0].Answered != p.Earlier[0].Said {
		t.Errorf("error %v, contradicted %t, earlier %+v, want it answered", err, p.Contradicted(), p.Earlier)
	}
}

// TestWhatWasAcceptedIsNewAndKnown: the control totals of a file.
func TestWhatWasAcceptedIsNewAndKnown(t *testing.T) {
	done := ledger.Enrolment{
		New: ledger.Total{Count: 2, Amount: money.XOF.Of(300)}, Known: ledger.Total{Count: 5, Amount: money.XOF.Of(7_000)}, Rejected: ledger.Total{Count: 9, Amount: money.XOF.Of(90_000)},
	}
	if got, want := done.Accepted(), (ledger.Total{Count: 7, Amount: money.XOF.Of(7_300)}); got != want {
		t.Errorf("accepted %+v, want %+v", got, want)
	}
}
