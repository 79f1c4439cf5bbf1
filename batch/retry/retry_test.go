package retry_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/reconcile"
	"payrun/batch/retry"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/provider"
	"payrun/provider/policy"
	"payrun/provider/providertest"
)

// tryAgain tries every failed payout of the batch again.
func tryAgain(t *testing.T, store ledger.Store, said provider.Provider) retry.Retried {
	t.Helper()
	chosen, err := retry.Choose(t.Context(), store, "may", retry.Choice{})
	if err != nil {
		t.Fatal(err)
	}
	q := retrier(store, said)
	done, err := q.Retry(t.Context(), find(t, store, "may"), chosen.Chosen)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func retrier(store ledger.Store, said provider.Provider) retry.Retrier {
	return retry.Retrier{StatusClient: reconcile.StatusClient{
		Store: store, Provider: policy.NewPaced(said, policy.Pace{Workers: 3}), Workers: 3,
	}}
}

func find(t *testing.T, store ledger.Store, id ledger.BatchID) ledger.Batch {
	t.Helper()
	found, err := store.Batch(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// held are the reasons why payouts were held back, by id.
func held(done retry.Retried) map[ledger.TransactionID]retry.HeldCode {
	codes := map[ledger.TransactionID]retry.HeldCode{}
	for _, h := range done.Held {
		codes[h.Payout.ID] = h.Code
	}
	return codes
}

// refused is a move to failed of what the provider turned away and never had.
func refused(id ledger.TransactionID) []ledger.Change {
	turnedAway := ledgertest.Move(id, ledger.Submitting, ledger.Failed)
	turnedAway.Said = ledger.SaidRefused
	return []ledger.Change{ledgertest.Move(id, ledger.Queued, ledger.Submitting), turnedAway}
}

// in is a store with a batch "may" whose payouts are in these states.
func in(t *testing.T, wanted ...ledger.State) *memledger.Store {
	t.Helper()
	store := memledger.New()
	ledgertest.Reach(t, store, wanted...)
	return store
}

// resolve records what a person saw.
func resolve(t *testing.T, store ledger.Store, payout ledger.Payout, because string) {
	t.Helper()
	_, err := service.New(service.Config{Ledger: store}).Resolve(t.Context(), service.Actor{}, payout, service.Seen{Because: because})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARetryNeedsTheProvidersWordThatItFailed(t *testing.T) {
	store := in(t, ledger.Failed, ledger.Failed, ledger.Failed, ledger.Failed, ledger.Successful, ledger.Queued)
	ledgertest.Apply(t, store, refused("A-00005")...)
	done := tryAgain(t, store, providertest.Answers{
		"A-00000": provider.Failed, "A-00001": provider.NotFound, "A-00002": provider.Successful,
		"A-00003": provider.Unknown, "A-00004": provider.Successful, "A-00005": provider.NotFound,
	})
	want := map[ledger.TransactionID]retry.HeldCode{
		"A-00001": retry.HeldForgotten, "A-00002": retry.HeldContradicted, "A-00003": retry.HeldUnanswered,
	}
	if diff := cmp.Diff(want, held(done)); diff != "" || done.Queued.Count != 2 {
		t.Errorf("%d tried again, held back (-want +got):\n%s", done.Queued.Count, diff)
	}
	again, err := store.Payout(t.Context(), "A-00000")
	if err != nil || again.Attempt != 2 || again.Reference != "A-00000-2" {
		t.Errorf("the new attempt is %+v, %v", again, err)
	}
	paid, err := store.Payout(t.Context(), "A-00002")
	if err != nil || len(paid.Unresolved()) != 1 || paid.Unresolved()[0].Code != ledger.DifferencePaidThere {
		t.Errorf("the contradicted payout is %+v, %v, want the difference recorded", paid, err)
	}
}

func TestWhatWasOnceCalledPaidIsNotTriedAgainWhenTheProviderForgets(t *testing.T) {
	store := in(t, ledger.Failed, ledger.Successful)
	said := providertest.Answers{"A-00000": provider.Successful, "A-00001": provider.Successful}
	tryAgain(t, store, said)
	said["A-00000"] = provider.NotFound
	chosen, err := retry.Choose(t.Context(), store, "may", retry.Choice{})
	if err != nil || len(chosen.Chosen) != 0 || len(chosen.Unresolved) != 1 {
		t.Errorf("%+v, %v, want it left for a person to resolve", chosen, err)
	}
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil {
		t.Fatal(err)
	}
	resolve(t, store, payout, "their support wrote")
	if done := tryAgain(t, store, said); done.Queued.Count != 1 {
		t.Errorf("%+v, want a new attempt once a person has looked", done)
	}
	if payout, err = store.Payout(t.Context(), "A-00000"); err != nil || len(payout.Differences) != 1 {
		t.Errorf("%+v, %v, want the difference kept", payout, err)
	}
}

// secondFailed returns a payout that failed twice.
func secondFailed(t *testing.T) *memledger.Store {
	t.Helper()
	store := in(t, ledger.Failed, ledger.Successful)
	again := ledgertest.Move("A-00000", ledger.Failed, ledger.Queued)
	again.Reference = "A-00000-2"
	ledgertest.Apply(t, store, again, ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00000", ledger.Submitting, ledger.Failed))
	return store
}

func TestEveryEarlierAttemptIsAskedAbout(t *testing.T) {
	for first, want := range map[provider.Class]retry.HeldCode{
		provider.Failed: "", provider.Successful: retry.HeldContradicted, provider.Pending: retry.HeldContradicted,
		provider.NotFound: retry.HeldForgotten, provider.Throttled: retry.HeldUnanswered,
	} {
		store := secondFailed(t)
		done := tryAgain(t, store, providertest.Answers{
			"A-00000": first, "A-00000-2": provider.Failed, "A-00001": provider.Successful,
		})
		if got := held(done)["A-00000"]; got != want {
			t.Errorf("attempt 1 is %s there: held back as %q, want %q", first, got, want)
		}
		payout, err := store.Payout(t.Context(), "A-00000")
		if err != nil || (want == retry.HeldContradicted) != payout.Earlier[0].Said.Has(ledger.SaidSuccessful|ledger.SaidPending) {
			t.Errorf("attempt 1 is %s there: %+v, %v, want the evidence beside attempt 1", first, payout, err)
		}
	}
}

// nowhere answers look-ups as if their page were not there.
type nowhere struct{ providertest.Answers }

func (nowhere) LookUp(context.Context, provider.Query) provider.Outcome {
	return provider.Outcome{Code: "HTTP_404", NoPage: true}
}

func TestALookUpPageThatIsNotThereHoldsBackAndIsSaid(t *testing.T) {
	done := tryAgain(t, in(t, ledger.Failed, ledger.Successful), nowhere{})
	if got := held(done)["A-00000"]; got != retry.HeldNoPage || done.Queued.Count != 0 {
		t.Errorf("held back as %q, %d tried again, want %q", got, done.Queued.Count, retry.HeldNoPage)
	}
}

// TestANotFoundNeedsAControl has the look-ups of a payout that was refused not find it,
// beside a payment that is found, that is hidden, or that is not there.
func TestANotFoundNeedsAControl(t *testing.T) {
	for name, test := range map[string]struct {
		paid bool
		said providertest.Answers
		list []provider.Transaction
		want retry.HeldCode
	}{
		"look-ups that work":          {true, providertest.Answers{"A-00000": provider.NotFound, "A-00001": provider.Successful}, nil, ""},
		"blind look-ups":              {true, providertest.Answers{"A-00000": provider.NotFound, "A-00001": provider.NotFound}, nil, retry.HeldBlind},
		"a control without an answer": {true, providertest.Answers{"A-00000": provider.NotFound}, nil, retry.HeldUnanswered},
		"no payment, no list":         {false, providertest.Answers{"A-00000": provider.NotFound}, nil, retry.HeldNoControl},
		"no payment, an empty list":   {false, providertest.Answers{"A-00000": provider.NotFound}, []provider.Transaction{}, ""},
		"a payment of the list": {
			false,
			providertest.Answers{"A-00000": provider.NotFound, "B": provider.Successful},
			[]provider.Transaction{{Reference: "B"}},
			"",
		},
		"a hidden payment of the list": {
			false,
			providertest.Answers{"A-00000": provider.NotFound, "B": provider.NotFound},
			[]provider.Transaction{{Reference: "B"}},
			retry.HeldBlind,
		},
		"it is in the list": {
			false,
			providertest.Answers{"A-00000": provider.NotFound, "B": provider.Successful},
			[]provider.Transaction{{Reference: "A-00000"}, {Reference: "B"}},
			retry.HeldBlind,
		},
	} {
		t.Run(name, func(t *testing.T) {
			store := in(t, ledger.Queued, ledger.Queued)
			ledgertest.Apply(t, store, refused("A-00000")...)
			if test.paid {
				ledgertest.Apply(t, store, ledgertest.Move("A-00001", ledger.Queued, ledger.Submitting),
					ledgertest.Move("A-00001", ledger.Submitting, ledger.Successful))
			}
			var said provider.Provider = test.said
			if test.list != nil {
				said = listing{Answers: test.said, list: test.list}
			}
			if got := held(tryAgain(t, store, said))["A-00000"]; got != test.want {
				t.Errorf("held back as %q, want %q", got, test.want)
			}
		})
	}
}

// twoPages is a provider that knows a transfer by one name only.
type twoPages struct {
	providertest.Answers
	byRef provider.Class
}

func (p twoPages) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	if query.ProviderRef != "" {
		return provider.Outcome{Class: p.byRef, Code: p.byRef.String()}
	}
	return p.Answers.LookUp(ctx, query)
}

func TestATransferIsAskedForByBothItsNames(t *testing.T) {
	for _, test := range []struct {
		ours, theirs provider.Class
		want         retry.HeldCode
	}{
		{provider.Failed, provider.Failed, ""},
		{provider.NotFound, provider.Failed, ""},
		{provider.Failed, provider.NotFound, ""},
		{provider.Failed, provider.Successful, retry.HeldContradicted},
		{provider.Successful, provider.Failed, retry.HeldContradicted},
		{provider.NotFound, provider.NotFound, retry.HeldForgotten},
		{provider.Failed, provider.Unknown, retry.HeldUnanswered},
	} {
		store := in(t, ledger.Queued, ledger.Successful)
		failed := ledgertest.Move("A-00000", ledger.Submitting, ledger.Failed)
		failed.Answer.ProviderRef = "DP-1"
		ledgertest.Apply(t, store, ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting), failed)
		said := twoPages{providertest.Answers{"A-00000": test.ours, "A-00001": provider.Successful}, test.theirs}
		if got := held(tryAgain(t, store, said))["A-00000"]; got != test.want {
			t.Errorf("%s by our name, %s by theirs: held back as %q, want %q", test.ours, test.theirs, got, test.want)
		}
	}
}

func TestAChoiceNamesPayouts(t *testing.T) {
	store := in(t, ledger.Failed, ledger.Failed, ledger.Successful, ledger.Cancelled)
	for name, test := range map[string]struct {
		choice retry.Choice
		want   []ledger.TransactionID
		fails  bool
	}{
		"everything":         {retry.Choice{}, []ledger.TransactionID{"A-00000", "A-00001"}, false},
		"only one":           {retry.Choice{Only: []ledger.TransactionID{"A-00001"}}, []ledger.TransactionID{"A-00001"}, false},
		"all but one":        {retry.Choice{Except: []ledger.TransactionID{"A-00001"}}, []ledger.TransactionID{"A-00000"}, false},
		"withdrawn, too":     {retry.Choice{Cancelled: true}, []ledger.TransactionID{"A-00000", "A-00001", "A-00003"}, false},
		"one withdrawn":      {retry.Choice{Only: []ledger.TransactionID{"A-00003"}}, []ledger.TransactionID{"A-00003"}, false},
		"what is paid":       {retry.Choice{Only: []ledger.TransactionID{"A-00002"}}, nil, true},
		"nobody":             {retry.Choice{Only: []ledger.TransactionID{"B"}}, nil, true},
		"nobody is left out": {retry.Choice{Except: []ledger.TransactionID{"B"}}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			chosen, err := retry.Choose(t.Context(), store, "may", test.choice)
			var refused *retry.NotRetriableError
			if errors.As(err, &refused) != test.fails || (err != nil) != test.fails {
				t.Fatalf("error %v", err)
			}
			var got []ledger.TransactionID
			for _, payout := range chosen.Chosen {
				got = append(got, payout.ID)
			}
			if !test.fails && !slices.Equal(got, test.want) {
				t.Errorf("chosen %v, want %v", got, test.want)
			}
		})
	}
}

func TestWhatWasWithdrawnUnsentIsGivenBackWithoutAsking(t *testing.T) {
	store := in(t, ledger.Cancelled)
	q := retrier(store, providertest.Answers{})
	chosen, err := retry.Choose(t.Context(), store, "may", retry.Choice{Cancelled: true})
	if err != nil {
		t.Fatal(err)
	}
	done, err := q.Retry(t.Context(), find(t, store, "may"), chosen.Chosen)
	if err != nil || done.Queued.Count != 1 || ledgertest.States(t, store, "may")[0] != ledger.Queued {
		t.Errorf("%+v, %v, want it queued", done, err)
	}
}

func TestANameThatIsTakenIsNotUsedForARetry(t *testing.T) {
	store := in(t, ledger.Failed)
	taken := ledgertest.Entries("A", 1)
	taken[0].ID, taken[0].Number, taken[0].Name = "A-00000-2", "+2250799999999", "Yao Kra"
	enter(t, store, "june", taken)
	tryAgain(t, store, providertest.Answers{"A-00000": provider.Failed})
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil || payout.Attempt != 2 || payout.Reference == "A-00000-2" || len(payout.Reference) > providertest.Capabilities().ReferenceLength {
		t.Errorf("the new attempt is %+v, %v, want another name that fits", payout, err)
	}
}

// digits answers as a provider does whose references are of digits alone.
type digits struct{ providertest.Answers }

func (digits) Capabilities() provider.Capabilities {
	can := providertest.Capabilities()
	can.ReferenceLength, can.ReferenceAlphabet = provider.ReferenceLengthMin, provider.Digits
	return can
}

func TestANewAttemptHasANameThatTheProviderTakes(t *testing.T) {
	store := memledger.New()
	entries := ledgertest.Entries("A", 1)
	entries[0].ID = "260500000001"
	enter(t, store, "may", entries)
	ledgertest.Apply(t, store, refused("260500000001")...)
	said := digits{providertest.Answers{"260500000001": provider.Failed}}
	tryAgain(t, store, said)
	payout, err := store.Payout(t.Context(), "260500000001")
	if err != nil || payout.Attempt != 2 || !said.Capabilities().TakesReference(string(payout.Reference)) {
		t.Errorf("the new attempt is %+v, %v, want a name of digits", payout, err)
	}
}

// older providertest.Answers as if about a transfer of long ago.
type older struct{ providertest.Answers }

func (o older) LookUp(ctx context.Context, query provider.Query) provider.Outcome {
	said := o.Answers.LookUp(ctx, query)
	said.Described.At = time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	return said
}

func (older) Transactions(context.Context) iter.Seq2[provider.Transaction, error] {
	return func(func(provider.Transaction, error) bool) {}
}

func TestAFailureOfLongAgoIsNotThisAttempts(t *testing.T) {
	store := in(t, ledger.Failed)
	done := tryAgain(t, store, older{providertest.Answers{"A-00000": provider.Failed}})
	if held(done)["A-00000"] != retry.HeldContradicted {
		t.Errorf("%+v, want it held back: the answer is about another transfer", done)
	}
}

// enter enters entries as a batch.
func enter(t *testing.T, store ledger.Store, id ledger.BatchID, entries []ledger.Entry) {
	t.Helper()
	if _, err := store.Enrol(t.Context(), ledgertest.Batch(id), ledgertest.Each(entries)); err != nil {
		t.Fatal(err)
	}
}
