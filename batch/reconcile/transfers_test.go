package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/provider"
	"payrun/provider/policy"
	"payrun/provider/providertest"
)

// listing is a provider that also has a list, and counts who is looked up.
type listing struct {
	providertest.Answers
	list   []provider.Transaction
	broken error

	mu    sync.Mutex
	asked map[string]bool
}

func (l *listing) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	l.mu.Lock()
	l.asked[query.Reference] = true
	l.mu.Unlock()
	return l.Answers.LookUp(ctx, query)
}

func (l *listing) Transactions(context.Context) iter.Seq2[provider.Transaction, error] {
	return func(yield func(provider.Transaction, error) bool) {
		for _, t := range l.list {
			if !yield(t, nil) {
				return
			}
		}
		if l.broken != nil {
			yield(provider.Transaction{}, l.broken)
		}
	}
}

// many is how many payouts make the list worth believing, and more.
const many = 25

// paidAlike returns a batch of many successful payouts and a provider that says
// the same of all, in its list and by look-up.
func paidAlike(t *testing.T) (*memledger.Store, *listing) {
	t.Helper()
	states := make([]ledger.State, many)
	for i := range states {
		states[i] = ledger.Successful
	}
	said := &listing{Answers: providertest.Answers{}, asked: map[string]bool{}}
	for _, entry := range ledgertest.Entries("A", many) {
		said.Answers[string(entry.ID)] = provider.Successful
		said.list = append(said.list, transaction(entry, provider.Successful))
	}
	return in(t, states...), said
}

func transaction(entry ledger.Entry, class provider.Class) provider.Transaction {
	return provider.Transaction{
		Reference: string(entry.ID), ProviderRef: "DP-" + string(entry.ID), Number: entry.Number, Amount: entry.Amount,
		Class: class, Code: class.String(),
	}
}

func withProvider(t *testing.T, store ledger.Store, said *listing, fees rules.FeeEstimate) reconcile.Result {
	t.Helper()
	client := reconcile.StatusClient{Store: store, Provider: policy.NewPaced(said, policy.Pace{Workers: 3}), Workers: 3}
	done, err := reconcile.WithProvider(t.Context(), client, find(t, store, "may"), fees)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// firstOf is the first difference.
func firstOf(done reconcile.Result) reconcile.Difference {
	for d := range done.Differences.All() {
		return d
	}
	return reconcile.Difference{}
}

// codes lists differences as "reference code".
func codes(done reconcile.Result) []string {
	list := []string{}
	for d := range done.Differences.All() {
		list = append(list, d.Reference+" "+d.Code)
	}
	return list
}

func TestWhatTheListConfirmsIsNotLookedUp(t *testing.T) {
	store, said := paidAlike(t)
	done := withProvider(t, store, said, noFees)
	if done.Agreed.Count != many || done.LookedUp != 0 || len(said.asked) != 0 || done.Differences.Count() != 0 {
		t.Errorf("%+v, asked about %v, want all agreed by the list alone", done, said.asked)
	}
	if got := done.Provider.Successful; got != find(t, store, "may").Accepted {
		t.Errorf("the provider comes to %+v, want the file's", got)
	}
}

// TestWhatTheListLacksIsLookedUp removes one payout from the list, lets the list
// say another status of a second and another amount of a third. The look-up says
// that all is well, and is believed.
func TestWhatTheListLacksIsLookedUp(t *testing.T) {
	store, said := paidAlike(t)
	said.list[1].Class = provider.Failed
	said.list[2].Amount.Minor++
	said.list = said.list[1:]
	done := withProvider(t, store, said, noFees)
	want := map[string]bool{"A-00000": true, "A-00001": true, "A-00002": true}
	if diff := cmp.Diff(want, said.asked); diff != "" || done.Agreed.Count != many || done.Differences.Count() != 0 {
		t.Errorf("asked about (-want +got):\n%s\n%+v", diff, done)
	}
}

func TestASmallBatchIsLookedUpWhateverTheListSays(t *testing.T) {
	store := in(t, ledger.Successful)
	said := &listing{
		Answers: providertest.Answers{"A-00000": provider.Failed}, asked: map[string]bool{},
		list: []provider.Transaction{transaction(ledgertest.Entries("A", 1)[0], provider.Successful)},
	}
	done := withProvider(t, store, said, noFees)
	if diff := cmp.Diff([]string{"A-00000 " + ledger.DifferenceReversed}, codes(done)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestABrokenListIsNotUsedAtAll(t *testing.T) {
	store, said := paidAlike(t)
	said.broken = errors.New("cut short")
	done := withProvider(t, store, said, noFees)
	if !errors.Is(done.ListError, said.broken) || done.LookedUp != many || done.Listed != 0 {
		t.Errorf("%+v, want every payout looked up", done)
	}
}

// TestIDsThatShareTooLittleHaveNoPrefix puts a transfer of another system into the
// list, whose reference begins as two letters of ours do.
func TestIDsThatShareTooLittleHaveNoPrefix(t *testing.T) {
	store, said := paidAlike(t) // A-00000 and so on
	said.list = append(said.list, provider.Transaction{Reference: "A-99999", Amount: money.XOF.Of(700), Class: provider.Successful})
	if done := withProvider(t, store, said, noFees); done.Prefix != "" || done.Differences.Count() > 0 {
		t.Errorf("prefix %q, differences %v, want none", done.Prefix, codes(done))
	}
}

// TestATransferUnderThePrefixThatNobodySentIsADifference puts into the list what
// another batch of the ledger sent, in a later attempt too, what another system
// sent, and one transfer in the batch's own name.
func TestATransferUnderThePrefixThatNobodySentIsADifference(t *testing.T) {
	entries := ledgertest.Entries("NOV", 3)
	store := enrolled(t, entries[:2])
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("june"), ledgertest.Each(entries[2:])); err != nil {
		t.Fatal(err)
	}
	later := entries[2].ID
	for _, change := range []ledger.Change{
		ledgertest.Move(later, ledger.Queued, ledger.Submitting),
		ledgertest.Move(later, ledger.Submitting, ledger.Failed),
		{ID: later, From: ledger.Failed, To: ledger.Queued, Actor: "retry", Reference: "NOV-00002-2"},
	} {
		if _, err := store.Apply(t.Context(), []ledger.Change{change}); err != nil {
			t.Fatal(err)
		}
	}
	said := &listing{
		Answers: providertest.Answers{"NOV-00000": provider.NotFound, "NOV-00001": provider.NotFound}, asked: map[string]bool{},
	}
	for _, reference := range []string{"NOV-00002", "NOV-00002-2", "OCT-00001", "NOV-77777"} {
		said.list = append(said.list, provider.Transaction{Reference: reference, Amount: money.XOF.Of(700), Class: provider.Successful})
	}
	done := withProvider(t, store, said, noFees)
	if diff := cmp.Diff([]string{"NOV-77777 " + ledger.DifferenceNeverSent}, codes(done)); diff != "" || done.Prefix != "NOV-" {
		t.Errorf("prefix %q (-want +got):\n%s", done.Prefix, diff)
	}
	if want := (ledger.Total{Count: 1, Amount: money.XOF.Of(700)}); done.Provider.NeverSent != want {
		t.Errorf("never sent %+v, want %+v", done.Provider.NeverSent, want)
	}
}

func TestAPaymentOfAnEarlierAttemptIsNotOverlooked(t *testing.T) {
	store := in(t, ledger.Failed)
	for _, change := range []ledger.Change{
		{ID: "A-00000", From: ledger.Failed, To: ledger.Queued, Actor: "retry", Reference: "A-00000-2"},
		ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00000", ledger.Submitting, ledger.Successful),
	} {
		if _, err := store.Apply(t.Context(), []ledger.Change{change}); err != nil {
			t.Fatal(err)
		}
	}
	first := transaction(ledgertest.Entries("A", 1)[0], provider.Successful)
	second := first
	second.Reference, second.ProviderRef = "A-00000-2", "DP-2"
	said := &listing{Answers: providertest.Answers{"A-00000-2": provider.Successful}, list: []provider.Transaction{first, second}, asked: map[string]bool{}}
	done := withProvider(t, store, said, noFees)
	if diff := cmp.Diff([]string{"A-00000 " + ledger.DifferencePaidTwice}, codes(done)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := done.Provider.Successful.Count; got != 2 {
		t.Errorf("the provider has %d payments, want both", got)
	}

	// The list is gone, and then the provider forgets: what was found stays.
	said.broken, said.Answers["A-00000"] = errors.New("gone"), provider.Successful
	if done = withProvider(t, store, said, noFees); done.Whole() || done.Differences.Open() != 1 {
		t.Errorf("without a list: %v, whole %v, want the look-up of attempt 1 to tell", codes(done), done.Whole())
	}
	said.Answers["A-00000"] = provider.NotFound
	if done = withProvider(t, store, said, noFees); done.Differences.Open() != 1 || !firstOf(done).Before {
		t.Errorf("forgotten: %v, want what was found before", codes(done))
	}
}

// TestAListThatEndsEarlyProvesNothing leaves it nothing but the latest five.
func TestAListThatEndsEarlyProvesNothing(t *testing.T) {
	store, said := paidAlike(t)
	if done := withProvider(t, store, said, noFees); !done.Whole() {
		t.Errorf("%+v, want a list of all to count", done)
	}
	said.list = said.list[many-5:]
	if done := withProvider(t, store, said, noFees); done.Whole() || done.Lacking != many-5 || done.Agreed.Count != many {
		t.Errorf("%+v, want all found by look-up, and the list not trusted", done)
	}
}

// TestTwoPaymentsUnderOneReferenceCountTwice has each payout of a batch paid once more.
func TestTwoPaymentsUnderOneReferenceCountTwice(t *testing.T) {
	store, said := paidAlike(t)
	for _, again := range said.list {
		again.ProviderRef += "-again"
		said.list = append(said.list, again)
	}
	done := withProvider(t, store, said, noFees)
	once := find(t, store, "may").Accepted
	want := ledger.Total{Count: 2 * once.Count, Amount: once.Amount.Plus(once.Amount)}
	if done.Provider.Successful != want || done.Agreed.Count != 0 || done.Differences.Open() != many {
		t.Errorf("%+v, want %+v there and nothing agreed", done, want)
	}
	payout, err := store.Payout(t.Context(), "A-00003")
	if err != nil || len(payout.Unresolved()) != 1 || payout.Unresolved()[0].Code != ledger.DifferencePaidTwice {
		t.Errorf("%+v, %v, want it recorded", payout, err)
	}
	withProvider(t, store, said, noFees)
	if payout, err = store.Payout(t.Context(), "A-00003"); err != nil || len(payout.Differences) != 1 {
		t.Errorf("%+v, %v, want it recorded once", payout, err)
	}
}

// TestAPaymentThatTheLedgerDoesNotKnowIsASecondOne has the list show, of some payouts,
// another payment than the one that was answered, and of others the same.
func TestAPaymentThatTheLedgerDoesNotKnowIsASecondOne(t *testing.T) {
	for why, test := range map[string]struct {
		here, there string
		twice       bool
	}{
		"the same":                  {"DP-1", "DP-1", false},
		"another":                   {"DP-1", "DP-2", true},
		"the ledger has none":       {"", "DP-2", false},
		"the list does not name it": {"DP-1", "", false},
	} {
		store := in(t, ledger.Queued)
		taken := ledgertest.Move("A-00000", ledger.Submitting, ledger.Successful)
		taken.Answer.ProviderRef = test.here
		ledgertest.Apply(t, store, ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting), taken)
		shown := transaction(ledgertest.Entries("A", 1)[0], provider.Successful)
		shown.ProviderRef = test.there
		said := &listing{Answers: providertest.Answers{"A-00000": provider.Successful}, list: []provider.Transaction{shown}, asked: map[string]bool{}}
		done := withProvider(t, store, said, noFees)
		if twice := done.Differences.Count() == 1 && firstOf(done).Code == ledger.DifferencePaidTwice; twice != test.twice || twice != (done.Provider.Successful.Count == 2) {
			t.Errorf("%s: %v, %+v there, want a second payment: %t", why, codes(done), done.Provider.Successful, test.twice)
		}
	}
}

// hiding is a provider whose look-ups show a transfer that failed of each two under a
// reference.
type hiding struct{ listing }

func (h *hiding) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	o := h.listing.LookUp(ctx, query)
	o.ProviderRef = "DP-late"
	return o
}

// TestAPaymentBesideATransferThatFailedIsNotOverlooked has two transfers under the reference of
// each payout, one of them paid, and both look-ups and the ledger know the other.
func TestAPaymentBesideATransferThatFailedIsNotOverlooked(t *testing.T) {
	for _, count := range []int{1, many} {
		for place, stays := range map[string]int{"first": 0, "last": 1} {
			states := make([]ledger.State, count)
			for i := range states {
				states[i] = ledger.Failed
			}
			said := &hiding{listing{Answers: providertest.Answers{}, asked: map[string]bool{}}}
			for _, entry := range ledgertest.Entries("A", count) {
				said.Answers[string(entry.ID)] = provider.Failed
				two := []provider.Transaction{transaction(entry, provider.Failed), transaction(entry, provider.Failed)}
				two[1-stays].ProviderRef = "DP-late"
				two[stays].Class = provider.Successful
				said.list = append(said.list, two...)
			}
			store := in(t, states...)
			done, err := reconcile.WithProvider(t.Context(), reconcile.StatusClient{
				Store: store, Provider: policy.NewPaced(said, policy.Pace{Workers: 3}), Workers: 3,
			}, find(t, store, "may"), noFees)
			if err != nil || done.Agreed.Count != 0 || done.Differences.Open() != count || firstOf(done).Code != ledger.DifferencePaidThere {
				t.Errorf("%d payouts, the payment %s: %v, agreed %d, %v, want it told of each", count, place, codes(done), done.Agreed.Count, err)
			}
			if done.Provider.Successful.Count != count {
				t.Errorf("%d payouts, the payment %s: %+v there", count, place, done.Provider.Successful)
			}
		}
	}
}

func TestAFeeThatIsNotTheEstimateIsADifference(t *testing.T) {
	for fee, differs := range map[money.Fine]bool{money.XOF.Fine(100): false, money.XOF.Fine(200): false, money.XOF.Fine(201): true, {}: false} {
		store, said := paidAlike(t)
		said.list[0].Fees, said.list[0].FeesKnown = fee, true
		done := withProvider(t, store, said, func(ledger.Operator, money.Amount) money.Fine { return money.XOF.Fine(100) })
		if got := done.Differences.Count() == 1 && firstOf(done).Code == ledger.DifferenceFees; got != differs {
			t.Errorf("a fee of %s where 1 is expected: %v", fee, codes(done))
		}
	}
}

func TestTheLedgerIsHeldAgainstTheFileAsAccepted(t *testing.T) {
	store := in(t, ledger.Successful, ledger.Successful)
	mended := ledgertest.Entries("A", 1)
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), ledgertest.Each(mended)); err != nil {
		t.Fatal(err)
	}
	said := &listing{Answers: providertest.Answers{"A-00000": provider.Successful, "A-00001": provider.Successful}, asked: map[string]bool{}}
	if diff := cmp.Diff([]string{" " + ledger.DifferenceFile}, codes(withProvider(t, store, said, noFees))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAStatementMendsWhatIsOpenAndProvesNothingByWhatItLacks(t *testing.T) {
	entries := ledgertest.Entries("A", 2)
	for _, test := range []struct {
		here  ledger.State
		there []provider.Class
		after ledger.State
		code  string
		kept  bool
	}{
		{ledger.Unknown, []provider.Class{provider.Successful}, ledger.Successful, "", false},
		{ledger.Pending, []provider.Class{provider.Failed}, ledger.Failed, "", false},
		{ledger.Pending, []provider.Class{provider.Pending}, ledger.Pending, "", false},
		{ledger.Pending, nil, ledger.Pending, "", false},
		{ledger.Unknown, nil, ledger.Unknown, "", false},
		{ledger.Queued, nil, ledger.Queued, "", false},
		{ledger.Failed, nil, ledger.Failed, "", false},
		{ledger.Queued, []provider.Class{provider.Successful}, ledger.Queued, ledger.DifferenceNeverSent, true},
		{ledger.Successful, nil, ledger.Successful, ledger.DifferenceUnknownThere, false},
		{ledger.Successful, []provider.Class{provider.Failed}, ledger.Successful, ledger.DifferenceReversed, true},
		// Without dates nobody can say which of two ends came last.
		{ledger.Successful, []provider.Class{provider.Successful, provider.Failed}, ledger.Successful, "", false},
		{ledger.Pending, []provider.Class{provider.Failed, provider.Successful}, ledger.Pending, "", false},
		{ledger.Unknown, []provider.Class{provider.Successful, provider.Failed, provider.Pending}, ledger.Unknown, "", false},
		{ledger.Successful, []provider.Class{provider.Pending, provider.Successful}, ledger.Successful, "", false},
		{ledger.Successful, []provider.Class{provider.Successful, provider.Pending}, ledger.Successful, "", false},
		{ledger.Successful, []provider.Class{provider.Successful, provider.Successful}, ledger.Successful, ledger.DifferencePaidTwice, true},
		{ledger.Failed, []provider.Class{provider.Successful}, ledger.Failed, ledger.DifferencePaidThere, true},
	} {
		t.Run(fmt.Sprintf("%s %v", test.here, test.there), func(t *testing.T) {
			store := in(t, test.here)
			var statement []reconcile.Transfer
			for i, class := range test.there {
				row := reconcile.Transfer{Row: i + 2, Transaction: transaction(entries[0], class)}
				row.ProviderRef = ""
				statement = append(statement, row)
			}
			done, err := reconcile.WithStatement(t.Context(), store, find(t, store, "may"), rowsOf(statement...), noFees)
			if err != nil {
				t.Fatal(err)
			}
			code := ""
			for d := range done.Differences.All() {
				code += d.Code
			}
			payout, err := store.Payout(t.Context(), "A-00000")
			if err != nil || payout.State != test.after || code != test.code || (len(payout.Differences) > 0) != test.kept {
				t.Errorf("%+v, %v with %q, want %s with %q, kept: %t", payout, err, code, test.after, test.code, test.kept)
			}
		})
	}
}

func TestAStatementOfAnotherAmountSettlesNothing(t *testing.T) {
	for name, change := range map[string]func(*reconcile.Transfer){
		"amount": func(r *reconcile.Transfer) { r.Amount.Minor++ },
		"number": func(r *reconcile.Transfer) { r.Number = "+2250102030405" },
	} {
		t.Run(name, func(t *testing.T) {
			store := in(t, ledger.Pending)
			row := reconcile.Transfer{Row: 2, Transaction: transaction(ledgertest.Entries("A", 1)[0], provider.Successful)}
			change(&row)
			done, err := reconcile.WithStatement(t.Context(), store, find(t, store, "may"), rowsOf(row), noFees)
			if err != nil || done.Differences.Count() != 1 || firstOf(done).Code != ledger.DifferenceMismatch ||
				ledgertest.States(t, store, "may")[0] != ledger.Pending {
				t.Errorf("%+v, %v, want a mismatch and nothing settled", done, err)
			}
		})
	}
}
