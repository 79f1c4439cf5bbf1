package remote

import (
	"cmp"
	"context"
	"slices"

	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/internal/httpapi"
	"payrun/internal/httpclient"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Overview counts every batch of the server's ledger, the oldest first.
func (d *Desk) Overview(ctx context.Context) ([]service.Counted, error) {
	batches, err := d.Batches(ctx)
	if err != nil {
		return nil, d.word(ctx, "", err)
	}
	var all []service.Counted
	for _, b := range batches {
		counts, err := countsOf(b)
		if err != nil {
			return nil, err
		}
		all = append(all, service.Counted{Batch: batchOf(b), States: counts.ByState()})
	}
	return all, nil
}

// Status says where a batch stands, and which of its payouts are in a state, empty for none.
func (d *Desk) Status(ctx context.Context, id ledger.BatchID, state string) (service.Status, error) {
	b, err := d.Batch(ctx, id)
	if err != nil {
		return service.Status{}, d.word(ctx, id, err)
	}
	counts, err := countsOf(b.BatchSummary)
	if err != nil {
		return service.Status{}, err
	}
	found := service.Status{Batch: batchOf(b.BatchSummary), States: counts.ByState(), ByOperator: counts.ByOperator(), Corrected: b.Corrected}
	for _, open := range ledger.States() {
		if open.Open() && found.States.In(open).Count > 0 {
			if found.Open, err = d.payouts(ctx, b, httpclient.Wanted{State: open}, found.Open); err != nil {
				return found, err
			}
		}
	}
	slices.SortStableFunc(found.Open, func(a, b ledger.Payout) int { return cmp.Compare(a.Row, b.Row) })
	if found.Failed, found.Disputed, err = d.troubled(ctx, b); err != nil {
		return found, err
	}
	if found.Chosen, err = d.chosen(ctx, b, state); err != nil {
		return found, err
	}
	if b.Governed {
		found.Approval, err = d.Standing(ctx, id)
	}
	return found, err
}

// troubled are who was not paid, and about whom the provider disagrees.
func (d *Desk) troubled(ctx context.Context, b httpapi.Batch) (failed, disputed []ledger.Payout, err error) {
	if b.Payouts[ledger.Failed.String()] != nil {
		if failed, err = d.payouts(ctx, b, httpclient.Wanted{State: ledger.Failed}, nil); err != nil {
			return nil, nil, err
		}
		failed = slices.DeleteFunc(failed, func(p ledger.Payout) bool { return len(p.Unresolved()) > 0 })
	}
	if b.Disputed > 0 {
		disputed, err = d.payouts(ctx, b, httpclient.Wanted{}, nil)
	}
	return failed, disputed, err
}

func (d *Desk) chosen(ctx context.Context, b httpapi.Batch, state string) ([]ledger.Payout, error) {
	switch state {
	case "":
		return nil, nil
	case ui.StateDiffers:
		return d.payouts(ctx, b, httpclient.Wanted{}, nil)
	}
	var wanted ledger.State
	if err := wanted.UnmarshalText([]byte(state)); err != nil {
		return nil, err
	}
	return d.payouts(ctx, b, httpclient.Wanted{State: wanted}, nil)
}

// payouts appends those of a batch that are wanted.
func (d *Desk) payouts(ctx context.Context, b httpapi.Batch, wanted httpclient.Wanted, to []ledger.Payout) ([]ledger.Payout, error) {
	for p, err := range d.Payouts(ctx, b.ID, wanted) {
		if err != nil {
			return to, d.word(ctx, b.ID, err)
		}
		payout, err := payoutOf(p, money.Currency(b.Currency))
		if err != nil {
			return to, err
		}
		to = append(to, payout)
	}
	return to, nil
}

// Standing says where the approval of a batch stands.
func (d *Desk) Standing(ctx context.Context, id ledger.BatchID) (clearance.Standing, error) {
	b, err := d.Batch(ctx, id)
	if err != nil {
		return clearance.Standing{}, d.word(ctx, id, err)
	}
	a, err := d.Approval(ctx, id)
	if err != nil {
		return clearance.Standing{}, d.word(ctx, id, err)
	}
	return standingOf(batchOf(b.BatchSummary), a)
}
