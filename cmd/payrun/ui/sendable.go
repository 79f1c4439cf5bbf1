package ui

import (
	"strconv"

	"payrun/batch/service"
	"payrun/ledger"
)

// ShowSendable prints the plan of a batch that is continued, and where it is paid.
func (u *UI) ShowSendable(b ledger.Batch, found service.Sendable, where string) error {
	if u.JSON() {
		return nil
	}
	var t Table
	t.Add(u.Text("plan.title", "batch", string(b.ID), "environment", where),
		u.Text("column.count"), u.amountColumn(b.Currency))
	t.Add(u.Text("state.queued"), strconv.Itoa(found.Queued.Count), found.Queued.Amount.Grouped())
	t.Add(u.Text("plan.in_doubt"), strconv.Itoa(found.InDoubt.Count), found.InDoubt.Amount.Grouped())
	t.Add(u.Text("plan.fees"), "", u.Fees(found.Fees))
	if found.Balance != nil {
		after := found.Balance.Fine().Minus(found.Queued.Amount.Fine()).Minus(found.Fees)
		t.Add(u.Text("plan.balance"), "", found.Balance.Grouped())
		t.Add(u.Text("plan.balance_after"), "", u.Fees(after))
	}
	return u.PrintTable(t)
}

// ConfirmSendable asks a person to type what goes on with a batch may come to.
func (u *UI) ConfirmSendable(yes bool, id ledger.BatchID, found service.Sendable, where string) error {
	total := found.Total()
	about := u.Text("confirm.continue", "batch", string(id), "count", strconv.Itoa(total.Count),
		"amount", total.Amount.String(), "environment", where)
	return u.ConfirmTotal(yes, total.Amount, about+u.doubt(found.InDoubt))
}

// ShowNothingOpen says that no batch has anything left to send or to wait for.
func (u *UI) ShowNothingOpen() error {
	if u.JSON() {
		return u.PrintObject("nothing_open", struct {
			Batches []string `json:"batches"`
		}{[]string{}})
	}
	return u.Say("%s", u.Text("resume.nothing"))
}
