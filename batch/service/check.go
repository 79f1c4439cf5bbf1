package service

import (
	"context"
	"errors"
	"iter"
	"slices"
	"sync/atomic"

	"payrun/batch/intake"
	"payrun/batch/intake/findings"
	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// CheckOptions say how a file is checked.
type CheckOptions struct {
	// Batch is the name under which the file is accepted.
	Batch ledger.BatchID
	// Strict treats warnings as errors, RestoreZero puts back the zero that a spreadsheet
	// dropped from a number.
	Strict, RestoreZero bool
	// Repeats is how many rows a person said shall be paid although they repeat a
	// payment, nil if nobody was asked.
	Repeats *int
	// SheetNamed is set if a person named the sheet of the workbook: the others are not
	// meant.
	SheetNamed bool
	// Once is set for a file that cannot be opened again, such as standard input.
	Once bool
	// Each keeps every problem by itself, beside the groups of them.
	Each bool
	// Findings writes what is found while the file is read; nil writes nothing.
	Findings *findings.Writer
	// Read counts the rows of a pass as they are read; nil counts nothing.
	Read *atomic.Int64
}

// Checked is a file that was read to its end, and what was found.
type Checked struct {
	File *table.File
	intake.Inspection

	// Groups are all problems by code. Problems are each of them, in the order of the
	// file, if they were to be kept.
	Groups   rules.Groups
	Problems []rules.Problem

	rules   *rules.Set
	options CheckOptions
	// repeats are of the pass that inspected the file, for the one that enters it.
	repeats rules.Repeats
}

// Currency is that of all amounts, the one of the rules; empty for a file that came to no
// check, as it is no table.
func (c *Checked) Currency() money.Currency {
	if c.rules == nil {
		return ""
	}
	return c.rules.Currency()
}

// Check reads the whole file and compares it with the ledger, if there is one. It records
// nothing. The error is about the file as a whole, a *intake.FileError, or about the
// ledger or what is written on the way; bad rows are problems, not errors.
func (s *Service) Check(ctx context.Context, file *table.File, o CheckOptions) (*Checked, error) {
	c := &Checked{File: file, rules: s.config.Rules, options: o}
	if s.config.Ledger == nil {
		return c, c.read(ctx, nil, nil)
	}
	store := s.config.Ledger
	history := &intake.History{
		Rules: s.config.Rules, Batch: o.Batch, Strict: o.Strict, Answered: o.Repeats != nil, Now: s.config.Clock(),
		Headers: file.Info().Headers,
	}
	existing, err := store.Batch(ctx, o.Batch)
	if err != nil && !errors.Is(err, ledger.ErrNotFound) {
		return nil, err
	}
	known := err == nil
	again := known && existing.SHA256 == file.SHA256()
	// The same file again, all of whose rows the ledger took, can bring nobody under
	// another id.
	if known && (!again || existing.Rejected.Count > 0) {
		err := store.View(ctx, func(at ledger.View) (err error) {
			history.Kept, err = intake.KeptIDs(ctx, file, c.checker(), at, o.Batch)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	if history.Reserved, err = intake.ReservedIDs(ctx, store); err != nil {
		return nil, err
	}
	var answer *intake.RepeatAnswer
	if o.Repeats != nil {
		answer = &intake.RepeatAnswer{Count: *o.Repeats, Again: again}
	}
	return c, store.View(ctx, func(at ledger.View) error {
		history.Ledger = at
		return c.read(ctx, history, answer)
	})
}

// checker returns what one pass over the file is checked with. All passes must judge
// alike, so they are made the same way.
func (c *Checked) checker() *rules.Validator { return rules.NewValidator(c.rules, c.judging()) }

// rereader is the checker of a pass after the one that inspected the file.
func (c *Checked) rereader() *rules.Rereader {
	return rules.NewRereader(c.rules, c.judging(), c.repeats)
}

func (c *Checked) judging() rules.Options {
	return rules.Options{
		Strict: c.options.Strict, RestoreLeadingZero: c.options.RestoreZero, Headers: c.File.Info().Headers,
		RepeatsAnswered: c.options.Repeats != nil,
	}
}

// read inspects the file, and once more for an annotated copy if only the end of the file
// showed what is wrong with some row.
func (c *Checked) read(ctx context.Context, history *intake.History, answer *intake.RepeatAnswer) error {
	in := intake.InspectOptions{
		History: history, Answer: answer, Fees: c.rules.Fee, Strict: c.options.Strict, Inventory: c.File.Inventory,
	}
	again := in
	if history != nil {
		before := *history // what it counts is for one pass
		again.History = &before
	}
	in.Problem = c.add
	twice, err := c.pass(ctx, in)
	if err != nil || !twice {
		return err
	}
	found := c.Inspection
	again.Problem = func(rules.Problem) {}
	_, err = c.pass(ctx, again)
	c.Inspection = found
	return err
}

// pass inspects the file once. It returns true if what is written needs a second pass.
func (c *Checked) pass(ctx context.Context, in intake.InspectOptions) (again bool, err error) {
	written := c.options.Findings
	if written != nil {
		defer written.Abandon() //nolint:errcheck // what is complete has its name
		if err := written.Begin(ctx, c.File); err != nil {
			return false, err
		}
		in.Row, in.End = written.Row, written.End
	}
	checker := c.checker()
	in.File, in.Checker = countedFile{c.File, c.options.Read}, checker
	c.Inspection, err = intake.Inspect(ctx, in)
	c.repeats = checker.Repeats()
	if err != nil || written == nil {
		return false, err
	}
	return written.Finish()
}

// add takes a problem in.
func (c *Checked) add(p rules.Problem) {
	c.Groups.Add(p)
	if c.options.Each {
		c.Problems = append(c.Problems, p)
	}
}

// countedFile counts the rows that are read of a file.
type countedFile struct {
	intake.File

	rows *atomic.Int64
}

func (f countedFile) Rows(ctx context.Context) iter.Seq2[table.Row, error] {
	if f.rows == nil {
		return f.File.Rows(ctx)
	}
	return func(yield func(table.Row, error) bool) {
		f.rows.Store(0)
		for row, err := range f.File.Rows(ctx) {
			f.rows.Add(1)
			if !yield(row, err) {
				return
			}
		}
	}
}

// Verdict says whether a checked file may be paid.
type Verdict int

// The verdicts.
const (
	// Payable: nothing keeps the file from being paid.
	Payable Verdict = iota
	// Refused: it has errors, or nothing to pay.
	Refused
	// Conflicting: the ledger knows ids of it with other content.
	Conflicting
)

// Verdict returns whether the file may be paid. SkipInvalid is set where the rows that
// are right shall be paid without the others.
func (c *Checked) Verdict(skipInvalid bool) Verdict {
	switch {
	case len(c.Conflicts) > 0 && !skipInvalid:
		return Conflicting
	case c.Errors > 0 && !skipInvalid, c.Doubts > 0:
		return Refused
	case c.Rows == 0 || c.Valid.Count == 0 && len(c.Conflicts) == 0:
		return Refused
	default:
		return Payable
	}
}

// OnlyRepeats reports whether nothing keeps the file from being paid but rows that repeat
// others.
func (c *Checked) OnlyRepeats() bool {
	byCode := c.Groups.Of(rules.Error)
	others := c.Errors - byCode[rules.CodeRepeated] - byCode[rules.CodeBatchRepeated] - byCode[rules.CodeRepeatCount]
	return c.Repeats > 0 && others == 0
}

// lacksIDs reports whether rows lack ids that GiveIDs can give them: a row that cannot be
// cut cannot be given one.
func (c *Checked) lacksIDs() bool {
	lacking := false
	for _, g := range c.Groups.Sorted() {
		if slices.Contains(rules.NotCut(), g.Code) {
			return false
		}
		lacking = lacking || g.Code == rules.CodeIDMissing
	}
	return lacking
}
