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
	"payrun/ledger/msisdn"
	"payrun/provider"
)

// The statuses that the provider documents.
const (
	statusSuccessful = "SUCCESSFUL"
	statusPending    = "PENDING"
	statusFailed     = "FAILED"
	statusCancel     = "CANCEL"
	// paymentFailed begins PAYMENT_FAILED_TRY_AGAINST.
	paymentFailed = "PAYMENT_FAILED"
)

// subject is what was asked about.
type subject struct {
	reference string
	number    msisdn.Number
	amount    money.XOF
	lookup    bool
}

// judge says what an exchange means for the money. See the package comment for
// the table. What it returns is not yet fit to be shown.
func judge(done exchange, about subject) provider.Outcome {
	if done.err != nil {
		return judgeTransport(done)
	}
	if b := readBody(done.body); b.object && (b.recognised() || b.Data.described) {
		return judgeBody(b, done, about)
	}
	return judgeLine(done)
}

// judgeTransport judges a request without a whole answer.
func judgeTransport(done exchange) provider.Outcome {
	o := provider.Outcome{Code: transportCode(done), Message: done.err.Error()}
	if !done.left {
		o.Class = provider.NotSent
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

// judgeLine judges an answer that is not the provider's JSON: a proxy's page,
// or nothing.
func judgeLine(done exchange) provider.Outcome {
	o := provider.Outcome{Code: httpCode(done.status)}
	switch {
	case successful(done.status):
		o.Code, o.Mismatch = provider.CodeGarbage, true
		o.Message = "the answer could not be read"
	case unauthorized(done.status):
		o.Class = provider.Unauthorized
	case throttled(done, done.status):
		o.Class, o.RetryAfter = provider.Throttled, retryAfter(done.header, done.at)
	}
	return o
}

// judgeBody judges the provider's JSON.
func judgeBody(b body, done exchange, about subject) provider.Outcome {
	code := b.statusCode(done.status)
	if successful(code) || (code == http.StatusGatewayTimeout && failed(b.Data.word())) {
		return judgeTransfer(b, about)
	}
	o := provider.Outcome{Code: b.verdict(done.status), Message: b.explanation()}
	switch word := b.Data.word(); {
	case word != "" && !failed(word):
		o.Mismatch = true // turned away and alive at once
	case unauthorized(code):
		o.Class = provider.Unauthorized
	case throttled(done, code):
		o.Class, o.RetryAfter = provider.Throttled, retryAfter(done.header, done.at)
	case about.lookup:
		if code == http.StatusNotFound && knowsNoTransfer(b) {
			o.Class = provider.NotFound
		}
	default:
		o.Class = refusal(b, code)
	}
	return o
}

// refusal says what it means that a transfer was turned away.
func refusal(b body, code int) provider.Class {
	said := b.said()
	switch {
	case code == http.StatusConflict, saysExists(said):
		return provider.Exists
	case code >= http.StatusInternalServerError:
		return provider.Unknown
	case code == http.StatusPreconditionFailed, containsAny(said, "amount_insuffisant", "solde insuffisant", "insufficient balance"):
		return provider.NoBalance
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity:
		return provider.Refused
	default:
		return provider.Unknown
	}
}

// saysExists recognises a refusal because the reference was used before, for
// which the documents have no code.
func saysExists(said string) bool {
	return containsAny(said, "duplicate", "doublon") ||
		(containsAny(said, "already", "déjà", "deja") &&
			containsAny(said, "exist", "used", "utilis", "processed", "trait", "enregistr"))
}

// knowsNoTransfer tells the documented NotFoundError from the 404 of a page that
// is not there, which a framework also writes as JSON: taken for the former, a
// wrong StatusPath would make every payout look as if it had never been sent.
func knowsNoTransfer(b body) bool {
	said := b.said()
	if containsAny(said, "cannot get", "route", "endpoint", "page") {
		return false
	}
	return containsAny(said, "notfound", "not_found", "not found", "introuvable", "existe pas", "inexistant", "aucune transaction")
}

func containsAny(text string, words ...string) bool {
	for _, word := range words {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// judgeTransfer judges an answer that describes a transfer.
func judgeTransfer(b body, about subject) provider.Outcome {
	if complaint := b.disagrees(about); complaint != "" {
		return provider.Outcome{Mismatch: true, Code: provider.CodeMismatch, Message: complaint}
	}
	o := provider.Outcome{
		Class: classOf(b.Data.word()), Code: b.Data.word(),
		Message: b.explanation(), ProviderRef: b.Data.Ref.text,
	}
	if reason := strings.TrimSpace(firstOf(b.Status.text, b.CodeStatus.text)); strings.HasPrefix(reason, paymentFailed) {
		o.Code = reason // says more than FAILED
	}
	o.Fees, o.FeesKnown = b.Data.fees()
	return o
}

// classOf is what a transfer's status means. A word that is not documented is
// not final.
func classOf(word string) provider.Class {
	switch {
	case word == statusSuccessful:
		return provider.Successful
	case failed(word):
		return provider.Failed
	default:
		return provider.Pending
	}
}

func (t *transfer) fees() (money.Centimes, bool) {
	fees, err := money.ParseCentimes(t.Fees.text)
	if err != nil || fees < 0 {
		return 0, false
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
	case t.id() != about.reference || (t.IDCamel.text != "" && t.IDCamel.text != about.reference):
		return "the answer is about another transaction"
	case !sameAmount(t.Amount, about.amount):
		return "the answer is about another amount"
	case !about.lookup && b.contradictsItself():
		return "the answer says two different things"
	}
	for _, said := range []string{t.NumberUser.text, t.Phone.text, t.Recipient.text} {
		if said != "" && !sameNumber(said, about.number) {
			return "the answer is about another number"
		}
	}
	return ""
}

// contradictsItself reports whether envelope and transfer tell different ends.
// Of a look-up the envelope's status is that of the look-up.
func (b body) contradictsItself() bool {
	inner := documented(b.Data.word())
	for _, said := range []string{b.Status.text, b.CodeStatus.text, b.Code.text} {
		if outer := documented(strings.ToUpper(said)); outer != "" && inner != "" && outer != inner {
			return true
		}
	}
	return false
}

// documented returns the status that a verdict tells, empty if it is none of the
// provider's: "PAYMENT_IS_PENDING" is PENDING. Failed and cancelled are one end.
func documented(verdict string) string {
	verdict = strings.TrimSpace(verdict)
	switch {
	case failed(verdict), strings.HasPrefix(verdict, paymentFailed):
		return statusFailed
	case verdict == statusSuccessful, verdict == "PAYMENT_IS_SUCCESSFUL":
		return statusSuccessful
	case verdict == statusPending, verdict == "PAYMENT_IS_PENDING":
		return statusPending
	default:
		return ""
	}
}

func failed(word string) bool { return word == statusFailed || word == statusCancel }

func successful(code int) bool { return code >= 200 && code < 300 }

func unauthorized(code int) bool {
	return code == http.StatusUnauthorized || code == http.StatusForbidden
}

// throttled recognises the answers that ask for patience. A 503 asks for it with
// its Retry-After; without one it may be a proxy's, in front of a provider that
// went on.
func throttled(done exchange, code int) bool {
	return code == http.StatusTooManyRequests ||
		(code == http.StatusServiceUnavailable && done.header.Get("Retry-After") != "")
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
