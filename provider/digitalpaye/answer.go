package digitalpaye

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// subject is the transfer that a request was about.
type subject struct {
	reference string
	number    phone.E164
	amount    money.Amount
	lookup    bool
}

// judge says what an exchange means for the money. See the package comment for
// the table. What it returns is not yet fit to be shown.
func judge(done exchange, about subject) provider.Outcome {
	if done.err != nil {
		return judgeTransport(done)
	}
	b := readBody(done.body)
	if !b.object || (!b.recognised() && !b.Data.described) {
		o := judgeLine(done)
		o.NoPage = about.lookup && noPage(done.status)
		return o
	}
	o := judgeBody(b, done, about)
	o.NoPage = about.lookup && o.Class == provider.Unknown && b.dataless() && noPage(b.statusCode(done.status))
	return o
}

// noPage reports whether a status says that there is no such page, or none to be read.
func noPage(status int) bool {
	return status == http.StatusNotFound || status == http.StatusGone || status == http.StatusMethodNotAllowed
}

// judgeTransport judges a request without a whole answer.
func judgeTransport(done exchange) provider.Outcome {
	o := provider.Outcome{Code: transportCode(done), Message: done.err.Error()}
	if !done.left {
		o.Class, o.Unsent = provider.NotSent, true
	}
	return o
}

func transportCode(done exchange) string {
	var timeout net.Error
	switch {
	case !done.left:
		return provider.CodeUnreachable
	case errors.Is(done.err, errTooLong):
		return provider.CodeGarbage
	case errors.Is(done.err, context.DeadlineExceeded), errors.As(done.err, &timeout) && timeout.Timeout():
		return provider.CodeTimeout
	default:
		return provider.CodeBroken
	}
}

// judgeLine judges an answer that is not the provider's JSON: a proxy's page, a
// gateway's own words, or nothing. Whatever it says, the provider behind it may
// have taken the transfer.
func judgeLine(done exchange) provider.Outcome {
	o := provider.Outcome{Code: httpCode(done.status)}
	if successful(done.status) {
		o.Code = provider.CodeGarbage
		o.Message = "the answer could not be read"
	}
	backOff(&o, done, done.status)
	return o
}

// judgeBody judges the provider's JSON. What it says of our transfer is the
// verdict, whatever number stands above it.
func judgeBody(b body, done exchange, about subject) provider.Outcome {
	code := b.statusCode(done.status)
	t := &b.Data
	if successful(code) || (t.described && t.id() != "" && t.word() != "") {
		return judgeTransfer(b, about)
	}
	o := provider.Outcome{
		Code: b.verdict(done.status), Message: b.explanation(),
		Documented: b.documented(code), Described: t.describes(about.reference),
	}
	switch {
	case !b.dataless():
	case !about.lookup:
		o.Class = b.refusal(code, done)
	default:
		o.Class = b.unanswered(code, done)
	}
	backOff(&o, done, code)
	return o
}

// unanswered says what it means that a look-up was turned away.
func (b body) unanswered(code int, done exchange) provider.Class {
	switch {
	case !b.documented(code):
		return provider.Unknown
	case code == http.StatusUnauthorized:
		return provider.Unauthorized
	case throttled(done, code):
		return provider.Throttled
	case code == http.StatusNotFound && knowsNoTransfer(b.said()):
		return provider.NotFound
	default:
		return provider.Unknown
	}
}

// refusal says what it means that a transfer was turned away without a word about
// it. Only the provider's own form is believed; that it has the reference already,
// which is never a reason to send, is believed in any.
func (b body) refusal(code int, done exchange) provider.Class {
	said := b.said()
	switch {
	case saysExists(said):
		return provider.Exists
	case !b.documented(code):
		return provider.Unknown
	case code == http.StatusUnauthorized && saysExpired(said):
		return provider.Expired
	case code == http.StatusUnauthorized:
		return provider.Unauthorized
	case code == http.StatusConflict:
		return provider.Exists
	case throttled(done, code):
		return provider.Throttled
	case code >= http.StatusInternalServerError:
		return provider.Unknown
	case saysNoBalance(code, said):
		return provider.NoBalance
	case code == http.StatusForbidden:
		return provider.Forbidden
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity:
		return provider.Refused
	case code == http.StatusNotFound && !speaksOfPage(said): // no such beneficiary
		return provider.Refused
	default:
		return provider.Unknown
	}
}

// judgeTransfer judges an answer that describes a transfer.
func judgeTransfer(b body, about subject) provider.Outcome {
	described := b.Data.describes(about.reference)
	if complaint := b.disagrees(about); complaint != "" {
		return provider.Outcome{Mismatch: true, Code: provider.CodeMismatch, Message: complaint, Described: described}
	}
	o := provider.Outcome{
		Class: classOf(b.Data.word()), Code: b.Data.word(), Documented: true,
		Message: b.explanation(), ProviderRef: b.Data.Ref.text, Described: described,
	}
	if reason := strings.TrimSpace(firstOf(b.Status.text, b.CodeStatus.text)); strings.HasPrefix(reason, paymentFailed) {
		o.Code = reason // says more than FAILED
	}
	o.Fees, o.FeesKnown = b.Data.fees()
	return o
}

func (t *transfer) fees() (money.Fine, bool) {
	fees, known := t.Fees.francs()
	if !known || fees.Hundredths < 0 {
		return money.Fine{}, false
	}
	return fees, true
}

// disagrees says why an answer is not about what was asked, empty if it is.
func (b body) disagrees(about subject) string {
	t := &b.Data
	switch {
	case !t.described:
		return "the answer describes no transfer"
	case t.word() == "":
		return "the answer has no status"
	case !t.names(about.reference):
		return "the answer is about another transaction"
	case !sameAmount(t.Amount, about.amount):
		return "the answer is about another amount"
	case !sameCurrency(t.Currency):
		return "the answer is about another currency"
	case !about.lookup && b.contradictsItself():
		return "the answer says two different things"
	}
	for _, said := range t.numbers() {
		if said != "" && !sameNumber(said, about.number) {
			return "the answer is about another number"
		}
	}
	return ""
}

// contradictsItself reports whether envelope and transfer tell different ends.
// Of a look-up the envelope's status is that of the look-up.
func (b body) contradictsItself() bool {
	inner := endOf(b.Data.word())
	for _, said := range []string{b.Status.text, b.CodeStatus.text, b.Code.text} {
		if outer := documented(strings.ToUpper(said)); outer != "" && inner != "" && outer != inner {
			return true
		}
	}
	return false
}

func successful(code int) bool { return code >= 200 && code < 300 }

// throttled recognises the answers that ask for patience. A 503 asks for it with
// its Retry-After; without one the provider may have gone on.
func throttled(done exchange, code int) bool {
	return code == http.StatusTooManyRequests ||
		(code == http.StatusServiceUnavailable && done.header.Get("Retry-After") != "")
}

// backOff has the pace slowed down by answers that ask for it, and by refusals of
// access that somebody else than the provider writes: firewalls count requests.
func backOff(o *provider.Outcome, done exchange, code int) {
	barred := !o.Documented && (code == http.StatusUnauthorized || code == http.StatusForbidden)
	if barred || throttled(done, code) {
		o.BackOff, o.RetryAfter = true, retryAfter(done.header, done.at)
	}
}

func httpCode(status int) string { return provider.CodeHTTP + "_" + strconv.Itoa(status) }

// retryAfterMax bounds how long the provider can keep a run waiting with one
// answer.
const retryAfterMax = 5 * time.Minute

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds or a date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return max(0, time.Duration(min(seconds, int64(retryAfterMax/time.Second)))*time.Second)
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, min(at.Sub(now), retryAfterMax))
	}
	return 0
}
