package sandbox

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"payrun/ledger/phone"
)

// exchange is one request for a transfer being answered.
type exchange struct {
	dialect dialect
	draw    draw
	fault   Fault // of the answer; "" for none
}

// send answers a request for a transfer.
func (s *Sandbox) send(w http.ResponseWriter, r *http.Request) {
	body := read(w, r)
	x := exchange{dialect: dialectOf(r.URL.Path, body)}
	if !inProcess(r) && s.refuses(r, body) {
		cut()
	}
	who, refused := s.admit(r)
	if refused != nil {
		s.reply(w, r, x.dialect.refusal(refused))
		return
	}
	o, refused := x.dialect.decode(body)
	x.draw = s.nextDraw(transferSubject, o.transactionID)
	x.fault = s.pickAnswerFault(x.draw)
	if refused == nil && s.before(w, r, x) {
		return
	}
	var amount Francs
	if refused == nil {
		amount, refused = o.check()
	}
	if refused == nil {
		refused = s.refusesPayout(o.transactionID)
	}
	if refused != nil {
		s.replyAs(w, r, x.dialect.refusal(refused), x.draw)
		return
	}
	t := s.plan(who, o, amount, x)
	if s.instead(w, r, x, t) {
		return
	}
	v, refused := s.accept(t)
	switch {
	case refused != nil && refused.code == codeNoBalance:
		s.replyAs(w, r, s.noBalanceAnswer(x.dialect), x.draw)
		return
	case refused != nil:
		s.replyAs(w, r, x.dialect.refusal(refused), x.draw)
		return
	}
	s.after(w, r, x, v)
}

// dialectOf returns the dialect a transfer is asked for in.
func dialectOf(path string, body []byte) dialect {
	if strings.HasPrefix(path, "/v2/") {
		return v2{}
	}
	return dialectOfBody(body)
}

// plan draws a transfer's whole future.
func (s *Sandbox) plan(who account, o order, amount Francs, x exchange) *transfer {
	now := time.Now().UTC()
	t := &transfer{
		account:       who,
		Ref:           fmt.Sprintf("DP%016X", x.draw.roll("ref")),
		TransactionID: o.transactionID, Number: phone.Number(o.number),
		Name: o.name, LastName: o.lastName, FirstName: o.firstName,
		Amount: amount, Fees: fees(amount, o.operator, s.scenario.FeeBasisPoints),
		Operator: o.operator, Nth: x.draw.nth,
		ReceivedAt: now, AcceptedAt: now,
	}
	if x.fault == Late {
		t.AcceptedAt = now.Add(x.draw.within(s.scenario.Late, "late"))
	}
	t.VisibleAt = t.AcceptedAt
	if s.faultTables[OnVisibility].pick(x.draw) == LookupLag {
		t.Lagging = true
		t.VisibleAt = t.AcceptedAt.Add(x.draw.within(s.scenario.LookupLag, "lookup lag"))
	}
	if x.fault == Failed504 {
		t.SettledAt, t.Interim, t.Final = t.AcceptedAt, StatusPending, StatusFailed
		return t
	}
	t.Course = s.faultTables[OnCourse].pick(x.draw)
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
	case Revived:
		t.SettledAt, t.Interim = t.AcceptedAt.Add(d.within(s.scenario.Reversal, "reversal")), StatusFailed
	default: // successful at once
	}
}

// SampleFees charges what the provider's samples show: 1 on 100 and 250 on 25,000,
// but 7.5 on 500 where the money goes to a Wave account.
const SampleFees = -1

// fees are in hundredths of a franc, as in the provider's samples.
func fees(amount Francs, operator string, rate int64) Centimes {
	const usual, wave = 100, 150
	switch {
	case rate == SampleFees && strings.HasPrefix(operator, "WAVE"):
		rate = wave
	case rate == SampleFees:
		rate = usual
	}
	return Centimes(amount.Money().Share(rate).Hundredths)
}

// accept puts a transfer into the books, before anybody is told.
func (s *Sandbox) accept(t *transfer) (view, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.scenario.RepeatedReference != RepeatPay {
		earlier, err := s.earlier(t.account, t.TransactionID)
		if err != nil {
			return view{}, internal()
		}
		if len(earlier) > 0 {
			if refused := s.repeated(); refused != nil {
				return view{}, refused
			}
			return s.viewAt(earlier[len(earlier)-1], now), nil
		}
	}
	if t.cost() > s.balanceOf(t.account, now) {
		return view{}, noBalance()
	}
	if s.archive.add(t) != nil {
		return view{}, internal()
	}
	s.enter(t)
	if key := keyOf(transferSubject, t.TransactionID); int(s.counters[key]) == t.Nth {
		delete(s.counters, key) // the archive has it
	}
	if t.Course != "" {
		s.fired[string(t.Course)]++
	}
	if t.Lagging {
		s.fired[string(LookupLag)]++
	}
	return s.viewAt(t, now), nil
}

// repeated returns what a repeated transaction_id is refused with, nil if the first
// transfer is told of instead.
func (s *Sandbox) repeated() *refusal {
	switch s.scenario.RepeatedReference {
	case RepeatRefuse:
		return &refusal{
			status: http.StatusConflict, code: codeConflict, reason: "Une transaction porte déjà cet identifiant",
		}
	case RepeatTaken:
		return &refusal{status: http.StatusBadRequest, code: codeBadRequest, reason: "Cette référence est déjà prise"}
	case RepeatUnique:
		return &refusal{status: http.StatusUnprocessableEntity, code: codeInvalid, reason: "transaction_id must be unique"}
	case RepeatVague:
		return &refusal{status: http.StatusBadRequest, code: codeBadRequest, reason: "Requête invalide"}
	default:
		return nil
	}
}

// noBalanceAnswer tells of a balance that is too low in the scenario's words.
func (s *Sandbox) noBalanceAnswer(in dialect) answer {
	switch s.scenario.BalanceWords {
	case BalanceFrench:
		return v1{}.refusal(&refusal{
			status: http.StatusBadRequest, code: codeBadRequest, reason: "Le solde de votre compte est insuffisant",
		})
	case BalanceEnglish:
		return in.refusal(&refusal{status: http.StatusUnprocessableEntity, code: "REJECTED", reason: "Insufficient funds"})
	case BalancePayment:
		return in.refusal(&refusal{status: http.StatusPaymentRequired, code: "PAYMENT_REQUIRED", reason: "Veuillez réessayer plus tard"})
	case BalancePage:
		return htmlAnswer(http.StatusPaymentRequired)
	default:
		return in.refusal(noBalance())
	}
}

// viewAt shows a transfer as an answer would now, with the oddities the
// documents' samples have: a number without its plus, another operator's name
// as the means of payment.
func (s *Sandbox) viewAt(t *transfer, now time.Time) view {
	d := draw{s.scenario.Seed, transferSubject, t.Ref, t.Nth}
	v := view{
		transfer: t, status: t.status(now), word: string(t.status(now)), amount: t.Amount.Plain(),
		number: international(t.Number, d), operator: t.Operator, currency: "XOF",
		at: t.AcceptedAt.Add(s.scenario.ClockAhead).UTC(),
	}
	if updated := t.updated(now); updated != nil {
		at := updated.Add(s.scenario.ClockAhead)
		v.updated = &at
	}
	if s.scenario.Writing == WritingPeople {
		v.writeForPeople()
	}
	if d.oneIn(8, "means of payment") { // one of the documents' pages
		v.operator = "MTN_MONEY_CI"
		if t.Operator == v.operator {
			v.operator = "ORANGE_MONEY_CI"
		}
	}
	return v
}

// writeForPeople writes a transfer as a page for people would.
func (v *view) writeForPeople() {
	const shown = 4 // of a number's last digits
	digits := v.transfer.Number.Reveal()
	v.number = "(+225) " + digits[:2] + strings.Repeat("*", shown) + digits[len(digits)-shown:]
	v.amount = strings.ReplaceAll(v.transfer.Amount.Grouped(), "\u202f", " ") + ",00 FCFA"
	words := map[Status]string{StatusSuccessful: "Réussi", StatusFailed: "Échoué", StatusCancel: "Annulé", StatusPending: "En attente"}
	if word, known := words[v.status]; known {
		v.word = word
	}
}
