package remote

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"payrun/batch/reconcile"
	"payrun/batch/service"
	"payrun/cmd/payrun/settings"
	"payrun/internal/httpapi"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// Reconcile has the server hold a batch against the provider, or against the transfers of a statement
// that was read here, nil for none. What it returns has to be closed.
func (d *Desk) Reconcile(ctx context.Context, id ledger.BatchID, statement iter.Seq2[reconcile.Transfer, error]) (service.Reconciled, error) {
	b, err := d.Batch(ctx, id)
	if err != nil {
		return service.Reconciled{}, d.word(ctx, id, err)
	}
	var sent *httpapi.Statement
	if statement != nil {
		if sent, err = statementOf(statement); err != nil {
			return service.Reconciled{}, err
		}
	}
	asked, hangUp := context.WithCancel(ctx)
	defer hangUp()
	defer context.AfterFunc(d.settings.Accepting, hangUp)() // whoever interrupts ends it gently, there too
	found, err := d.Client.Reconcile(asked, id, sent)
	if err == nil && found.Stopped != nil {
		err = found.Stopped
	}
	if err != nil {
		return service.Reconciled{}, d.word(ctx, id, err)
	}
	return reconciledOf(batchOf(b.BatchSummary), found)
}

// Reported fetches the reports of a batch, whatever becomes of the files.
func (d *Desk) Reported(ctx context.Context, id ledger.BatchID, o settings.ReportOptions) (service.Reported, error) {
	return d.reports(ctx, id, o)
}

func statementOf(all iter.Seq2[reconcile.Transfer, error]) (*httpapi.Statement, error) {
	out := &httpapi.Statement{Transfers: []httpapi.Transfer{}}
	for t, err := range all {
		if err != nil {
			return nil, err
		}
		one := httpapi.Transfer{
			Reference: t.Reference, ProviderRef: t.ProviderRef, Number: t.Number.Reveal(), Amount: httpapi.Decimal(t.Amount.Plain()),
			State: t.Class.String(), Code: t.Code, Row: t.Row, Returned: t.Returned,
		}
		if t.FeesKnown {
			fees := httpapi.Decimal(t.Fees.Plain())
			one.Fees = &fees
		}
		if !t.At.IsZero() {
			one.At = &t.At
		}
		out.Transfers = append(out.Transfers, one)
	}
	return out, nil
}

// reconciledOf is the result as the ledger tells it.
func reconciledOf(b ledger.Batch, found httpapi.Reconciliation) (service.Reconciled, error) {
	in := money.Currency(found.Currency)
	out := service.Reconciled{Batch: b, Disputed: found.Disputed, Result: reconcile.Result{
		Unanswered: found.Unanswered, NoLookUpPage: found.NoPage, Prefix: found.Prefix, Listed: found.Listed, LookedUp: found.LookedUp,
		Lacking: found.Lacking, ListError: listError(found.List), Differences: &reconcile.Differences{},
	}}
	p := &out.Provider
	for _, one := range []struct {
		from *httpapi.Total
		to   *ledger.Total
	}{
		{found.Accepted, &out.Batch.Accepted},
		{found.Rejected, &out.Batch.Rejected},
		{found.Agreed, &out.Agreed},
		{found.Settled, &out.Settled},
		{found.Open, &out.Open},
		{found.Provider.Successful, &p.Successful},
		{found.Provider.Failed, &p.Failed},
		{found.Provider.Pending, &p.Pending},
		{found.Provider.NotFound, &p.NotFound},
		{found.Provider.Mismatched, &p.Mismatched},
		{found.Provider.Unanswered, &p.Unanswered},
		{found.Provider.NeverSent, &p.NeverSent},
	} {
		total, err := totalIn(one.from, in)
		if err != nil {
			return out, err
		}
		*one.to = total
	}
	counts, err := countsIn(map[string]map[string]*httpapi.Total{"": found.Payouts}, in)
	if err != nil {
		return out, err
	}
	out.After = counts.ByState()
	for _, m := range found.Differences {
		d, err := differenceOf(m, in)
		if err == nil {
			err = out.Differences.Add(d)
		}
		if err != nil {
			return out, errors.Join(err, out.Close())
		}
	}
	return out, nil
}

// listError is why there was no list, by its word.
func listError(word string) error {
	switch word {
	case httpapi.ListNone:
		return reconcile.ErrNoList
	case httpapi.ListUnread:
		return errors.New("the server could not read the provider's list")
	}
	return nil
}

func differenceOf(m httpapi.Mismatch, in money.Currency) (d reconcile.Difference, err error) {
	d = reconcile.Difference{
		Code: m.Code, ID: m.ID, Name: m.Name, Row: m.Row, Reference: m.Reference, ProviderCode: m.ProviderCode,
		StatementRow: m.StatementRow, Answered: m.Answered, Before: m.Before,
	}
	if m.State != "" {
		if err := d.State.UnmarshalText([]byte(m.State)); err != nil {
			return d, err
		}
	}
	if m.Said != "" {
		if d.Said, err = classNamed(m.Said); err != nil {
			return d, err
		}
	}
	for from, to := range map[*httpapi.Decimal]*money.Amount{m.Amount: &d.Amount, m.AmountThere: &d.AmountThere} {
		if from == nil {
			continue
		}
		if *to, err = from.Amount(in); err != nil {
			return d, err
		}
	}
	for from, to := range map[*httpapi.Decimal]*money.Fine{m.Fees: &d.Fees, m.FeesExpected: &d.FeesExpected} {
		if from == nil {
			continue
		}
		if *to, err = from.Fine(in); err != nil {
			return d, err
		}
	}
	return d, nil
}

func classNamed(word string) (provider.Class, error) {
	for class := provider.Unknown; class <= provider.Forbidden; class++ {
		if class.String() == word {
			return class, nil
		}
	}
	return provider.Unknown, fmt.Errorf("%q is no answer of a provider", word)
}
