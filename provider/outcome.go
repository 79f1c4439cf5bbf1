package provider

import (
	"fmt"
	"time"

	"payrun/ledger/money"
)

// Class is what an answer means for the money.
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
	// (validation). Final for this attempt.
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
)

// Classes lists every class.
func Classes() []Class {
	return []Class{
		Unknown, NotSent, Successful, Pending, Failed, Refused,
		Exists, NotFound, Throttled, Unauthorized, NoBalance,
	}
}

// NotProcessed reports whether the provider certainly did nothing, so that the
// same reference may be sent again later.
func (c Class) NotProcessed() bool {
	return c == NotSent || c == Throttled || c == Unauthorized || c == NoBalance
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
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// Outcome is what is known after a call.
type Outcome struct {
	Class Class
	// Mismatch is set on an Unknown whose answer spoke of another reference,
	// amount or number, or was malformed where it should not be.
	Mismatch bool

	// ProviderRef is the provider's own name for the transfer, when it gave
	// one in an answer that can be trusted.
	ProviderRef string
	// Code is the provider's verdict word for word, or one of the Code
	// constants where there was none; Message is its explanation. Neither ever
	// holds a credential or a whole telephone number.
	Code, Message string

	// Fees are what the provider charges on top, if FeesKnown.
	Fees      money.Centimes
	FeesKnown bool

	// RetryAfter is how long the provider asked to be left alone, 0 if it did
	// not say. Only with Throttled.
	RetryAfter time.Duration
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
	// Op is what was being done: "ask for the balance".
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
