package evidence_test

import (
	"path/filepath"
	"slices"
	"testing"

	"payrun/batch/evidence"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
)

// TestTheLogTellsWhatWasBegunWhen has a payout sent twice around another's payment, and
// tried again afterwards.
func TestTheLogTellsWhatWasBegunWhen(t *testing.T) {
	store, err := boltledger.Open(filepath.Join(t.TempDir(), "payrun.db"), boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ledgertest.Reach(t, store, ledger.Queued, ledger.Queued, ledger.Queued)
	again := ledgertest.Move("A-00000", ledger.Failed, ledger.Queued)
	again.Reference = "A-00000-2"
	for _, change := range []ledger.Change{
		ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00001", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00002", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00002", ledger.Submitting, ledger.Successful),
		ledgertest.Move("A-00001", ledger.Submitting, ledger.Successful),
		ledgertest.Move("A-00000", ledger.Submitting, ledger.Queued),
		ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00000", ledger.Submitting, ledger.Failed),
		again,
		ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
	} {
		ledgertest.Apply(t, store, change)
	}
	found, err := evidence.ReadBegun(t.Context(), store, func(id ledger.TransactionID) bool { return id == "A-00000" }, 9)
	if err != nil {
		t.Fatal(err)
	}
	first, second := evidence.Try{ID: "A-00000", Attempt: 1}, evidence.Try{ID: "A-00000", Attempt: 2}
	one, two := evidence.Try{ID: "A-00001", Attempt: 1}, evidence.Try{ID: "A-00002", Attempt: 1}
	if !slices.Equal(found.Paid, []evidence.Try{one, two}) {
		t.Errorf("paid %v, want them as they were begun", found.Paid)
	}
	order := []evidence.Place{found.First[first], found.Places[one], found.Places[two], found.Last[first], found.First[second]}
	if !slices.IsSorted(order) || order[0] == 0 || order[2] == order[3] || found.First[second] != found.Last[second] {
		t.Errorf("begun at %v", order)
	}
	if last, err := evidence.ReadBegun(t.Context(), store, func(ledger.TransactionID) bool { return false }, 1); err != nil ||
		!slices.Equal(last.Paid, []evidence.Try{two}) || len(last.Places) != 1 || len(last.First) != 0 {
		t.Errorf("%+v, %v, want the youngest payment alone", last, err)
	}
}
