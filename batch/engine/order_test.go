package engine_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
)

// TestADoubtOfAnEarlierRunIsJudgedByWhatWasBegunAfterIt: a run was killed, the next paid
// the rest and was stopped before the grace had passed, and a third has nothing left to
// send. What the second paid shows that look-ups would find the doubt. What was paid
// before the doubt shows nothing, whatever the clock said then.
func TestADoubtOfAnEarlierRunIsJudgedByWhatWasBegunAfterIt(t *testing.T) {
	for name, test := range map[string]struct {
		// first is done before the doubt's request leaves, then after it.
		first, then []ledger.TransactionID
		// ahead is the clock's lead while first was done.
		ahead time.Duration
		paid  int
		says  error
	}{
		"others were begun after it":             {nil, []ledger.TransactionID{"T-002", "T-003"}, 0, 3, nil},
		"others were begun before it":            {[]ledger.TransactionID{"T-002", "T-003"}, nil, 0, 2, engine.ErrNoControl},
		"before it, by a clock that was ahead":   {[]ledger.TransactionID{"T-002", "T-003"}, nil, time.Hour, 2, engine.ErrNoControl},
		"some before and one after it":           {[]ledger.TransactionID{"T-002"}, []ledger.TransactionID{"T-003"}, 0, 3, nil},
		"after it, by a clock that was set back": {nil, []ledger.TransactionID{"T-002", "T-003"}, -time.Hour, 3, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, batch := &bank{}, newSmall(t, 3)
				apply := func(id ledger.TransactionID, from, to ledger.State, at time.Time) {
					t.Helper()
					_, err := batch.store.Apply(t.Context(), []ledger.Change{{ID: id, From: from, To: to, At: at.UTC(), Actor: "engine"}})
					if err != nil {
						t.Fatal(err)
					}
				}
				pay := func(ids []ledger.TransactionID) {
					for _, id := range ids {
						at := time.Now().Add(test.ahead)
						apply(id, ledger.Queued, ledger.Submitting, at)
						b.take(batch, string(id), string(id))
						apply(id, ledger.Submitting, ledger.Successful, at)
						pass(time.Second)
					}
				}
				pay(test.first)
				apply("T-001", ledger.Queued, ledger.Submitting, time.Now())
				pass(time.Second)
				apply("T-001", ledger.Submitting, ledger.Unknown, time.Now())
				pay(test.then)

				tally, err := batch.pay(t, b, nil)
				if !errors.Is(err, test.says) || tally.In(ledger.Successful).Count != test.paid {
					t.Errorf("tally %+v, error %v; want %d paid and %v", tally, err, test.paid, test.says)
				}
				if len(b.twice()) > 0 {
					t.Errorf("paid twice: %v", b.twice())
				}
			})
		})
	}
}
