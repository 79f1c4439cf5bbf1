package rules

import (
	"slices"
	"time"

	"payrun/batch/input"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// PaidSince returns the payouts of the ledger that went to a number with an
// amount at or after a moment, other than the one with the id except.
type PaidSince func(number msisdn.Number, amount money.XOF, since time.Time, except ledger.TransactionID) ([]ledger.Payout, error)

// Options change how rows are judged. The zero value is the cautious default.
type Options struct {
	// Strict treats warnings as errors.
	Strict bool
	// RestoreLeadingZero puts back the zero that a spreadsheet dropped, where
	// the operator's prefixes leave no doubt. Each time is a warning, also with
	// Strict: it is what was asked for.
	RestoreLeadingZero bool
	// Now is the moment from which recent payments are counted back.
	Now time.Time
	// Paid finds recent payments; nil finds none.
	Paid PaidSince
	// Describe words a problem for the record of a rejected row;
	// nil leaves only the code.
	Describe func(Problem) string
	// Headers are the columns' titles in the file, for problems to name.
	Headers map[input.Field]string
}

// Validator judges the rows of one file, in order. To see repetitions it
// remembers the id, the number and the amount of the rows before, in about 100
// bytes each. It is not safe for concurrent use.
type Validator struct {
	set     *Set
	options Options
	seen    repetitions
}

// NewValidator returns a validator for one pass over a file.
func NewValidator(set *Set, options Options) *Validator {
	return &Validator{set: set, options: options, seen: newRepetitions()}
}

// Check judges a row. It returns what the row asks for, as far as it could be
// read, with its rejections if it may not be paid, and all its problems: those
// of the row as a whole first, then in the order of input's fields. A problem
// with the ledger that Paid asks is one of the row, too: what cannot be checked
// is not paid. A note is for people and never keeps a row from being paid.
func (v *Validator) Check(row input.Row) (ledger.Entry, []Problem) {
	c := check{v: v, row: row}
	if row.Problem != "" {
		c.add("", row.Problem, nil)
	}
	total := isTotal(row)
	if total {
		c.add("", CodeRowTotal, nil)
	}
	if total || row.Problem == CodeRowQuotes && uncut(row) {
		return ledger.Entry{Row: row.Number, Rejections: v.rejections(c.problems)}, c.problems
	}
	id := c.id()
	o := c.operator()
	entry := ledger.Entry{Row: row.Number, Terms: ledger.Terms{
		ID:       id,
		Operator: o.id,
		Number:   c.number(o),
		Name:     c.name(),
		Amount:   c.amount(o),
		Note:     row.Note.Text,
	}}
	if o == v.set.all {
		entry.Operator = ledger.Operator(row.Operator.Text)
	}
	c.only(input.FieldCurrency, row.Currency, v.set.currency, CodeCurrency)
	c.only(input.FieldCountry, row.Country, v.set.country, CodeCountry)
	c.repeated(entry)

	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return slices.Index(fields, a.Column) - slices.Index(fields, b.Column)
	})
	entry.Rejections = v.rejections(c.problems)
	return entry, c.problems
}

// uncut reports whether a row came without cells: that each of them is missing
// says nothing more.
func uncut(row input.Row) bool {
	return row == input.Row{Number: row.Number, Problem: row.Problem}
}

func (v *Validator) rejections(problems []Problem) []ledger.Rejection {
	var rejections []ledger.Rejection
	for _, problem := range problems {
		if problem.Severity == Error {
			rejections = append(rejections, ledger.Rejection{Code: problem.Code, Message: v.describe(problem)})
		}
	}
	return rejections
}

func (v *Validator) describe(problem Problem) string {
	if v.options.Describe == nil {
		return ""
	}
	return v.options.Describe(problem)
}

// fields is the order in which problems are told; what is not in a column has
// index -1 and comes first.
//
//nolint:gochecknoglobals // a table that nothing writes to
var fields = []input.Field{
	input.FieldTransactionID, input.FieldNumber, input.FieldName, input.FieldAmount,
	input.FieldOperator, input.FieldCurrency, input.FieldCountry, input.FieldNote,
}

// check is the judgement of one row.
type check struct {
	v        *Validator
	row      input.Row
	problems []Problem
	// sameAs is the row whose id this one has, 0 if none.
	sameAs int
}

func (c *check) add(field input.Field, code string, details map[string]string) {
	problem := Problem{
		Row: c.row.Number, Column: field, Header: c.v.options.Headers[field],
		Value: c.row.Cell(field).Text, Code: code, Severity: severities[code], Details: details,
	}
	if problem.Severity == "" || c.v.options.Strict && code != CodeNumberZeroRestored {
		problem.Severity = Error
	}
	c.problems = append(c.problems, problem)
}

// trusted reports whether a cell's text can be judged, and says so if not.
func (c *check) trusted(field input.Field, cell input.Cell) bool {
	if cell.Problem != "" {
		c.add(field, cell.Problem, nil)
	}
	return cell.Problem == ""
}

// wrong reports whether a column has an error.
func (c *check) wrong(field input.Field) bool {
	return slices.ContainsFunc(c.problems, func(p Problem) bool {
		return p.Column == field && p.Severity == Error
	})
}
