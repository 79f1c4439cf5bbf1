package service_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
	"payrun/provider"
)

func TestCancelWithdrawsOnlyWhatWasNeverSent(t *testing.T) {
	store := in(t, ledger.Submitting, ledger.Pending, ledger.Queued, ledger.Queued)
	done, err := over(store).Cancel(t.Context(), awa, "may")
	if err != nil || done != (ledger.Total{Count: 2, Amount: money.XOF.Of(205)}) {
		t.Errorf("cancelled %+v, %v, want the two that are queued", done, err)
	}
	want := []ledger.State{ledger.Submitting, ledger.Pending, ledger.Cancelled, ledger.Cancelled}
	if diff := cmp.Diff(want, ledgertest.States(t, store, "may")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	person := ledger.Person{Name: awa.Person, Host: awa.Host, Confirmed: string(awa.Confirmed)}
	for event, err := range store.Events(t.Context(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		if event.To == ledger.Cancelled && event.By != person {
			t.Errorf("%s was withdrawn by %+v, want %+v", event.Payout, event.By, person)
		}
	}
}

func TestCancelLeavesWhatMayHaveBeenSentAndWhatIsAnothersBusiness(t *testing.T) {
	store := in(t, ledger.Queued, ledger.Failed, ledger.Queued, ledger.Queued)
	again := ledgertest.Move("A-00001", ledger.Failed, ledger.Queued)
	again.Reference = "A-00001-2"
	ledgertest.Apply(t, store, again, ledgertest.Move("A-00002", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00002", ledger.Submitting, ledger.Queued))
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("june"), ledgertest.Each(ledgertest.Entries("A", 4)[3:])); err != nil {
		t.Fatal(err)
	}
	june, err := over(store).PrepareCancel(t.Context(), "june")
	if err != nil || len(june.Elsewhere) != 1 || len(june.Never)+len(june.Sent) != 0 {
		t.Errorf("june %+v, %v, want the row left to the batch that brought it in", june, err)
	}
	may, err := over(store).PrepareCancel(t.Context(), "may")
	if err != nil || len(may.Never) != 2 || len(may.Sent) != 2 {
		t.Errorf("may %+v, %v, want two withdrawn and two left", may, err)
	}
	if done, err := over(store).Cancel(t.Context(), awa, "june"); err != nil || done.Count != 0 {
		t.Errorf("june cancelled %+v, %v", done, err)
	}
	if done, err := over(store).Cancel(t.Context(), awa, "may"); err != nil || done.Count != 2 {
		t.Errorf("may cancelled %+v, %v", done, err)
	}
	for i, want := range []ledger.State{ledger.Cancelled, ledger.Queued, ledger.Queued, ledger.Cancelled} {
		if got := ledgertest.States(t, store, "may")[i]; got != want {
			t.Errorf("row %d is %s, want %s", i, got, want)
		}
	}
	// What a person saw there ends a retry that is not to be paid.
	payout, err := store.Payout(t.Context(), "A-00001")
	if err != nil {
		t.Fatal(err)
	}
	if after, err := over(store).Resolve(t.Context(), awa, payout, service.Seen{}); err != nil || after.State != ledger.Failed {
		t.Errorf("%+v, %v, want it failed", after, err)
	}
}

// TestABatchThatIsWithdrawnEndsAsItStood: as cancelled where it was never released, as closed where
// some of it was paid before. Where something is left open it goes on.
func TestABatchThatIsWithdrawnEndsAsItStood(t *testing.T) {
	rows := payroll("A", 3, 1000)
	enter := func(policy string) func(t *testing.T) *office {
		return func(t *testing.T) *office {
			t.Helper()
			o := newOffice(t, policy)
			if _, err := o.submit("may", "awa", rows...); err != nil {
				t.Fatal(err)
			}
			return o
		}
	}
	approved := func(t *testing.T) *office {
		t.Helper()
		o := enter(twoPeople)(t)
		if _, err := o.sign("may", approval.Approve, "koffi"); err != nil {
			t.Fatal(err)
		}
		return o
	}
	for name, test := range map[string]struct {
		begin func(t *testing.T) *office
		want  ledger.BatchState
	}{
		"ready":                  {ready, ledger.BatchCancelled},
		"waiting for signatures": {enter(twoPeople), ledger.BatchCancelled},
		"approved":               {approved, ledger.BatchCancelled},
		"released":               {enter(""), ledger.BatchClosed},
		"waiting, and paid before": {func(t *testing.T) *office {
			t.Helper()
			o, _ := failedOnce(t, twoPeople)
			if _, err := o.submit("may", "awa", payroll("A", 4, 1000)...); err != nil {
				t.Fatal(err)
			}
			return o
		}, ledger.BatchClosed},
		"approved, and one is in doubt": {func(t *testing.T) *office {
			t.Helper()
			o := approved(t)
			for _, to := range []ledger.Change{
				ledgertest.Move(rows[0].ID, ledger.Queued, ledger.Submitting), ledgertest.Move(rows[0].ID, ledger.Submitting, ledger.Unknown),
			} {
				to.At = time.Now().UTC()
				ledgertest.Apply(t, o.store, to)
			}
			return o
		}, ledger.BatchApproved},
		"nothing of it can be withdrawn": {func(t *testing.T) *office {
			t.Helper()
			o := enter(twoPeople)(t)
			ledgertest.Apply(t, o.store, ledgertest.Move(rows[0].ID, ledger.Queued, ledger.Cancelled),
				ledgertest.Move(rows[1].ID, ledger.Queued, ledger.Cancelled), ledgertest.Move(rows[2].ID, ledger.Queued, ledger.Cancelled))
			return o
		}, ledger.BatchAwaitingApproval},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := test.begin(t)
				if _, err := o.Cancel(t.Context(), at("awa"), "may"); err != nil {
					t.Fatal(err)
				}
				o.stands("may", test.want)
			})
		})
	}
}

// ready is an office whose batch is complete and was released by nobody.
func ready(t *testing.T) *office {
	t.Helper()
	o := newOffice(t, "")
	b := ledgertest.Batch("may")
	b.Account.Place = provider.SimulatorPlace
	if _, err := o.store.Enrol(t.Context(), b, ledgertest.Each(payroll("A", 3, 1000))); err != nil {
		t.Fatal(err)
	}
	o.stands("may", ledger.BatchReady)
	return o
}

// TestWhoIsRemovedStopsOnlyWhatTheySigned: other batches stay approved, and what is paid to its end
// has nothing to hold.
func TestWhoIsRemovedStopsOnlyWhatTheySigned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, twoPeople)
		o.add("moussa", "checker")
		for id, by := range map[ledger.BatchID]string{"april": "koffi", "june": "koffi", "july": "moussa"} {
			if _, err := o.submit(id, "awa", payroll(string(id), 3, 1000)...); err != nil {
				t.Fatal(err)
			}
			if _, err := o.sign(id, approval.Approve, by); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.submit("august", "awa", payroll("august", 3, 1000)...); err != nil {
			t.Fatal(err)
		}
		if _, err := o.resume("april", "awa"); err != nil {
			t.Fatal(err)
		}
		o.remove("koffi")
		for id, want := range map[ledger.BatchID]ledger.BatchState{
			"april": ledger.BatchClosed, "june": ledger.BatchAwaitingApproval, "july": ledger.BatchApproved, "august": ledger.BatchAwaitingApproval,
		} {
			o.stands(id, want)
		}
	})
}
