package engine_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/engine"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/provider"
)

// TestRunsThatShareABatchSendEachPayoutOnce has two runs begin with the same snapshot of
// one batch: each row is claimed by one of them, and both end.
func TestRunsThatShareABatchSendEachPayoutOnce(t *testing.T) {
	const rows = 90
	synctest.Test(t, func(t *testing.T) {
		s := newSmall(t, rows)
		p := &scripted{send: func(int) provider.Outcome {
			<-time.After(20 * time.Millisecond)
			return always(provider.Pending)(1)
		}, lookUp: always(provider.Successful)}
		var both sync.WaitGroup
		var tallies [2]ledger.ByState
		for i := range tallies {
			both.Go(func() {
				var err error
				if tallies[i], err = s.run(t, p, func(c *engine.Config) { c.Worker = fmt.Sprintf("worker %d", i) }); err != nil {
					t.Errorf("run %d: %v", i, err)
				}
			})
		}
		both.Wait()
		for i := range rows {
			reference := fmt.Sprintf("T-%03d", i+1)
			if sends := p.of(p.sends, reference); len(sends) != 1 {
				t.Errorf("%s was sent %d times", reference, len(sends))
			}
		}
		workers := map[string]int{}
		for event, err := range s.store.Events(t.Context(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if event.To == ledger.Submitting {
				workers[event.Worker]++
			}
		}
		if len(workers) != 2 || workers["worker 0"]+workers["worker 1"] != rows {
			t.Errorf("claims %v, want some of both runs and %d in all", workers, rows)
		}
		last := max(tallies[0].In(ledger.Successful).Count, tallies[1].In(ledger.Successful).Count)
		if last != rows {
			t.Errorf("tallies %+v, want that of the run that ended last to be the whole batch", tallies)
		}
	})
}

// TestALostPayoutIsLeftAloneAndHeardOf: while a request is on its way, a person ends the
// payout. The run asks nothing more about it, and what the provider says then is kept.
func TestALostPayoutIsLeftAloneAndHeardOf(t *testing.T) {
	for says, answer := range map[string]provider.Class{"paid": provider.Successful, "no answer": provider.Unknown} {
		t.Run(says, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSmall(t, 3)
				p := &scripted{only: true, lookUp: always(provider.Pending), send: func(int) provider.Outcome {
					ended := ledgertest.Move("T-001", ledger.Submitting, ledger.Failed)
					ended.Said = ledger.SaidRefused
					ledgertest.Apply(t, s.store, ended)
					return always(answer)(1)
				}}
				tally, err := s.run(t, p, nil)
				if err != nil || tally.In(ledger.Failed).Count != 1 || tally.In(ledger.Successful).Count != 2 {
					t.Errorf("tally %+v, %v, want the batch as the ledger has it", tally, err)
				}
				if looks := p.of(p.looks, "T-001"); len(looks) > 0 {
					t.Errorf("%d look-ups of what somebody else has", len(looks))
				}
				left, err := s.store.Payout(t.Context(), "T-001")
				if err != nil || left.State != ledger.Failed || left.Contradicted() != (answer == provider.Successful) {
					t.Errorf("the payout is %+v, %v, want it failed, and contradicted if it was paid", left, err)
				}
			})
		})
	}
}

// meanwhile is a bank of which another run over the same ledger has a payout paid just when it
// is asked about that payout for the first time.
type meanwhile struct {
	*bank
	pays sync.Once
	pay  func()
}

func (m *meanwhile) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	if query.Reference == "T-001" {
		m.pays.Do(m.pay)
	}
	return m.bank.LookUp(ctx, query)
}

// TestWhatAnotherRunSendsDuringAProbeIsNoHit: the probe asks about rows that are queued, and
// another machine begins with the same rows.
func TestWhatAnotherRunSendsDuringAProbeIsNoHit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newSmall(t, 40), &bank{}
		m := &meanwhile{bank: b, pay: func() {
			other, err := s.store.Join(t.Context(), "another machine")
			if err == nil {
				_, err = s.store.Claim(t.Context(), ledger.ClaimRequest{Claim: other, Payouts: []ledger.TransactionID{"T-001"}, At: time.Now().UTC(), Actor: "engine"})
			}
			if err != nil {
				t.Error(err)
			}
			b.take(s, "T-001", "T-001")
		}}
		tally, err := s.pay(t, b, func(c *engine.Config) {
			c.Provider, c.Trust = m, engine.Trust{New: true}
		})
		if err != nil || tally.In(ledger.Successful).Count != 39 || tally.In(ledger.Submitting).Count != 1 {
			t.Errorf("tally %+v, %v, want everything paid but for what the other has", tally, err)
		}
		if slices.Contains(b.sends, "T-001") {
			t.Error("T-001 was sent twice")
		}
	})
}
