package batch

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// File is a beneficiary file that can be read more than once.
type File interface {
	// Rows yields the rows from the first to the last, and an error at most
	// once, as the last pair. The bytes are those of every other pass, or the
	// error says that the file changed.
	Rows(ctx context.Context) iter.Seq2[input.Row, error]
}

// Checker holds a row against the rules. It remembers the rows before, to see
// repetitions, so each pass needs a new one.
type Checker interface {
	Check(row input.Row) (ledger.Entry, []rules.Problem)
}

// PayoutReader finds what the ledger already knows.
type PayoutReader interface {
	// Payout returns ledger.ErrNotFound for an unknown id.
	Payout(ctx context.Context, id ledger.TransactionID) (ledger.Payout, error)
}

// FeeEstimate returns what the provider probably charges for an amount.
type FeeEstimate func(operator ledger.Operator, amount money.XOF) money.Centimes

// Review is what is known of a file before anything is paid: its control totals,
// and what the ledger already has of it.
type Review struct {
	// Rows counts the rows under the header that are not blank. Valid and
	// Rejected are how they divide; a rejected row counts with the amount that
	// could be read.
	Rows            int
	Valid, Rejected ledger.Count
	// Errors and Warnings count problems, not rows.
	Errors, Warnings int

	// ByOperator divides the valid rows.
	ByOperator map[ledger.Operator]ledger.Count
	// Fees is the estimate for what is still to be paid.
	Fees money.Centimes

	// New rows are not in the ledger. Known ones are, by the state they are in
	// there; a conflict is neither, and among the rejected.
	New       ledger.Count
	Known     map[ledger.State]ledger.Count
	Conflicts []*ledger.ConflictError
	// QueuedOf counts the known rows that are queued by the batch that brought
	// them in.
	QueuedOf map[ledger.BatchID]int
}

// ToPay returns what paying the file would still send: what is new and what is
// queued.
func (r Review) ToPay() ledger.Count {
	queued := r.Known[ledger.Queued]
	return ledger.Count{Count: r.New.Count + queued.Count, Amount: r.New.Amount + queued.Amount}
}

// KnownTotal returns how much of the file the ledger already has.
func (r Review) KnownTotal() ledger.Count {
	var total ledger.Count
	for _, count := range r.Known {
		total.Count += count.Count
		total.Amount += count.Amount
	}
	return total
}

// Inspection is what Inspect works with.
type Inspection struct {
	File    File
	Checker Checker
	// Ledger is what the file is compared with; nil compares with nothing.
	Ledger PayoutReader
	Fees   FeeEstimate
	// Problem is told of every problem, in row order, as it is found.
	Problem func(rules.Problem)
	// Row is told of every row with its problems, after Problem, and ends the
	// reading with an error of its own; nil is told nothing. The file is being read
	// on meanwhile.
	Row func(row input.Row, problems []rules.Problem) error
}

// Inspect reads the whole file and says what is in it. It changes nothing. The
// error is about the file or the ledger as a whole; bad rows are problems, not
// errors.
func Inspect(ctx context.Context, in Inspection) (Review, error) {
	review := Review{
		ByOperator: make(map[ledger.Operator]ledger.Count),
		Known:      make(map[ledger.State]ledger.Count),
		QueuedOf:   make(map[ledger.BatchID]int),
	}
	for row, err := range ahead(ctx, in.File.Rows) {
		if err != nil {
			return Review{}, fmt.Errorf("read the file: %w", err)
		}
		entry, problems := in.Checker.Check(row)
		known, conflict, err := compare(ctx, in.Ledger, entry)
		if err != nil {
			return Review{}, err
		}
		if conflict != nil {
			review.Conflicts = append(review.Conflicts, conflict)
			problems = append(problems, conflictProblem(row, conflict))
			entry.Rejections = append(entry.Rejections, ledger.Rejection{
				Code: CodeConflict, Message: conflict.Error(),
			})
		}
		review.count(entry, known, in.Fees)
		for _, problem := range problems {
			review.countProblem(problem)
			in.Problem(problem)
		}
		if in.Row == nil {
			continue
		}
		if err := in.Row(row, problems); err != nil {
			return Review{}, err
		}
	}
	return review, nil
}

// CodeConflict is the problem of a row whose transaction id the ledger knows
// with another amount, number or operator.
const CodeConflict = "id.conflict"

// compare looks an acceptable row up in the ledger.
func compare(ctx context.Context, reader PayoutReader, entry ledger.Entry) (*ledger.Payout, *ledger.ConflictError, error) {
	if reader == nil || len(entry.Rejections) > 0 {
		return nil, nil, nil
	}
	payout, err := reader.Payout(ctx, entry.ID)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("compare row %d with the ledger: %w", entry.Row, err)
	}
	if conflict := payout.Conflict(entry); conflict != nil {
		return nil, conflict, nil
	}
	return &payout, nil, nil
}

func conflictProblem(row input.Row, conflict *ledger.ConflictError) rules.Problem {
	return rules.Problem{
		Row:      row.Number,
		Column:   input.FieldTransactionID,
		Value:    string(conflict.ID),
		Code:     CodeConflict,
		Severity: rules.Error,
		Details: map[string]string{
			"batch": string(conflict.Batch), "field": conflict.Field,
			"recorded": conflict.Recorded, "given": conflict.Given,
		},
	}
}

func (r *Review) count(entry ledger.Entry, known *ledger.Payout, fees FeeEstimate) {
	r.Rows++
	if len(entry.Rejections) > 0 {
		r.Rejected.Add(entry.Amount)
		return
	}
	r.Valid.Add(entry.Amount)
	operator := r.ByOperator[entry.Operator]
	operator.Add(entry.Amount)
	r.ByOperator[entry.Operator] = operator
	if known == nil {
		r.New.Add(entry.Amount)
	} else {
		count := r.Known[known.State]
		count.Add(entry.Amount)
		r.Known[known.State] = count
	}
	if known != nil && known.State == ledger.Queued {
		r.QueuedOf[known.Batch]++
	}
	if known == nil || known.State == ledger.Queued {
		r.Fees += fees(entry.Operator, entry.Amount)
	}
}

func (r *Review) countProblem(problem rules.Problem) {
	switch problem.Severity {
	case rules.Error:
		r.Errors++
	case rules.Warning:
		r.Warnings++
	}
}
