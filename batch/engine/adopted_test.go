package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// TestWhatIsLeftWithoutAnAnswerIsSaidWhateverElseIsLeft: one row is contradicted, which
// its difference tells; of another nobody can say anything.
func TestWhatIsLeftWithoutAnAnswerIsSaidWhateverElseIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{deaf: map[string]bool{"T-004": true}}, newSmall(t, 10)
		b.take(batch, "T-001", "T-001")
		b.take(batch, "T-002", "T-002")
		b.books[0].request.Amount.Minor++
		batch.adopt(t)
		tally, err := batch.pay(t, b, unvouched)
		if !errors.Is(err, engine.ErrOutage) || tally.In(ledger.Queued).Count != 2 || batch.differences(t)["mismatch"] != 1 {
			t.Errorf("tally %+v, error %v, differences %v", tally, err, batch.differences(t))
		}
	})
}

// TestEachRunOfAnAdoptedLedgerWaitsForWhoMayStillBeAtWork: each of its rows is looked up
// first, and what another payrun sent a moment ago, on another machine too, would not be
// found. Once it is, a person is told that somebody goes on, and adopts again.
func TestEachRunOfAnAdoptedLedgerWaitsForWhoMayStillBeAtWork(t *testing.T) {
	for name, trust := range map[string]func() engine.Trust{
		"on this machine": func() engine.Trust { return engine.Trust{AtWork: time.Now()} },
		"on another":      func() engine.Trust { return engine.Trust{} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, batch := &bank{lag: 40 * time.Second}, newSmall(t, 3)
				batch.adopt(t)
				b.take(batch, "T-001", "ELSEWHERE")
				pass(time.Hour)
				b.take(batch, "T-001", "T-001")
				b.lists = true
				_, err := batch.pay(t, b, func(c *engine.Config) { c.Trust = trust() })
				var hit *engine.HitError
				if !errors.As(err, &hit) || hit.ID != "T-001" || !errors.Is(err, engine.ErrAtWork) || !errors.Is(err, engine.ErrNotNewest) {
					t.Fatalf("%v, want that T-001 was paid after the adopting", err)
				}
				batch.adopt(t)
				tally, err := batch.pay(t, b, unvouched)
				if err != nil || tally.In(ledger.Successful).Count != 3 || len(b.twice()) > 0 {
					t.Errorf("tally %+v, error %v, twice %v", tally, err, b.twice())
				}
			})
		})
	}
}

// TestWhatWasOnItsWayAtTheAdoptingIsTakenOver: the earlier ledger's last requests may be
// accepted a while after it stopped, which shows nobody at work.
func TestWhatWasOnItsWayAtTheAdoptingIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{lists: true}, newSmall(t, 3)
		batch.adopt(t)
		pass(50 * time.Second)
		b.take(batch, "T-001", "T-001")
		tally, err := batch.pay(t, b, unvouched)
		if err != nil || tally.In(ledger.Successful).Count != 3 || len(b.twice()) > 0 {
			t.Errorf("tally %+v, error %v, twice %v", tally, err, b.twice())
		}
	})
}

// TestAPageThatIsNoAnswerSpeaksAgainstNobody: a queued row is asked about again.
func TestAPageThatIsNoAnswerSpeaksAgainstNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		batch := newSmall(t, 2)
		batch.adopt(t)
		p := &scripted{lookUp: func(nth int) provider.Outcome {
			if nth == 1 {
				return provider.Outcome{Mismatch: true, Code: provider.CodeGarbage}
			}
			return provider.Outcome{Class: provider.Successful, Described: provider.Described{
				Ours: true, Number: "+2250701020304", Amount: money.XOF.Of(100), AmountKnown: true,
			}}
		}}
		tally, err := batch.run(t, p, unvouched)
		if err != nil || tally.In(ledger.Successful).Count != 2 || len(batch.differences(t)) > 0 {
			t.Errorf("tally %+v, error %v, differences %v", tally, err, batch.differences(t))
		}
	})
}

// TestWhatWasInDoubtIsRecordedAlthoughNothingWasSent: a run that stops at its first
// question still says what it found half-way.
func TestWhatWasInDoubtIsRecordedAlthoughNothingWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{}, newSmall(t, 20)
		half := ledger.Change{ID: "T-003", From: ledger.Queued, To: ledger.Submitting, At: time.Now().UTC(), Actor: "engine"}
		if _, err := batch.store.Apply(t.Context(), []ledger.Change{half}); err != nil {
			t.Fatal(err)
		}
		b.take(batch, "T-004", "T-004")
		tally, err := batch.pay(t, b, unvouched)
		if !errors.Is(err, engine.ErrNotNewest) || tally.In(ledger.Unknown).Count != 1 {
			t.Fatalf("tally %+v, error %v", tally, err)
		}
		if state := batch.payouts(t)["T-003"].State; state != ledger.Unknown {
			t.Errorf("the ledger has it %s, want unknown as the run says", state)
		}
	})
}

// TestARefusedScoutLetsAnotherGo: the one payout that goes out alone, so that the others
// have a control, is refused for its own sake. It shows nothing of look-ups.
func TestARefusedScoutLetsAnotherGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, batch := &bank{lists: true}, newSmall(t, 6)
		b.refuses = func(reference string, _ int) *provider.Outcome {
			if reference == "T-002" {
				return &provider.Outcome{Class: provider.Refused, Code: "INVALID_NUMBER", Documented: true}
			}
			return nil
		}
		b.take(batch, "T-001", "T-001")
		pass(time.Hour)
		batch.adopt(t)
		tally, err := batch.pay(t, b, unvouched)
		if err != nil || tally.In(ledger.Successful).Count != 5 || tally.In(ledger.Failed).Count != 1 || len(b.twice()) > 0 {
			t.Errorf("tally %+v, error %v, twice %v; want five paid and one refused", tally, err, b.twice())
		}
	})
}
