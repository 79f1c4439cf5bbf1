package intake_test

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"slices"
	"strings"
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

// TestANewBatchOfWhatAnotherPaidIsRefused: nothing of it would be paid, and nobody notice.
func TestANewBatchOfWhatAnotherPaidIsRefused(t *testing.T) {
	entries := ledgertest.Entries("A", 3)
	store := enrolled(t, entries[:2])
	for _, entry := range entries[:2] {
		if _, err := store.Apply(t.Context(), []ledger.Change{
			ledgertest.Move(entry.ID, ledger.Queued, ledger.Submitting), ledgertest.Move(entry.ID, ledger.Submitting, ledger.Successful),
		}); err != nil {
			t.Fatal(err)
		}
	}
	bad := slices.Clone(entries[2:])
	bad[0].Rejections = []ledger.Rejection{{Code: rules.CodeNumberLength}}
	for why, test := range map[string]struct {
		file []ledger.Entry
		want error
	}{
		"all of it was paid":         {entries[:2], intake.ErrKnownElsewhere},
		"one of it is to be paid":    {entries, nil},
		"nobody can be paid, so far": {bad, nil},
		"one was, the other cannot":  {append(slices.Clone(entries[:1]), bad...), intake.ErrKnownElsewhere},
	} {
		review, _ := inspect(t, store, test.file)
		err := intake.Admissible(t.Context(), store, "june", "01", review)
		if !errors.Is(err, test.want) || err != nil && !strings.Contains(err.Error(), "may") {
			t.Errorf("%s: %v, want %v", why, err, test.want)
		}
	}
}

// TestWhatTheLedgerSaysOfARowIsEnrolled in place of what the rules alone say, and of no
// other row.
func TestWhatTheLedgerSaysOfARowIsEnrolled(t *testing.T) {
	file := rows(ledgertest.Entries("A", 3))
	file[1].Rejections = []ledger.Rejection{{Code: rules.CodeRepeated}}
	file[2].Rejections = []ledger.Rejection{{Code: rules.CodeNumberLength}}
	owner := &ledger.Terms{ID: file[0].ID, Name: "Yao Kra"}
	var got []string
	for entry, err := range intake.Entries(t.Context(), file, file, map[int]intake.Overruling{
		0: {Rejections: []ledger.Rejection{{Code: rules.CodeIDReserved}}, Reserved: owner}, 1: {},
	}) {
		if err != nil {
			t.Fatal(err)
		}
		told := string(entry.ID)
		for _, rejection := range entry.Rejections {
			told += " " + rejection.Code
		}
		if entry.Reserved != nil {
			told += " of " + entry.Reserved.Name
		}
		got = append(got, told)
	}
	if want := []string{"A-00000 id.reserved of Yao Kra", "A-00001", "A-00002 number.length"}; !slices.Equal(got, want) {
		t.Errorf("enrolled %q, want %q", got, want)
	}
}

// TestEveryRowOfAFileIsCounted once: as a payment, as one that may not be made, or as none.
func TestEveryRowOfAFileIsCounted(t *testing.T) {
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	short := cellsOf(4, "A-3", "070102", "Yao Kra")
	again := cellsOf(5, "A-4", "0701020304", "Awa Koné")
	file := cells{
		cellsOf(2, "A-1", "0701020304", "Awa Koné"), cellsOf(3, "A-2", "0701020305", "Awa Koné"), short, again,
		{Number: 6, Name: table.Cell{Text: "Total"}, Amount: table.Cell{Text: "90000"}},
		{Number: 7, Name: table.Cell{Text: "Le Directeur"}},
	}
	told, wanted := 0, errors.New("enough")
	in := intake.InspectOptions{
		File: file, Checker: rules.NewValidator(set, rules.Options{}), Fees: tenPerMille, Problem: func(rules.Problem) { told++ },
		Row: func(row table.Row, _ []rules.Problem) error {
			if row.Number == 99 {
				return wanted
			}
			return nil
		},
	}
	review, err := intake.Inspect(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	of := func(count int) ledger.Total {
		return ledger.Total{Count: count, Amount: money.XOF.Of(int64(count) * 5000)}
	}
	want := intake.Inspection{
		Rows: 6, Valid: of(2), Rejected: of(2), NotPayments: 2, New: of(2),
		Errors: 3, Warnings: 1, Notes: 1, Doubts: 1, Repeats: 1,
		ByOperator: map[ledger.Operator]ledger.Total{"ORANGE": of(2)}, Fees: money.XOF.Fine(100_00), QueuedOf: map[ledger.BatchID]int{},
	}
	if diff := cmp.Diff(want, review, cmp.Comparer(func(a, b ledger.ByState) bool { return a == b })); diff != "" || told != 5 {
		t.Errorf("told %d problems, want 5 (-want +got):\n%s", told, diff)
	}

	in.File, in.Checker = append(file, table.Row{Number: 99}), rules.NewValidator(set, rules.Options{})
	if _, err := intake.Inspect(t.Context(), in); !errors.Is(err, wanted) {
		t.Errorf("%v, want the error of who is told of rows", err)
	}
	in.File, in.Checker = file, rules.NewValidator(set, rules.Options{})
	in.Inventory = func(context.Context) (table.Inventory, error) { return table.Inventory{}, wanted }
	var broken *intake.FileError
	if _, err := intake.Inspect(t.Context(), in); !errors.Is(err, wanted) || !errors.As(err, &broken) {
		t.Errorf("%v, want the error of reading what is beside the rows", err)
	}
}

// TestAnInterruptionIsNoFaultOfTheFile, nor is a file that is missing or may not be read.
func TestAnInterruptionIsNoFaultOfTheFile(t *testing.T) {
	for _, err := range []error{nil, context.Canceled, fs.ErrNotExist, fs.ErrPermission} {
		if got := intake.FileFailure(err); !errors.Is(got, err) || errors.As(got, new(*intake.FileError)) {
			t.Errorf("%v becomes %v", err, got)
		}
	}
	if torn := errors.New("torn"); !errors.As(intake.FileFailure(torn), new(*intake.FileError)) || !errors.Is(intake.FileFailure(torn), torn) {
		t.Error("what is wrong with a file is not said of it")
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
		"azAZ09-_.csv":                   "azAZ09-_",
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
