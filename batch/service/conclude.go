package service

import (
	"context"

	"payrun/reports"
)

// Concluded is a batch after it was paid as far as that went: what became of it, and its
// reports.
type Concluded struct {
	Ending
	Paid Paid
	Reported
}

// Conclude writes the reports of a batch that was paid as far as that went, and names who
// was not paid. What the command held back beforehand is in so. The error is about
// reading the ledger; that no report could be written is none.
func (s *Service) Conclude(ctx context.Context, paid Paid, so Ending, r Reporting) (Concluded, error) {
	done := Concluded{Ending: so, Paid: paid}
	done.Stopped = paid.Stopped
	var err error
	if done.Reported, err = s.TryReport(ctx, paid.Batch, r); err != nil {
		return done, err
	}
	done.Ending = done.Counted(done.Summary)
	if done.Troubled() {
		done.Failures, done.Disputed, err = s.Troubled(ctx, paid.Batch.ID)
	}
	return done, err
}

// Counted is the ending with what a report counts.
func (e Ending) Counted(sum reports.Summary) Ending {
	e.Open, e.Unpaid = sum.Open().Count, sum.Failed.Count+sum.Rejected.Count+sum.Cancelled.Count
	e.Returned, e.Conflicts, e.Differences = sum.Returned, sum.Conflicts, sum.Differences
	return e
}

// Troubled reports whether somebody is to be named: who was not paid, or about whom the
// provider disagrees.
func (c Concluded) Troubled() bool { return c.Summary.Failed.Count+c.Summary.Differences > 0 }
