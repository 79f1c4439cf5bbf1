package rules_test

import (
	"testing"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
)

// TestWhatNobodyReadsIsToldWithItsPlace: what is not known to be harmless keeps the file
// from being paid.
func TestWhatNobodyReadsIsToldWithItsPlace(t *testing.T) {
	for _, test := range []struct {
		code   string
		strict bool
		row    int
		want   rules.Severity
	}{
		{rules.CodeCellsUnread, false, 9, rules.Warning},
		{rules.CodeCellsUnread, true, 9, rules.Error},
		{rules.CodeColumnHidden, false, 9, rules.Error},
		{rules.CodeSheetUnread, false, 0, rules.Warning}, // its row is another sheet's
		{"cells.new", false, 9, rules.Error},
	} {
		problems := rules.FileProblems([]table.Remark{{Code: test.code, Place: table.Place{Sheet: "Nov", First: 9, Last: 12, Rows: 4}}}, test.strict)
		if len(problems) != 1 || problems[0].Severity != test.want || problems[0].Row != test.row || problems[0].Details["last"] != "12" {
			t.Errorf("%s, strict %t: %+v, want %s in row %d", test.code, test.strict, problems, test.want, test.row)
		}
	}
}
