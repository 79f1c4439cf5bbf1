package remote

import (
	"context"

	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Resolve shows a payout, asks, records what a person saw of it at the provider, and prints what
// it is then.
func (d *Desk) Resolve(ctx context.Context, id ledger.BatchID, payout ledger.TransactionID, seen service.Seen, yes bool) error {
	b, err := d.Batch(ctx, id)
	if err != nil {
		return d.word(ctx, id, err)
	}
	found, before, err := d.record(ctx, b, payout)
	if err != nil {
		return err
	}
	if !d.settings.JSON() {
		if err := d.settings.ShowPayout(before); err != nil {
			return err
		}
	}
	switch {
	case found.NeverSent:
		return d.settings.WordUnresolvable(id, before, service.ErrNeverSent)
	case !found.Resolvable:
		return d.settings.WordUnresolvable(id, before, service.ErrNothingOpen)
	}
	if !yes {
		if err := d.settings.ConfirmResolve(id, before, seen.Paid); err != nil {
			return err
		}
	}
	if _, err := d.Client.Resolve(ctx, id, payout, key(), httpapi.Seen{Paid: seen.Paid, Because: seen.Because}); err != nil {
		return d.word(ctx, id, err)
	}
	_, after, err := d.record(ctx, b, payout)
	if err != nil {
		return err
	}
	return d.settings.ShowResolved(id, before, after)
}

// record is all that the server has of a payout, as the ledger has it.
func (d *Desk) record(ctx context.Context, b httpapi.Batch, payout ledger.TransactionID) (httpapi.PayoutRecord, ledger.Payout, error) {
	found, err := d.Payout(ctx, b.ID, payout)
	if err != nil {
		return found, ledger.Payout{}, d.word(ctx, b.ID, err)
	}
	p, err := recordOf(found, money.Currency(b.Currency))
	return found, p, err
}

func recordOf(found httpapi.PayoutRecord, in money.Currency) (ledger.Payout, error) {
	found.Differences = found.Heard
	p, err := payoutOf(found.Payout, in)
	if err != nil {
		return p, err
	}
	for i, given := range found.Attempts {
		a, err := attemptOf(given, p.Terms)
		if err != nil {
			return p, err
		}
		if i == len(found.Attempts)-1 {
			p.Said = a.Said
			continue
		}
		p.Earlier = append(p.Earlier, a)
	}
	if seen := found.Resolution; seen != nil {
		p.Resolution = &ledger.Resolution{Paid: seen.Paid, Because: seen.Because, By: ledger.Person{Name: seen.By}, At: seen.At}
	}
	return p, nil
}
