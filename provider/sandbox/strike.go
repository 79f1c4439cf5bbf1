package sandbox

import (
	"net/http"
	"strconv"
	"time"

	"payrun/ledger/msisdn"
)

// strike draws the fault of an answer. An expired token is not drawn twice in a
// row for one reference: a real one is good again once renewed.
func (s *Sandbox) strike(d draw) Fault {
	fault := s.wheels[OnAnswer].spin(d)
	if fault == TokenExpired && d.nth > 1 {
		d.nth--
		if s.wheels[OnAnswer].spin(d) == TokenExpired {
			return ""
		}
	}
	return fault
}

// unreachable reports whether a client in the same process gets no connection.
func (s *Sandbox) unreachable(r *http.Request, body []byte) bool {
	if outage, down := s.outage(time.Now()); down && outage.Refuse {
		s.fire("outage")
		return true
	}
	return s.refuses(r, body)
}

// refuses reports whether the connection of a request is refused. It counts
// attempts to connect apart from requests, which this one then never was.
func (s *Sandbox) refuses(r *http.Request, body []byte) bool {
	if r.Method != http.MethodPost || len(s.wheels[OnConnection].slots) == 0 {
		return false
	}
	o, refused := styleOf(r.URL.Path, body).decode(body)
	if refused != nil || o.transactionID == "" {
		return false
	}
	if s.wheels[OnConnection].spin(s.nextDraw("connection", o.transactionID)) != ConnectRefused {
		return false
	}
	s.fire(ConnectRefused)
	return true
}

// before lets the faults happen that strike whatever the request says, and
// reports whether one did.
func (s *Sandbox) before(w http.ResponseWriter, r *http.Request, x exchange) bool {
	var a answer
	switch x.fault {
	case DropBefore:
		s.fire(x.fault)
		wait(r, x.draw.within(s.scenario.Latency, "latency"))
		cut()
	case HangBefore:
		s.fire(x.fault)
		hang(r)
	case HTTP500:
		a = htmlAnswer(http.StatusInternalServerError)
	case HTTP502:
		a = htmlAnswer(http.StatusBadGateway)
	case HTTP503:
		a = htmlAnswer(http.StatusServiceUnavailable)
	case Throttle:
		a = x.style.refusal(tooMany(s.retryAfter(x.draw)))
	case UnavailableRetry:
		a = x.style.refusal(&refusal{
			status: http.StatusServiceUnavailable, code: codeUnavailable,
			reason: "Service momentanément indisponible", retryAfter: s.retryAfter(x.draw),
		})
	case TokenExpired:
		a = x.style.refusal(expired())
	default:
		return false
	}
	s.fire(x.fault)
	s.replyAs(w, r, a, x.draw)
	return true
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
		s.fire(x.fault)
		s.replyAs(w, r, x.style.accepted(s.stranger(t, x.draw)), x.draw)
	case x.fault == Garbage && x.draw.oneIn(2, "garbage accepted"): // half of them
		s.fire(x.fault)
		s.replyAs(w, r, garbage(), x.draw)
	default:
		return false
	}
	return true
}

// after answers for an accepted transfer.
func (s *Sandbox) after(w http.ResponseWriter, r *http.Request, x exchange, v view) {
	if x.fault != "" {
		s.fire(x.fault)
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
	switch x.fault {
	case DropAfter:
		cut()
	case HTTP502After:
		htmlAnswer(http.StatusBadGateway).write(w)
	case HTTP504After:
		htmlAnswer(http.StatusGatewayTimeout).write(w)
	case Failed504:
		x.style.failed(v).write(w)
	case Garbage:
		garbage().write(w)
	case Truncated:
		truncate(w, x.style.accepted(v), x.draw)
	case Empty:
		answer{status: http.StatusOK}.write(w)
	case StrangerAfter:
		x.style.accepted(s.stranger(v.transfer, x.draw)).write(w)
	default:
		x.style.accepted(v).write(w)
	}
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
		other.Number = msisdn.Number(digits)
	}
	return s.viewAt(&other, now)
}
