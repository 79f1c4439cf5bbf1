package fix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Change is one thing that differs between a file and its clean copy.
type Change struct {
	// Row is the row in the file, Column the field and Header its title; both empty
	// for a row as a whole.
	Row    int
	Column table.Field
	Header string
	Code   string
	// Before is the file's text, After the copy's, empty for what is left
	// out.
	Before, After string
}

// The codes of changes. They are stable.
const (
	CodeNumber   = "number.written"
	CodeZero     = "number.zero_restored"
	CodeOld      = "number.written_out"
	CodeOperator = "operator.named"
	CodeName     = "name.blanks"
	CodeAmount   = "amount.written"
	CodeSplit    = "amount.split"
	CodeCurrency = "currency.named"
	CodeCountry  = "country.named"
	// CodeRow is a row that pays nobody, CodeSkipped a hidden one that is not to be
	// paid, CodeCell a cell outside of the titled columns, CodeColumn a column that is
	// not read: they are left out.
	CodeRow     = "row.left_out"
	CodeSkipped = "row.skipped"
	CodeCell    = "cell.left_out"
	CodeColumn  = "column.left_out"
)

// Plan is the outcome of planning a file's clean copy.
type Plan struct {
	// Changes are in the order of the rows; Problems are why there is no clean copy,
	// empty if there is one.
	Changes  []Change
	Problems []rules.Problem
	// Payments counts the copy's rows and adds them up.
	Payments ledger.Total
	// repeatsAnswered is set if the copy has repeats that a person wants.
	repeatsAnswered bool
	// digest stands for the payments' content, in order.
	digest string

	file *table.File
	set  *rules.Set
	// leave are the rows that are left out, parts those that become several.
	leave map[int]bool
	parts map[int][]part
}

// Currency is that of all amounts, the one of the rules.
func (p *Plan) Currency() money.Currency { return p.set.Currency() }

// part is a payment that a row becomes.
type part struct {
	id     ledger.TransactionID
	amount money.Amount
}

// Options are a person's answers about a file that is to be fixed.
type Options struct {
	// Repeats counts the rows that repeat a payment of another row and shall be paid all
	// the same, nil if nobody said so. Another number than there are is a problem.
	Repeats *int
	// Sheet is set if they named the sheet: the others are not meant.
	Sheet bool
}

// Prepare reads the file and says what fixing it comes to. The error is about the
// file as a whole.
func Prepare(ctx context.Context, file *table.File, set *rules.Set, o Options) (*Plan, error) {
	p := &planner{
		options:   o,
		Plan:      &Plan{file: file, set: set, leave: map[int]bool{}, parts: map[int][]part{}, repeatsAnswered: o.Repeats != nil},
		kinds:     rules.NewValidator(set, rules.Options{Headers: file.Info().Headers}),
		validator: rules.NewValidator(set, rules.Options{Headers: file.Info().Headers, RepeatsAnswered: o.Repeats != nil}),
		sum:       sha256.New(),
	}
	var err error
	if p.seen, err = survey(ctx, file, set); err != nil {
		return nil, err
	}
	for pair, err := range pairs(ctx, file) {
		if err != nil {
			return nil, err
		}
		p.take(pair)
	}
	p.end()
	if err := p.unseen(ctx); err != nil {
		return nil, err
	}
	p.digest = hex.EncodeToString(p.sum.Sum(nil))
	return p.Plan, nil
}

// planner is a plan under way.
type planner struct {
	*Plan

	options Options
	// repeats counts the payments that repeat another row's.
	repeats int
	// kinds sees the rows of the file, and says which are payments; validator sees
	// those of the copy.
	kinds, validator *rules.Validator
	seen             seen
	sum              hash.Hash
	// blank are blank rows that are left out if anything follows them.
	blank []int
}

// take plans what becomes of a row.
func (p *planner) take(pair pair) {
	if pair.blank() {
		p.blank = append(p.blank, pair.record.Number)
		return
	}
	for _, row := range p.blank {
		p.Changes = append(p.Changes, Change{Row: row, Code: CodeRow})
	}
	p.blank = p.blank[:0]
	switch {
	case pair.record.Number == p.file.Info().HeaderRow:
		return
	case pair.row == nil:
		p.unread(pair.record)
		return
	}
	row := *pair.row
	fixed := p.set.Canonical(row)
	if judged := p.kinds.Check(row); !judged.Kind.Pays() {
		if !p.complain(judged.Problems) {
			p.leaveOut(pair.record)
		}
		return
	}
	parts := p.split(fixed)
	sound := true
	for _, one := range parts {
		judged := p.validator.Check(one.of(fixed))
		if has(judged.Problems, rules.CodeRepeated) {
			p.repeats++
		}
		if p.complain(judged.Problems) {
			sound = false
			p.besides(judged.Problems)
		}
		p.Payments.Add(judged.Entry.Amount)
		writeEntry(p.sum, judged.Entry)
	}
	if !sound {
		return
	}
	if len(parts) > 1 {
		p.parts[row.Number] = parts
	}
	p.compare(row, fixed, parts)
	p.beside(pair.record)
}

// end takes in what only the whole file shows: of the rows that are left out what the
// file says of itself, of the payments what the copy will.
func (p *planner) end() {
	p.complain(slices.DeleteFunc(p.kinds.End(), func(problem rules.Problem) bool { return !p.leave[problem.Row] }))
	p.complain(p.validator.End())
	if said := p.options.Repeats; said != nil && *said != p.repeats {
		p.complain([]rules.Problem{{Code: rules.CodeRepeatCount, Severity: rules.Error, Details: map[string]string{
			"given": strconv.Itoa(*said), "count": strconv.Itoa(p.repeats),
		}}})
	}
}

// unseen complains of what is read although nobody sees it: a copy would show it as
// if somebody had.
func (p *planner) unseen(ctx context.Context) error {
	inventory, err := p.file.Inventory(ctx)
	if err != nil {
		return err //nolint:wrapcheck // says what it is about
	}
	p.complain(slices.DeleteFunc(rules.FileProblems(inventory.Remarks, false), func(problem rules.Problem) bool {
		return problem.Code == rules.CodeSheetUnread && p.options.Sheet
	}))
	return nil
}

// unread leaves out a row of which no column is read, unless it may be somebody's
// payment: nothing of the copy would tell of it.
func (p *planner) unread(record table.Record) {
	if record.Number > p.file.Info().HeaderRow && !record.Skipped && maybePayment(record.Cells) {
		p.Problems = append(p.Problems, rules.FileProblems([]table.Remark{{
			Code: rules.CodeRowsUnread, Place: table.Place{First: record.Number, Last: record.Number, Rows: 1},
		}}, false)...)
		return
	}
	p.leaveOut(record)
}

// maybePayment reports whether cells look like somebody's: with the digits of a number,
// or words and figures in several columns.
func maybePayment(cells []string) bool {
	const numberDigits, columns = 8, 3
	filled, words, figures := 0, 0, 0
	for _, text := range cells {
		digits, letters := 0, 0
		for _, r := range text {
			switch {
			case r >= '0' && r <= '9':
				digits++
			case unicode.IsLetter(r):
				letters++
			}
		}
		switch {
		case digits >= numberDigits:
			return true
		case letters > 0:
			words++
		case digits > 0:
			figures++
		}
		if strings.TrimSpace(text) != "" {
			filled++
		}
	}
	return filled >= columns && words > 0 && figures > 0
}

// Refuses reports whether a problem keeps a copy from being clean: an error, or a doubt
// that the copy would no longer show. It has neither the column that marks a row nor the
// formula, neither formats nor what stands beside the list.
func Refuses(problem rules.Problem) bool {
	switch problem.Code {
	case rules.CodeRowMarked, rules.CodeCellFormulaStale, rules.CodeSheetUnread, rules.CodeListUnread, rules.CodeColumnFormat,
		rules.CodeUnitSaid:
		return true
	default:
		return problem.Severity == rules.Error
	}
}

// complain keeps what stands against a copy, and reports whether there was anything.
func (p *planner) complain(problems []rules.Problem) bool {
	found := false
	for _, problem := range problems {
		if Refuses(problem) {
			p.Problems, found = append(p.Problems, problem), true
		}
	}
	return found
}

// besides keeps the warnings of a row that is in doubt: one of them may be why.
func (p *planner) besides(problems []rules.Problem) {
	for _, problem := range problems {
		if !Refuses(problem) && problem.Severity == rules.Warning {
			p.Problems = append(p.Problems, problem)
		}
	}
}

func has(problems []rules.Problem, code string) bool {
	return slices.ContainsFunc(problems, func(p rules.Problem) bool { return p.Code == code })
}

func (p *planner) leaveOut(record table.Record) {
	p.leave[record.Number] = true
	texts := slices.DeleteFunc(slices.Clone(record.Cells), func(text string) bool { return strings.TrimSpace(text) == "" })
	code := CodeRow
	if record.Skipped {
		code = CodeSkipped
	}
	p.Changes = append(p.Changes, Change{Row: record.Number, Code: code, Before: strings.Join(texts, " | ")})
}

// split returns the payments that a row becomes: itself, or, above the operator's
// limit, its parts under ids of their own.
func (p *planner) split(fixed table.Row) []part {
	whole := []part{{id: ledger.TransactionID(fixed.TransactionID.Text)}}
	amount, code := rules.ParseAmount(p.set.Currency(), fixed.Amount.Text)
	if code != "" || fixed.Amount.Problem != "" || fixed.TransactionID.Problem != "" ||
		len(fixed.TransactionID.Text) > p.set.IDLengthMax() {
		return whole
	}
	amounts, ok := p.set.Split(ledger.Operator(fixed.Operator.Text), amount, func(part money.Amount) bool {
		return p.seen.paid[payment{fixed.Beneficiary.Text, part}]
	})
	if !ok {
		return whole
	}
	ids, ok := p.seen.idsFor(fixed.TransactionID.Text, len(amounts), p.set.IDLengthMax())
	if !ok || !p.set.TakesID(string(ids[0])) {
		return whole
	}
	parts := make([]part, len(amounts))
	for i, amount := range amounts {
		parts[i] = part{id: ids[i], amount: amount}
		p.seen.paid[payment{fixed.Beneficiary.Text, amount}] = true
	}
	return parts
}

// of is the row as this part of it.
func (t part) of(row table.Row) table.Row {
	if t.amount.Minor > 0 {
		row.TransactionID.Text, row.Amount.Text = string(t.id), t.amount.Plain()
	}
	return row
}

func listed(parts []part) string {
	texts := make([]string, len(parts))
	for i, one := range parts {
		texts[i] = string(one.id) + " " + one.amount.Plain()
	}
	return strings.Join(texts, " + ")
}

// compare tells what differs between a row and its canonical form, or its parts.
func (p *planner) compare(row, fixed table.Row, parts []part) {
	amount := CodeAmount
	if len(parts) > 1 {
		amount = CodeSplit
		fixed.Amount.Text = listed(parts)
	}
	for _, one := range []struct {
		field table.Field
		code  string
	}{
		{table.FieldNumber, p.numberCode(row)},
		{table.FieldName, CodeName},
		{table.FieldAmount, amount},
		{table.FieldOperator, CodeOperator},
		{table.FieldCurrency, CodeCurrency},
		{table.FieldCountry, CodeCountry},
	} {
		before, after := row.Cell(one.field).Text, fixed.Cell(one.field).Text
		if before != after {
			p.Changes = append(p.Changes, p.change(row, one.field, one.code, before, after))
		}
	}
}

// numberCode tells what becomes of a number.
func (p *planner) numberCode(row table.Row) string {
	switch _, code := p.set.ParseNumber(row.Beneficiary); code {
	case rules.CodeNumberLostZero:
		return CodeZero
	case rules.CodeNumberOldFormat:
		return CodeOld
	default:
		return CodeNumber
	}
}

func (p *planner) change(row table.Row, field table.Field, code, before, after string) Change {
	return Change{
		Row: row.Number, Column: field, Header: p.file.Info().Headers[field], Code: code,
		Before: strings.Clone(before), After: strings.Clone(after),
	}
}

// beside tells of cells that are in no titled column.
func (p *planner) beside(record table.Record) {
	info := p.file.Info()
	for column, text := range record.Cells {
		if strings.TrimSpace(text) != "" && (column >= len(info.Columns) || info.Columns[column] == "") {
			p.Changes = append(p.Changes, Change{Row: record.Number, Code: CodeCell, Before: strings.Clone(text)})
		}
	}
}

// writeEntry adds what a payment is to a digest.
func writeEntry(sum hash.Hash, entry ledger.Entry) {
	// A hash takes everything.
	_, _ = fmt.Fprintf(sum, "%q %q %q %q %q %q %q\n",
		entry.ID, entry.Number.Reveal(), entry.Name, entry.Operator, entry.Amount.String(), entry.Country, entry.Note)
}
