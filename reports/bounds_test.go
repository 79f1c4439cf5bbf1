package reports

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"payrun/ledger"
	"payrun/ledger/money"
)

// TestABatchLongerThanASheetGoesOnInTheNext: the second sheet has a header of
// its own, and the formulas count both.
func TestABatchLongerThanASheetGoesOnInTheNext(t *testing.T) {
	var out bytes.Buffer
	form, err := beginXLSX(&out, Header{Batch: "long"}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, ok := form.(*xlsxReport)
	if !ok {
		t.Fatalf("got a %T", form)
	}
	const perSheet, lines = 3, 8
	x.payouts.max, x.failures.max = perSheet, perSheet
	summary := newSummary(Header{Batch: "long"})
	for i := range lines {
		l := line{row: i + 2, id: ledger.TransactionID(fmt.Sprint(i)), operator: "WAVE", amount: money.XOF.Of(100), state: "failed"}
		if err := summary.add(l); err != nil {
			t.Fatal(err)
		}
		if err := form.line(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.finish(summary); err != nil {
		t.Fatal(err)
	}
	if err := form.close(); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	got := strings.Join(book.GetSheetList(), ", ")
	if want := "Summary, List, Payouts, Failures, Payouts 2, Failures 2, Payouts 3, Failures 3"; got != want {
		t.Errorf("sheets %s, want %s", got, want)
	}
	rows, err := book.GetRows("Payouts 3")
	if err != nil || len(rows) != 3 || rows[0][0] != "row" || rows[2][0] != "9" {
		t.Errorf("the last sheet holds %q (%v), want a header and rows 8 and 9", rows, err)
	}
	const failedCount = "B11"
	formula, err := book.GetCellFormula(sheetSummary, failedCount)
	if err != nil || strings.Count(formula, "COUNTIFS") != 3 {
		t.Errorf("%s is %q (%v), want a term for each sheet", failedCount, formula, err)
	}
}

// TestThePageStaysReadable: thousands of failures of a hundred kinds make a page
// that lists some and counts all.
func TestThePageStaysReadable(t *testing.T) {
	const lines, codes = 20_000, 100
	var a actionItems
	for i := range lines {
		a.add(words{}, line{row: i, state: "failed", code: fmt.Sprintf("CODE_%d", i%codes), amount: money.XOF.Of(1)})
	}
	listed, counted := 0, 0
	kinds := a.page(englishWords(), "b")
	for _, kind := range kinds {
		listed += len(kind.Lines)
		count, hidden := ungrouped(t, kind.Count), ungrouped(t, kind.Hidden)
		counted += count
		if count != len(kind.Lines)+hidden {
			t.Errorf("%s: %d listed and %d hidden of %d", kind.Code, len(kind.Lines), hidden, count)
		}
	}
	if counted != lines || len(kinds) > kindsMax+1 || listed > (kindsMax+1)*linesPerKind {
		t.Errorf("%d kinds list %d of %d rows, counting %d", len(kinds), listed, lines, counted)
	}
}

func ungrouped(t *testing.T, text string) int {
	t.Helper()
	if text == "" {
		return 0
	}
	count, err := strconv.Atoi(strings.ReplaceAll(text, "\u202f", ""))
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// TestABrokenColumnDoesNotMakeOperators: a file whose operators are anything at
// all is divided into a bounded number of parts.
func TestABrokenColumnDoesNotMakeOperators(t *testing.T) {
	const rows = 1000
	s := newSummary(Header{})
	for i := range rows {
		l := line{operator: ledger.Operator(fmt.Sprint("x", i)), amount: money.XOF.Of(1), state: StateRejected, operatorRefused: i%2 == 0}
		if err := s.add(l); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.check(); err != nil {
		t.Error(err)
	}
	if got := len(s.ByOperator); got > operatorsMax+1 {
		t.Errorf("%d operators, want at most %d", got, operatorsMax+1)
	}
}
