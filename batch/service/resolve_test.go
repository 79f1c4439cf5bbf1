package service_test

import (
	"errors"
	"testing"
	"time"

	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/provider"
	"payrun/provider/providertest"
)

// awa is the person who acts in tests.
var awa = service.Actor{Person: "awa", Host: "caisse", Confirmed: service.Typed}

// over is a service that needs a ledger alone.
func over(store ledger.Store) *service.Service { return service.New(service.Config{Ledger: store}) }

func client(store ledger.Store, said provider.Provider) reconcile.StatusClient {
	return service.New(service.Config{Ledger: store, Provider: said, Pace: service.Pace{Workers: 3}}).StatusClient()
}

// in is a store with a batch "may" whose payouts are in these states.
func in(t *testing.T, wanted ...ledger.State) *memledger.Store {
	t.Helper()
	store := memledger.New()
	ledgertest.Reach(t, store, wanted...)
	return store
}

func may(t *testing.T, store ledger.Store) ledger.Batch {
	t.Helper()
	found, err := store.Batch(t.Context(), "may")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// contradicted brings a payout into a state in which the provider says otherwise.
func contradicted(t *testing.T, state ledger.State, said provider.Class) *memledger.Store {
	t.Helper()
	store := in(t, state)
	if _, err := reconcile.WithProvider(t.Context(), client(store, providertest.Answers{"A-00000": said}), may(t, store), (&rules.Set{}).Fee); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestAPersonsWordEndsWhatNobodyElseCan(t *testing.T) {
	open := func(state ledger.State) func(*testing.T) *memledger.Store {
		return func(t *testing.T) *memledger.Store {
			t.Helper()
			return in(t, state)
		}
	}
	against := func(state ledger.State, said provider.Class) func(*testing.T) *memledger.Store {
		return func(t *testing.T) *memledger.Store {
			t.Helper()
			return contradicted(t, state, said)
		}
	}
	for name, test := range map[string]struct {
		begin        func(*testing.T) *memledger.Store
		paid, unpaid ledger.State
	}{
		"in flight":        {open(ledger.Submitting), ledger.Successful, ledger.Failed},
		"unknown":          {open(ledger.Unknown), ledger.Successful, ledger.Failed},
		"pending":          {open(ledger.Pending), ledger.Successful, ledger.Failed},
		"reversed":         {against(ledger.Successful, provider.Failed), ledger.Successful, ledger.Failed},
		"paid after all":   {against(ledger.Failed, provider.Successful), ledger.Successful, ledger.Failed},
		"never sent":       {against(ledger.Cancelled, provider.Successful), ledger.Successful, ledger.Cancelled},
		"queued, and paid": {against(ledger.Queued, provider.Successful), ledger.Successful, ledger.Failed},
	} {
		for _, paid := range []bool{true, false} {
			store := test.begin(t)
			payout, err := store.Payout(t.Context(), "A-00000")
			if err != nil {
				t.Fatal(err)
			}
			want := test.unpaid
			if paid {
				want = test.paid
			}
			after, err := over(store).Resolve(t.Context(), awa, payout, service.Seen{Paid: paid, Because: "seen there"})
			if err != nil || after.State != want || after.Contradicted() || after.Resolution.By != (ledger.Person{Name: "awa", Host: "caisse", Confirmed: "typed"}) {
				t.Errorf("%s, paid %v: %+v, %v, want it %s and nothing open", name, paid, after, err, want)
			}
			if err := service.Resolvable(after); !errors.Is(err, service.ErrNothingOpen) {
				t.Errorf("%s, paid %v: a second time: %v, want ErrNothingOpen", name, paid, err)
			}
		}
	}
}

func TestThereIsNothingToSayOfWhatNobodyDoubts(t *testing.T) {
	for state, want := range map[ledger.State]error{
		ledger.Successful: service.ErrNothingOpen, ledger.Failed: service.ErrNothingOpen,
		ledger.Cancelled: service.ErrNothingOpen, ledger.Queued: service.ErrNeverSent,
	} {
		store := in(t, state)
		payout, err := store.Payout(t.Context(), "A-00000")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := over(store).Resolve(t.Context(), awa, payout, service.Seen{}); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", state, err, want)
		}
	}
}

// TestAnAnsweredDifferenceIsNotAskedAboutAgain reconciles, resolves and reconciles.
func TestAnAnsweredDifferenceIsNotAskedAboutAgain(t *testing.T) {
	for name, test := range map[string]struct {
		state ledger.State
		said  provider.Class
		paid  bool
	}{
		"reversed, and paid by hand":       {ledger.Successful, provider.Failed, true},
		"reversed, and not paid":           {ledger.Successful, provider.Failed, false},
		"paid after all":                   {ledger.Failed, provider.Successful, true},
		"called paid, and is not":          {ledger.Failed, provider.Successful, false},
		"withdrawn and called paid, isn't": {ledger.Cancelled, provider.Successful, false},
	} {
		t.Run(name, func(t *testing.T) {
			store := contradicted(t, test.state, test.said)
			payout, err := store.Payout(t.Context(), "A-00000")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := over(store).Resolve(t.Context(), awa, payout, service.Seen{Paid: test.paid}); err != nil {
				t.Fatal(err)
			}
			done, err := reconcile.WithProvider(t.Context(), client(store, providertest.Answers{"A-00000": test.said}), may(t, store), (&rules.Set{}).Fee)
			if err != nil || done.Differences.Open() != 0 {
				t.Errorf("differences %+v, %v, want none that is open", done.Differences, err)
			}
		})
	}
}

// TestAPayoutIsResolvedInEachBatchThatHasIt be it one that another brought in.
func TestAPayoutIsResolvedInEachBatchThatHasIt(t *testing.T) {
	store := in(t, ledger.Unknown, ledger.Unknown)
	for id, count := range map[ledger.BatchID]int{"june": 2, "july": 1} {
		if _, err := store.Enrol(t.Context(), ledgertest.Batch(id), ledgertest.Each(ledgertest.Entries("A", count))); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		batch ledger.BatchID
		id    ledger.TransactionID
		found bool
	}{
		{"may", "A-00001", true},
		{"june", "A-00001", true},
		{"july", "A-00000", true},
		{"july", "A-00001", false},
		{"may", "A-00002", false},
		{"august", "A-00000", false},
	} {
		got, err := over(store).PrepareResolve(t.Context(), test.batch, test.id)
		if test.found != (err == nil) || test.found && got.ID != test.id || !test.found && !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("%s in %s: %s, %v; want it found: %t", test.id, test.batch, got.ID, err, test.found)
		}
	}
}

// TestAWordAnswersWhatAClockAheadOfItSaid: the difference was seen by a machine whose clock was
// ahead, and counts as answered all the same.
func TestAWordAnswersWhatAClockAheadOfItSaid(t *testing.T) {
	store := contradicted(t, ledger.Failed, provider.Successful)
	behind := service.New(service.Config{Ledger: store, Clock: func() time.Time { return time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC) }})
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil || len(payout.Unresolved()) != 1 {
		t.Fatalf("%+v, %v, want a difference", payout, err)
	}
	if after, err := behind.Resolve(t.Context(), awa, payout, service.Seen{Paid: true, Because: "seen"}); err != nil || len(after.Unresolved()) > 0 {
		t.Errorf("%+v, %v, want it answered", after.Unresolved(), err)
	}
}
