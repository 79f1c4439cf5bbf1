package reconcile_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"payrun/batch/reconcile"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/policy"
	"payrun/provider/providertest"
)

func client(store ledger.Store, said providertest.Answers) reconcile.StatusClient {
	return reconcile.StatusClient{Store: store, Provider: policy.NewPaced(said, policy.Pace{Workers: 3}), Workers: 3}
}

// in returns a store with payouts in these states, in the order of the file.
func in(t *testing.T, wanted ...ledger.State) *memledger.Store {
	t.Helper()
	store := memledger.New()
	ledgertest.Reach(t, store, wanted...)
	return store
}

func find(t *testing.T, store ledger.Store, id ledger.BatchID) ledger.Batch {
	t.Helper()
	found, err := store.Batch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// enrolled returns a store with entries as batch "may".
func enrolled(t *testing.T, entries []ledger.Entry) *memledger.Store {
	t.Helper()
	store := memledger.New()
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
	return store
}

func noFees(ledger.Operator, money.Amount) money.Fine { return money.Fine{} }

func TestReconcilingMendsWhatIsOpenAndNamesTheRest(t *testing.T) {
	for _, test := range []struct {
		here  ledger.State
		there provider.Class
		after ledger.State
		code  string
	}{
		{ledger.Successful, provider.Successful, ledger.Successful, ""},
		{ledger.Successful, provider.Failed, ledger.Successful, ledger.DifferenceReversed},
		{ledger.Successful, provider.Pending, ledger.Successful, ledger.DifferenceNotFinal},
		{ledger.Successful, provider.NotFound, ledger.Successful, ledger.DifferenceUnknownThere},
		{ledger.Failed, provider.Failed, ledger.Failed, ""},
		{ledger.Failed, provider.NotFound, ledger.Failed, ""},
		{ledger.Failed, provider.Successful, ledger.Failed, ledger.DifferencePaidThere},
		{ledger.Failed, provider.Pending, ledger.Failed, ledger.DifferencePaidThere},
		{ledger.Cancelled, provider.NotFound, ledger.Cancelled, ""},
		{ledger.Cancelled, provider.Successful, ledger.Cancelled, ledger.DifferenceNeverSent},
		{ledger.Queued, provider.NotFound, ledger.Queued, ""},
		{ledger.Queued, provider.Pending, ledger.Queued, ledger.DifferenceNeverSent},
		{ledger.Pending, provider.Successful, ledger.Successful, ""},
		{ledger.Pending, provider.Failed, ledger.Failed, ""},
		{ledger.Pending, provider.Pending, ledger.Pending, ""},
		{ledger.Pending, provider.NotFound, ledger.Pending, ledger.DifferenceUnknownThere},
		{ledger.Unknown, provider.Successful, ledger.Successful, ""},
		{ledger.Unknown, provider.NotFound, ledger.Unknown, ""},
		{ledger.Submitting, provider.Failed, ledger.Failed, ""},
	} {
		t.Run(test.here.String()+" and "+test.there.String(), func(t *testing.T) {
			store := in(t, test.here)
			said := client(store, providertest.Answers{"A-00000": test.there})
			done, err := reconcile.WithProvider(t.Context(), said, ledgertest.Batch("may"), noFees)
			if err != nil {
				t.Fatal(err)
			}
			code := ""
			if done.Differences.Count() > 0 {
				code = firstOf(done).Code
			}
			if got := ledgertest.States(t, store, "may")[0]; got != test.after || code != test.code {
				t.Errorf("it is %s with difference %q, want %s and %q", got, code, test.after, test.code)
			}
			payout, err := store.Payout(t.Context(), "A-00000")
			if recorded := len(payout.Differences) > 0; err != nil || recorded != (test.code != "" && test.here != ledger.Pending) {
				t.Errorf("recorded differences %v, %v", payout.Differences, err)
			}
			if _, err := reconcile.WithProvider(t.Context(), said, ledgertest.Batch("may"), noFees); err != nil {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestWithoutAnAnswerNothingIsConcluded(t *testing.T) {
	for _, class := range []provider.Class{provider.Unknown, provider.NotSent, provider.Throttled, provider.Unauthorized} {
		store := in(t, ledger.Pending)
		done, err := reconcile.WithProvider(t.Context(), client(store, providertest.Answers{"A-00000": class}), ledgertest.Batch("may"), noFees)
		if err != nil || done.Unanswered != 1 || ledgertest.States(t, store, "may")[0] != ledger.Pending {
			t.Errorf("%s: %+v, %v, want it unanswered and pending", class, done, err)
		}
	}
}

func TestAReconciliationEndsWithItsContext(t *testing.T) {
	store := in(t, ledger.Successful)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	cancel()
	if _, err := reconcile.WithProvider(ctx, client(store, providertest.Answers{}), ledgertest.Batch("may"), noFees); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestEveryDifferenceIsExplained(t *testing.T) {
	page, err := os.ReadFile("../../docs/reconcile.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{
		ledger.DifferencePaidThere, ledger.DifferencePaidTwice, ledger.DifferenceReversed, ledger.DifferenceUnknownThere,
		ledger.DifferenceNotFinal, ledger.DifferenceNeverSent, ledger.DifferenceMismatch, ledger.DifferenceFees,
		ledger.DifferenceUnmatched, ledger.DifferenceFile,
	} {
		if !strings.Contains(string(page), "| `"+code+"` |") {
			t.Errorf("docs/reconcile.md does not explain %s", code)
		}
	}
}
