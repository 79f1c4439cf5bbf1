package retry_test

import (
	"context"
	"iter"
	"path/filepath"
	"testing"
	"time"

	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/ledgertest"
	"payrun/provider"
	"payrun/provider/providertest"
)

// grace is the one that the door's tests use.
const grace = time.Minute

// listing is a provider that also has a list.
type listing struct {
	providertest.Answers
	list []provider.Transaction
}

func (l listing) Transactions(context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		for _, t := range l.list {
			if !yield(t, nil) {
				return
			}
		}
	}
}

// doored tries every failed payout of the batch again, with a grace.
func doored(t *testing.T, store ledger.Store, said provider.Provider) retry.Retried {
	t.Helper()
	chosen, err := retry.Choose(t.Context(), store, "may", retry.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	q := retrier(store, said)
	q.Grace = grace
	done, err := q.Retry(t.Context(), find(t, store, "may"), chosen.Chosen)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// ago has moves happen that long ago.
func ago(before time.Duration, changes ...ledger.Change) []ledger.Change {
	for i := range changes {
		changes[i].At = time.Now().UTC().Add(-before)
	}
	return changes
}

// payment are the moves of what the provider took at once.
func payment(id ledger.TransactionID) []ledger.Change {
	return []ledger.Change{
		ledgertest.Move(id, ledger.Queued, ledger.Submitting), ledgertest.Move(id, ledger.Submitting, ledger.Successful),
	}
}

// TestANotFoundProvesNothingBeforeTheGraceNorBesideAnOlderPayment has a first request be
// refused, and a payment be made before or after it.
func TestANotFoundProvesNothingBeforeTheGraceNorBesideAnOlderPayment(t *testing.T) {
	const second, minute, hour, day = time.Second, time.Minute, time.Hour, 24 * time.Hour
	shown := func(at time.Duration) []provider.Transaction {
		return []provider.Transaction{{Reference: "B", At: time.Now().Add(-at)}}
	}
	for name, test := range map[string]struct {
		refused, paid time.Duration // 0 for never
		list          []provider.Transaction
		want          retry.HeldCode
	}{
		"just now":                                 {second, second / 2, nil, retry.HeldTooSoon},
		"just now, and an empty list":              {second, 0, []provider.Transaction{}, retry.HeldTooSoon},
		"a while ago, and one paid since":          {2 * minute, minute, nil, ""},
		"a while ago, and one paid before":         {2 * minute, 3 * minute, nil, retry.HeldNoYoungControl},
		"a while ago, and nothing else":            {2 * minute, 0, nil, retry.HeldNoControl},
		"a while ago, and an empty list":           {2 * minute, 0, []provider.Transaction{}, ""},
		"one paid, which an empty list hides":      {2 * minute, 3 * minute, []provider.Transaction{}, retry.HeldNoYoungControl},
		"a list that ends before it":               {3 * hour, 0, shown(4 * hour), retry.HeldNoYoungControl},
		"a list that ends after it on one clock":   {3 * hour, 0, shown(3*hour - minute), retry.HeldNoYoungControl},
		"a list that ends after it on every clock": {3 * hour, 0, shown(hour), ""},
		"yesterday, and one paid before":           {day + minute, 2 * day, nil, ""},
		"yesterday, and a list that ends before":   {day + minute, 0, shown(2 * day), ""},
	} {
		t.Run(name, func(t *testing.T) {
			store := in(t, ledger.Queued, ledger.Queued)
			if test.paid > test.refused {
				ledgertest.Apply(t, store, ago(test.paid, payment("A-00001")...)...)
			}
			ledgertest.Apply(t, store, ago(test.refused, refused("A-00000")...)...)
			if test.paid > 0 && test.paid < test.refused {
				ledgertest.Apply(t, store, ago(test.paid, payment("A-00001")...)...)
			}
			known := providertest.Answers{"A-00000": provider.NotFound, "A-00001": provider.Successful, "B": provider.Successful}
			var said provider.Provider = known
			if test.list != nil {
				said = listing{Answers: known, list: test.list}
			}
			done := doored(t, store, said)
			if got := held(done)["A-00000"]; got != test.want || done.Queued.Count+len(done.Held) != 1 {
				t.Fatalf("held back as %q (%+v), want %q", got, done, test.want)
			}
			for _, h := range done.Held {
				byItself := h.Code == retry.HeldTooSoon || h.Code == retry.HeldNoYoungControl
				if byItself != h.Until.After(time.Now()) {
					t.Errorf("%s: try again at %s", h.Code, h.Until)
				}
			}
		})
	}
}

// TestWhatWasBegunBeforeIsNoControlWhateverTheClockSaid has the clock be ahead when the
// control was paid: the order of the audit log counts.
func TestWhatWasBegunBeforeIsNoControlWhateverTheClockSaid(t *testing.T) {
	for after, want := range map[bool]retry.HeldCode{false: retry.HeldNoYoungControl, true: ""} {
		store, err := boltledger.Open(filepath.Join(t.TempDir(), "may.db"), boltledger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		entries := ledgertest.Entries("A", 3)
		enter(t, store, "may", entries)
		ledgertest.Apply(t, store, ago(time.Minute, payment("A-00001")...)...)
		ledgertest.Apply(t, store, ago(5*time.Minute, refused("A-00000")...)...)
		if after {
			ledgertest.Apply(t, store, ago(9*time.Minute, payment("A-00002")...)...)
		}
		done := doored(t, store, providertest.Answers{
			"A-00000": provider.NotFound, "A-00001": provider.Successful, "A-00002": provider.Successful,
		})
		if got := held(done)["A-00000"]; got != want {
			t.Errorf("one begun after it %t: held back as %q, want %q", after, got, want)
		}
	}
}

// TestTheOldestOfTheYoungerPaymentsIsAControlToo has the youngest be hidden still.
func TestTheOldestOfTheYoungerPaymentsIsAControlToo(t *testing.T) {
	store := in(t, ledger.Queued, ledger.Queued, ledger.Queued)
	ledgertest.Apply(t, store, ago(9*time.Minute, refused("A-00000")...)...)
	ledgertest.Apply(t, store, ago(8*time.Minute, payment("A-00001")...)...)
	ledgertest.Apply(t, store, ago(time.Second, payment("A-00002")...)...)
	said := providertest.Answers{"A-00000": provider.NotFound, "A-00001": provider.Successful, "A-00002": provider.NotFound}
	if done := doored(t, store, said); done.Queued.Count != 1 {
		t.Errorf("%+v, want it queued", done)
	}
}

// TestAPersonsWordStandsWhereNothingElseCan has the last row of a batch be refused: every
// payment is older, and nothing will be paid soon.
func TestAPersonsWordStandsWhereNothingElseCan(t *testing.T) {
	store := in(t, ledger.Queued, ledger.Queued)
	ledgertest.Apply(t, store, ago(9*time.Minute, payment("A-00000")...)...)
	ledgertest.Apply(t, store, ago(8*time.Minute, refused("A-00001")...)...)
	said := providertest.Answers{"A-00000": provider.Successful, "A-00001": provider.NotFound}
	if done := doored(t, store, said); held(done)["A-00001"] != retry.HeldNoYoungControl {
		t.Fatalf("%+v, want it held back", done)
	}
	payout, err := store.Payout(t.Context(), "A-00001")
	if err != nil {
		t.Fatal(err)
	}
	resolve(t, store, payout, "their page has no such transfer")
	if done := doored(t, store, providertest.Answers{"A-00001": provider.Pending}); held(done)["A-00001"] != retry.HeldContradicted {
		t.Errorf("%+v: the provider is asked all the same", done)
	}
}

func TestAfterAPersonsWordANotFoundIsEnough(t *testing.T) {
	store := in(t, ledger.Queued)
	ledgertest.Apply(t, store, ago(9*time.Minute, refused("A-00000")...)...)
	said := providertest.Answers{"A-00000": provider.NotFound}
	if done := doored(t, store, said); held(done)["A-00000"] != retry.HeldNoControl {
		t.Fatalf("%+v, want it held back", done)
	}
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil {
		t.Fatal(err)
	}
	resolve(t, store, payout, "their page has no such transfer")
	if done := doored(t, store, said); done.Queued.Count != 1 {
		t.Errorf("%+v, want it queued", done)
	}
}

// hiding is a provider that took two requests under one reference: its look-ups show the
// transfer that failed.
type hiding struct{ listing }

func (h hiding) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	o := h.Answers.LookUp(ctx, query)
	o.ProviderRef = "DP-failed"
	return o
}

// TestAPaymentThatALookUpHidesIsNotPaidAgain has a payout be sent once and again, and the list
// say what became of each.
func TestAPaymentThatALookUpHidesIsNotPaidAgain(t *testing.T) {
	for name, test := range map[string]struct {
		sends   int
		beside  provider.Transaction
		want    retry.HeldCode
		against int
	}{
		"another was paid":             {2, provider.Transaction{ProviderRef: "DP-paid", Class: provider.Successful}, retry.HeldContradicted, 1},
		"another is under way":         {2, provider.Transaction{ProviderRef: "DP-paid", Class: provider.Pending}, retry.HeldContradicted, 1},
		"another failed":               {2, provider.Transaction{ProviderRef: "DP-paid", Class: provider.Failed}, "", 0},
		"the list is behind":           {2, provider.Transaction{ProviderRef: "DP-failed", Class: provider.Pending}, "", 0},
		"it was sent once, so no list": {1, provider.Transaction{ProviderRef: "DP-paid", Class: provider.Successful}, "", 0},
	} {
		store := in(t, ledger.Queued)
		for range test.sends - 1 {
			ledgertest.Apply(t, store, ago(time.Hour,
				ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
				ledgertest.Move("A-00000", ledger.Submitting, ledger.Unknown),
				ledgertest.Move("A-00000", ledger.Unknown, ledger.Queued))...)
		}
		ledgertest.Apply(t, store, ago(time.Hour,
			ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting), ledgertest.Move("A-00000", ledger.Submitting, ledger.Failed))...)
		test.beside.Reference = "A-00000"
		said := hiding{listing{
			Answers: providertest.Answers{"A-00000": provider.Failed},
			list:    []provider.Transaction{test.beside, {Reference: "A-00000", ProviderRef: "DP-failed", Class: provider.Failed}},
		}}
		if done := doored(t, store, said); held(done)["A-00000"] != test.want || done.Queued.Count+len(done.Held) != 1 {
			t.Errorf("%s: %+v, want it held back as %q", name, done, test.want)
		}
		payout, err := store.Payout(t.Context(), "A-00000")
		if err != nil || len(payout.Unresolved()) != test.against {
			t.Errorf("%s: %+v, %v, want %d differences", name, payout.Differences, err, test.against)
		}
	}
}
