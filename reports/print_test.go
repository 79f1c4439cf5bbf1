package reports_test

import (
	"strings"
	"testing"

	"payrun/internal/programtest"
	"payrun/reports"
)

// TestThePrintedPageKeepsItsMargins prints the page with the longest texts there
// can be: every word stays between the margins of an A4 sheet, and the totals are
// on the first.
func TestThePrintedPageKeepsItsMargins(t *testing.T) {
	for _, french := range []bool{false, true} {
		written := write(t, unwieldy(), header(), reports.Options{French: french})
		first := programtest.Print(t, written.Files[3])[0].Text()
		if total := readJSON(t, written.Files[2]).Summary.Amount.Plain(); !strings.Contains(first, total) {
			t.Errorf("the first page does not show %s: %s", total, first)
		}
	}
}
