package digitalpaye

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
	"payrun/provider"
)

// retryAfterMax bounds how long the provider can keep a run waiting with one
// answer.
const retryAfterMax = 5 * time.Minute

// The statuses that the provider documents.
const (
	statusSuccessful = "SUCCESSFUL"
	statusPending    = "PENDING"
	statusFailed     = "FAILED"
	statusCancel     = "CANCEL"
)

// subject is what was asked about.
type subject struct {
	reference string
	number    msisdn.Number
	amount    money.XOF
	lookup    bool
}

// judge says what an exchange means for the money. See the package comment for
// the table.
func judge(done exchange, about subject) provider.Outcome {
	if done.err != nil {
		return judgeTransport(done)
	}
	b := readBody(done.body)
	var o provider.Outcome
	if b.object {
		o = judgeBody(b, done, about)
	} else {
		o = judgeLine(done)
	}
	o.Message = masked(o.Message, about.number)
	o.Code = masked(o.Code, about.number)
	return o
}

// judgeTransport judges a request without a whole answer.
func judgeTransport(done exchange) provider.Outcome {
	o := provider.Outcome{Class: provider.Unknown, Code: transportCode(done), Message: clean(done.err.Error())}
	if !done.connected {
		o.Class = provider.NotSent
	}
	return o
}

func transportCode(done exchange) string {
	var timeout net.Error
	switch {
	case !done.connected:
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
	case done.status >= 200 && done.status < 300:
		o.Code, o.Mismatch = provider.CodeGarbage, true
		o.Message = "the answer could not be read"
	case done.status == http.StatusUnauthorized:
		o.Class = provider.Unauthorized
	default:
		throttled(&o, done, done.status)
	}
	return o
}

// throttled recognises the answers that ask for patience.
func throttled(o *provider.Outcome, done exchange, code int) {
	wait := retryAfter(done.header, time.Now())
	if code == http.StatusTooManyRequests || (code == http.StatusServiceUnavailable && done.header.Get("Retry-After") != "") {
		o.Class, o.RetryAfter = provider.Throttled, wait
	}
}

// judgeBody judges the provider's JSON.
func judgeBody(b body, done exchange, about subject) provider.Outcome {
	code := b.statusCode(done.status)
	if code >= 200 && code < 300 {
		return judgeTransfer(b, about)
	}
	if word := b.word(); code == http.StatusGatewayTimeout && b.Data != nil && failed(word) {
		return judgeTransfer(b, about)
	}
	o := provider.Outcome{Code: b.verdict(done.status), Message: b.explanation()}
	switch {
	case b.word() == statusSuccessful:
		o.Mismatch = true
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		o.Class = provider.Unauthorized
	case about.lookup:
		judgeLookupRefusal(&o, done, code)
	default:
		judgeTransferRefusal(&o, b, done, code)
	}
	return o
}

func judgeLookupRefusal(o *provider.Outcome, done exchange, code int) {
	if code == http.StatusNotFound {
		o.Class = provider.NotFound
		return
	}
	throttled(o, done, code)
}

func judgeTransferRefusal(o *provider.Outcome, b body, done exchange, code int) {
	switch {
	case code == http.StatusConflict, b.says("already exist", "existe déjà", "existe deja", "already_exist", "duplicate"):
		o.Class = provider.Exists
	case code == http.StatusPreconditionFailed, b.says("amount_insuffisant"):
		o.Class = provider.NoBalance
	case code == http.StatusBadRequest, code == http.StatusUnprocessableEntity:
		o.Class = provider.Refused
	default:
		throttled(o, done, code)
	}
}

func failed(word string) bool { return word == statusFailed || word == statusCancel }

// judgeTransfer judges an answer that describes a transfer.
func judgeTransfer(b body, about subject) provider.Outcome {
	if complaint := b.disagrees(about); complaint != "" {
		return provider.Outcome{Class: provider.Unknown, Mismatch: true, Code: provider.CodeMismatch, Message: complaint}
	}
	word := b.word()
	o := provider.Outcome{Code: clean(word), Message: b.explanation(), ProviderRef: clean(b.Data.Ref.text)}
	if fees, err := money.ParseCentimes(b.Data.Fees.text); err == nil && fees >= 0 {
		o.Fees, o.FeesKnown = fees, true
	}
	switch {
	case word == statusSuccessful:
		o.Class = provider.Successful
	case failed(word):
		o.Class = provider.Failed
	default:
		o.Class = provider.Pending
	}
	return o
}

// disagrees says why an answer is not about what was asked, empty if it is.
func (b body) disagrees(about subject) string {
	switch {
	case b.Data == nil:
		return "the answer describes no transfer"
	case b.word() == "":
		return "the answer has no status"
	case b.Data.transactionID() != about.reference:
		return "the answer is about another transaction"
	case !sameAmount(b.Data.Amount, about.amount):
		return "the answer is about another amount"
	case !about.lookup && b.contradictsItself():
		return "the answer says two different things"
	}
	for _, said := range []string{b.Data.NumberUser.text, b.Data.Phone.text, b.Data.Recipient.text} {
		if said != "" && !sameNumber(said, about.number) {
			return "the answer is about another number"
		}
	}
	return ""
}

// contradictsItself reports whether envelope and transfer name different
// statuses. Of a look-up the envelope's status is that of the look-up.
func (b body) contradictsItself() bool {
	outer, inner := b.envelopeWord(), b.word()
	switch outer {
	case statusSuccessful, statusPending, statusFailed, statusCancel:
		return outer != inner
	default:
		return false
	}
}

func httpCode(status int) string { return fmt.Sprintf("%s_%d", provider.CodeHTTP, status) }

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds or a date.
func retryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, int(retryAfterMax.Seconds())))*time.Second, retryAfterMax)
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), retryAfterMax)
	}
	return 0
}
