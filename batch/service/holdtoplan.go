package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"payrun/batch/approval"
	"payrun/ledger"
)

// PlanError is a file that would pay something else than its plan.
type PlanError struct {
	// Lines are the lines of the plan that differ, Rows the payouts, in the file's order and
	// those that are missing last. None of Rows differs if only their order does.
	Lines []approval.LineChange
	Rows  []PlanRow
	// Besides are payouts of the batch that are still open and not in the file: going on
	// with the batch may send them as well.
	Besides []ledger.Payout
}

// PlanRow is a payout that is not as planned, with its row in the file, 0 if it is missing
// there.
type PlanRow struct {
	Row int
	approval.PayoutChange
}

func (e *PlanError) Error() string {
	return fmt.Sprintf("the file is not what was planned: %d lines of the plan and %d rows differ, %d open payouts are not in it",
		len(e.Lines), len(e.Rows), len(e.Besides))
}

// HoldToPlan returns nil if paying the checked file pays what was planned, exactly and
// nothing besides, and else a *PlanError that names what differs. What of the plan was paid
// in the meantime changes nothing.
func (s *Service) HoldToPlan(ctx context.Context, c *Checked, p WrittenPlan) error {
	now, err := c.summary(ctx, s.config.Account.Place(), io.Discard)
	if err != nil {
		return err
	}
	differs := &PlanError{Lines: p.Changed(now)}
	if now.List != p.List {
		if differs.Rows, err = c.changedRows(ctx, p); err != nil {
			return err
		}
	}
	if differs.Besides, err = s.besides(ctx, c); err != nil {
		return err
	}
	if len(differs.Lines)+len(differs.Besides) == 0 {
		return nil
	}
	return differs
}

// changedRows names the rows that are not as planned.
func (c *Checked) changedRows(ctx context.Context, p WrittenPlan) ([]PlanRow, error) {
	before, err := p.payouts()
	if err != nil {
		return nil, err
	}
	var now []approval.Payout
	var places []int
	for entry, err := range c.payable(ctx) {
		if err != nil {
			return nil, err
		}
		now, places = append(now, entry.Canonical()), append(places, entry.Row)
	}
	var rows []PlanRow
	for _, change := range approval.ChangedPayouts(before, now) {
		row := PlanRow{PayoutChange: change}
		if change.Now != nil {
			row.Row = places[change.At]
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// besides are the open payouts of the batch that the file does not have.
func (s *Service) besides(ctx context.Context, c *Checked) ([]ledger.Payout, error) {
	open := map[ledger.TransactionID]bool{}
	var besides []ledger.Payout
	for p, err := range s.config.Ledger.Payouts(ctx, c.options.Batch, ledger.OpenStates()...) {
		if errors.Is(err, ledger.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		open[p.ID] = true
		besides = append(besides, p)
	}
	if len(besides) == 0 {
		return nil, nil
	}
	for entry, err := range c.payable(ctx) {
		if err != nil {
			return nil, err
		}
		delete(open, entry.ID)
	}
	return slices.DeleteFunc(besides, func(p ledger.Payout) bool { return !open[p.ID] }), nil
}
