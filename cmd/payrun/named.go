package main

import (
	"strconv"
	"strings"
	"time"

	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/money"
)

// namedPayout is a payout with the person it is for. The number is masked. Its JSON
// keys are documented in docs/json.md.
type namedPayout struct {
	TransactionID ledger.TransactionID `json:"transaction_id"`
	// Row is 0 for what the batch's file no longer has.
	Row     int          `json:"row"`
	Name    string       `json:"name"`
	Number  string       `json:"number"`
	Amount  money.XOF    `json:"amount"`
	State   ledger.State `json:"state"`
	Attempt int          `json:"attempt"`
	Code    string       `json:"code"`
	Message string       `json:"message"`
	// Held is why it gets no new attempt, empty for none.
	Held retry.HeldCode `json:"held,omitempty"`
	// TryAgainAt is the time from which another try may end otherwise by itself.
	TryAgainAt time.Time `json:"try_again_at,omitzero"`
	// PaidAs and PaidIn name the payout, and its batch, under which the same person was
	// paid the same amount since.
	PaidAs ledger.TransactionID `json:"paid_as,omitempty"`
	PaidIn ledger.BatchID       `json:"paid_in,omitempty"`
	// Differences are what the provider said against it and nobody has resolved.
	Differences []ledger.Difference `json:"differences,omitempty"`
}

func named(p ledger.Payout) namedPayout {
	return namedPayout{
		TransactionID: p.ID, Row: p.Row, Name: p.Name, Number: p.Number.String(), Amount: p.Amount, State: p.State,
		Attempt: p.Attempt, Code: p.Answer.Code, Message: p.Answer.Message, Differences: p.Unresolved(),
	}
}

func namedAll(payouts []ledger.Payout) []namedPayout {
	all := make([]namedPayout, 0, len(payouts))
	for _, p := range payouts {
		all = append(all, named(p))
	}
	return all
}

func namedHeld(held []retry.Held) []namedPayout {
	all := make([]namedPayout, 0, len(held))
	for _, h := range held {
		one := named(h.Payout)
		one.Held, one.TryAgainAt = h.Code, h.Until.UTC()
		all = append(all, one)
	}
	return all
}

func namedPaidSince(found []retry.PaidSince) []namedPayout {
	all := make([]namedPayout, 0, len(found))
	for _, f := range found {
		one := named(f.Payout)
		one.PaidAs, one.PaidIn = f.By.ID, f.By.Batch
		all = append(all, one)
	}
	return all
}

// untilWords words how long to wait, rounded up so that it is not too short: in
// seconds, minutes or hours, whose signs are the same in every language.
func untilWords(left time.Duration) string {
	for _, unit := range []struct {
		sign string
		one  time.Duration
	}{{"h", time.Hour}, {"min", time.Minute}} {
		if left >= 2*unit.one {
			return strconv.Itoa(int((left+unit.one-1)/unit.one)) + " " + unit.sign
		}
	}
	return strconv.Itoa(max(1, int((left+time.Second-1)/time.Second))) + " s"
}

// namesShown is how many people a person is shown before the rest are counted.
const namesShown = 20

// names words a list of people under a title, a line each. It is empty for nobody. all is
// the command that lists every one, if there is one.
func (a *app) names(title string, payouts []namedPayout, all ...string) []string {
	if len(payouts) == 0 {
		return nil
	}
	lines := []string{title}
	for i, p := range payouts {
		if i == namesShown {
			more := a.Text("people.more", "count", strconv.Itoa(len(payouts)-i))
			if len(all) > 0 {
				more = a.Text("people.more_by", "count", strconv.Itoa(len(payouts)-i), "command", all[0])
			}
			lines = append(lines, "  "+more)
			break
		}
		lines = append(lines, "  "+a.personLine(p))
	}
	return lines
}

// personLine words one: who, how much, and why it is as it is.
func (a *app) personLine(p namedPayout) string {
	who := string(p.TransactionID)
	if p.Row > 0 {
		who += " (" + a.Text("column.row") + " " + strconv.Itoa(p.Row) + ")"
	}
	line := strings.Join([]string{who, p.Name, p.Number, p.Amount.String()}, ", ")
	if why := a.reasonOf(p); why != "" {
		line += ": " + why
	}
	return line
}

// reasonOf says why a payout stands where it does: what holds it back, what the
// provider says against it, or what it last said of it.
func (a *app) reasonOf(p namedPayout) string {
	if p.PaidAs != "" {
		return a.Text("held.paid_since", "id", string(p.PaidAs), "batch", string(p.PaidIn))
	}
	if p.Held != "" {
		return a.Text("held."+string(p.Held), "in", untilWords(time.Until(p.TryAgainAt)))
	}
	if len(p.Differences) > 0 {
		return a.disputed(p.Differences[len(p.Differences)-1])
	}
	said := []string{}
	if p.State.Open() {
		said = append(said, a.Text("state."+p.State.String()))
	}
	for _, part := range []string{p.Code, p.Message} {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, " ")
}

// disputed words a difference that is on record.
func (a *app) disputed(d ledger.Difference) string {
	there := d.ProviderCode
	if there == "" {
		there = d.Said
	}
	return a.Text("people.disputed", "state", a.Text("state."+d.Recorded.String()), "provider", there,
		"reference", string(d.Reference), "code", d.Code)
}
