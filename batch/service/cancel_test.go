package service_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
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
