package ui

import (
	"strconv"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// cancelled is the result of cancel for scripts. Its keys are documented in
// docs/json.md.
type cancelled struct {
	Batch ledger.BatchID `json:"batch"`
	// Currency is empty if nothing was queued.
	Currency  money.Currency `json:"currency"`
	Cancelled ledger.Total   `json:"cancelled"`
	// Payouts are those withdrawn; Sent and Elsewhere are queued still.
	Payouts   []Payout `json:"payouts"`
	Sent      []Payout `json:"sent"`
	Elsewhere []Payout `json:"elsewhere"`
}

// ConfirmCancel names who would be withdrawn and asks a person to type what they come to,
// unless they said so beforehand.
func (u *UI) ConfirmCancel(id ledger.BatchID, queued service.Withdrawal, yes bool) error {
	if !u.JSON() {
		if err := u.SayLines(u.Names(u.Text("cancel.who"), Payouts(queued.Never))); err != nil {
			return err
		}
	}
	if yes {
		return nil
	}
	total := queued.Total()
	amount := total.Amount.String()
	return u.TypeTotal(total.Amount, Question{
		About: u.Text("cancel.about", "count", strconv.Itoa(total.Count), "amount", amount, "batch", string(id),
			"command", u.Commands.ForBatch("retry", id, "--cancelled")),
		Nobody: Usage(u.Text("cancel.nobody"), u.Text("cancel.nobody_hint", "command", u.Commands.ForBatch("status", id))),
		None:   Usage(u.Text("cancel.none")),
		Wrong:  func(typed string) error { return Usage(u.Text("cancel.wrong", "typed", typed, "amount", amount)) },
	})
}

// ShowCancelled prints what was withdrawn, what was left, and what to do about that. Open
// is set if something may be with the provider.
func (u *UI) ShowCancelled(id ledger.BatchID, found service.Withdrawal, done ledger.Total, open bool) error {
	sent, elsewhere := Payouts(found.Sent), Payouts(found.Elsewhere)
	if u.JSON() {
		return u.PrintObject("cancellation", cancelled{
			Batch: id, Currency: found.Total().Amount.Currency, Cancelled: done, Payouts: Payouts(found.Never), Sent: sent, Elsewhere: elsewhere,
		})
	}
	var lines []string
	resume := u.Commands.ForBatch("resume", id)
	switch {
	case done.Count > 0:
		lines = append(lines, u.Text("cancel.done", "count", strconv.Itoa(done.Count), "amount", done.Amount.String(), "batch", string(id)))
	case len(sent)+len(elsewhere) > 0:
	case open:
		lines = append(lines, u.Text("cancel.only_open", "batch", string(id), "command", resume))
	default:
		lines = append(lines, u.Text("cancel.nothing", "batch", string(id)))
	}
	lines = append(lines, u.Names(u.Text("cancel.sent", "resume", resume, "resolve", u.Resolving(id, onlyOne(sent)...)), sent)...)
	lines = append(lines, u.Names(u.Text("cancel.elsewhere"), elsewhere)...)
	return u.SayLines(lines)
}

// onlyOne is the id of a list of one, none of another.
func onlyOne(payouts []Payout) []ledger.TransactionID {
	if len(payouts) != 1 {
		return nil
	}
	return []ledger.TransactionID{payouts[0].TransactionID}
}
