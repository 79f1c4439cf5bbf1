package rules

import (
	"slices"

	"payrun/batch/intake/table"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Options change how rows are judged. The zero value is the cautious default.
type Options struct {
	// Strict treats warnings as errors, and notes as notes.
	Strict bool
	// RestoreLeadingZero puts back the zero that a spreadsheet dropped, where
	// the operator's prefixes leave no doubt. Each time is a warning, also with
	// Strict: it is what was asked for.
	RestoreLeadingZero bool
	// RepeatsAnswered is set once a person has said how many rows repeat others and
	// shall be paid: CodeRepeated is a warning then, also with Strict.
	RepeatsAnswered bool
	// Headers are the columns' titles in the file, for problems to name.
	Headers map[table.Field]string
}

// Validator judges the rows of one file, in order. To see repetitions it
// remembers the id, the number, the amount and a digest of the name of the rows before,
// in about 100 bytes each, and as many for names where all are different. It is not safe for concurrent use.
type Validator struct {
	set     *Set
	options Options
	seen    repetitions
	repeats Repeats
	reread  bool
	totals  totals
	zeros   leadingZeros
	earlier earlier
	// otherCurrency is the one that the amounts' title names instead of the rules', empty
	// if it does not.
	otherCurrency string
}

// NewValidator returns a validator for one pass over a file.
func NewValidator(set *Set, options Options) *Validator {
	return &Validator{
		set: set, options: options, seen: newRepetitions(), repeats: Repeats{make(map[int]repeat)}, totals: newTotals(set.Currency(), len(set.order)),
		otherCurrency: otherCurrency(options.Headers[table.FieldAmount], set.Currency()),
	}
}

// Repeats returns what the rows that were checked repeat, for another pass over them.
func (v *Validator) Repeats() Repeats { return v.repeats }

// Rereader judges the rows of a file as the Validator did that judged them before, from what that
// one found of repetitions. It takes no memory for the rows. It is not safe for concurrent use.
type Rereader struct{ validator Validator }

// NewRereader returns a rereader for one more pass over a file, under the options of the pass in
// which the repeats were found.
func NewRereader(set *Set, options Options, found Repeats) *Rereader {
	v := NewValidator(set, options)
	v.repeats, v.reread = found, true
	return &Rereader{*v}
}

// Check judges a row as [Validator.Check] did.
func (r *Rereader) Check(row table.Row) Judgement { return r.validator.Check(row) }

// Judgement is the result of checking a row: its kind, its entry and its problems.
type Judgement struct {
	Kind Kind
	// Entry is the payment that the row asks for, as far as it could be read, with its
	// rejections if it may not be paid. It means nothing for a row whose Kind pays nobody.
	Entry ledger.Entry
	// Problems are all there are: those of the row as a whole first, then in the
	// order of input's fields. A row that pays nobody has one.
	Problems []Problem
}

// Check judges a row: first what it is, and, if it is a payment, then whether it may
// be made. A note is for people and never keeps a row from being paid.
func (v *Validator) Check(row table.Row) Judgement {
	c := check{v: v, row: row}
	kind := v.set.Kind(row, v.options.Headers)
	if kind != KindPerson {
		return c.nobody(kind)
	}
	if row.Problem != "" {
		c.add("", row.Problem, nil)
	}
	c.marked()
	if uncut(row) {
		v.totals.person(row.Number, nil, money.Amount{}, false)
		return Judgement{KindPerson, ledger.Entry{Row: row.Number, Rejections: rejections(c.problems)}, c.problems}
	}
	entry := c.person()
	slices.SortStableFunc(c.problems, func(a, b Problem) int {
		return slices.Index(fields, a.Column) - slices.Index(fields, b.Column)
	})
	entry.Rejections = rejections(c.problems)
	return Judgement{KindPerson, entry, c.problems}
}

// person judges what a payment says.
func (c *check) person() ledger.Entry {
	id := c.id()
	o := c.operator()
	entry := ledger.Entry{Row: c.row.Number, Terms: ledger.Terms{
		ID:       id,
		Operator: o.id,
		Number:   c.v.set.E164(c.number(o)),
		Name:     c.name(),
		Amount:   c.amount(o),
		Country:  c.v.set.Country(),
		Note:     c.row.Note.Text,
	}}
	if o == c.v.set.all {
		entry.Operator = ledger.Operator(c.row.Operator.Text)
		o = nil
	}
	c.v.totals.person(entry.Row, o, entry.Amount, !c.unread)
	c.mustEqual(table.FieldCurrency, c.row.Currency, c.v.set.currency, CodeCurrency)
	c.mustEqual(table.FieldCountry, c.row.Country, c.v.set.country, CodeCountry)
	if c.wrong(table.FieldCurrency) {
		// A figure in another currency is no amount of this one: no report may add it up.
		entry.Amount = money.Amount{}
	}
	c.repeated(entry)
	return entry
}

// nobody tells what a row is that pays nobody, or may not.
func (c *check) nobody(kind Kind) Judgement {
	code, details := "", map[string]string(nil)
	switch kind {
	case KindTotal, KindFigure:
		kind, code, details = c.total(kind)
	case KindHeader:
		code = CodeRowHeader
	case KindOtherHeader:
		code = CodeRowHeaderOther
	case KindRemark:
		code = c.remark()
	case KindSignature:
		code = CodeRowSignature
	case KindPrefilled:
		code = CodeRowPrefilled
	case KindEnd:
		code = CodeRowEnd
	case KindPerson, KindUnclear:
		if code = c.row.Problem; code == "" {
			code = CodeRowUnclear
		}
	}
	judged := Judgement{Kind: kind, Entry: ledger.Entry{Row: c.row.Number}}
	if code == "" {
		return judged
	}
	c.add("", code, details)
	c.problems[0].Value = c.label()
	judged.Problems = c.problems
	if kind == KindUnclear {
		judged.Entry.Name = c.row.Name.Text
		judged.Entry.Rejections = rejections(c.problems)
	}
	return judged
}

// total holds a row's figure against the rows above. Without a word for it, a figure
// that is no sum of theirs may be somebody's.
func (c *check) total(kind Kind) (Kind, string, map[string]string) {
	totals := &c.v.totals
	claim := c.v.set.claim(c.row)
	if kind == KindTotal && totals.now.all.count == 0 && len(claim.figures) > 0 {
		totals.above = append(totals.above, claim)
		return KindTotal, "", nil
	}
	code, details := totals.judge(claim)
	if kind == KindFigure && code != CodeTotalAgrees {
		return KindUnclear, CodeRowUnclear, nil
	}
	totals.mark()
	return KindTotal, code, details
}

// End returns the problems that only the whole file shows. It is called once, after
// the last row.
func (v *Validator) End() []Problem {
	var problems []Problem
	v.totals.end(func(of claim, code string, details map[string]string) {
		c := check{v: v, row: of.row}
		c.add("", code, details)
		c.problems[0].Value = c.label()
		problems = append(problems, c.problems...)
	})
	problems = append(problems, v.lateZeros()...)
	return append(problems, v.earlierProblems()...)
}

func rejections(problems []Problem) []ledger.Rejection {
	var reasons []ledger.Rejection
	for _, problem := range problems {
		if problem.Severity == Error {
			reasons = append(reasons, problem.Rejection())
		}
	}
	return reasons
}

// fields is the order in which problems are told; what is not in a column has
// index -1 and comes first.
//
//nolint:gochecknoglobals // a table that nothing writes to
var fields = []table.Field{
	table.FieldTransactionID, table.FieldNumber, table.FieldName, table.FieldAmount,
	table.FieldOperator, table.FieldCurrency, table.FieldCountry, table.FieldNote,
}

// check is the judgement of one row.
type check struct {
	v        *Validator
	row      table.Row
	problems []Problem
	// unread is set if the amount's cell has a figure that is not known for certain.
	unread bool
}

func (c *check) add(field table.Field, code string, details map[string]string) {
	problem := Problem{
		Row: c.row.Number, Column: field, Header: c.v.options.Headers[field],
		Value: c.row.Cell(field).Text, Code: code, Severity: c.v.severity(code), Details: details,
	}
	c.problems = append(c.problems, problem)
}

// severity grades a code under the validator's options.
func (v *Validator) severity(code string) Severity {
	switch {
	case code == CodeNumberPrefix && v.set.prefix == Error:
		return Error
	case code == CodeRepeated && v.options.RepeatsAnswered:
		return Warning
	default:
		return SeverityOf(code, v.options.Strict)
	}
}

// SeverityOf returns how grave a code is, with warnings as errors or without. One that
// is not known is an error.
func SeverityOf(code string, strict bool) Severity {
	switch grave := severities[code]; {
	case grave == "", grave == Warning && strict && code != CodeNumberZeroRestored:
		return Error
	default:
		return grave
	}
}

// label returns the words by which a person finds the row.
func (c *check) label() string {
	for _, cell := range []table.Cell{c.row.Name, c.row.TransactionID, c.row.Beneficiary, c.row.Note, c.row.Amount} {
		if cell.Text != "" {
			return cell.Text
		}
	}
	return ""
}

// trusted reports whether a cell's text can be judged, and says what is wrong or
// doubtful about it.
func (c *check) trusted(field table.Field, cell table.Cell) bool {
	if cell.Problem != "" {
		c.add(field, cell.Problem, nil)
	}
	return cell.Problem == "" || severities[cell.Problem] == Warning
}

// wrong reports whether a column has an error.
func (c *check) wrong(field table.Field) bool {
	return slices.ContainsFunc(c.problems, func(p Problem) bool {
		return p.Column == field && p.Severity == Error
	})
}
