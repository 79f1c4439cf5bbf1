package ui

import (
	"strconv"
	"strings"
	"time"

	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/money"
)

// Payout is a payout with the person it is for. The number is masked. Its JSON
// keys are documented in docs/json.md.
type Payout struct {
	TransactionID ledger.TransactionID `json:"transaction_id"`
	// Row is 0 for what the batch's file no longer has.
	Row     int          `json:"row"`
	Name    string       `json:"name"`
	Number  string       `json:"number"`
	Amount  money.Amount `json:"amount"`
	State   ledger.State `json:"state"`
	Attempt int          `json:"attempt"`
	Code    string       `json:"code"`
	Message string       `json:"message"`
	// Held is the reason why it gets no new attempt, empty for none.
	Held retry.HeldCode `json:"held,omitempty"`
	// TryAgainAt is the time from which another try may end otherwise by itself.
	TryAgainAt time.Time `json:"try_again_at,omitzero"`
	// PaidAs and PaidIn name the payout, and its batch, under which the same person was
	// paid the same amount since.
	PaidAs ledger.TransactionID `json:"paid_as,omitempty"`
	PaidIn ledger.BatchID       `json:"paid_in,omitempty"`
	// Differences are contradictions of the provider that nobody has resolved.
	Differences []ledger.Difference `json:"differences,omitempty"`
}

// NewPayout is a payout as scripts get it.
func NewPayout(p ledger.Payout) Payout {
	return Payout{
		TransactionID: p.ID, Row: p.Row, Name: p.Name, Number: p.Number.String(), Amount: p.Amount, State: p.State,
		Attempt: p.Attempt, Code: p.Answer.Code, Message: p.Answer.Message, Differences: p.Unresolved(),
	}
}

// Payouts are payouts as scripts get them.
func Payouts(payouts []ledger.Payout) []Payout {
	all := make([]Payout, 0, len(payouts))
	for _, p := range payouts {
		all = append(all, NewPayout(p))
	}
	return all
}

// HeldPayouts are payouts that were held back, each with why.
func HeldPayouts(held []retry.Held) []Payout {
	all := make([]Payout, 0, len(held))
	for _, h := range held {
		one := NewPayout(h.Payout)
		one.Held, one.TryAgainAt = h.Code, h.Until.UTC()
		all = append(all, one)
	}
	return all
}

// PaidSincePayouts are payouts whose beneficiaries were paid under another id since.
func PaidSincePayouts(found []retry.PaidSince) []Payout {
	all := make([]Payout, 0, len(found))
	for _, f := range found {
		one := NewPayout(f.Payout)
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

// namesShown is the number of people whom a list names before it counts the rest.
const namesShown = 20

// Names words a list of people under a title, a line each. It is empty for nobody. all is
// the command that lists every one, if there is one.
func (u *UI) Names(title string, payouts []Payout, all ...string) []string {
	if len(payouts) == 0 {
		return nil
	}
	lines := []string{title}
	for i, p := range payouts {
		if i == namesShown {
			more := u.Text("people.more", "count", strconv.Itoa(len(payouts)-i))
			if len(all) > 0 {
				more = u.Text("people.more_by", "count", strconv.Itoa(len(payouts)-i), "command", all[0])
			}
			lines = append(lines, "  "+more)
			break
		}
		lines = append(lines, "  "+u.PersonLine(p))
	}
	return lines
}

// PersonLine words one: who, how much, and why it is as it is.
func (u *UI) PersonLine(p Payout) string {
	who := string(p.TransactionID)
	if p.Row > 0 {
		who += " (" + u.Text("column.row") + " " + strconv.Itoa(p.Row) + ")"
	}
	line := strings.Join([]string{who, p.Name, p.Number, p.Amount.String()}, ", ")
	if why := u.reasonOf(p); why != "" {
		line = u.labelled(line, why)
	}
	return line
}

// reasonOf says why a payout stands where it does: what holds it back, what the
// provider says against it, or what it last said of it.
func (u *UI) reasonOf(p Payout) string {
	if p.PaidAs != "" {
		return u.Text("held.paid_since", "id", string(p.PaidAs), "batch", string(p.PaidIn))
	}
	if p.Held != "" {
		return u.Text("held."+string(p.Held), "in", untilWords(time.Until(p.TryAgainAt)))
	}
	if len(p.Differences) > 0 {
		return u.Disputed(p.Differences[len(p.Differences)-1])
	}
	said := []string{}
	if p.State.Open() {
		said = append(said, u.Text("state."+p.State.String()))
	}
	for _, part := range []string{p.Code, p.Message} {
		if part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, " ")
}

// Disputed words a difference that is on record.
func (u *UI) Disputed(d ledger.Difference) string {
	there := d.ProviderCode
	if there == "" {
		there = d.Said
	}
	return u.Text("people.disputed", "state", u.Text("state."+d.Recorded.String()), "provider", there,
		"reference", string(d.Reference), "code", d.Code)
}
