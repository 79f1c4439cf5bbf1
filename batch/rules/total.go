package rules

import (
	"slices"

	"payrun/batch/input"
)

// totalWords begin the row in which a spreadsheet adds up the ones above it,
// folded.
//
//nolint:gochecknoglobals // a table that nothing writes to
var totalWords = []string{
	"total", "totaux", "totalgeneral", "totalapayer", "totalfcfa", "montanttotal", "grandtotal", "soustotal", "subtotal",
}

// isTotal reports whether a row adds others up: it says so, and has no number of
// anybody's. It is told by one problem, since what it lacks is not to be filled in.
func isTotal(row input.Row) bool {
	says := func(cell input.Cell) bool { return slices.Contains(totalWords, fold(cell.Text)) }
	if row.Beneficiary.Text != "" && !says(row.Beneficiary) {
		return false
	}
	return says(row.TransactionID) || says(row.Beneficiary) || says(row.Name)
}
