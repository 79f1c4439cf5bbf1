package messages_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"payrun/batch/input"
	"payrun/batch/messages"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestTheWordsOfEveryProblem writes each problem as a person sees it, in both
// languages: as it comes out of a bad file where a text file can have it, and
// otherwise from a sample.
func TestTheWordsOfEveryProblem(t *testing.T) {
	const golden = "testdata/problems.golden"
	examples := map[string]rules.Problem{}
	for _, p := range append(problemsOfABadFile(t), samples()...) {
		if _, seen := examples[p.Code]; !seen {
			examples[p.Code] = p
		}
	}
	catalogues := both(t)
	var b strings.Builder
	for _, code := range slices.Sorted(maps.Keys(rules.Codes())) {
		example, ok := examples[code]
		if !ok {
			t.Errorf("no example of %s", code)
		}
		fmt.Fprintln(&b, code)
		for _, language := range []messages.Language{messages.English, messages.French} {
			message, hint := catalogues[language].Problem(example)
			fmt.Fprintf(&b, "  %s  %s\n      → %s\n", language, message, hint)
		}
	}
	if unfilled := placeholder.FindString(b.String()); unfilled != "" {
		t.Errorf("nothing fills %s", unfilled)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("words differ from %s (-want +got):\n%s", golden, diff)
	}
}

// problemsOfABadFile returns what the rules find in the file that has everything
// wrong that a text file can have.
func problemsOfABadFile(t *testing.T) []rules.Problem {
	t.Helper()
	file, err := input.Open("../rules/testdata/bad.csv", input.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	set, err := rules.Default()
	if err != nil {
		t.Fatal(err)
	}
	v := rules.NewValidator(set, rules.Options{RestoreLeadingZero: false, Paid: alwaysPaidBefore})
	restoring := rules.NewValidator(set, rules.Options{RestoreLeadingZero: true, Paid: neverReadable})
	var found []rules.Problem
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []*rules.Validator{v, restoring} {
			_, problems := v.Check(row)
			found = append(found, problems...)
		}
	}
	return found
}

func alwaysPaidBefore(msisdn.Number, money.XOF, time.Time, ledger.TransactionID) ([]ledger.Payout, error) {
	return []ledger.Payout{{
		Terms: ledger.Terms{ID: "OCT-42"}, Batch: "october", State: ledger.Successful,
		QueuedAt: time.Date(2026, 10, 28, 9, 0, 0, 0, time.UTC),
	}}, nil
}

func neverReadable(msisdn.Number, money.XOF, time.Time, ledger.TransactionID) ([]ledger.Payout, error) {
	return nil, os.ErrPermission
}

// samples are problems that are not of a text file's rows.
func samples() []rules.Problem {
	found := []rules.Problem{
		{Code: rules.CodeIDConflict, Value: "PAY-1", Details: map[string]string{
			"batch": "october", "field": "amount", "recorded": "5000", "given": "6000",
		}},
		{Code: rules.CodeIDReferenceTaken, Value: "PAY-1-2"},
		{Code: rules.CodeAmountFormulaError, Value: "#REF!"},
		{Code: rules.CodeRowQuotes},
		{Code: rules.CodeRowHidden},
		{Code: rules.CodeRowTotal},
		{Code: rules.CodeStatusMissing},
		{Code: rules.CodeStatusUnknown, Value: "EN LITIGE"},
		{Code: rules.CodeFeesFormat, Value: "1%"},
		{Code: rules.CodeDateFormat, Value: "hier"},
	}
	for code := range rules.Codes() {
		if strings.HasPrefix(code, "cell.") {
			found = append(found, rules.Problem{Code: code, Value: "45983"})
		}
		if strings.HasPrefix(code, "file.") {
			found = append(found, rules.Problem{
				Code: code, Value: "november.csv", Details: map[string]string{"reason": "(the reason)"},
			})
		}
	}
	return found
}
