package main

import (
	"payrun/batch"
	"payrun/batch/engine"
	"payrun/batch/input"
	"payrun/batch/rules"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// Where the provider's side comes from.
const (
	sourceProvider  = "provider"
	sourceStatement = "statement"
)

// reconciled is what reconcile prints for scripts. Its keys are documented in
// docs/json.md.
type reconciled struct {
	Batch    ledger.BatchID `json:"batch"`
	Exit     int            `json:"exit"`
	Source   string         `json:"source"`
	Prefix   string         `json:"prefix"`
	Listed   int            `json:"listed"`
	LookedUp int            `json:"looked_up"`
	// NeverSentSought is false where transfers that were never sent from here
	// could not be found: without the provider's list, or without a prefix.
	NeverSentSought bool `json:"never_sent_sought"`

	Totals      threeSides   `json:"totals"`
	Agreed      ledger.Count `json:"agreed"`
	Settled     ledger.Count `json:"settled"`
	Open        ledger.Count `json:"open"`
	Unanswered  int          `json:"unanswered"`
	Differences []difference `json:"differences"`
	Reports     []string     `json:"reports"`
}

// threeSides are the control totals of file, ledger and provider.
type threeSides struct {
	File     fileSide             `json:"file"`
	Ledger   ledgerSide           `json:"ledger"`
	Provider batch.ProviderTotals `json:"provider"`
}

// fileSide is the file as it was accepted.
type fileSide struct {
	Name     string       `json:"name"`
	SHA256   string       `json:"sha256"`
	Accepted ledger.Count `json:"accepted"`
	Rejected ledger.Count `json:"rejected"`
}

// ledgerSide is where the payouts stand after the reconciliation.
type ledgerSide struct {
	Payouts    ledger.Count `json:"payouts"`
	Successful ledger.Count `json:"successful"`
	Failed     ledger.Count `json:"failed"`
	Open       ledger.Count `json:"open"`
	Cancelled  ledger.Count `json:"cancelled"`
}

func newReconciled(b ledger.Batch, done batch.Reconciliation, after engine.Tally) reconciled {
	r := reconciled{
		Batch: b.ID, Source: sourceProvider, Prefix: done.Prefix, Listed: done.Listed, LookedUp: done.LookedUp,
		NeverSentSought: done.ListError == nil && done.Prefix != "",
		Totals: threeSides{
			File: fileSide{Name: b.File, SHA256: b.SHA256, Accepted: b.Accepted, Rejected: b.Rejected},
			Ledger: ledgerSide{
				Payouts: after.Total(), Successful: after.In(ledger.Successful), Failed: after.In(ledger.Failed),
				Open: after.Open(), Cancelled: after.In(ledger.Cancelled),
			},
			Provider: done.Provider,
		},
		Agreed: done.Agreed, Settled: done.Settled, Open: done.Open,
		Unanswered: len(done.Unanswered), Differences: newDifferences(done.Differences),
	}
	switch {
	case len(r.Differences) > 0:
		r.Exit = exitConflict
	case r.Unanswered > 0:
		r.Exit = exitStopped
	}
	return r
}

// tellReconciled prints the differences, the control totals of the three sides,
// and what the comparison came to.
func (a *app) tellReconciled(r reconciled) error {
	if a.global.json() {
		return a.printJSON(r)
	}
	for i, d := range r.Differences {
		if i == problemsShown {
			if err := a.say("%s", a.text("reconcile.more", "count", number(len(r.Differences)-i))); err != nil {
				return err
			}
			break
		}
		if err := a.say("%s", a.differenceLine(d, r)); err != nil {
			return err
		}
	}
	if err := a.printTable(a.sides(r)); err != nil {
		return err
	}
	var t table
	t.add(a.text("reconcile.result"), a.text("column.count"), a.text("column.amount"))
	t.add(a.text("reconcile.agreed"), number(r.Agreed.Count), r.Agreed.Amount.Grouped())
	t.add(a.text("reconcile.settled"), number(r.Settled.Count), r.Settled.Amount.Grouped())
	t.add(a.text("reconcile.open"), number(r.Open.Count), r.Open.Amount.Grouped())
	t.add(a.text("reconcile.differences"), number(len(r.Differences)), "")
	t.add(a.text("reconcile.unanswered"), number(r.Unanswered), "")
	if err := a.say(""); err != nil {
		return err
	}
	return a.printTable(t)
}

// sides puts the control totals side by side.
func (a *app) sides(r reconciled) table {
	file, here, there := r.Totals.File, r.Totals.Ledger, r.Totals.Provider
	known := ledger.Count{
		Count:  there.Successful.Count + there.Failed.Count + there.Pending.Count + there.Mismatched.Count,
		Amount: there.Successful.Amount + there.Failed.Amount + there.Pending.Amount + there.Mismatched.Amount,
	}
	var t table
	t.add(string(r.Batch), a.text("reconcile.file"), "XOF", a.text("reconcile.ledger"), "XOF", a.text("reconcile.provider"), "XOF")
	for _, line := range []struct {
		words  string
		always bool
		sides  [3]*ledger.Count
	}{
		{a.text("reconcile.payouts"), true, [3]*ledger.Count{&file.Accepted, &here.Payouts, &known}},
		{a.text("state.successful"), true, [3]*ledger.Count{nil, &here.Successful, &there.Successful}},
		{a.text("state.failed"), false, [3]*ledger.Count{nil, &here.Failed, &there.Failed}},
		{a.text("reconcile.not_final"), false, [3]*ledger.Count{nil, &here.Open, &there.Pending}},
		{a.text("state.cancelled"), false, [3]*ledger.Count{nil, &here.Cancelled, nil}},
		{a.text("state.rejected"), false, [3]*ledger.Count{&file.Rejected, nil, nil}},
		{a.text("reconcile.mismatched"), false, [3]*ledger.Count{nil, nil, &there.Mismatched}},
		{a.text("reconcile.not_found"), false, [3]*ledger.Count{nil, nil, &there.NotFound}},
		{a.text("reconcile.unanswered"), false, [3]*ledger.Count{nil, nil, &there.Unanswered}},
		{a.text("reconcile.never_sent"), false, [3]*ledger.Count{nil, nil, &there.NeverSent}},
	} {
		cells, shown := []string{line.words}, line.always
		for _, side := range line.sides {
			if side == nil {
				cells = append(cells, "", "")
				continue
			}
			shown = shown || side.Count > 0
			cells = append(cells, number(side.Count), side.Amount.Grouped())
		}
		if shown {
			t.add(cells...)
		}
	}
	return t
}

// differenceLine words a difference in one line.
func (a *app) differenceLine(d difference, r reconciled) string {
	totals := r.Totals
	row, id := number(d.Row), string(d.TransactionID)
	there := money.XOF(d.AmountThere).Grouped()
	switch {
	case d.Code == batch.DifferenceFile:
		return a.text("reconcile.file_differs", "code", d.Code,
			"file", number(totals.File.Accepted.Count), "file_amount", totals.File.Accepted.Amount.Grouped(),
			"ledger", number(totals.Ledger.Payouts.Count), "ledger_amount", totals.Ledger.Payouts.Amount.Grouped())
	case d.TransactionID == "" && d.StatementRow > 0:
		return a.text("reconcile.stray_row", "row", number(d.StatementRow), "reference", d.Reference,
			"amount", there, "provider", a.saidByProvider(d, r.Source), "code", d.Code)
	case d.TransactionID == "":
		return a.text("reconcile.stray", "reference", d.Reference, "amount", there,
			"provider", a.saidByProvider(d, r.Source), "code", d.Code)
	case d.Code == batch.DifferenceFees:
		return a.text("reconcile.fees_differ", "row", row, "id", id, "fees", a.francs(*d.Fees),
			"expected", a.francs(*d.FeesExpected), "code", d.Code)
	case d.Code == batch.DifferencePaidTwice:
		return a.text("reconcile.paid_twice", "row", row, "id", id, "reference", d.Reference, "code", d.Code)
	case d.Code == batch.DifferenceMismatch && d.AmountThere != 0 && d.AmountThere != d.Amount:
		return a.text("reconcile.amount_differs", "row", row, "id", id,
			"here", money.XOF(d.Amount).Grouped(), "there", there, "code", d.Code)
	default:
		return a.text("reconcile.difference", "row", row, "id", id,
			"state", a.text("state."+d.State), "provider", a.saidByProvider(d, r.Source), "code", d.Code)
	}
}

// saidByProvider is the provider's own word, or that there is none.
func (a *app) saidByProvider(d difference, source string) string {
	switch {
	case d.ProviderCode != "" && d.ProviderCode != provider.CodeNotFound:
		return d.ProviderCode
	case source == sourceStatement:
		return a.text("reconcile.not_stated")
	default:
		return a.text("reconcile.unknown_there")
	}
}

// refuseStatement shows what cannot be read in a statement. Nothing is compared.
func (a *app) refuseStatement(path string, info input.Info, readable int, problems []rules.Problem) error {
	found := &inspection{problems: problems}
	if !a.global.json() {
		found.problems = gravest(problems)
	}
	rows := map[int]bool{}
	for _, p := range problems {
		rows[p.Row] = true
	}
	found.review.Errors = len(problems)
	found.review.Rows = readable + len(rows)
	found.review.Valid.Count, found.review.Rejected.Count = readable, len(rows)
	if err := a.showValidation(path, info, found); err != nil {
		return err
	}
	writeLine(a.stderr, "payrun: "+a.text("notice.statement"))
	return exitError(exitFile)
}
