package ui

import (
	"strconv"

	"payrun/batch/reconcile"
	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Where the provider's side comes from.
const (
	sourceProvider  = "provider"
	sourceStatement = "statement"
)

// reconciled is the result of reconcile for scripts. Its keys are documented in
// docs/json.md.
type reconciled struct {
	Batch    ledger.BatchID `json:"batch"`
	Currency money.Currency `json:"currency"`
	Exit     int            `json:"exit"`
	Source   string         `json:"source"`
	Prefix   string         `json:"prefix"`
	Listed   int            `json:"listed"`
	LookedUp int            `json:"looked_up"`
	// NeverSentSought is false where transfers that were never sent from here
	// could not be found: without the provider's list, or without a prefix.
	NeverSentSought bool `json:"never_sent_sought"`

	Totals     threeSides   `json:"totals"`
	Agreed     ledger.Total `json:"agreed"`
	Settled    ledger.Total `json:"settled"`
	Open       ledger.Total `json:"open"`
	Unanswered int          `json:"unanswered"`
	// Reconciled is true if everything was compared, Reason else why not: "list" if the
	// provider's could not be read, "no_list", "list_short", "unanswered" or "no_page".
	Reconciled bool   `json:"reconciled"`
	Reason     string `json:"reason"`
	// Unresolved counts the differences that nobody has answered.
	Unresolved int `json:"unresolved"`
	// Differences is empty here: see printReconciled.
	Differences []difference `json:"differences"`
	Reports     []string     `json:"reports"`
	// recorded is about how many payouts something is on record that nobody resolved.
	recorded int
	// Statement is the statement that was read, nil without one.
	Statement *statementSide `json:"statement,omitempty"`
}

// threeSides are the control totals of file, ledger and provider.
type threeSides struct {
	File     fileSide                 `json:"file"`
	Ledger   ledgerSide               `json:"ledger"`
	Provider reconcile.ProviderTotals `json:"provider"`
}

// fileSide is the file as it was accepted.
type fileSide struct {
	Name     string       `json:"name"`
	SHA256   string       `json:"sha256"`
	Accepted ledger.Total `json:"accepted"`
	Rejected ledger.Total `json:"rejected"`
}

// ledgerSide divides the payouts by their state after the reconciliation.
type ledgerSide struct {
	Payouts    ledger.Total `json:"payouts"`
	Successful ledger.Total `json:"successful"`
	Failed     ledger.Total `json:"failed"`
	Open       ledger.Total `json:"open"`
	Cancelled  ledger.Total `json:"cancelled"`
}

func newReconciled(done service.Reconciled, exit int) reconciled {
	b, after := done.Batch, done.After
	return reconciled{
		Batch: b.ID, Currency: b.Currency, Exit: exit, Source: sourceProvider, Prefix: done.Prefix,
		Listed: done.Listed, LookedUp: done.LookedUp, NeverSentSought: done.ListError == nil && done.Prefix != "",
		Totals: threeSides{
			File: fileSide{Name: b.File, SHA256: b.SHA256, Accepted: b.Accepted, Rejected: b.Rejected},
			Ledger: ledgerSide{
				Payouts: after.Total(), Successful: after.In(ledger.Successful), Failed: after.In(ledger.Failed),
				Open: after.Open(), Cancelled: after.In(ledger.Cancelled),
			},
			Provider: done.Provider,
		},
		Agreed: done.Agreed, Settled: done.Settled, Open: done.Open,
		Unanswered: done.Unanswered, Differences: []difference{},
		recorded: done.Disputed, Unresolved: done.Differences.Open(),
		Reason: string(done.Gap()), Reconciled: done.Gap() == service.NoGap,
	}
}

// differencesShown is the number of differences that a person is shown before the rest are
// only counted.
const differencesShown = 50

// ShowReconciled prints the differences, the control totals of the three sides, and what
// the comparison came to. Files are the reports; read is nil where the provider was asked.
func (u *UI) ShowReconciled(done service.Reconciled, exit int, files []string, read *StatementRead, details bool) error {
	r := newReconciled(done, exit)
	r.Reports = files
	if read != nil {
		r.Source, r.Statement = sourceStatement, u.newStatement(*read)
	}
	if u.JSON() {
		return u.printReconciled(r, done.Differences)
	}
	if err := u.sayDifferences(done.Differences, r, details); err != nil {
		return err
	}
	if err := u.PrintTable(u.sides(r)); err != nil {
		return err
	}
	var t Table
	t.Add(u.Text("reconcile.result"), u.Text("column.count"), u.amountColumn(r.Currency))
	t.Add(u.Text("reconcile.agreed"), strconv.Itoa(r.Agreed.Count), r.Agreed.Amount.Grouped())
	t.Add(u.Text("reconcile.settled"), strconv.Itoa(r.Settled.Count), r.Settled.Amount.Grouped())
	t.Add(u.Text("reconcile.open"), strconv.Itoa(r.Open.Count), r.Open.Amount.Grouped())
	t.Add(u.Text("reconcile.differences"), strconv.Itoa(r.Unresolved), "")
	if answered := done.Differences.Count() - r.Unresolved; answered > 0 {
		t.Add(u.Text("reconcile.answered"), strconv.Itoa(answered), "")
	}
	t.Add(u.Text("reconcile.unanswered"), strconv.Itoa(r.Unanswered), "")
	if err := u.Say(""); err != nil {
		return err
	}
	if err := u.PrintTable(t); err != nil {
		return err
	}
	first, err := differing(done.Differences)
	if err != nil {
		return err
	}
	return u.SayLines(u.conclusions(r, first))
}

// conclusions says whether all was compared, and who answers what differs.
func (u *UI) conclusions(r reconciled, first []ledger.TransactionID) []string {
	var lines []string
	if !r.Reconciled {
		lines = append(lines, u.Text("reconcile.incomplete_"+r.Reason))
	}
	if r.recorded > 0 {
		lines = append(lines, u.Text("reconcile.resolve"), u.Text("end.next", "command", u.Resolving(r.Batch, first...)))
	}
	if r.Exit == 0 {
		lines = append(lines, u.Text("reconcile.clean"))
	}
	return lines
}

// differing is the first payout about which something is unresolved, if one is known.
func differing(found *reconcile.Differences) ([]ledger.TransactionID, error) {
	for d, err := range found.All() {
		if err != nil {
			return nil, err
		}
		if !d.Answered && d.ID != "" && d.Code != ledger.DifferenceFees {
			return []ledger.TransactionID{d.ID}, nil
		}
	}
	return nil, nil
}

// sides puts the control totals side by side.
func (u *UI) sides(r reconciled) Table {
	file, here, there := r.Totals.File, r.Totals.Ledger, r.Totals.Provider
	known := there.Successful.Plus(there.Failed, there.Pending, there.Mismatched)
	currency := string(r.Currency)
	var t Table
	t.Add(string(r.Batch), u.Text("reconcile.file"), currency, u.Text("reconcile.ledger"), currency, u.Text("reconcile.provider"), currency)
	for _, line := range []struct {
		words  string
		always bool
		sides  [3]*ledger.Total
	}{
		{u.Text("reconcile.payouts"), true, [3]*ledger.Total{&file.Accepted, &here.Payouts, &known}},
		{u.Text("state.successful"), true, [3]*ledger.Total{nil, &here.Successful, &there.Successful}},
		{u.Text("state.failed"), false, [3]*ledger.Total{nil, &here.Failed, &there.Failed}},
		{u.Text("reconcile.not_final"), false, [3]*ledger.Total{nil, &here.Open, &there.Pending}},
		{u.Text("state.cancelled"), false, [3]*ledger.Total{nil, &here.Cancelled, nil}},
		{u.Text("state.rejected"), false, [3]*ledger.Total{&file.Rejected, nil, nil}},
		{u.Text("reconcile.mismatched"), false, [3]*ledger.Total{nil, nil, &there.Mismatched}},
		{u.Text("reconcile.not_found"), false, [3]*ledger.Total{nil, nil, &there.NotFound}},
		{u.Text("reconcile.unanswered"), false, [3]*ledger.Total{nil, nil, &there.Unanswered}},
		{u.Text("reconcile.never_sent"), false, [3]*ledger.Total{nil, nil, &there.NeverSent}},
	} {
		cells, shown := []string{line.words}, line.always
		for _, side := range line.sides {
			if side == nil {
				cells = append(cells, "", "")
				continue
			}
			shown = shown || side.Count > 0
			cells = append(cells, strconv.Itoa(side.Count), side.Amount.Grouped())
		}
		if shown {
			t.Add(cells...)
		}
	}
	return t
}
