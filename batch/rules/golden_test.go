package rules_test

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
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestABadFileHasTheProblemsOfItsGoldenFile reads testdata/bad.csv, in which each
// row says what is bad about it.
func TestABadFileHasTheProblemsOfItsGoldenFile(t *testing.T) {
	const golden = "testdata/bad.golden"
	file, err := input.Open("testdata/bad.csv", input.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	v := rules.NewValidator(builtinRules(t), rules.Options{
		Headers: file.Info().Headers,
		Now:     time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC),
		Paid:    paidLastMonth,
	})
	var b strings.Builder
	for row, err := range file.Rows(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		_, problems := v.Check(row)
		fmt.Fprintf(&b, "%d: %s\n", row.Number, row.Note.Text)
		for _, p := range problems {
			fmt.Fprintf(&b, "\t%s %s %s %q %q%s\n", p.Severity, p.Code, p.Column, p.Header, p.Value, details(p))
		}
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
		t.Errorf("problems differ from %s (-want +got):\n%s", golden, diff)
	}
}

func details(p rules.Problem) string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(p.Details)) {
		fmt.Fprintf(&b, "\n\t\t%s: %s", key, p.Details[key])
	}
	return b.String()
}

// paidLastMonth is a ledger that knows of one payment.
func paidLastMonth(number msisdn.Number, amount money.XOF, _ time.Time, _ ledger.TransactionID) ([]ledger.Payout, error) {
	if number != "0701020342" || amount != 25_000 {
		return nil, nil
	}
	return []ledger.Payout{{
		Terms: ledger.Terms{ID: "OCT-42"}, Batch: "october",
		State: ledger.Successful, QueuedAt: time.Date(2026, 10, 28, 23, 0, 0, 0, time.UTC),
	}}, nil
}
