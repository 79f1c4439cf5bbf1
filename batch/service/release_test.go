package service_test

import (
	"errors"
	"strings"
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/retry"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
)

// notReleased fails the test unless a release was refused for what may be sent now, and
// recorded nothing since the log stood at so many events.
func notReleased(t *testing.T, name string, store ledger.Store, id ledger.BatchID, events uint64, found int, err error) {
	t.Helper()
	var refused *service.ReleaseError
	if !errors.Is(err, service.ErrNotAsConfirmed) || !errors.As(err, &refused) || refused.Found.Count != found {
		t.Errorf("%s: %v, want a ReleaseError that finds %d", name, err, found)
	}
	b, err := store.Batch(t.Context(), id)
	if err != nil || b.State == ledger.BatchPaying || b.Release != nil {
		t.Errorf("%s: %s, released %+v, %v, want it not released", name, b.State, b.Release, err)
	}
	if after := eventsOf(t, store); events != 0 && after != events {
		t.Errorf("%s: %d events, want %d", name, after, events)
	}
}

func eventsOf(t *testing.T, store ledger.Store) uint64 {
	t.Helper()
	count, _, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// TestOnlyWhatWasConfirmedIsReleased: what changed since a person was asked is not what
// they let be paid.
func TestOnlyWhatWasConfirmedIsReleased(t *testing.T) {
	for name, test := range map[string]struct {
		meanwhile func(t *testing.T, store ledger.Store, confirmed *ledger.Total)
		found     int
	}{
		"as it was": {func(*testing.T, ledger.Store, *ledger.Total) {}, 0},
		"rows were added": {func(t *testing.T, store ledger.Store, _ *ledger.Total) {
			t.Helper()
			if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 4))); err != nil {
				t.Fatal(err)
			}
		}, 4},
		"a row was withdrawn": {func(t *testing.T, store ledger.Store, _ *ledger.Total) {
			t.Helper()
			ledgertest.Apply(t, store, ledgertest.Move("A-00000", ledger.Queued, ledger.Cancelled))
		}, 2},
		"a doubt ended": {func(t *testing.T, store ledger.Store, _ *ledger.Total) {
			t.Helper()
			ledgertest.Apply(t, store, ledgertest.Move("A-00001", ledger.Unknown, ledger.Successful))
		}, 2},
		"another count": {func(_ *testing.T, _ ledger.Store, confirmed *ledger.Total) { confirmed.Count = 2 }, 3},
		"another total": {func(_ *testing.T, _ ledger.Store, confirmed *ledger.Total) { confirmed.Amount.Minor++ }, 3},
	} {
		store := in(t, ledger.Queued, ledger.Unknown, ledger.Queued)
		payroll, err := rehearsal(store)
		if err != nil {
			t.Fatal(err)
		}
		prepared, err := payroll.Prepare(t.Context(), "may")
		if err != nil {
			t.Fatal(err)
		}
		confirmed := prepared.Total()
		test.meanwhile(t, store, &confirmed)
		before := eventsOf(t, store)
		err = payroll.Release(t.Context(), awa, "may", confirmed)
		if test.found > 0 {
			notReleased(t, name, store, "may", before, test.found, err)
			continue
		}
		if b := may(t, store); err != nil || b.State != ledger.BatchPaying || b.Release.Count != confirmed {
			t.Errorf("%s: %s, %v, want %+v released", name, b.State, err, confirmed)
		}
	}
}

// TestWhatOthersPaidMeanwhileIsNoOtherBatch: a batch is being paid while a person is asked about it.
// What is left by then is released again, and nothing that they did not see.
func TestWhatOthersPaidMeanwhileIsNoOtherBatch(t *testing.T) {
	pay := func(t *testing.T, store ledger.Store, ids ...ledger.TransactionID) {
		t.Helper()
		for _, id := range ids {
			ledgertest.Apply(t, store, ledgertest.Move(id, ledger.Queued, ledger.Submitting), ledgertest.Move(id, ledger.Submitting, ledger.Successful))
		}
	}
	for name, test := range map[string]struct {
		meanwhile func(t *testing.T, store ledger.Store)
		left      int
		refused   bool
	}{
		"one was paid":  {func(t *testing.T, store ledger.Store) { t.Helper(); pay(t, store, "A-00001") }, 2, false},
		"all were paid": {func(t *testing.T, store ledger.Store) { t.Helper(); pay(t, store, "A-00000", "A-00001", "A-00002") }, 3, false},
		"two were paid, and a row was added": {func(t *testing.T, store ledger.Store) {
			t.Helper()
			pay(t, store, "A-00000", "A-00001")
			if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(ledgertest.Entries("A", 5))); err != nil {
				t.Fatal(err)
			}
		}, 3, true},
		"another came back that nobody saw": {func(t *testing.T, store ledger.Store) {
			t.Helper()
			pay(t, store, "A-00000")
			again := ledgertest.Move("A-00003", ledger.Failed, ledger.Queued)
			again.Reference = "R-1"
			ledgertest.Apply(t, store, again)
		}, 3, true},
	} {
		store := in(t, ledger.Queued, ledger.Queued, ledger.Queued, ledger.Failed)
		payroll, err := rehearsal(store)
		if err != nil {
			t.Fatal(err)
		}
		prepared, err := payroll.Prepare(t.Context(), "may")
		if err == nil {
			err = payroll.Release(t.Context(), awa, "may", prepared.Total())
		}
		if err != nil {
			t.Fatal(err)
		}
		test.meanwhile(t, store)
		err = payroll.Release(t.Context(), awa, "may", prepared.Total())
		if refused := (*service.ReleaseError)(nil); test.refused != errors.As(err, &refused) || !test.refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := may(t, store).Release; got.Count.Count != test.left {
			t.Errorf("%s: %+v is released, want %d payouts", name, got.Count, test.left)
		}
	}
}

// checkedOver is a payroll of November, of these rows, held against a ledger.
func checkedOver(t *testing.T, payroll *service.Service, rows string) *service.Checked {
	t.Helper()
	file, err := table.Open("-", table.Options{Stdin: strings.NewReader(rows)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	checked, err := payroll.Check(t.Context(), file, service.CheckOptions{Batch: "november"})
	if err != nil {
		t.Fatal(err)
	}
	return checked
}

// entered is a payroll of November whose rows are in, of which nothing was released and one
// went as far as a state.
func entered(t *testing.T, first ledger.State) (*memledger.Store, *service.Service) {
	t.Helper()
	store := memledger.New()
	payroll, err := rehearsal(store)
	if err != nil {
		t.Fatal(err)
	}
	in := checkedOver(t, payroll, november).Submission(t.Context(), "november.csv", nil)
	in.Released = ledger.Total{}
	if _, err := payroll.Submit(t.Context(), awa, in); err != nil {
		t.Fatal(err)
	}
	ledgertest.Apply(t, store, ledgertest.Move("NOV-001", ledger.Queued, ledger.Submitting), ledgertest.Move("NOV-001", ledger.Submitting, first))
	return store, payroll
}

// TestAFileReleasesWhatItHasInDoubtToo: it may go out again with what is new.
func TestAFileReleasesWhatItHasInDoubtToo(t *testing.T) {
	_, payroll := entered(t, ledger.Unknown)
	in := checkedOver(t, payroll, november+"NOV-004,Ali Sanogo,0701020305,ORANGE,30000\n").Submission(t.Context(), "november.csv", nil)
	if in.Released.Count != 4 || in.Released.Amount.Minor != 305_500 {
		t.Errorf("%+v is to be confirmed, want what is queued, new and in doubt", in.Released)
	}
	b, err := payroll.Submit(t.Context(), awa, in)
	if err != nil || b.State != ledger.BatchPaying || b.Release.Count != in.Released {
		t.Errorf("%s, released %+v, %v", b.State, b.Release, err)
	}
}

// TestAFileOfWhichARowWasWithdrawnSinceTheCheckIsNotReleased.
func TestAFileOfWhichARowWasWithdrawnSinceTheCheckIsNotReleased(t *testing.T) {
	store, payroll := entered(t, ledger.Unknown)
	in := checkedOver(t, payroll, november).Submission(t.Context(), "november.csv", nil)
	ledgertest.Apply(t, store, ledgertest.Move("NOV-002", ledger.Queued, ledger.Cancelled))
	_, err := payroll.Submit(t.Context(), awa, in)
	notReleased(t, "withdrawn since the check", store, "november", 0, 2, err)
}

// TestACorrectionThatIsHeldIsNotReleased, and what is confirmed of the others is.
func TestACorrectionThatIsHeldIsNotReleased(t *testing.T) {
	store, payroll := entered(t, ledger.Failed)
	checked := checkedOver(t, payroll, strings.ReplaceAll(november, "0701020304", "0701020399"))
	if len(checked.Corrections) != 1 || checked.ToPay().Count != 3 {
		t.Fatalf("%+v, want a correction", checked.Inspection)
	}
	in := checked.Submission(t.Context(), "november.csv", nil)
	_, err := payroll.Submit(t.Context(), awa, in)
	notReleased(t, "as if it were carried out", store, "november", 0, 2, err)
	checked = checkedOver(t, payroll, strings.ReplaceAll(november, "0701020304", "0701020399"))
	in = checked.Submission(t.Context(), "november.csv", nil)
	in.Released = checked.Released(ledger.Total{})
	if b, err := payroll.Submit(t.Context(), awa, in); err != nil || b.State != ledger.BatchPaying || b.Release.Count.Count != 2 {
		t.Errorf("%s, released %+v, %v, want the other two", b.State, b.Release, err)
	}
}

// TestARetryOfWhatWasPaidMeanwhileIsNotReleased: a person's word may have come in between.
func TestARetryOfWhatWasPaidMeanwhileIsNotReleased(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	store := in(t, ledger.Failed)
	payroll := service.New(service.Config{Ledger: store, Rules: set})
	prepared, err := payroll.PrepareRetry(t.Context(), may(t, store), retry.Choice{})
	if err != nil || prepared.Released().Count != 1 {
		t.Fatalf("%+v, %v, want one to be tried again", prepared, err)
	}
	paid := ledgertest.Move("A-00000", ledger.Failed, ledger.Successful)
	paid.Resolution = &ledger.Resolution{Paid: true, Because: "seen", At: paid.At}
	ledgertest.Apply(t, store, paid)
	before := eventsOf(t, store)
	_, err = payroll.Retry(t.Context(), awa, prepared)
	notReleased(t, "a retry", store, "may", before, 0, err)
}
