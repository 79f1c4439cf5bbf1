package batch_test

import (
	"context"
	"errors"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"payrun/batch"
	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// rows is a file of entries that were read already.
type rows []ledger.Entry

func (r rows) Rows(context.Context) iter.Seq2[input.Row, error] {
	return func(yield func(input.Row, error) bool) {
		for i := range r {
			if !yield(input.Row{Number: i}, nil) {
				return
			}
		}
	}
}

// Check makes rows a checker, too: each row is what the test says it is.
func (r rows) Check(row input.Row) (ledger.Entry, []rules.Problem) {
	entry := r[row.Number]
	if len(entry.Rejections) > 0 {
		return entry, []rules.Problem{{Row: entry.Row, Code: entry.Rejections[0].Code, Severity: rules.Error}}
	}
	return entry, nil
}

func tenPerMille(_ ledger.Operator, amount money.XOF) money.Centimes { return money.Centimes(amount) }

func inspect(t *testing.T, store ledger.Store, file rows) (batch.Review, []rules.Problem) {
	t.Helper()
	var problems []rules.Problem
	review, err := batch.Inspect(t.Context(), batch.Inspection{
		File: file, Checker: file, Ledger: store, Fees: tenPerMille,
		Problem: func(p rules.Problem) { problems = append(problems, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return review, problems
}

func enrolled(t *testing.T, entries []ledger.Entry) *memledger.Store {
	t.Helper()
	store := memledger.New()
	if _, err := batch.Enrol(t.Context(), store, ledgertest.Batch("may"), rows(entries), rows(entries)); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestAReviewCountsTheFileAgainstTheLedger(t *testing.T) {
	entries := ledgertest.Entries("A", 5) // of 100 to 104 francs
	store := enrolled(t, entries[:3])
	paid := []ledger.Change{
		ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00000", ledger.Submitting, ledger.Successful),
	}
	if err := store.Apply(t.Context(), paid); err != nil {
		t.Fatal(err)
	}
	entries[2].Amount = 9_999
	entries[4].Rejections = []ledger.Rejection{{Code: "number.length"}}
	review, problems := inspect(t, store, entries)
	want := batch.Review{
		Rows: 5, Valid: ledger.Count{Count: 3, Amount: 304}, Rejected: ledger.Count{Count: 2, Amount: 10_103},
		Errors: 2, ByOperator: map[ledger.Operator]ledger.Count{"ORANGE": {Count: 3, Amount: 304}},
		New: ledger.Count{Count: 1, Amount: 103},
		Known: map[ledger.State]ledger.Count{
			ledger.Successful: {Count: 1, Amount: 100}, ledger.Queued: {Count: 1, Amount: 101},
		},
		Fees: 204, Conflicts: review.Conflicts, QueuedOf: map[ledger.BatchID]int{"may": 1},
	}
	if diff := cmp.Diff(want, review); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(review.Conflicts) != 1 || review.Conflicts[0].Field != "amount" || problems[0].Code != batch.CodeConflict {
		t.Errorf("conflicts %v, problems %v, want the changed amount", review.Conflicts, problems)
	}
	if got := review.ToPay(); got != (ledger.Count{Count: 2, Amount: 204}) {
		t.Errorf("to pay %+v, want what is new and what is queued", got)
	}
}

func TestOnlyTheFileABatchWasMadeFromMayChangeIt(t *testing.T) {
	entries := ledgertest.Entries("A", 4)
	for name, test := range map[string]struct {
		file   []ledger.Entry
		sha256 string
		want   error
	}{
		"the same file":        {entries[:3], "00", nil},
		"a row was added":      {entries, "01", nil},
		"a queued row is gone": {entries[1:3], "01", batch.ErrRowsRemoved},
		"another file":         {ledgertest.Entries("B", 2), "01", batch.ErrOtherFile},
	} {
		t.Run(name, func(t *testing.T) {
			store := enrolled(t, entries[:3])
			review, _ := inspect(t, store, test.file)
			if err := batch.Admissible(t.Context(), store, "may", test.sha256, review); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if err := batch.Admissible(t.Context(), store, "june", test.sha256, review); err != nil {
				t.Errorf("as a new batch: %v", err)
			}
		})
	}
}

func TestABatchIsNamedAfterItsFile(t *testing.T) {
	for path, want := range map[string]ledger.BatchID{
		"payroll.csv":                    "payroll",
		"/home/awa/Paie de février.xlsx": "Paie-de-fevrier",
		"-":                              "batch",
		".csv":                           "batch",
		"../../etc/passwd":               "passwd",
		"a/b\\c.csv":                     "b-c",
	} {
		if got := batch.IDFromFile(path); got != want {
			t.Errorf("IDFromFile(%q) = %q, want %q", path, got, want)
		}
	}
	for _, id := range []string{"", "a b", "../x", "é", "-x"} {
		if batch.ValidID(id) {
			t.Errorf("%q passes for a batch id", id)
		}
	}
}

func TestCancelWithdrawsOnlyWhatWasNotSent(t *testing.T) {
	store := enrolled(t, ledgertest.Entries("A", 4))
	for _, change := range []ledger.Change{
		ledgertest.Move("A-00000", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00001", ledger.Queued, ledger.Submitting),
		ledgertest.Move("A-00001", ledger.Submitting, ledger.Pending),
	} {
		if err := store.Apply(t.Context(), []ledger.Change{change}); err != nil {
			t.Fatal(err)
		}
	}
	done, err := batch.Cancel(t.Context(), store, "may")
	if err != nil || done != (ledger.Count{Count: 2, Amount: 205}) {
		t.Errorf("cancelled %+v, %v, want the two that are queued", done, err)
	}
	want := []ledger.State{ledger.Submitting, ledger.Pending, ledger.Cancelled, ledger.Cancelled}
	if diff := cmp.Diff(want, states(t, store)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func states(t *testing.T, store ledger.Store) []ledger.State {
	t.Helper()
	var all []ledger.State
	for payout, err := range store.Payouts(t.Context(), "may") {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, payout.State)
	}
	return all
}

// answers is a provider that only answers look-ups, each as written for the
// payout.
type answers map[string]provider.Class

func (a answers) LookUp(_ context.Context, query provider.Query) provider.Outcome {
	return provider.Outcome{Class: a[query.Reference], Code: a[query.Reference].String()}
}

func (answers) Send(context.Context, provider.Request) provider.Outcome {
	panic("nothing may be sent")
}

func (answers) Balance(context.Context) (money.XOF, error) { return 0, nil }

func inquiry(store ledger.Store, said answers) batch.Inquiry {
	return batch.Inquiry{Store: store, Provider: said, Limiter: rate.NewLimiter(rate.Inf, 1), Workers: 3}
}

// in brings payouts into states by legal moves, in the order of the file.
func in(t *testing.T, wanted ...ledger.State) *memledger.Store {
	t.Helper()
	store := enrolled(t, ledgertest.Entries("A", len(wanted)))
	for i, state := range wanted {
		id := ledgertest.Entries("A", len(wanted))[i].ID
		var path []ledger.State
		switch state {
		case ledger.Queued:
		case ledger.Submitting, ledger.Cancelled:
			path = []ledger.State{state}
		case ledger.Unknown, ledger.Pending, ledger.Successful, ledger.Failed:
			path = []ledger.State{ledger.Submitting, state}
		}
		at := ledger.Queued
		for _, step := range path {
			if err := store.Apply(t.Context(), []ledger.Change{ledgertest.Move(id, at, step)}); err != nil {
				t.Fatal(err)
			}
			at = step
		}
	}
	return store
}

func TestARetryNeedsTheProvidersWordThatItFailed(t *testing.T) {
	store := in(t, ledger.Failed, ledger.Failed, ledger.Failed, ledger.Failed, ledger.Successful)
	done, err := inquiry(store, answers{
		"A-00000": provider.Failed, "A-00001": provider.NotFound,
		"A-00002": provider.Successful, "A-00003": provider.Unknown, "A-00004": provider.Failed,
	}).Retry(t.Context(), "may")
	if err != nil || done.Queued.Count != 2 || len(done.Contradicted) != 1 || len(done.Unconfirmed) != 1 {
		t.Errorf("retried %+v, %v, want two queued, one contradicted, one unconfirmed", done, err)
	}
	want := []ledger.State{ledger.Queued, ledger.Queued, ledger.Failed, ledger.Failed, ledger.Successful}
	if diff := cmp.Diff(want, states(t, store)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := store.Payout(t.Context(), "A-00000")
	if err != nil || again.Attempt != 2 || again.Reference != "A-00000-2" {
		t.Errorf("the new attempt is %+v, %v", again, err)
	}
	if paid, err := store.Payout(t.Context(), "A-00002"); err != nil || paid.Difference == "" {
		t.Errorf("the contradicted payout is %+v, %v, want a difference", paid, err)
	}
}

func TestANameThatIsTakenIsNotUsedForARetry(t *testing.T) {
	store := in(t, ledger.Failed)
	taken := ledgertest.Entries("A", 1)
	taken[0].ID = "A-00000-2"
	if _, err := batch.Enrol(t.Context(), store, ledgertest.Batch("june"), rows(taken), rows(taken)); err != nil {
		t.Fatal(err)
	}
	if _, err := inquiry(store, answers{"A-00000": provider.Failed}).Retry(t.Context(), "may"); err != nil {
		t.Fatal(err)
	}
	payout, err := store.Payout(t.Context(), "A-00000")
	if err != nil || payout.Attempt != 2 || payout.Reference == "A-00000-2" || len(payout.Reference) > ledger.ReferenceLengthMax {
		t.Errorf("the new attempt is %+v, %v, want another name that fits", payout, err)
	}
}

func TestReconcilingMendsWhatIsOpenAndNamesTheRest(t *testing.T) {
	for _, test := range []struct {
		here  ledger.State
		there provider.Class
		after ledger.State
		code  string
	}{
		{ledger.Successful, provider.Successful, ledger.Successful, ""},
		{ledger.Successful, provider.Failed, ledger.Successful, batch.DifferenceReversed},
		{ledger.Successful, provider.Pending, ledger.Successful, batch.DifferenceNotFinal},
		{ledger.Successful, provider.NotFound, ledger.Successful, batch.DifferenceUnknownThere},
		{ledger.Failed, provider.Failed, ledger.Failed, ""},
		{ledger.Failed, provider.NotFound, ledger.Failed, ""},
		{ledger.Failed, provider.Successful, ledger.Failed, batch.DifferencePaidThere},
		{ledger.Failed, provider.Pending, ledger.Failed, batch.DifferencePaidThere},
		{ledger.Cancelled, provider.NotFound, ledger.Cancelled, ""},
		{ledger.Cancelled, provider.Successful, ledger.Cancelled, batch.DifferenceNeverSent},
		{ledger.Queued, provider.NotFound, ledger.Queued, ""},
		{ledger.Queued, provider.Pending, ledger.Queued, batch.DifferenceNeverSent},
		{ledger.Pending, provider.Successful, ledger.Successful, ""},
		{ledger.Pending, provider.Failed, ledger.Failed, ""},
		{ledger.Pending, provider.Pending, ledger.Pending, ""},
		{ledger.Pending, provider.NotFound, ledger.Pending, batch.DifferenceUnknownThere},
		{ledger.Unknown, provider.Successful, ledger.Successful, ""},
		{ledger.Unknown, provider.NotFound, ledger.Unknown, ""},
		{ledger.Submitting, provider.Failed, ledger.Failed, ""},
	} {
		t.Run(test.here.String()+" and "+test.there.String(), func(t *testing.T) {
			store := in(t, test.here)
			said := inquiry(store, answers{"A-00000": test.there})
			done, err := said.Reconcile(t.Context(), ledgertest.Batch("may"), noFees)
			if err != nil {
				t.Fatal(err)
			}
			code := ""
			if len(done.Differences) > 0 {
				code = done.Differences[0].Code
			}
			if got := states(t, store)[0]; got != test.after || code != test.code {
				t.Errorf("it is %s with difference %q, want %s and %q", got, code, test.after, test.code)
			}
			payout, err := store.Payout(t.Context(), "A-00000")
			if recorded := payout.Difference != ""; err != nil || recorded != (test.code != "" && test.here.Final()) {
				t.Errorf("recorded difference %q, %v", payout.Difference, err)
			}
			if _, err := said.Reconcile(t.Context(), ledgertest.Batch("may"), noFees); err != nil {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

func TestWithoutAnAnswerNothingIsConcluded(t *testing.T) {
	for _, class := range []provider.Class{provider.Unknown, provider.NotSent, provider.Throttled, provider.Unauthorized} {
		store := in(t, ledger.Pending)
		done, err := inquiry(store, answers{"A-00000": class}).Reconcile(t.Context(), ledgertest.Batch("may"), noFees)
		if err != nil || len(done.Unanswered) != 1 || states(t, store)[0] != ledger.Pending {
			t.Errorf("%s: %+v, %v, want it unanswered and pending", class, done, err)
		}
	}
}

func TestAnInquiryEndsWithItsContext(t *testing.T) {
	store := in(t, ledger.Successful)
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	cancel()
	if _, err := inquiry(store, answers{}).Reconcile(ctx, ledgertest.Batch("may"), noFees); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func noFees(ledger.Operator, money.XOF) money.Centimes { return 0 }

func TestEveryDifferenceIsExplained(t *testing.T) {
	page, err := os.ReadFile("../docs/reconcile.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{
		batch.DifferencePaidThere, batch.DifferencePaidTwice, batch.DifferenceReversed, batch.DifferenceUnknownThere,
		batch.DifferenceNotFinal, batch.DifferenceNeverSent, batch.DifferenceMismatch, batch.DifferenceFees,
		batch.DifferenceUnmatched, batch.DifferenceFile,
	} {
		if !strings.Contains(string(page), "| `"+code+"` |") {
			t.Errorf("docs/reconcile.md does not explain %s", code)
		}
	}
}
