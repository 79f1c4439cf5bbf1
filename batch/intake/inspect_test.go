package intake_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/intake"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/ledgertest"
	"payrun/ledger/memledger"
	"payrun/ledger/money"
)

// rows is a file of entries that were read already.
type rows []ledger.Entry

func (r rows) Rows(context.Context) iter.Seq2[table.Row, error] {
	return func(yield func(table.Row, error) bool) {
		for i := range r {
			if !yield(table.Row{Number: i}, nil) {
				return
			}
		}
	}
}

// Check makes rows a checker, too: each row is what the test says it is.
func (r rows) Check(row table.Row) rules.Judgement {
	judged := rules.Judgement{Entry: r[row.Number]}
	if entry := judged.Entry; len(entry.Rejections) > 0 {
		judged.Problems = []rules.Problem{{Row: entry.Row, Code: entry.Rejections[0].Code, Severity: rules.Error}}
	}
	return judged
}

func (r rows) Earlier(ledger.Payout, bool) {}

func (r rows) End() []rules.Problem { return nil }

func tenPerMille(_ ledger.Operator, amount money.Amount) money.Fine { return amount.Share(100) }

func inspect(t *testing.T, store ledger.Store, file rows) (intake.Inspection, []rules.Problem) {
	t.Helper()
	var problems []rules.Problem
	review, err := intake.Inspect(t.Context(), intake.InspectOptions{
		File: file, Checker: file, History: history(t, store), Fees: tenPerMille,
		Problem: func(p rules.Problem) { problems = append(problems, p) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return review, problems
}

// history holds a file against a store as batch "may".
func history(t *testing.T, store ledger.Store) *intake.History {
	t.Helper()
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	reader, ok := store.(ledger.View)
	if !ok {
		t.Fatalf("%T cannot be looked at", store)
	}
	return &intake.History{
		Ledger: reader, Rules: set, Batch: "may", Now: time.Now(),
	}
}

func enrolled(t *testing.T, entries []ledger.Entry) *memledger.Store {
	t.Helper()
	store := memledger.New()
	if _, err := store.Enrol(t.Context(), ledgertest.Batch("may"), intake.Entries(t.Context(), rows(entries), rows(entries), nil)); err != nil {
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
	if _, err := store.Apply(t.Context(), paid); err != nil {
		t.Fatal(err)
	}
	entries[2].Amount = money.XOF.Of(9_999)
	entries[4].Rejections = []ledger.Rejection{{Code: "number.length"}}
	review, problems := inspect(t, store, entries)
	want := intake.Inspection{
		Rows: 5, Valid: ledger.Total{Count: 3, Amount: money.XOF.Of(304)}, Rejected: ledger.Total{Count: 2, Amount: money.XOF.Of(10_103)},
		Errors: 2, ByOperator: map[ledger.Operator]ledger.Total{"ORANGE": {Count: 3, Amount: money.XOF.Of(304)}},
		New:   ledger.Total{Count: 1, Amount: money.XOF.Of(103)},
		Known: review.Known,
		Fees:  money.XOF.Fine(204), Conflicts: review.Conflicts, Elsewhere: "may", QueuedOf: map[ledger.BatchID]int{"may": 1},
	}
	same := cmp.Comparer(func(a, b ledger.ByState) bool { return a == b })
	if diff := cmp.Diff(want, review, same); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	known := map[ledger.State]ledger.Total{
		ledger.Successful: {Count: 1, Amount: money.XOF.Of(100)}, ledger.Queued: {Count: 1, Amount: money.XOF.Of(101)},
	}
	if diff := cmp.Diff(known, review.Known.Present()); diff != "" {
		t.Errorf("known (-want +got):\n%s", diff)
	}
	if len(review.Conflicts) != 1 || review.Conflicts[0].Field != "amount" || problems[0].Code != rules.CodeIDConflict {
		t.Errorf("conflicts %v, problems %v, want the changed amount", review.Conflicts, problems)
	}
	if got := review.ToPay(); got != (ledger.Total{Count: 2, Amount: money.XOF.Of(204)}) {
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
		"a queued row is gone": {entries[1:3], "01", intake.ErrRowsRemoved},
		"another file":         {ledgertest.Entries("B", 2), "01", intake.ErrOtherFile},
	} {
		t.Run(name, func(t *testing.T) {
			store := enrolled(t, entries[:3])
			review, _ := inspect(t, store, test.file)
			if err := intake.Admissible(t.Context(), store, "may", test.sha256, review); !errors.Is(err, test.want) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if err := intake.Admissible(t.Context(), store, "june", test.sha256, review); err != nil {
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
		if got := intake.IDFromFile(path); got != want {
			t.Errorf("IDFromFile(%q) = %q, want %q", path, got, want)
		}
	}
	for _, id := range []string{"", "a b", "../x", "é", "-x"} {
		if intake.ValidID(id) {
			t.Errorf("%q passes for a batch id", id)
		}
	}
}

// TestWhatIsStillToPayIsNewAndQueuedAndCorrected: the sum that a person confirms.
func TestWhatIsStillToPayIsNewAndQueuedAndCorrected(t *testing.T) {
	review := intake.Inspection{
		New:       ledger.Total{Count: 1, Amount: money.XOF.Of(100)},
		Corrected: ledger.Total{Count: 3, Amount: money.XOF.Of(30_000)},
	}
	for state, amounts := range map[ledger.State][]int64{
		ledger.Queued: {500, 1_500}, ledger.Successful: {10_000, 10_000, 10_000, 10_000},
	} {
		for _, amount := range amounts {
			review.Known.Add(ledger.Payout{Terms: ledger.Terms{Amount: money.XOF.Of(amount)}, State: state})
		}
	}
	if got, want := review.ToPay(), (ledger.Total{Count: 6, Amount: money.XOF.Of(32_100)}); got != want {
		t.Errorf("to pay %+v, want %+v", got, want)
	}
	if got, want := review.Known.Total(), (ledger.Total{Count: 6, Amount: money.XOF.Of(42_000)}); got != want {
		t.Errorf("known %+v, want %+v", got, want)
	}
}
