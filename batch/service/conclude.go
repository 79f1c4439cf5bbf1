package service

import (
	"context"
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
	sum := done.Summary
	done.Open, done.Unpaid = sum.Open().Count, sum.Failed.Count+sum.Rejected.Count+sum.Cancelled.Count
	done.Returned, done.Conflicts, done.Differences = sum.Returned, sum.Conflicts, sum.Differences
	if sum.Failed.Count+sum.Differences > 0 {
		done.Failures, done.Disputed, err = s.Troubled(ctx, paid.Batch.ID)
	}
	return done, err
}
