package service_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/batch/intake/table"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/money"
)

// submitted is the payroll of November as a batch, not yet paid.
func submitted(t *testing.T, payroll *service.Service) ledger.Batch {
	t.Helper()
	file, err := table.Open("-", table.Options{Stdin: strings.NewReader(november)})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	checked, err := payroll.Check(t.Context(), file, service.CheckOptions{Batch: "november"})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := payroll.Submit(t.Context(), awa, checked.Submission(t.Context(), "november.csv", nil))
	if err != nil {
		t.Fatal(err)
	}
	return batch
}

func opened(t *testing.T) (*boltledger.Store, *service.Service) {
	t.Helper()
	store, err := boltledger.Open(filepath.Join(t.TempDir(), "payrun.db"), boltledger.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	payroll, err := rehearsal(store)
	if err != nil {
		t.Fatal(err)
	}
	return store, payroll
}

// TestASubmissionIsReleasedByItsActor keeps who let how much be paid, and a second one of
// the same file pays nobody twice.
func TestASubmissionIsReleasedByItsActor(t *testing.T) {
	store, payroll := opened(t)
	batch := submitted(t, payroll)
	want := ledger.Person{Name: "awa", Host: "caisse", Confirmed: "typed"}
	if batch.Release == nil || batch.Release.By != want || batch.Release.Count != (ledger.Total{Count: 3, Amount: money.XOF.Of(275_500)}) {
		t.Fatalf("released %+v, want it by %+v", batch.Release, want)
	}
	if list := listOf(t, store, batch.ID); batch.State != ledger.BatchPaying || batch.Release.Digest != list {
		t.Errorf("%s, released the list %s, want it paying and the list %s", batch.State, batch.Release.Digest, list)
	}
	if unreleased, err := payroll.Unreleased(t.Context(), batch); err != nil || unreleased {
		t.Errorf("unreleased: %v, %v", unreleased, err)
	}
	for range 2 {
		paid, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch})
		if err != nil || paid.Stopped != nil || paid.Tally.In(ledger.Successful).Count != 3 {
			t.Fatalf("%+v, %v", paid, err)
		}
		batch = submitted(t, payroll)
	}
	if again, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch}); err != nil || again.Worked {
		t.Errorf("%+v, %v, want that nothing was to do", again, err)
	}
	if closed, err := store.Batch(t.Context(), batch.ID); err != nil || closed.State != ledger.BatchClosed {
		t.Errorf("%s, %v, want it closed", closed.State, err)
	}
}

// TestRowsThatAreAddedWhileABatchIsPaidEndItInOrder: what became of it is told and reported as of any
// other that stopped early.
func TestRowsThatAreAddedWhileABatchIsPaidEndItInOrder(t *testing.T) {
	store, payroll := opened(t)
	batch := submitted(t, payroll)
	paid, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch, Watch: func(ledger.ByState) service.Watch {
		if _, err := store.Enrol(t.Context(), batch, ledgertest.Each(ledgertest.Entries("B", 1))); err != nil {
			t.Error(err)
		}
		return service.Watch{}
	}})
	if err != nil || !errors.Is(paid.Stopped, ledger.ErrUnreleased) || service.OutcomeOf(paid.Stopped) != service.StillOpen {
		t.Errorf("%+v, %v, want it stopped by ErrUnreleased, with payouts that are still open", paid, err)
	}
	if paid.Tally.In(ledger.Queued).Count != 4 {
		t.Errorf("%+v, want all four queued", paid.Tally)
	}
}

// TestWhatIsAddedIsNotPaidBeforeItIsReleased, though the batch was paid before.
func TestWhatIsAddedIsNotPaidBeforeItIsReleased(t *testing.T) {
	store, payroll := opened(t)
	batch := submitted(t, payroll)
	if _, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch}); err != nil {
		t.Fatal(err)
	}
	more := ledgertest.Entries("B", 1)
	if _, err := store.Enrol(t.Context(), batch, ledgertest.Each(more)); err != nil {
		t.Fatal(err)
	}
	added, err := store.Batch(t.Context(), batch.ID)
	if err != nil {
		t.Fatal(err)
	}
	if unreleased, err := payroll.Unreleased(t.Context(), added); err != nil || !unreleased {
		t.Errorf("unreleased: %v, %v, want what was added to be", unreleased, err)
	}
	if _, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: added}); !errors.Is(err, ledger.ErrUnreleased) {
		t.Errorf("%v, want ErrUnreleased", err)
	}
	if err := payroll.Release(t.Context(), awa, batch.ID, ledger.Total{Count: 1, Amount: more[0].Amount}); err != nil {
		t.Fatal(err)
	}
	released, err := store.Batch(t.Context(), batch.ID)
	if list := listOf(t, store, batch.ID); err != nil || released.Release.Digest != list {
		t.Errorf("released the list %s, %v, want that of what was added, %s", released.Release.Digest, err, list)
	}
	if paid, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: added}); err != nil || paid.Tally.Open().Count > 0 {
		t.Errorf("%+v, %v, want it paid", paid, err)
	}
}

// listOf is the digest of the canonical list of what is queued.
func listOf(t *testing.T, store ledger.Store, id ledger.BatchID) string {
	t.Helper()
	list := ledger.NewListDigest()
	for p, err := range store.Payouts(t.Context(), id, ledger.Queued) {
		if err != nil {
			t.Fatal(err)
		}
		list.Add(&p.Terms)
	}
	return list.Hex()
}

// TestWhatIsOpenIsFoundAndPrepared lists a batch that waits, says what it would send, and
// lists it no more once it is paid.
func TestWhatIsOpenIsFoundAndPrepared(t *testing.T) {
	_, payroll := opened(t)
	batch := submitted(t, payroll)
	open, unread, err := payroll.Unfinished(t.Context(), awa)
	if err != nil || len(open) != 1 || len(unread) != 0 || open[0].ID != batch.ID {
		t.Fatalf("open %+v, unread %v, %v", open, unread, err)
	}
	found, err := payroll.Prepare(t.Context(), batch.ID)
	if err != nil || found.Total() != (ledger.Total{Count: 3, Amount: money.XOF.Of(275_500)}) || found.Balance == nil || found.Covered() != nil {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch}); err != nil {
		t.Fatal(err)
	}
	if open, _, err := payroll.Unfinished(t.Context(), awa); err != nil || len(open) != 0 {
		t.Errorf("still open: %+v, %v", open, err)
	}
	if found, err := payroll.Prepare(t.Context(), batch.ID); err != nil || found.Total().Count != 0 || found.Balance != nil {
		t.Errorf("%+v, %v, want nothing to send and nobody asked", found, err)
	}
}

// TestARetryOfAPaidBatchIsNothing asks nobody and queues nothing.
func TestARetryOfAPaidBatchIsNothing(t *testing.T) {
	_, payroll := opened(t)
	batch := submitted(t, payroll)
	if _, err := payroll.Pay(t.Context(), awa, service.Payment{Batch: batch}); err != nil {
		t.Fatal(err)
	}
	prepared, err := payroll.PrepareRetry(t.Context(), batch, retry.Choice{})
	if err != nil || prepared.Released().Count != 0 {
		t.Fatalf("%+v, %v", prepared, err)
	}
	if done, err := payroll.Retry(t.Context(), awa, prepared); err != nil || done.Queued.Count != 0 || len(done.Held) != 0 {
		t.Errorf("%+v, %v", done, err)
	}
}

// TestABatchOfAnotherAccountIsNotOpened names both accounts.
func TestABatchOfAnotherAccountIsNotOpened(t *testing.T) {
	store, payroll := opened(t)
	submitted(t, payroll)
	other := service.New(service.Config{Ledger: store})
	if _, err := other.Open(t.Context(), awa, "november"); !errors.Is(err, ledger.ErrAccount) {
		t.Errorf("%v, want that it is another account's", err)
	}
	if err := other.Admits(t.Context(), "december"); err == nil {
		t.Error("the ledger takes batches of another account")
	}
}

// TestAStopIsRecorded of whatever only a person can have go on, once since the batch was released,
// and of nothing else: others are told of it.
func TestAStopIsRecorded(t *testing.T) {
	for name, test := range map[string]struct {
		why  error
		want bool
	}{
		"an empty account": {engine.ErrBalance, true},
		"refused keys":     {engine.ErrCredentials, true},
		"an outage":        {engine.ErrOutage, true},
		"a missed time":    {service.ErrMissed, true},
		"a person":         {engine.ErrInterrupted, false},
		"its time":         {ledger.ErrNotYet, false},
		"no approval":      {clearance.ErrUnapproved, false},
	} {
		t.Run(name, func(t *testing.T) {
			store, payroll := opened(t)
			batch := submitted(t, payroll)
			stops := func() (count int) {
				for event, err := range store.Acts(t.Context(), batch.ID) {
					if err != nil {
						t.Fatal(err)
					}
					if event.Act == ledger.ActStopped {
						count++
					}
				}
				return count
			}
			for range 2 {
				if err := payroll.Stopped(t.Context(), awa, batch.ID, test.why); err != nil {
					t.Fatal(err)
				}
			}
			if count := stops(); (count == 1) != test.want || count > 1 {
				t.Errorf("recorded %d times", count)
			}
		})
	}
}
