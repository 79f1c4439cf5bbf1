package sandbox

import (
	"net/http"
	"strconv"
	"time"

	"payrun/ledger/phone"
)

// pickAnswerFault draws the fault of an answer. An expired token is not drawn twice in a
// row for one reference: a real one is good again once renewed.
func (s *Sandbox) pickAnswerFault(d draw) Fault {
	fault := s.faultTables[OnAnswer].pick(d)
	if fault == TokenExpired && d.nth > 1 {
		d.nth--
		if s.faultTables[OnAnswer].pick(d) == TokenExpired {
			return ""
		}
	}
	return fault
}

// unreachable reports whether a client in the same process gets no connection.
func (s *Sandbox) unreachable(r *http.Request, body []byte) bool {
	if outage, down := s.outage(time.Now()); down && outage.Refuse {
		s.countFault("outage")
		return true
	}
	return s.refuses(r, body)
}

// refuses reports whether the connection of a request is refused. It counts
// attempts to connect apart from requests, which this one then never was.
func (s *Sandbox) refuses(r *http.Request, body []byte) bool {
	if r.Method != http.MethodPost || len(s.faultTables[OnConnection].slots) == 0 {
		return false
	}
	o, refused := dialectOf(r.URL.Path, body).decode(body)
	if refused != nil || o.transactionID == "" {
		return false
	}
	if s.faultTables[OnConnection].pick(s.nextDraw("connection", o.transactionID)) != ConnectRefused {
		return false
	}
	s.countFault(ConnectRefused)
	return true
}

// before lets the faults happen that strike whatever the request says, and
// reports whether one did.
func (s *Sandbox) before(w http.ResponseWriter, r *http.Request, x exchange) bool {
	var a answer
	switch x.fault {
	case DropBefore:
		s.countFault(x.fault)
		wait(r, x.draw.within(s.scenario.Latency, "latency"))
		cut()
	case HangBefore:
		s.countFault(x.fault)
		hang(r)
	case HTTP500:
		a = htmlAnswer(http.StatusInternalServerError)
	case HTTP502:
		a = htmlAnswer(http.StatusBadGateway)
	case HTTP503:
		a = htmlAnswer(http.StatusServiceUnavailable)
	case Throttle:
		a = x.dialect.refusal(tooMany(s.retryAfter(x.draw)))
	case UnavailableRetry:
		a = x.dialect.refusal(unavailable(s.retryAfter(x.draw)))
	case TokenExpired:
		a = x.dialect.refusal(expired())
	case GatewayBefore:
		a = gateway(x.draw, s.retryAfter(x.draw))
	case Login302:
		s.countFault(x.fault)
		wait(r, x.draw.within(s.scenario.Latency, "latency"))
		login(w)
		return true
	default:
		return false
	}
	s.countFault(x.fault)
	s.replyAs(w, r, a, x.draw)
	return true
}

// refusesPayout returns what a payout is refused with each time, nil if it is not.
func (s *Sandbox) refusesPayout(transactionID string) *refusal {
	d := draw{s.scenario.Seed, "payout", transactionID, 1}
	fault := s.faultTables[OnPayout].pick(d)
	if fault == "" {
		return nil
	}
	s.countFault(fault)
	switch fault {
	case RowForbidden:
		return forbidden()
	case RowNotFound:
		return &refusal{status: http.StatusNotFound, code: codeNotFound, reason: "Aucun compte pour ce numéro"}
	default:
		return &refusal{status: http.StatusBadRequest, code: codeBadRequest, reason: "Identité du bénéficiaire non vérifiée"}
	}
}

// retryAfter is a Retry-After header in one of its two forms (RFC 9110,
// section 10.2.3), never shorter than what was drawn.
func (s *Sandbox) retryAfter(d draw) string {
	pause := d.within(s.scenario.RetryAfter, "retry after")
	if d.oneIn(2, "retry after as a date") { // half of them
		return time.Now().Add(pause + time.Second - 1).UTC().Truncate(time.Second).Format(http.TimeFormat)
	}
	return strconv.Itoa(int((pause + time.Second - 1) / time.Second))
}

// instead lets the faults happen that answer a good request without accepting
// it, and reports whether one did.
func (s *Sandbox) instead(w http.ResponseWriter, r *http.Request, x exchange, t *transfer) bool {
	switch {
	case x.fault == Stranger:
		s.countFault(x.fault)
		s.replyAs(w, r, x.dialect.accepted(s.stranger(t, x.draw)), x.draw)
	case x.fault == Garbage && x.draw.oneIn(2, "garbage accepted"): // half of them
		s.countFault(x.fault)
		s.replyAs(w, r, garbage(), x.draw)
	case x.fault == Switching && x.draw.oneIn(2, "switching accepted"): // half of them
		s.countFault(x.fault)
		switchProtocols(w)
	default:
		return false
	}
	return true
}

// after answers for an accepted transfer.
func (s *Sandbox) after(w http.ResponseWriter, r *http.Request, x exchange, v view) {
	if x.fault != "" {
		s.countFault(x.fault)
	}
	switch x.fault {
	case HangAfter:
		hang(r)
	case Late:
		cut()
	case Slow:
		wait(r, x.draw.within(s.scenario.Slow, "slow"))
	default:
	}
	wait(r, x.draw.within(s.scenario.Latency, "latency"))
	if a, replaced := s.replaced(x, v); replaced {
		a.write(w)
		return
	}
	switch x.fault {
	case DropAfter:
		cut()
	case Switching:
		switchProtocols(w)
	case Failed504:
		x.dialect.failed(v).write(w)
	case Garbage:
		garbage().write(w)
	case Truncated:
		truncate(w, x.dialect.accepted(v), x.draw)
	case Empty:
		answer{status: http.StatusOK}.write(w)
	case StrangerAfter:
		x.dialect.accepted(s.stranger(v.transfer, x.draw)).write(w)
	case CurrencyAfter:
		v.currency = "EUR"
		x.dialect.accepted(v).write(w)
	default:
		x.dialect.accepted(v).write(w)
	}
}

// replaced returns the answer of somebody else, or about something else, that comes
// instead of the one for an accepted transfer.
func (s *Sandbox) replaced(x exchange, v view) (answer, bool) {
	switch x.fault {
	case HTTP401After:
		return htmlAnswer(http.StatusUnauthorized), true
	case HTTP403After:
		return htmlAnswer(http.StatusForbidden), true
	case HTTP429After:
		return s.patiently(htmlAnswer(http.StatusTooManyRequests), x), true
	case HTTP502After:
		return htmlAnswer(http.StatusBadGateway), true
	case HTTP503After:
		return s.patiently(htmlAnswer(http.StatusServiceUnavailable), x), true
	case HTTP504After:
		return htmlAnswer(http.StatusGatewayTimeout), true
	case GatewayAfter:
		return gateway(x.draw, s.retryAfter(x.draw)), true
	case ExpiredButPaid:
		return x.dialect.withData(expired(), v), true
	case ThrottleAfter:
		return x.dialect.refusal(tooMany(s.retryAfter(x.draw))), true
	case UnavailableAfter:
		return x.dialect.refusal(unavailable(s.retryAfter(x.draw))), true
	case ExpiredAfter:
		return x.dialect.refusal(expired()), true
	case NoBalanceAfter:
		return x.dialect.refusal(noBalance()), true
	case ForbiddenAfter:
		return x.dialect.refusal(forbidden()), true
	default:
		return answer{}, false
	}
}

// patiently has an answer ask for a while.
func (s *Sandbox) patiently(a answer, x exchange) answer {
	a.retryAfter = s.retryAfter(x.draw)
	return a
}

// garbage is the page of a captive portal or a maintenance notice.
func garbage() answer {
	return answer{status: http.StatusOK, html: true, body: []byte("<!DOCTYPE html><p>Bienvenue</p>")}
}

// truncate sends half of an answer, either honest about its length or not.
func truncate(w http.ResponseWriter, a answer, d draw) {
	if d.oneIn(2, "truncated by a cut") { // half of them
		a.writeHalf(w)
	}
	a.body = a.body[:len(a.body)/2]
	a.write(w)
}

// stranger is a successful transfer that resembles t and is not: its id, its
// amount or its number is another, or all three.
func (s *Sandbox) stranger(t *transfer, d draw) view {
	other := *t
	now := time.Now().UTC()
	other.Final, other.AcceptedAt, other.SettledAt, other.ReversedAt = StatusSuccessful, now, now, nil
	which := d.roll("stranger") % 4 // id, amount, number, all
	if which == 0 || which == 3 {
		other.TransactionID = "S" + strconv.FormatUint(d.roll("stranger's id")>>8, 36) // 12 characters at most
	}
	if which == 1 || which == 3 {
		other.Amount += amountMin
	}
	if which == 2 || which == 3 {
		digits := []byte(t.Number.Reveal())
		last := len(digits) - 1
		digits[last] = '0' + (digits[last]-'0'+1)%10 // the next digit
		other.Number = phone.Number(digits)
	}
	return s.viewAt(&other, now)
}
