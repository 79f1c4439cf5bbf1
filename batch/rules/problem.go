package rules

import (
	"cmp"
	"slices"

	"payrun/batch/intake/table"
	"payrun/ledger"
)

// Severity says how grave a problem is.
type Severity string

// The severities, the gravest first.
const (
	// Error keeps a row from being paid.
	Error Severity = "error"
	// Warning wants to be looked at; Options.Strict makes it an error.
	Warning Severity = "warning"
	// Note tells what was done with a row and asks for nothing. Strict leaves it
	// as it is.
	Note Severity = "note"
)

// Compare orders severities, the gravest first.
func (s Severity) Compare(other Severity) int {
	order := []Severity{Error, Warning, Note}
	return cmp.Compare(slices.Index(order, s), slices.Index(order, other))
}

// Problem is one thing that is wrong with a file, and where. It is a value: a
// file with problems is not a failure of the program. Its words for people come
// from package catalogue, by Code; codes never change.
type Problem struct {
	// Row is the row as a spreadsheet numbers it, 0 for the file as a whole.
	Row int
	// Column is the field, Header the column's title as the file has it; both
	// empty when the problem is not in one column.
	Column table.Field
	Header string
	// Value is the cell as it was read.
	Value    string
	Code     string
	Severity Severity
	// Statement is set for what is wrong with a provider's statement: nobody is paid
	// by it, so the remedies are others.
	Statement bool
	// Details fill the placeholders of the message: "min", "max", "operator".
	Details map[string]string
}

// Rejection is the problem as the ledger keeps it with a row that was turned away.
func (p Problem) Rejection() ledger.Rejection {
	return ledger.Rejection{Code: p.Code, Value: p.Value, Details: p.Details}
}
