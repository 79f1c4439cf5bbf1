package main

import (
	"strconv"
	"strings"

	"payrun/batch/intake/table"
	"payrun/batch/reconcile"
	"payrun/batch/rules"
	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
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
	Exit     int            `json:"exit"`
	Source   string         `json:"source"`
	Prefix   string         `json:"prefix"`
	Listed   int            `json:"listed"`
	LookedUp int            `json:"looked_up"`
	// NeverSentSought is false where transfers that were never sent from here
	// could not be found: without the provider's list, or without a prefix.
	NeverSentSought bool `json:"never_sent_sought"`

	Totals     threeSides   `json:"totals"`
	Agreed     ledger.Count `json:"agreed"`
	Settled    ledger.Count `json:"settled"`
	Open       ledger.Count `json:"open"`
	Unanswered int          `json:"unanswered"`
	// Reconciled is true if everything was compared, Reason else why not: "list" if the
	// provider's could not be read, "no_list", "list_short" or "unanswered".
	Reconciled bool   `json:"reconciled"`
	Reason     string `json:"reason"`
	// Unresolved counts the differences that nobody has answered.
	Unresolved  int          `json:"unresolved"`
	Differences []difference `json:"differences"`
	Reports     []string     `json:"reports"`
	// recorded is about how many payouts something is on record that nobody resolved.
	recorded int
	// Statement is the statement that was read, nil without one.
	Statement *statementSide `json:"statement,omitempty"`
}

// statementSide is the rest of a statement, beside its transfers.
type statementSide struct {
	Transfers  int             `json:"transfers"`
	PassedOver int             `json:"passed_over"`
	Ignored    []ignoredColumn `json:"ignored"`
	Problems   []ui.Problem    `json:"problems"`
}

// ignoredColumn is a column of a statement that was not read, and the fields that it
// could be.
type ignoredColumn struct {
	Title  string        `json:"title"`
	Fields []table.Field `json:"fields"`
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
	Accepted ledger.Count `json:"accepted"`
	Rejected ledger.Count `json:"rejected"`
}

// ledgerSide divides the payouts by their state after the reconciliation.
type ledgerSide struct {
	Payouts    ledger.Count `json:"payouts"`
	Successful ledger.Count `json:"successful"`
	Failed     ledger.Count `json:"failed"`
	Open       ledger.Count `json:"open"`
	Cancelled  ledger.Count `json:"cancelled"`
}

func newReconciled(done service.Reconciled) reconciled {
	b, after := done.Batch, done.After
	return reconciled{
		Batch: b.ID, Exit: int(exitOf(done.Outcome())), Source: sourceProvider, Prefix: done.Prefix,
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
		Unanswered: len(done.Unanswered), Differences: newDifferences(done.Differences),
		recorded: done.Disputed, Unresolved: done.OpenDifferences(),
		Reason: string(done.Gap()), Reconciled: done.Gap() == service.NoGap,
	}
}

// differencesShown is the number of differences that a person is shown before the rest are
// only counted.
const differencesShown = 50

// tellReconciled prints the differences, the control totals of the three sides,
// and what the comparison came to.
func (a *app) tellReconciled(r reconciled, details bool) error {
	if a.JSON() {
		return a.PrintJSON(r)
	}
	for i, d := range r.Differences {
		if i == differencesShown && !details {
			if err := a.Say("%s", a.Text("reconcile.more", "count", strconv.Itoa(len(r.Differences)-i))); err != nil {
				return err
			}
			break
		}
		if err := a.Say("%s", a.differenceLine(d, r)); err != nil {
			return err
		}
	}
	if err := a.PrintTable(a.sides(r)); err != nil {
		return err
	}
	var t ui.Table
	t.Add(a.Text("reconcile.result"), a.Text("column.count"), a.Text("column.amount"))
	t.Add(a.Text("reconcile.agreed"), strconv.Itoa(r.Agreed.Count), r.Agreed.Amount.Grouped())
	t.Add(a.Text("reconcile.settled"), strconv.Itoa(r.Settled.Count), r.Settled.Amount.Grouped())
	t.Add(a.Text("reconcile.open"), strconv.Itoa(r.Open.Count), r.Open.Amount.Grouped())
	t.Add(a.Text("reconcile.differences"), strconv.Itoa(r.Unresolved), "")
	if answered := len(r.Differences) - r.Unresolved; answered > 0 {
		t.Add(a.Text("reconcile.answered"), strconv.Itoa(answered), "")
	}
	t.Add(a.Text("reconcile.unanswered"), strconv.Itoa(r.Unanswered), "")
	if err := a.Say(""); err != nil {
		return err
	}
	if err := a.PrintTable(t); err != nil {
		return err
	}
	return a.SayLines(a.conclusions(r))
}

// conclusions says whether all was compared, and who answers what differs.
func (a *app) conclusions(r reconciled) []string {
	var lines []string
	if !r.Reconciled {
		lines = append(lines, a.Text("reconcile.incomplete_"+r.Reason))
	}
	if r.recorded > 0 {
		lines = append(lines, a.Text("reconcile.resolve"), a.Text("end.next", "command", a.Resolving(r.Batch, r.differing()...)))
	}
	if r.Exit == exitPaid {
		lines = append(lines, a.Text("reconcile.clean"))
	}
	return lines
}

// differing is the first payout about which something is unresolved, if one is known.
func (r reconciled) differing() []ledger.TransactionID {
	for _, d := range r.Differences {
		if !d.Answered && d.TransactionID != "" && d.Code != ledger.DifferenceFees {
			return []ledger.TransactionID{d.TransactionID}
		}
	}
	return nil
}

// sides puts the control totals side by side.
func (a *app) sides(r reconciled) ui.Table {
	file, here, there := r.Totals.File, r.Totals.Ledger, r.Totals.Provider
	known := ledger.Count{
		Count:  there.Successful.Count + there.Failed.Count + there.Pending.Count + there.Mismatched.Count,
		Amount: there.Successful.Amount + there.Failed.Amount + there.Pending.Amount + there.Mismatched.Amount,
	}
	var t ui.Table
	t.Add(string(r.Batch), a.Text("reconcile.file"), "XOF", a.Text("reconcile.ledger"), "XOF", a.Text("reconcile.provider"), "XOF")
	for _, line := range []struct {
		words  string
		always bool
		sides  [3]*ledger.Count
	}{
		{a.Text("reconcile.payouts"), true, [3]*ledger.Count{&file.Accepted, &here.Payouts, &known}},
		{a.Text("state.successful"), true, [3]*ledger.Count{nil, &here.Successful, &there.Successful}},
		{a.Text("state.failed"), false, [3]*ledger.Count{nil, &here.Failed, &there.Failed}},
		{a.Text("reconcile.not_final"), false, [3]*ledger.Count{nil, &here.Open, &there.Pending}},
		{a.Text("state.cancelled"), false, [3]*ledger.Count{nil, &here.Cancelled, nil}},
		{a.Text("state.rejected"), false, [3]*ledger.Count{&file.Rejected, nil, nil}},
		{a.Text("reconcile.mismatched"), false, [3]*ledger.Count{nil, nil, &there.Mismatched}},
		{a.Text("reconcile.not_found"), false, [3]*ledger.Count{nil, nil, &there.NotFound}},
		{a.Text("reconcile.unanswered"), false, [3]*ledger.Count{nil, nil, &there.Unanswered}},
		{a.Text("reconcile.never_sent"), false, [3]*ledger.Count{nil, nil, &there.NeverSent}},
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

// differenceLine words a difference in one line.
func (a *app) differenceLine(d difference, r reconciled) string {
	line := a.differenceText(d, r)
	switch {
	case d.Answered:
		return line + " " + a.Text("reconcile.is_answered")
	case d.Before:
		return line + " " + a.Text("reconcile.is_before")
	default:
		return line
	}
}

func (a *app) differenceText(d difference, r reconciled) string {
	totals := r.Totals
	row, id := strconv.Itoa(d.Row), string(d.TransactionID)
	if d.name != "" {
		id += ", " + d.name
	}
	if d.Code != ledger.DifferenceMismatch {
		id += ", " + money.XOF(d.Amount).String()
	}
	there := money.XOF(d.AmountThere).Grouped()
	switch {
	case d.Code == ledger.DifferenceFile:
		return a.Text("reconcile.file_differs", "code", d.Code,
			"file", strconv.Itoa(totals.File.Accepted.Count), "file_amount", totals.File.Accepted.Amount.Grouped(),
			"ledger", strconv.Itoa(totals.Ledger.Payouts.Count), "ledger_amount", totals.Ledger.Payouts.Amount.Grouped())
	case d.TransactionID == "" && d.StatementRow > 0:
		return a.Text("reconcile.stray_row", "row", strconv.Itoa(d.StatementRow), "reference", d.Reference,
			"amount", there, "provider", a.saidByProvider(d, r.Source), "code", d.Code)
	case d.TransactionID == "":
		return a.Text("reconcile.stray", "reference", d.Reference, "amount", there,
			"provider", a.saidByProvider(d, r.Source), "code", d.Code)
	case d.Code == ledger.DifferenceFees:
		return a.Text("reconcile.fees_differ", "row", row, "id", id, "fees", a.Francs(*d.Fees),
			"expected", a.Francs(*d.FeesExpected), "code", d.Code)
	case d.Code == ledger.DifferencePaidTwice:
		return a.Text("reconcile.paid_twice", "row", row, "id", id, "reference", d.Reference, "code", d.Code)
	case d.Code == ledger.DifferenceMismatch && d.AmountThere != 0 && d.AmountThere != d.Amount:
		return a.Text("reconcile.amount_differs", "row", row, "id", id,
			"here", money.XOF(d.Amount).Grouped(), "there", there, "code", d.Code)
	default:
		return a.Text("reconcile.difference", "row", row, "id", id,
			"state", a.Text("state."+d.State), "provider", a.saidByProvider(d, r.Source), "code", d.Code)
	}
}

// saidByProvider is the provider's own word, or that there is none.
func (a *app) saidByProvider(d difference, source string) string {
	switch {
	case d.ProviderCode != "" && d.ProviderCode != provider.CodeNotFound:
		return d.ProviderCode
	case source == sourceStatement:
		return a.Text("reconcile.not_stated")
	default:
		return a.Text("reconcile.unknown_there")
	}
}

// readStatement is a statement that was read.
type readStatement struct {
	path    string
	info    table.Info
	ignored []table.Ignored
	reading reconcile.StatementReading
	details bool
}

// side returns a statement for scripts.
func (a *app) side(s readStatement) *statementSide {
	side := &statementSide{
		Transfers: len(s.reading.Transfers), PassedOver: s.reading.PassedOver,
		Ignored: []ignoredColumn{}, Problems: []ui.Problem{},
	}
	for _, one := range s.ignored {
		side.Ignored = append(side.Ignored, ignoredColumn{one.Title, append([]table.Field{}, one.Fields...)})
	}
	for _, p := range s.reading.Problems {
		side.Problems = append(side.Problems, a.Word(p))
	}
	return side
}

// sayStatement tells how a statement was read: which columns were not, and how they
// would be, what is wrong with rows or why they were passed over, and what remains.
func (a *app) sayStatement(s readStatement) error {
	info := s.info
	info.Unknown = nil // told below
	var groups rules.Groups
	for _, p := range s.reading.Problems {
		groups.Add(p)
	}
	var each []rules.Problem
	if s.details {
		each = s.reading.Problems
	}
	for _, step := range []func() error{
		func() error { return a.SayReading(info) },
		func() error { return a.SayTaken(info) },
		func() error { return a.sayIgnored(s.ignored) },
		func() error { return a.SayProblems(&groups, each) },
		func() error {
			return a.Say("%s", a.Text("statement.passed", "transfers", strconv.Itoa(len(s.reading.Transfers)), "passed", strconv.Itoa(s.reading.PassedOver)))
		},
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) sayIgnored(ignored []table.Ignored) error {
	if len(ignored) == 0 {
		return nil
	}
	var titles []string
	for _, one := range ignored {
		title := one.Title
		if len(one.Fields) > 0 {
			title = a.Text("statement.ignored_as", "title", title, "field", string(one.Fields[0]))
		}
		titles = append(titles, title)
	}
	return a.Say("%s", a.Text("statement.ignored", "columns", strings.Join(titles, ", ")))
}

// refuseStatement shows what cannot be read in a statement. Nothing is compared.
func (a *app) refuseStatement(s readStatement) error {
	if a.JSON() {
		found := &service.Checked{Problems: s.reading.Problems}
		rows := map[int]bool{}
		for _, p := range s.reading.Problems {
			found.Groups.Add(p)
			if p.Severity == rules.Error {
				rows[p.Row] = true
			}
		}
		found.Errors = s.reading.Errors()
		found.Rows = len(s.reading.Transfers) + s.reading.PassedOver + len(rows)
		found.Rejected.Count = len(rows)
		for _, transfer := range s.reading.Transfers {
			found.Valid.Add(transfer.Amount)
		}
		found.NotPayments = s.reading.PassedOver
		if err := a.ShowChecked(s.path, s.info, found, ui.Written{}, ""); err != nil {
			return err
		}
	} else if err := a.sayStatement(s); err != nil {
		return err
	}
	ui.WriteLine(a.Stderr, "payrun: "+a.Text("notice.statement"))
	return exitError(exitFile)
}
