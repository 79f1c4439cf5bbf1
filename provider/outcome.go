package provider

import (
	"fmt"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Class is the meaning of an answer for the money.
type Class uint8

// The classes. The zero Class is the one that is safe to assume.
const (
	// Unknown: the request may have been processed. Look it up before anything
	// else.
	Unknown Class = iota
	// NotSent: no connection was had, so nothing left. The same reference may
	// be sent again.
	NotSent
	// Successful: paid. Final.
	Successful
	// Pending: accepted, not final.
	Pending
	// Failed: the provider took it and did not pay. Final.
	Failed
	// Refused: the provider turned the request away for what it says
	// (validation). Final if the reference was never sent before: the refusal
	// of a repeat says no more than Unknown, in whatever words.
	Refused
	// Exists: the provider has this reference already. Look it up.
	Exists
	// NotFound: the provider does not know the reference. Only of a look-up.
	NotFound
	// Throttled: not processed, too fast or briefly unavailable. RetryAfter
	// may say for how long.
	Throttled
	// Unauthorized: not processed, the credentials are not accepted.
	Unauthorized
	// NoBalance: not processed, the merchant's account cannot cover it.
	NoBalance
	// Expired: not processed, the token had run out. The next call fetches
	// another, so that the same reference can be sent again at once; twice in
	// a row for one reference means as much as Unauthorized. Only of a
	// transfer.
	Expired
	// Forbidden: not processed, a request that was let in was not allowed
	// this. It is about the one payout if others are taken meanwhile, else
	// about the account. Only of a transfer.
	Forbidden
)

// Classes lists every class.
func Classes() []Class {
	return []Class{
		Unknown, NotSent, Successful, Pending, Failed, Refused,
		Exists, NotFound, Throttled, Unauthorized, NoBalance, Expired, Forbidden,
	}
}

// NotProcessed reports whether the provider certainly did nothing, so that the
// same reference may be sent again later: no request left, or the provider's own
// documented refusal came back, with no transfer described in it. What anybody
// else says, as a gateway in front of it, is Unknown.
func (c Class) NotProcessed() bool {
	switch c {
	case NotSent, Throttled, Unauthorized, NoBalance, Expired, Forbidden:
		return true
	case Unknown, Successful, Pending, Failed, Refused, Exists, NotFound:
		return false
	}
	return false
}

// String returns the class's name for logs and metrics.
func (c Class) String() string {
	switch c {
	case Unknown:
		return "unknown"
	case NotSent:
		return "not_sent"
	case Successful:
		return "successful"
	case Pending:
		return "pending"
	case Failed:
		return "failed"
	case Refused:
		return "refused"
	case Exists:
		return "exists"
	case NotFound:
		return "not_found"
	case Throttled:
		return "throttled"
	case Unauthorized:
		return "unauthorized"
	case NoBalance:
		return "no_balance"
	case Expired:
		return "expired"
	case Forbidden:
		return "forbidden"
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// Outcome is the result of a call: its class, and all that was learnt.
type Outcome struct {
	Class Class
	// Mismatch is set on an Unknown whose answer spoke of another reference,
	// amount or number, or described the transfer so that it cannot be read. A page
	// that is no answer of the provider's says nothing, and contradicts nothing.
	Mismatch bool
	// Documented reports that the provider itself spoke, in a form that its
	// documents show, and not a proxy or gateway in front of it. A NotFound
	// always is; so are a Refused and what is NotProcessed, unless Unsent.
	Documented bool
	// NoPage reports that a look-up was answered as if there were no such page, by
	// whoever stands there: nothing is known of the payout, and its address may be wrong.
	// It is set on an Unknown only.
	NoPage bool
	// Unsent reports that no request about this payout left the machine, as
	// without a connection or a token: nothing new can have become of it.
	Unsent bool

	// ProviderRef is the provider's own name for the transfer, when it gave
	// one in an answer that can be trusted.
	ProviderRef string
	// Code is the provider's verdict word for word, or one of the Code
	// constants where there was none; Message is its explanation. Neither ever
	// holds a credential or a whole telephone number.
	Code, Message string

	// Fees are charged by the provider on top, if FeesKnown.
	Fees      money.Fine
	FeesKnown bool

	// Described is the transfer that the answer describes, whether it is the one
	// that was asked about or, with Mismatch, another.
	Described Described

	// BackOff asks for a slower pace, whatever the Class: the answer said "too
	// fast", or came from something that turns requests away. RetryAfter is how
	// long it asked to be left alone, 0 if it did not say.
	BackOff    bool
	RetryAfter time.Duration

	// Clock is the answer's Date header (RFC 9110, section 6.6.1), by the
	// provider's clock and to the second; Received is when the answer had come,
	// by ours. Both are UTC and zero without an answer, Clock also without the
	// header.
	Clock, Received time.Time
}

// Described is a transfer as an answer describes it. What the answer does not
// say, or not so that it can be read without doubt, is zero.
type Described struct {
	// Ours reports that it names the reference that was asked about.
	Ours bool
	// Number is empty where the answer masks it.
	Number      phone.E164
	Amount      money.Amount
	AmountKnown bool
	// At is the time at which the provider took the transfer, by its own clock, UTC; Span is
	// how much later it may have been, a day where the answer has a date and no
	// time. Updated is when it last changed.
	At      time.Time
	Span    time.Duration
	Updated time.Time
}

// Ahead returns how far the provider's clock is ahead of ours, negative if it is
// behind, to the second. It is unknown where the answer had no Date.
func (o Outcome) Ahead() (ahead time.Duration, known bool) {
	if o.Clock.IsZero() || o.Received.IsZero() {
		return 0, false
	}
	return o.Clock.Sub(o.Received), true
}

// DatedBefore reports whether the described transfer was certainly taken before
// an instant of our clock. Dates are of the provider's, and are compared by way
// of Ahead where that is known.
func (o Outcome) DatedBefore(instant time.Time) bool {
	if o.Described.At.IsZero() {
		return false
	}
	ahead, _ := o.Ahead()
	latest := o.Described.At.Add(o.Described.Span)
	return latest.Before(instant.Add(ahead))
}

// DatedAfter reports whether the described transfer was certainly taken after an instant of
// our clock, as DatedBefore compares the two.
func (o Outcome) DatedAfter(instant time.Time) bool {
	if o.Described.At.IsZero() {
		return false
	}
	ahead, _ := o.Ahead()
	return o.Described.At.After(instant.Add(ahead))
}

// Codes of outcomes for which the provider gave no word of its own.
const (
	CodeTimeout     = "TIMEOUT"     // no answer in time
	CodeBroken      = "BROKEN"      // the connection ended before the answer did
	CodeUnreachable = "UNREACHABLE" // no connection was had
	CodeMismatch    = "MISMATCH"    // the answer was about something else
	CodeGarbage     = "GARBAGE"     // the answer could not be read
	CodeHTTP        = "HTTP"        // followed by the status: "HTTP_502"
	CodeNotFound    = "NOT_FOUND"   // a look-up's 404 without a code
	CodeInterrupted = "INTERRUPTED" // the process died with the request in flight
)

// Error is a failed call that has no payout to classify, such as Balance.
type Error struct {
	// Class is NotSent, Throttled, Unauthorized or Unknown.
	Class Class
	// Op names the operation: "ask for the balance".
	Op string
	// Code and Message are as in Outcome.
	Code, Message string
}

func (e *Error) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("%s: %s (%s)", e.Op, e.Code, e.Class)
	}
	return fmt.Sprintf("%s: %s: %s", e.Op, e.Code, e.Message)
}
