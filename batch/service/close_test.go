package service_test

import (
	"context"
	"errors"
	"testing"

	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/provider"
	"payrun/provider/providertest"
)

// stateOf is where a batch stands in its life.
func stateOf(t *testing.T, store ledger.Store, id ledger.BatchID) ledger.BatchState {
	t.Helper()
	b, err := store.Batch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return b.State
}

// closings are the people who are recorded to have closed a batch, in order.
func closings(t *testing.T, store ledger.Store, id ledger.BatchID) []ledger.Person {
	t.Helper()
	var by []ledger.Person
	for event, err := range store.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Batch == id && event.Act == ledger.ActClosed {
			by = append(by, event.By)
		}
	}
	return by
}

// TestABatchIsClosedByWhateverEndsItsLastPayout, once, and not before.
func TestABatchIsClosedByWhateverEndsItsLastPayout(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	batch := ledger.Batch{ID: "may"}
	for name, test := range map[string]struct {
		open ledger.State
		end  func(s *service.Service, payout ledger.Payout) error
	}{
		"a person's word": {ledger.Unknown, func(s *service.Service, payout ledger.Payout) error {
			_, err := s.Resolve(t.Context(), awa, payout, service.Seen{Paid: true})
			return err
		}},
		"the provider's answers": {ledger.Pending, func(s *service.Service, _ ledger.Payout) error {
			_, err := s.Reconcile(t.Context(), t.Context(), awa, batch)
			return err
		}},
		"a statement": {ledger.Pending, func(s *service.Service, payout ledger.Payout) error {
			_, err := s.ReconcileStatement(t.Context(), t.Context(), awa, batch, func(yield func(reconcile.Transfer, error) bool) {
				yield(reconcile.Transfer{Transaction: provider.Transaction{
					Reference: string(payout.Reference), Class: provider.Successful, Amount: payout.Amount,
				}}, nil)
			})
			return err
		}},
		"a withdrawal": {ledger.Queued, func(s *service.Service, _ ledger.Payout) error {
			_, err := s.Cancel(t.Context(), awa, "may")
			return err
		}},
	} {
		for other, want := range map[ledger.State]ledger.BatchState{ledger.Failed: ledger.BatchClosed, ledger.Pending: ledger.BatchPaying} {
			store := in(t, test.open, other)
			if err := ledgertest.Release(t.Context(), store, "may"); err != nil {
				t.Fatal(err)
			}
			payout, err := store.Payout(t.Context(), "A-00000")
			if err != nil {
				t.Fatal(err)
			}
			said := providertest.Answers{"A-00000": provider.Successful, "A-00001": provider.Pending}
			payroll := service.New(service.Config{Ledger: store, Rules: set, Provider: said, Pace: service.Pace{Workers: 1}})
			if err := test.end(payroll, payout); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			// What is asked afterwards finds it as it is.
			if _, err := payroll.ReconcileStatement(t.Context(), t.Context(), awa, batch, func(func(reconcile.Transfer, error) bool) {}); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			by, once := closings(t, store, "may"), want == ledger.BatchClosed
			if state := stateOf(t, store, "may"); state != want || (len(by) == 1) != once || (once && by[0].Name != awa.Person) {
				t.Errorf("%s beside a payout that is %s: %s, closed by %+v, want it %s", name, other, state, by, want)
			}
		}
	}
}

// TestABatchThatSharesItsLastPayoutIsClosedWithIt.
func TestABatchThatSharesItsLastPayoutIsClosedWithIt(t *testing.T) {
	store := in(t, ledger.Unknown)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("june"), ledgertest.Each(ledgertest.Entries("A", 1))); err != nil {
		t.Fatal(err)
	}
	for _, id := range []ledger.BatchID{"may", "june"} {
		if err := ledgertest.Release(t.Context(), store, id); err != nil {
			t.Fatal(err)
		}
	}
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := over(store).Resolve(t.Context(), awa, payout, service.Seen{Paid: true}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []ledger.BatchID{"may", "june"} {
		if state := stateOf(t, store, id); state != ledger.BatchClosed {
			t.Errorf("%q is %s, want it closed", id, state)
		}
	}
}

// deaf is a ledger that made a change durable and stopped.
type deaf struct{ *memledger.Store }

func (s deaf) Apply(ctx context.Context, changes []ledger.Change) ([]ledger.TransactionID, error) {
	lost, err := s.Store.Apply(ctx, changes)
	return lost, errors.Join(err, ledger.ErrStopped)
}

// TestALedgerThatStoppedIsNotWrittenTo to close what it holds: the next process does.
func TestALedgerThatStoppedIsNotWrittenTo(t *testing.T) {
	store := in(t, ledger.Unknown)
	if err := ledgertest.Release(t.Context(), store, "may"); err != nil {
		t.Fatal(err)
	}
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := over(deaf{store}).Resolve(t.Context(), awa, payout, service.Seen{Paid: true}); !errors.Is(err, ledger.ErrStopped) {
		t.Errorf("%v, want ErrStopped", err)
	}
	if state := stateOf(t, store, "may"); state != ledger.BatchPaying {
		t.Errorf("%s, want it left as it was", state)
	}
}

// closedElsewhere is a ledger in which another machine is always a little faster with closing a
// batch.
type closedElsewhere struct{ ledger.Store }

func (s closedElsewhere) Record(ctx context.Context, act ledger.Act) error {
	if act.Code == ledger.ActClosed {
		if err := s.Store.Record(ctx, act); err != nil {
			return err
		}
	}
	return s.Store.Record(ctx, act)
}

// TestABatchThatAnotherMachineClosedJustBeforeIsPaid: two machines find at one moment that
// everything has its end.
func TestABatchThatAnotherMachineClosedJustBeforeIsPaid(t *testing.T) {
	store := in(t, ledger.Queued)
	if err := ledgertest.Release(t.Context(), store, "may"); err != nil {
		t.Fatal(err)
	}
	payroll, err := rehearsal(closedElsewhere{store})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := store.Batch(t.Context(), "may")
	if err != nil {
		t.Fatal(err)
	}
	paid, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch})
	if err != nil || paid.Stopped != nil || paid.Tally.Open().Count > 0 {
		t.Errorf("paid %+v, %v", paid, err)
	}
	if by := closings(t, store, "may"); len(by) != 1 || stateOf(t, store, "may") != ledger.BatchClosed {
		t.Errorf("closed by %+v, want it closed once", by)
	}
}
