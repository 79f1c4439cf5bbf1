package intake

import (
	"context"
	"iter"
	"slices"
	"strconv"

	"payrun/batch/intake/table"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
)

// File is a beneficiary file that can be read more than once.
type File interface {
	// Rows yields the rows from the first to the last, and an error at most
	// once, as the last pair. The bytes are those of every other pass, or the
	// error says that the file changed.
	Rows(ctx context.Context) iter.Seq2[table.Row, error]
}

// RowChecker holds one row after the other against the rules.
type RowChecker interface {
	Check(row table.Row) rules.Judgement
}

// Checker holds a whole file against the rules. It remembers the rows before, to see
// repetitions, so each pass needs a new one. End comes after the last row, with what
// only the whole file shows.
type Checker interface {
	RowChecker
	// Earlier is told of payouts of before, the latest first, between the last row and
	// End. people is set for one that says whose its number was.
	Earlier(payout ledger.Payout, people bool)
	End() []rules.Problem
}

// Inspection is the result of Inspect: a file's control totals, and how much of it the
// ledger already has. Nothing was paid for it.
type Inspection struct {
	// Rows counts the rows under the header that are not blank. Valid, Rejected and
	// NotPayments are how they divide; a rejected row counts with the amount that
	// could be read. NotPayments are totals, repeated titles, signatures and the like,
	// each of which has a problem that says so.
	Rows            int
	Valid, Rejected ledger.Total
	NotPayments     int
	// Errors, Warnings and Notes count problems, not rows.
	Errors, Warnings, Notes int
	// Doubts counts the errors that no payment has and that no payment can be left
	// out for: a total that differs, another header.
	Doubts int
	// Repeats counts the rows that pay an amount to a number which gets it once more in
	// the file, or got it too lately from another batch where that stops this one. A
	// person has to say that they shall be paid.
	Repeats int
	// Elsewhere is a batch that brought in known rows, of which this one has none; empty
	// if there is none.
	Elsewhere ledger.BatchID
	// Overruled has the rejections of the rows that the ledger had a say in, by row, for
	// Enrol.
	Overruled map[int]Overruling

	// ByOperator divides the valid rows.
	ByOperator map[ledger.Operator]ledger.Total
	// Fees is the estimate for what is still to be paid.
	Fees money.Fine

	// New rows are not in the ledger. Known ones are, by the state they are in
	// there; a conflict is neither, and among the rejected.
	New       ledger.Total
	Known     ledger.ByState
	Conflicts []*ledger.ConflictError
	// Corrections are rows that come back under a known id with other terms, where that
	// is allowed. They are valid, and neither new nor known.
	Corrections []ledger.Correction
	Corrected   ledger.Total
	// Inventory divides all rows of the file that have content; zero if it was not
	// asked for.
	Inventory table.Inventory
	// QueuedOf counts the known rows that are queued by the batch that brought
	// them in.
	QueuedOf map[ledger.BatchID]int
}

// ToPay returns what paying the file would still send: what is new and what is
// queued, and what is corrected.
func (r Inspection) ToPay() ledger.Total {
	return r.New.Plus(r.Known.In(ledger.Queued), r.Corrected)
}

// InDoubt returns what of the file may have been sent, and goes out again if the provider
// does not know it.
func (r Inspection) InDoubt() ledger.Total {
	return r.Known.In(ledger.Submitting).Plus(r.Known.In(ledger.Unknown))
}

// InspectOptions are a file to inspect, its rules and history, and who is told of what is
// found.
type InspectOptions struct {
	File    File
	Checker Checker
	// History is the ledger's side of the comparison; nil compares with nothing.
	History *History
	// Answer is a person's count of the repeats to pay, nil if nobody was asked.
	Answer *RepeatAnswer
	Fees   rules.FeeEstimate
	// Inventory returns what the file holds beside its rows, and is asked when these
	// were read; nil knows of nothing. Strict makes errors of its warnings.
	Inventory func(ctx context.Context) (table.Inventory, error)
	Strict    bool
	// Problem is told of every problem, in row order, as it is found.
	Problem func(rules.Problem)
	// Row is told of every row with its problems, after Problem, and ends the
	// reading with an error of its own; nil is told nothing. The file is being read
	// on meanwhile.
	Row func(row table.Row, problems []rules.Problem) error
	// End is told of the problems that only the whole file shows, after Problem, some of
	// which are about a row; nil is told nothing.
	End func(problems []rules.Problem) error
}

// Inspect reads the whole file and says what is in it. It changes nothing. The
// error is about the file or the ledger as a whole; bad rows are problems, not
// errors.
func Inspect(ctx context.Context, in InspectOptions) (Inspection, error) {
	review := Inspection{
		ByOperator: make(map[ledger.Operator]ledger.Total),
		QueuedOf:   make(map[ledger.BatchID]int),
	}
	for rows, err := range checked(ctx, in.File, in.Checker) {
		if err != nil {
			return Inspection{}, err
		}
		if err := in.take(ctx, &review, rows); err != nil {
			return Inspection{}, err
		}
	}
	if in.History != nil {
		if err := in.History.earlier(ctx, review.Rows, in.Checker); err != nil {
			return Inspection{}, err
		}
	}
	late, err := in.beside(ctx, &review)
	if err != nil {
		return review, err
	}
	late = slices.Concat(in.Checker.End(), review.repetition(in), late)
	for _, problem := range late {
		// No row can be left out to mend the file.
		review.countProblem(problem, rules.KindOtherHeader)
		in.Problem(problem)
	}
	if in.End != nil {
		err = in.End(late)
	}
	return review, err
}

// take adds rows that follow one another to what was found.
func (in InspectOptions) take(ctx context.Context, review *Inspection, rows []checkedRow) error {
	if in.History != nil {
		if err := in.History.prefetch(ctx, rows); err != nil {
			return err
		}
	}
	for _, at := range rows {
		v := verdict{judged: at.judged}
		if in.History != nil {
			var err error
			if v, err = in.History.judge(ctx, at.row, v.judged); err != nil {
				return err
			}
		}
		review.take(at.row.Number, v, in.Fees)
		problems := v.judged.Problems
		for _, problem := range problems {
			review.countProblem(problem, v.judged.Kind)
			in.Problem(problem)
		}
		if in.Row == nil {
			continue
		}
		if err := in.Row(at.row, problems); err != nil {
			return err
		}
	}
	return nil
}

// beside returns what is wrong with what the file holds beside its rows.
func (in InspectOptions) beside(ctx context.Context, review *Inspection) ([]rules.Problem, error) {
	if in.Inventory == nil {
		return nil, nil
	}
	inventory, err := in.Inventory(ctx)
	if err != nil {
		return nil, readFailure(err)
	}
	review.Inventory = inventory
	return rules.FileProblems(inventory.Remarks, in.Strict), nil
}

// RepeatAnswer is a person's answer about repeats.
type RepeatAnswer struct {
	// Count is the number of rows that they named.
	Count int
	// Again is set for a file that was enrolled before as it is: rows that the ledger has
	// by now repeat nothing, so the answer may be larger than what is left.
	Again bool
}

// holds reports whether an answer is about so many rows.
func (a RepeatAnswer) holds(repeats int) bool {
	return a.Count == repeats || a.Again && a.Count > repeats
}

// repetition judges the file as a whole, and the answer that was given.
func (r *Inspection) repetition(in InspectOptions) []rules.Problem {
	var problems []rules.Problem
	if in.History != nil && in.History.repeats.stops(r.New.Count) {
		r.Repeats += in.History.repeats.count
		problems = append(problems, in.History.stop(r.New.Count))
	}
	switch {
	case in.Answer == nil:
	case in.Answer.holds(r.Repeats):
		for i := range problems {
			problems[i].Severity = rules.Warning
		}
	default:
		problems = append(problems, rules.Problem{Code: rules.CodeRepeatCount, Severity: rules.Error, Details: map[string]string{
			"given": strconv.Itoa(in.Answer.Count), "count": strconv.Itoa(r.Repeats),
		}})
	}
	return problems
}

// Overruling is the ledger's word about a row, in place of the rules' alone.
type Overruling struct {
	Rejections []ledger.Rejection
	// Reserved is as in ledger.Entry.
	Reserved *ledger.Terms
}

// take counts a row.
func (r *Inspection) take(row int, v verdict, fees rules.FeeEstimate) {
	switch {
	case v.correction != nil:
		r.Corrections = append(r.Corrections, *v.correction)
	case v.conflict != nil:
		r.Conflicts = append(r.Conflicts, v.conflict)
	}
	if v.overruled {
		if r.Overruled == nil {
			r.Overruled = make(map[int]Overruling)
		}
		r.Overruled[row] = Overruling{v.judged.Entry.Rejections, v.judged.Entry.Reserved}
	}
	if v.known != nil {
		r.Elsewhere = v.known.Batch
	}
	if v.has(rules.CodeRepeated) {
		r.Repeats++
	}
	r.count(v.judged, v.known, v.correction != nil, fees)
}

func (r *Inspection) count(judged rules.Judgement, known *ledger.Payout, corrected bool, fees rules.FeeEstimate) {
	r.Rows++
	if !judged.Kind.Pays() {
		r.NotPayments++
		return
	}
	entry := judged.Entry
	if len(entry.Rejections) > 0 {
		r.Rejected.Add(entry.Amount)
		return
	}
	r.Valid.Add(entry.Amount)
	operator := r.ByOperator[entry.Operator]
	operator.Add(entry.Amount)
	r.ByOperator[entry.Operator] = operator
	switch {
	case corrected:
		r.Corrected.Add(entry.Amount)
	case known == nil:
		r.New.Add(entry.Amount)
	default:
		r.Known.Add(*known)
	}
	if known != nil && known.State == ledger.Queued {
		r.QueuedOf[known.Batch]++
	}
	if known == nil || corrected || known.State == ledger.Queued {
		r.Fees = r.Fees.Plus(fees(entry.Operator, entry.Amount))
	}
}

func (r *Inspection) countProblem(problem rules.Problem, of rules.Kind) {
	switch problem.Severity {
	case rules.Error:
		r.Errors++
		if !of.Pays() {
			r.Doubts++
		}
	case rules.Warning:
		r.Warnings++
	case rules.Note:
		r.Notes++
	}
}
