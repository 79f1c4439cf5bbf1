package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// exchange is one request for a transfer being answered.
type exchange struct {
	style style
	draw  draw
	fault Fault // of the answer; "" for none
}

// send answers a request for a transfer.
func (s *Sandbox) send(w http.ResponseWriter, r *http.Request) {
	body := read(w, r)
	x := exchange{style: styleOf(r.URL.Path, body)}
	if !inProcess(r) && s.refuses(r, body) {
		cut()
	}
	if refused := s.admit(r); refused != nil {
		s.reply(w, r, x.style.refusal(refused))
		return
	}
	o, refused := x.style.decode(body)
	x.draw = s.nextDraw(transferSubject, o.transactionID)
	x.fault = s.strike(x.draw)
	if refused == nil && s.before(w, r, x) {
		return
	}
	var amount money.XOF
	if refused == nil {
		amount, refused = o.check()
	}
	if refused != nil {
		s.replyAs(w, r, x.style.refusal(refused), x.draw)
		return
	}
	t := s.plan(o, amount, x)
	if s.instead(w, r, x, t) {
		return
	}
	v, refused := s.accept(t)
	if refused != nil {
		s.replyAs(w, r, x.style.refusal(refused), x.draw)
		return
	}
	s.after(w, r, x, v)
}

// styleOf returns the dialect a transfer is asked for in.
func styleOf(path string, body []byte) style {
	if strings.HasPrefix(path, "/v2/") {
		return oldStyle{}
	}
	return styleOfBody(body)
}

// plan draws a transfer's whole future.
func (s *Sandbox) plan(o order, amount money.XOF, x exchange) *transfer {
	now := time.Now().UTC()
	t := &transfer{
		Ref:           fmt.Sprintf("DP%016X", x.draw.roll("ref")),
		TransactionID: o.transactionID, Number: msisdn.Number(o.number),
		Name: o.name, LastName: o.lastName, FirstName: o.firstName,
		Amount: amount, Fees: fees(amount, o.operator, s.scenario.FeeBasisPoints),
		Operator: o.operator, Nth: x.draw.nth,
		ReceivedAt: now, AcceptedAt: now,
	}
	if x.fault == Late {
		t.AcceptedAt = now.Add(x.draw.within(s.scenario.Late, "late"))
	}
	t.VisibleAt = t.AcceptedAt
	if s.wheels[OnVisibility].spin(x.draw) == LookupLag {
		t.Lagging = true
		t.VisibleAt = t.AcceptedAt.Add(x.draw.within(s.scenario.LookupLag, "lookup lag"))
	}
	if x.fault == Failed504 {
		t.SettledAt, t.Interim, t.Final = t.AcceptedAt, StatusPending, StatusFailed
		return t
	}
	t.Course = s.wheels[OnCourse].spin(x.draw)
	s.steer(t, x.draw)
	return t
}

// steer sets the times and statuses of a transfer's course.
func (s *Sandbox) steer(t *transfer, d draw) {
	settle := t.AcceptedAt.Add(d.within(s.scenario.Settle, "settle"))
	t.SettledAt, t.Interim, t.Final = t.AcceptedAt, StatusPending, StatusSuccessful
	switch t.Course {
	case Pending:
		t.SettledAt = settle
	case PendingThenFailed:
		t.SettledAt, t.Final = settle, StatusFailed
		if d.oneIn(4, "cancelled") { // the rarer of the two words
			t.Final = StatusCancel
		}
	case PendingForever:
		t.SettledAt = t.AcceptedAt.Add(d.within(s.scenario.Forever, "forever"))
	case UnknownStatus:
		t.SettledAt, t.Interim = settle, StatusProcessing
	case Reversed:
		at := t.AcceptedAt.Add(d.within(s.scenario.Reversal, "reversal"))
		t.ReversedAt = &at
	default: // successful at once
	}
}

// SampleFees charges what the provider's samples show: 1 on 100 and 250 on 25,000,
// but 7.5 on 500 where the money goes to a Wave account.
const SampleFees = -1

// fees are in hundredths of a franc, as in the provider's samples.
func fees(amount money.XOF, operator string, rate int64) money.Centimes {
	const usual, wave = 100, 150
	switch {
	case rate == SampleFees && strings.HasPrefix(operator, "WAVE"):
		rate = wave
	case rate == SampleFees:
		rate = usual
	}
	return amount.Share(rate)
}

// accept puts a transfer into the books, before anybody is told.
func (s *Sandbox) accept(t *transfer) (view, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if earlier := s.book.byID[t.TransactionID]; len(earlier) > 0 {
		switch s.scenario.RepeatedReference {
		case RepeatRefuse:
			return view{}, &refusal{
				status: http.StatusConflict, code: codeConflict,
				reason: "Une transaction porte déjà cet identifiant",
			}
		case RepeatIgnore:
			return s.viewAt(earlier[len(earlier)-1], now), nil
		case RepeatPay:
		}
	}
	if t.cost() > s.book.balance(now) {
		return view{}, &refusal{
			status: http.StatusPreconditionFailed, code: codeNoBalance,
			reason: "Le solde du compte est insuffisant",
		}
	}
	if s.journal != nil && s.journal.write(t) != nil {
		return view{}, internal()
	}
	s.book.enter(t)
	if t.Course != "" {
		s.fired[string(t.Course)]++
	}
	if t.Lagging {
		s.fired[string(LookupLag)]++
	}
	return s.viewAt(t, now), nil
}

// viewAt shows a transfer as an answer would now, with the oddities the
// documents' samples have: a number without its plus, another operator's name
// as the means of payment.
func (s *Sandbox) viewAt(t *transfer, now time.Time) view {
	d := draw{s.scenario.Seed, transferSubject, t.Ref, t.Nth}
	v := view{
		transfer: t, status: t.status(now), updated: t.updated(now),
		number: international(t.Number, d), operator: t.Operator,
	}
	if d.oneIn(8, "means of payment") { // one of the documents' pages
		v.operator = "MTN_MONEY_CI"
		if t.Operator == v.operator {
			v.operator = "ORANGE_MONEY_CI"
		}
	}
	return v
}
