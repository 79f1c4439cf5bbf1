package ui

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// batchStatus is the status of a batch for scripts. Its JSON keys are documented in
// docs/json.md.
type batchStatus struct {
	Batch       ledger.BatchID `json:"batch"`
	File        string         `json:"file"`
	Environment string         `json:"environment"`
	Currency    money.Currency `json:"currency"`
	CreatedAt   time.Time      `json:"created_at"`
	// NotBefore is when a batch that was released for a time is sent at the earliest.
	NotBefore *time.Time              `json:"not_before,omitempty"`
	Complete  bool                    `json:"complete"`
	State     ledger.BatchState       `json:"state"`
	Rows      int                     `json:"rows"`
	Amount    money.Amount            `json:"amount"`
	Rejected  ledger.Total            `json:"rejected"`
	States    map[string]ledger.Total `json:"states"`
	// ByOperator and Open are those of one batch that was asked for.
	ByOperator map[ledger.Operator]map[string]ledger.Total `json:"by_operator,omitempty"`
	Open       []Payout                                    `json:"open,omitempty"`
	// Failed and Differences are named of one batch; Payouts are those of a state
	// that was asked for.
	Failed      []Payout `json:"failed,omitempty"`
	Differences []Payout `json:"differences,omitempty"`
	Payouts     []Payout `json:"payouts,omitempty"`
	// Approval is where that of one batch stands, if a policy asks for it.
	Approval *Approval `json:"approval,omitempty"`
}

// StateDiffers asks for what the provider disagrees about.
const StateDiffers = "difference"

// ShowBatches lists batches, each with its payouts by state.
func (u *UI) ShowBatches(all []service.Counted) error {
	list := make([]batchStatus, 0, len(all))
	for _, one := range all {
		list = append(list, newBatchStatus(one.Batch, one.States))
	}
	if u.JSON() {
		return u.PrintObject("batches", struct {
			Batches []batchStatus `json:"batches"`
		}{list})
	}
	currency := commonCurrency(all)
	var t Table
	t.Add(u.Text("column.batch"), u.Text("column.file"), u.Text("column.date"), u.Text("column.rows"),
		u.Text("column.paid"), u.Text("column.failed"), u.Text("column.open"), u.amountColumn(currency))
	for _, one := range all {
		b, states := one.Batch, one.States
		total := states.Total().Amount.Grouped()
		if currency == money.Mixed {
			total = sum(states.Total().Amount, b.Currency)
		}
		t.Add(string(b.ID), b.File, b.CreatedAt.Format(time.DateOnly), strconv.Itoa(states.Total().Count),
			strconv.Itoa(states.In(ledger.Successful).Count), strconv.Itoa(states.In(ledger.Failed).Count),
			strconv.Itoa(states.Open().Count), total)
	}
	return u.PrintTable(t)
}

// commonCurrency is that of all the batches, money.Mixed if they have several.
func commonCurrency(all []service.Counted) money.Currency {
	var common money.Currency
	for _, one := range all {
		if common != "" && common != one.Batch.Currency {
			return money.Mixed
		}
		common = one.Batch.Currency
	}
	return common
}

// ShowBatch prints where a batch stands: people first, whose list may be long, then the
// totals and what to do. If a state was asked for, it prints whoever is in it instead.
func (u *UI) ShowBatch(found service.Status, state string) error {
	b := found.Batch
	if u.JSON() {
		status := newBatchStatus(b, found.States)
		status.Open, status.Failed = Payouts(found.Open), Payouts(found.Failed)
		status.Differences, status.Payouts = Payouts(found.Disputed), Payouts(found.Chosen)
		status.ByOperator = map[ledger.Operator]map[string]ledger.Total{}
		for operator, tally := range found.ByOperator {
			status.ByOperator[operator] = byState(tally)
		}
		if found.Approval.Governed {
			a := NewApproval(found.Approval)
			status.Approval = &a
		}
		return u.PrintObject("batch", status)
	}
	if state != "" {
		return u.sayEach(Payouts(found.Chosen))
	}
	var lines []string
	for _, list := range []struct {
		title   func(count string) string
		payouts []ledger.Payout
		all     []string
	}{
		{func(n string) string { return u.Text("end.disputed", "count", n) }, found.Disputed, []string{u.Commands.ForBatch("status", b.ID, "--state", StateDiffers)}},
		{func(n string) string { return u.Text("end.failed", "count", n) }, found.Failed, []string{u.Commands.ForBatch("status", b.ID, "--state", "failed")}},
		{func(n string) string { return u.Text("status.open", "count", n) }, found.Open, nil},
	} {
		if count := len(list.payouts); count > 0 {
			lines = append(append(lines, u.Names(list.title(strconv.Itoa(count)), Payouts(list.payouts), list.all...)...), "")
		}
	}
	if err := u.SayLines(lines); err != nil {
		return err
	}
	if err := u.PrintTable(u.stateTable(found)); err != nil {
		return err
	}
	if err := u.printOperators(found.ByOperator, b.Currency); err != nil {
		return err
	}
	if !b.Sealed {
		return u.Say("%s", u.Text("status.unsealed"))
	}
	if a := found.Approval; a.Governed && (len(found.Open) > 0 || a.Uncovered > 0) {
		lines := append([]string{""}, u.ApprovalLines(a)...)
		if !a.Pays(time.Now()) {
			return u.SayLines(append(lines, u.afterApproval(a)))
		}
		if err := u.SayLines(lines); err != nil {
			return err
		}
	}
	if at := notBefore(b); !at.IsZero() && len(found.Open) > 0 {
		if err := u.SayLines([]string{"", u.Text("schedule.status", "time", u.Moment(at))}); err != nil {
			return err
		}
	}
	return u.SayNext(u.NextFor(b.ID, found.Need()))
}

// sayEach lists people, all of them.
func (u *UI) sayEach(payouts []Payout) error {
	for _, p := range payouts {
		if err := u.Say("%s", u.PersonLine(p)); err != nil {
			return err
		}
	}
	return nil
}

func (u *UI) stateTable(found service.Status) Table {
	var t Table
	b, total := found.Batch, found.States.Total()
	t.Add(string(b.ID), u.Text("column.count"), u.amountColumn(b.Currency))
	for _, state := range ledger.States() {
		if count := found.States.In(state); count.Count > 0 {
			t.Add(u.Text("state."+state.String()), strconv.Itoa(count.Count), count.Amount.Grouped())
		}
	}
	t.Add(u.Text("column.total"), strconv.Itoa(total.Count), total.Amount.Grouped())
	if b.Rejected.Count > 0 {
		t.Add(u.Text("state.rejected"), strconv.Itoa(b.Rejected.Count), b.Rejected.Amount.Grouped())
	}
	return t
}

// printOperators shows the states of each operator's payouts.
func (u *UI) printOperators(operators map[ledger.Operator]ledger.ByState, currency money.Currency) error {
	var t Table
	t.Add(u.Text("column.operator"), u.Text("column.rows"), u.Text("column.paid"), u.Text("column.failed"),
		u.Text("column.open"), u.Text("column.cancelled"), u.amountColumn(currency), u.Text("column.paid")+" "+string(currency))
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		tally := operators[operator]
		t.Add(string(operator), strconv.Itoa(tally.Total().Count), strconv.Itoa(tally.In(ledger.Successful).Count),
			strconv.Itoa(tally.In(ledger.Failed).Count), strconv.Itoa(tally.Open().Count), strconv.Itoa(tally.In(ledger.Cancelled).Count),
			tally.Total().Amount.Grouped(), tally.In(ledger.Successful).Amount.Grouped())
	}
	if err := u.Say(""); err != nil {
		return err
	}
	return u.PrintTable(t)
}

// newBatchStatus returns the status of a batch, without its people.
func newBatchStatus(b ledger.Batch, states ledger.ByState) batchStatus {
	status := batchStatus{
		Batch: b.ID, File: b.File, Environment: b.Account.Place, Currency: b.Currency, CreatedAt: b.CreatedAt, Complete: b.Sealed, State: b.State,
		Rows: states.Total().Count, Amount: states.Total().Amount, Rejected: b.Rejected, States: byState(states),
	}
	if at := notBefore(b); !at.IsZero() {
		status.NotBefore = &at
	}
	return status
}

// notBefore is the time for which a batch that is paying was released, zero for none.
func notBefore(b ledger.Batch) time.Time {
	if b.State != ledger.BatchPaying || b.Release == nil {
		return time.Time{}
	}
	return b.Release.NotBefore
}

func byState(tally ledger.ByState) map[string]ledger.Total {
	states := map[string]ledger.Total{}
	for _, state := range ledger.States() {
		states[state.String()] = tally.In(state)
	}
	return states
}

// InState chooses the payouts that are in a state, or of StateDiffers.
func InState(state string) func(ledger.Payout) bool {
	return func(p ledger.Payout) bool {
		return p.State.String() == state || (state == StateDiffers && len(p.Unresolved()) > 0)
	}
}
