package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"payrun/batch"
	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// problemsShown is how many problems a person is shown before the rest are only
// counted.
const problemsShown = 50

// inspection is a file that was read to its end, and what was found.
type inspection struct {
	file   *input.File
	review batch.Review
	// problems holds all of them for a script, in the order of the file, and for a
	// person the first ones, errors before warnings; review counts all.
	problems []rules.Problem
	// annotated and listed are the files written, empty for none.
	annotated, listed string
}

// openFile opens a beneficiary file.
func (a *app) openFile(path string, o inputOptions) (*input.File, error) {
	if err := o.validate(path); err != nil {
		return nil, err
	}
	return a.openFileAs(path, input.Options{Sheet: o.sheet, Map: columnMap(o.columns)})
}

func (a *app) openFileAs(path string, o input.Options) (*input.File, error) {
	o.Stdin = a.stdin
	file, err := input.Open(path, o)
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, err
	default:
		return nil, a.unreadable(path, err)
	}
}

func columnMap(columns map[string]string) map[input.Field]string {
	fields := make(map[input.Field]string, len(columns))
	for field, header := range columns {
		fields[input.Field(field)] = header
	}
	return fields
}

// newChecker returns what one pass over a file is checked with. Both passes must
// judge alike, so they are made the same way: payouts of the batch itself do not
// count as paid before, whichever pass brought them in.
func (a *app) newChecker(ctx context.Context, file *input.File, set *rules.Set, o inputOptions,
	store paidLedger, id ledger.BatchID,
) *rules.Validator {
	options := rules.Options{
		Strict: o.strict, RestoreLeadingZero: o.restoreZero, Now: time.Now(), Headers: file.Info().Headers,
		Describe: func(p rules.Problem) string {
			message, _ := a.words.Problem(p)
			return message
		},
	}
	if store != nil {
		options.Paid = func(number msisdn.Number, amount money.XOF, since time.Time, except ledger.TransactionID) ([]ledger.Payout, error) {
			paid, err := store.PaidSince(ctx, number, amount, since, except)
			return slices.DeleteFunc(paid, func(p ledger.Payout) bool { return p.Batch == id }), err
		}
	}
	return rules.NewValidator(set, options)
}

// inspect reads the whole file and compares it with the ledger, if there is one.
// On the way it writes the annotated copy and the list of problems, if asked to.
func (a *app) inspect(ctx context.Context, file *input.File, set *rules.Set, o inputOptions,
	store paidLedger, id ledger.BatchID,
) (*inspection, error) {
	if viewer, ok := store.(ledger.Viewer); ok {
		var found *inspection
		err := viewer.View(ctx, func(view ledger.View) (err error) {
			found, err = a.inspect(ctx, file, set, o, view, id)
			return err
		})
		return found, err
	}
	written, err := a.beginFindings(ctx, file, o)
	if err != nil {
		return nil, err
	}
	defer written.abandon()
	found := &inspection{file: file, annotated: o.annotate, listed: o.problems}
	counted, stop := a.reading(phaseValidating, file)
	defer stop()
	kept := make(map[rules.Severity]int)
	in := batch.Inspection{
		File:    counted,
		Checker: a.newChecker(ctx, file, set, o, store, id),
		Fees:    set.Fee,
		Problem: func(p rules.Problem) {
			if kept[p.Severity]++; a.global.json() || kept[p.Severity] <= problemsShown {
				found.problems = append(found.problems, p)
			}
		},
		Row: written.row,
	}
	if store != nil {
		in.Ledger = store
	}
	review, err := batch.Inspect(ctx, in)
	if err != nil {
		return nil, err
	}
	found.review = review
	if !a.global.json() {
		found.problems = gravest(found.problems)
	}
	return found, written.finish()
}

// gravest returns the first problems for a person to see. Errors come first: the one
// that keeps a file from being paid would be lost among warnings.
func gravest(problems []rules.Problem) []rules.Problem {
	slices.SortStableFunc(problems, func(a, b rules.Problem) int {
		return cmp.Compare(weight(a), weight(b))
	})
	return problems[:min(len(problems), problemsShown)]
}

func weight(p rules.Problem) int {
	if p.Severity == rules.Error {
		return 0
	}
	return 1
}

// paidLedger is what a file is compared with.
type paidLedger interface {
	batch.PayoutReader
	ledger.RepeatFinder
}

// refused returns the exit code for a file that may not be paid, exitPaid if it
// may.
func (i *inspection) refused(skipInvalid bool) exitError {
	switch {
	case len(i.review.Conflicts) > 0 && !skipInvalid:
		return exitConflict
	case i.review.Errors > 0 && !skipInvalid:
		return exitFile
	case i.review.Rows == 0 || i.review.Valid.Count == 0 && len(i.review.Conflicts) == 0:
		return exitFile
	default:
		return exitPaid
	}
}
