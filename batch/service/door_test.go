package service_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
)

// failedOnce is an office in which a batch was approved and paid, but for one row that
// failed.
func failedOnce(t *testing.T, policy string) (*office, ledger.Payout) {
	t.Helper()
	o := newOffice(t, policy)
	rows := payroll("A", 3, 1000)
	o.purse.fails[rows[0].Number] = true
	if _, err := o.submit("may", "awa", rows...); err != nil {
		t.Fatal(err)
	}
	if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
		t.Fatal(err)
	}
	paid, err := o.resume("may", "awa")
	o.sentAll("as submitted", paid, err, 3)
	failed, err := o.store.Payout(t.Context(), rows[0].ID)
	if err != nil || failed.State != ledger.Failed {
		t.Fatalf("%s, %v, want it failed", failed.State, err)
	}
	return o, failed
}

// TestTheDoorLetsNothingThroughButWhatWasApproved, whatever the service above it does: it is asked
// of the ledger as somebody left it.
func TestTheDoorLetsNothingThroughButWhatWasApproved(t *testing.T) {
	again := func(terms *ledger.Terms, said *ledger.Resolution) func(o *office, failed ledger.Payout) {
		return func(o *office, failed ledger.Payout) {
			if said != nil {
				seen := ledgertest.Move(failed.ID, ledger.Failed, ledger.Failed)
				seen.Resolution = said
				ledgertest.Apply(o.tb, o.store, seen)
			}
			next := ledgertest.Move(failed.ID, ledger.Failed, ledger.Queued)
			next.Reference = "R-1"
			if terms != nil {
				corrected := failed.Terms
				corrected.Amount = terms.Amount
				next.Terms = &corrected
			}
			ledgertest.Apply(o.tb, o.store, next)
		}
	}
	const exempting = "retry: unchanged\n" + twoPeople
	for name, test := range map[string]struct {
		policy    string
		meanwhile func(o *office, failed ledger.Payout)
		passes    bool
	}{
		"nothing happened":                          {twoPeople, func(*office, ledger.Payout) {}, true},
		"another attempt":                           {twoPeople, again(nil, nil), false},
		"another attempt that is exempt":            {exempting, again(nil, nil), true},
		"other terms":                               {twoPeople, again(&ledger.Terms{Amount: money.XOF.Of(1001)}, nil), false},
		"other terms, though retries are exempt":    {exempting, again(&ledger.Terms{Amount: money.XOF.Of(1001)}, nil), false},
		"an exempt attempt after a person's word":   {exempting, again(nil, &ledger.Resolution{Because: "they say so", At: time.Now()}), false},
		"an exempt attempt, and the signer is gone": {exempting, func(o *office, failed ledger.Payout) { again(nil, nil)(o, failed); o.remove("koffi") }, false},
		"a row entered": {exempting, func(o *office, _ ledger.Payout) {
			if _, err := o.store.Enrol(o.tb.Context(), o.batch("may"), ledgertest.Each(payroll("A", 4, 1000))); err != nil {
				o.tb.Fatal(err)
			}
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, failed := failedOnce(t, test.policy)
				test.meanwhile(o, failed)
				err := clearance.NewDoor(o.store, "may", time.Now).Check(t.Context())
				if errors.Is(err, clearance.ErrUnapproved) == test.passes || test.passes && err != nil {
					t.Errorf("%v, want it to pass: %t", err, test.passes)
				}
			})
		})
	}
}

func (o *office) batch(id ledger.BatchID) ledger.Batch {
	o.tb.Helper()
	b, err := o.store.Batch(o.tb.Context(), id)
	if err != nil {
		o.tb.Fatal(err)
	}
	return b
}

// TestARunStopsWhenASignerIsRemoved in the middle of it: what is under way ends, nothing
// more leaves, and the batch is paused until others sign.
func TestARunStopsWhenASignerIsRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		if _, err := o.submit("may", "awa", payroll("A", 100, 10)...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		removed := false
		o.purse.asked = func(provider.Request) {
			if !removed {
				removed = true
				o.remove("koffi")
			}
		}
		paid, err := o.resume("may", "awa")
		sent := len(o.purse.sent)
		o.notSent("a run whose signer was removed", paid, err, sent)
		if sent == 0 || sent > 30 || paid.Tally.In(ledger.Successful).Count != sent {
			t.Errorf("%d sent and %+v, want the requests of a window or two", sent, paid.Tally)
		}
		o.stands("may", ledger.BatchPaused)
		if _, err := o.sign("may", approval.Approve, "fanta"); err != nil {
			t.Fatal(err)
		}
		paid, err = o.resume("may", "awa")
		o.sentAll("once somebody else signed", paid, err, 100)
		o.stands("may", ledger.BatchClosed)
	})
}
