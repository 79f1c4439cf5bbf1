package service_test

import (
	"context"
	"testing"
	"time"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/memledger"
)

// neighbour is a ledger from which another machine pays as well, which does something at the moment
// at which it is asked what others hold, and holds nothing then.
type neighbour struct {
	*memledger.Machine
	act func()
}

func (n *neighbour) Held(context.Context, ledger.BatchID) (held, left int, err error) {
	n.act()
	return 0, 0, nil
}

// TestWhatOthersDoAtTheLastMomentIsSeen: a machine has seen that another holds the last payout, which
// is given back, or paid, before it can ask. The payment goes on with it, or tells of it, at once.
func TestWhatOthersDoAtTheLastMomentIsSeen(t *testing.T) {
	machine := func(of *memledger.Shared) *memledger.Machine {
		clocks := func() ledger.Clocks { return ledger.Clocks{Now: time.Now()} }
		return of.Machine(clocks, func(_ context.Context, ask func() error) error { return ask() })
	}
	for name, end := range map[string]ledger.Change{
		"given back": {To: ledger.Queued, Unused: true},
		"paid":       {To: ledger.Successful},
	} {
		t.Run(name, func(t *testing.T) {
			shared := memledger.Share(time.Hour, time.Now)
			here, there := &neighbour{Machine: machine(shared)}, machine(shared)
			payroll, err := rehearsal(here)
			if err != nil {
				t.Fatal(err)
			}
			batch := submitted(t, payroll)
			by, err := there.Join(t.Context(), "another")
			if err != nil {
				t.Fatal(err)
			}
			var last ledger.TransactionID
			for p, err := range there.Payouts(t.Context(), batch.ID) {
				if err != nil {
					t.Fatal(err)
				}
				last = p.ID
			}
			claimed, err := there.Claim(t.Context(), ledger.ClaimRequest{Claim: by, Payouts: []ledger.TransactionID{last}, At: time.Now().UTC(), Actor: "engine"})
			if err != nil || len(claimed.Payouts) != 1 {
				t.Fatalf("claimed %v, %v", claimed, err)
			}
			end.ID, end.From, end.Attempt, end.Claim, end.At, end.Actor = last, ledger.Submitting, 1, by, time.Now().UTC(), "engine"
			asked := 0
			here.act = func() {
				if asked++; asked == 1 {
					if lost, err := there.Apply(t.Context(), []ledger.Change{end}); err != nil || len(lost) > 0 {
						t.Errorf("lost %v, %v", lost, err)
					}
				}
			}
			paid, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch})
			if err != nil || paid.Stopped != nil {
				t.Fatal(err, paid.Stopped)
			}
			if asked == 0 || paid.Tally.In(ledger.Successful).Count != 3 {
				t.Errorf("asked %d times what others hold; paid %v, want all three", asked, paid.Tally)
			}
		})
	}
}
