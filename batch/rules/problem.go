package rules

import (
	"payrun/batch/input"
)

// Severity says whether a problem keeps a row from being paid.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Problem is one thing that is wrong with a file, and where. It is a value: a
// file with problems is not a failure of the program. Its words for people come
// from package messages, by Code; codes never change.
type Problem struct {
	// Row is the row as a spreadsheet numbers it, 0 for the file as a whole.
	Row int
	// Column is the field, Header the column's title as the file has it; both
	// empty when the problem is not in one column.
	Column input.Field
	Header string
	// Value is the cell as it was read.
	Value    string
	Code     string
	Severity Severity
	// Details fill the placeholders of the message: "min", "max", "operator".
	Details map[string]string
}
