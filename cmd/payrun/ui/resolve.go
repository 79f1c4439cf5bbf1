package ui

import (
	"errors"
	"strconv"
	"strings"

	"payrun/batch/service"
	"payrun/ledger"
	"payrun/ledger/money"
)

// resolved is the result of resolve for scripts. Its keys are documented in
// docs/json.md.
type resolved struct {
	Batch         ledger.BatchID       `json:"batch"`
	TransactionID ledger.TransactionID `json:"transaction_id"`
	Currency      money.Currency       `json:"currency"`
	Before        ledger.State         `json:"before"`
	State         ledger.State         `json:"state"`
	Resolution    ledger.Resolution    `json:"resolution"`
	Attempts      []attempted          `json:"attempts"`
	Differences   []ledger.Difference  `json:"differences"`
}

// attempted is an attempt as it is shown.
type attempted struct {
	Attempt     int              `json:"attempt"`
	Reference   ledger.Reference `json:"reference"`
	ProviderRef string           `json:"provider_ref"`
	Number      string           `json:"number"`
	Amount      money.Amount     `json:"amount"`
	State       ledger.State     `json:"state"`
	Said        ledger.Said      `json:"said"`
	Code        string           `json:"code"`
	Message     string           `json:"message"`
}

func attemptsOf(p ledger.Payout) []attempted {
	var all []attempted
	for _, t := range p.Attempts() {
		all = append(all, attempted{
			Attempt: t.Number, Reference: t.Reference, ProviderRef: t.Answer.ProviderRef, Number: t.Terms.Number.String(),
			Amount: t.Terms.Amount, State: t.State, Said: t.Said, Code: t.Answer.Code, Message: t.Answer.Message,
		})
	}
	return all
}

// ShowPayout prints all that is on record about a payout.
func (u *UI) ShowPayout(p ledger.Payout) error {
	one := NewPayout(p)
	one.Differences = nil
	lines := []string{u.PersonLine(one), "  " + u.Text("resolve.state", "state", u.Text("state."+p.State.String()))}
	for _, t := range attemptsOf(p) {
		lines = append(lines, "  "+strings.TrimSpace(u.Text("resolve.attempt", "attempt", strconv.Itoa(t.Attempt),
			"reference", string(t.Reference), "provider_ref", t.ProviderRef, "number", t.Number,
			"said", t.Said.String(), "code", t.Code, "message", t.Message)))
	}
	for _, d := range p.Differences {
		lines = append(lines, "  "+d.At.Format("2006-01-02 15:04")+" "+u.Disputed(d))
	}
	if r := p.Resolution; r != nil {
		word := u.Text("resolve.not_paid")
		if r.Paid {
			word = u.Text("resolve.paid")
		}
		lines = append(lines, "  "+u.Text("resolve.before", "at", r.At.Format("2006-01-02 15:04"), "by", r.By.Name,
			"word", word, "because", r.Because))
	}
	return u.SayLines(lines)
}

// WordUnresolvable says why a person cannot resolve a payout, and what to do instead. Other
// errors stay as they are.
func (u *UI) WordUnresolvable(id ledger.BatchID, p ledger.Payout, err error) error {
	missing, unknown := errors.AsType[*ledger.NotFoundError](err)
	switch {
	case unknown:
		return UsageOf(Worded(u.Text("retry.unknown", "id", string(missing.ID), "batch", string(id)), err),
			u.Text("resolve.ids_hint", "command", u.Commands.ForBatch("status", id)))
	case errors.Is(err, service.ErrNeverSent):
		return UsageOf(Worded(u.Text("resolve.never_sent", "id", string(p.ID)), err),
			u.Text("resolve.never_sent_hint", "resume", u.Commands.ForBatch("resume", id), "cancel", u.Commands.ForBatch("cancel", id)))
	case errors.Is(err, service.ErrNothingOpen):
		return UsageOf(Worded(u.Text("resolve.nothing_open", "id", string(p.ID), "state", u.Text("state."+p.State.String())), err),
			u.Text("resolve.nothing_open_hint", "command", u.Commands.ForBatch("reconcile", id)))
	default:
		return err
	}
}

// ConfirmResolve asks a person to type what the payout comes to.
func (u *UI) ConfirmResolve(id ledger.BatchID, p ledger.Payout, paid bool) error {
	word := u.Text("resolve.not_paid")
	if paid {
		word = u.Text("resolve.paid")
	}
	amount := p.Amount.String()
	return u.TypeTotal(p.Amount, Question{
		About:  u.Text("resolve.about", "id", string(p.ID), "name", p.Name, "amount", amount, "word", word),
		Nobody: Usage(u.Text("resolve.nobody"), u.Text("resolve.nobody_hint", "command", u.Commands.ForBatch("status", id, "--state", StateDiffers))),
		None:   Usage(u.Text("resolve.none")),
		Wrong:  func(typed string) error { return Usage(u.Text("resolve.wrong", "typed", typed, "amount", amount)) },
	})
}

// ShowResolved prints what a payout is now that a person said what they saw.
func (u *UI) ShowResolved(id ledger.BatchID, before, after ledger.Payout) error {
	if u.JSON() {
		return u.PrintObject("resolution", resolved{
			Batch: id, TransactionID: before.ID, Currency: after.Amount.Currency, Before: before.State, State: after.State, Resolution: *after.Resolution,
			Attempts: attemptsOf(after), Differences: append([]ledger.Difference{}, after.Differences...),
		})
	}
	return u.Say("%s", u.Text("resolve.done", "id", string(before.ID), "state", u.Text("state."+after.State.String()),
		"command", u.Commands.ForBatch("report", id)))
}
