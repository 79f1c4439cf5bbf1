package remote

import (
	"context"
	"errors"
	"slices"
	"time"

	"payrun/batch/engine"
	"payrun/batch/retry"
	"payrun/cmd/payrun/settings"
	"payrun/cmd/payrun/ui"
	"payrun/internal/httpapi"
	"payrun/internal/httpclient"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Resume has what may be sent of a batch paid, once a person has confirmed it, and waits.
func (d *Desk) Resume(ctx context.Context, id ledger.BatchID, o settings.PayOptions) (ui.Ending, error) {
	if err := d.settings.CheckReports(o.Report, id, ""); err != nil {
		return ui.Ending{}, err
	}
	b, err := d.Batch(ctx, id)
	if err != nil {
		return ui.Ending{}, d.word(ctx, id, err)
	}
	return d.pay(ctx, b, o, ui.Ending{})
}

// pay asks a person, releases what they confirmed, waits for its end, and fetches the reports.
func (d *Desk) pay(ctx context.Context, b httpapi.Batch, o settings.PayOptions, e ui.Ending) (ui.Ending, error) {
	if b.ToConfirm.Count > 0 {
		d.settings.SayNotBefore(o.NotBefore.At)
		if err := d.confirm(b, o.Yes); err != nil {
			return e, err
		}
		leave := httpapi.Leave{Confirmation: confirmation(*b.ToConfirm, b.Currency, o.Partial), NotBefore: o.NotBefore.Word()}
		released, err := d.Pay(ctx, b.ID, key(), leave)
		if err != nil {
			return e, d.word(ctx, b.ID, err)
		}
		b, e.Paid.Worked = released, true
	}
	return d.conclude(ctx, b, o.Report, e)
}

func confirmation(t httpapi.Total, currency string, partial bool) httpapi.Confirmation {
	return httpapi.Confirmation{Count: t.Count, Total: t.Amount, Currency: currency, Partial: partial}
}

// confirm asks for what the batch may come to.
func (d *Desk) confirm(b httpapi.Batch, yes bool) error {
	total, err := totalIn(b.ToConfirm, money.Currency(b.Currency))
	if err != nil {
		return err
	}
	counts, err := countsOf(b.BatchSummary)
	if err != nil {
		return err
	}
	states := counts.ByState()
	return d.settings.Confirm(yes, total, states.In(ledger.Submitting).Plus(states.In(ledger.Unknown)), b.Account)
}

// conclude waits until the server is done with a batch, fetches its reports, and says how it
// ended.
func (d *Desk) conclude(ctx context.Context, b httpapi.Batch, o settings.ReportOptions, e ui.Ending) (ui.Ending, error) {
	b, err := d.wait(ctx, b)
	if err != nil {
		return e, err
	}
	e.Paid.Batch = batchOf(b.BatchSummary)
	e.Stopped = d.stopped(ctx, b.ID, b.Ended)
	e.Paid.Stopped = e.Stopped
	if e.Reported, err = d.reports(ctx, b.ID, o); err != nil {
		return e, err
	}
	e.Ending = e.Counted(e.Summary)
	if e.Troubled() {
		e.Failures, e.Disputed, err = d.troubled(ctx, b)
	}
	return e, err
}

// The time between two looks at a batch, and how long a server may be away meanwhile.
const (
	lookEvery = 500 * time.Millisecond
	awayMax   = time.Minute
)

// wait shows a batch's progress until the server is done with it, or a person has seen enough:
// the server goes on then.
func (d *Desk) wait(ctx context.Context, b httpapi.Batch) (httpapi.Batch, error) {
	if done(b.BatchSummary) {
		return b, nil
	}
	counts, err := countsOf(b.BatchSummary)
	if err != nil {
		return b, err
	}
	watch := d.settings.WatchBatch(b.ID)(counts.ByState())
	defer watch.Ended()
	answered := time.Now()
	for now := b.BatchSummary; !done(now); {
		select {
		case <-d.settings.Accepting.Done():
			d.settings.Remark(d.settings.Text("server.goes_on", "command", d.settings.ForBatch("status", b.ID)))
			return b, engine.ErrInterrupted
		case <-time.After(lookEvery):
		}
		seen, err := d.Progress(ctx, b.ID)
		if errors.Is(err, httpclient.ErrNoServer) && time.Since(answered) < awayMax {
			continue
		}
		if err != nil {
			return b, d.word(ctx, b.ID, err)
		}
		answered, now = time.Now(), seen
		if counts, err = countsOf(now); err != nil {
			return b, err
		}
		watch.Progress(progressOf(counts.ByState()))
	}
	b, err = d.Batch(ctx, b.ID)
	return b, d.word(ctx, b.ID, err)
}

// done reports whether nothing happens to a batch any more before somebody does something.
func done(b httpapi.BatchSummary) bool {
	if !batchOf(b).Release.Due(time.Now()) {
		return true // it waits for its time
	}
	return b.State != ledger.BatchPaying.String() || (b.Ended != nil && !b.PayingNow)
}

func progressOf(tally ledger.ByState) engine.Progress {
	phase := "waiting for the provider"
	if tally.In(ledger.Queued).Count > 0 {
		phase = "submitting"
	}
	return engine.Progress{Phase: phase, Tally: tally}
}

// Retry shows who would be paid again, asks, has it done, and waits.
func (d *Desk) Retry(ctx context.Context, id ledger.BatchID, again httpapi.Again, o settings.PayOptions) (ui.Ending, error) {
	b, err := d.Batch(ctx, id)
	if err != nil {
		return ui.Ending{}, d.word(ctx, id, err)
	}
	found, err := d.Retriable(ctx, id, again)
	if err != nil {
		return ui.Ending{}, d.word(ctx, id, err)
	}
	prepared, err := retriableOf(batchOf(b.BatchSummary), found)
	if err != nil {
		return ui.Ending{}, err
	}
	if err := d.settings.ShowRetriable(prepared); err != nil {
		return ui.Ending{}, err
	}
	e := ui.Ending{Retried: &ui.Retried{Retriable: prepared}}
	if len(prepared.Chosen) == 0 {
		return d.pay(ctx, b, o, e)
	}
	if err := d.settings.ConfirmRetry(o.Yes, prepared, b.Account); err != nil {
		return e, err
	}
	again.Confirmation = confirmation(*found.ToConfirm, b.Currency, o.Partial)
	after, err := d.again(ctx, id, again, &e)
	if err != nil {
		return e, err
	}
	e.Paid.Worked = true
	return d.conclude(ctx, after, o.Report, e)
}

// again has a retry done. Payouts that got no new attempt are held in e, with why.
func (d *Desk) again(ctx context.Context, id ledger.BatchID, again httpapi.Again, e *ui.Ending) (httpapi.Batch, error) {
	after, err := d.Client.Retry(ctx, id, key(), again)
	held := after.Held
	if problem, is := errors.AsType[*httpapi.Problem](err); is && len(problem.Held) > 0 {
		held = problem.Held
		after, err = d.Batch(ctx, id)
	}
	if err != nil {
		return after, d.word(ctx, id, err)
	}
	if e.Held, err = heldOf(held, money.Currency(after.Currency)); err != nil {
		return after, err
	}
	e.Retried.Retried = retry.Retried{Held: e.Held}
	for _, p := range e.Retried.Chosen {
		if !slices.ContainsFunc(e.Held, func(h retry.Held) bool { return h.Payout.ID == p.ID }) {
			e.Retried.Queued.Add(p.Amount)
		}
	}
	return after, d.settings.SayRetried(*e.Retried)
}

// Cancel withdraws what was never sent, once a person has confirmed it, and prints what became
// of it.
func (d *Desk) Cancel(ctx context.Context, id ledger.BatchID, yes bool) error {
	b, err := d.Batch(ctx, id)
	if err != nil {
		return d.word(ctx, id, err)
	}
	found, err := d.Withdrawable(ctx, id)
	if err != nil {
		return d.word(ctx, id, err)
	}
	queued, err := withdrawalOf(found, money.Currency(b.Currency))
	if err != nil {
		return err
	}
	var cancelled ledger.Total
	if queued.Total().Count > 0 {
		if err := d.settings.ConfirmCancel(id, queued, yes); err != nil {
			return err
		}
		before := b
		if b, err = d.Client.Cancel(ctx, id, key()); err != nil {
			return d.word(ctx, id, err)
		}
		if cancelled, err = withdrawn(before, b); err != nil {
			return err
		}
	}
	counts, err := countsOf(b.BatchSummary)
	if err != nil {
		return err
	}
	return d.settings.ShowCancelled(id, queued, cancelled, counts.ByState().Open().Count > 0)
}

// withdrawn returns the total that was withdrawn between two looks.
func withdrawn(before, after httpapi.Batch) (ledger.Total, error) {
	in := money.Currency(after.Currency)
	name := ledger.Cancelled.String()
	was, err := totalIn(before.Payouts[name], in)
	if err != nil {
		return ledger.Total{}, err
	}
	is, err := totalIn(after.Payouts[name], in)
	return ledger.Total{Count: is.Count - was.Count, Amount: is.Amount.Minus(was.Amount)}, err
}
