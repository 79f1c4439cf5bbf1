// Package evidence turns an answer of the provider into what the ledger records as heard
// of an attempt. It is the one place that reads an outcome as evidence, so that paying,
// asking before a new attempt and reconciling cannot come to believe different things.
// It sends nothing, keeps nothing and is safe for concurrent use.
package evidence

import (
	"time"

	"payrun/ledger"
	"payrun/provider"
)

// FileOlder bounds how much older than its row a transfer may be that is adopted without
// a person.
const FileOlder = 24 * time.Hour

// DoubtOld is the age from which a request in doubt needs no control that was begun
// after it: no look-up page lags by a day.
const DoubtOld = 24 * time.Hour

const (
	// datesApart bounds how much older than the first intent an answer may be dated;
	// datesLoose is that where the provider's clock cannot be compared with ours.
	datesApart = time.Hour
	datesLoose = 26 * time.Hour
	// clocksApart bounds what remains between two clocks that were compared.
	clocksApart = 5 * time.Second
)

// IsThere reports whether an answer shows that the provider has the transfer it was
// asked about, whatever became of it.
func IsThere(o provider.Outcome) bool {
	switch o.Class {
	case provider.Successful, provider.Pending, provider.Failed:
		return !o.Mismatch
	case provider.Unknown, provider.NotSent, provider.Refused, provider.Exists, provider.NotFound, provider.Throttled,
		provider.Unauthorized, provider.NoBalance, provider.Expired, provider.Forbidden:
		return false
	}
	return false
}

// Of returns the evidence that an answer adds about an attempt. One that speaks of
// something else adds nothing.
func Of(o provider.Outcome) ledger.Said {
	if o.Mismatch {
		return 0
	}
	switch o.Class {
	case provider.NotFound:
		return ledger.SaidNotFound
	case provider.Refused, provider.Forbidden:
		return ledger.SaidRefused
	case provider.Pending:
		return ledger.SaidPending
	case provider.Failed:
		return ledger.SaidFailed
	case provider.Successful:
		return ledger.SaidSuccessful
	case provider.Unknown, provider.NotSent, provider.Exists, provider.Throttled, provider.Unauthorized,
		provider.NoBalance, provider.Expired:
	}
	return 0
}

// DatedBefore reports whether an answer speaks of a transfer that was taken more than
// apart before a moment. Where the two clocks cannot be compared, more is allowed; a
// zero moment is before everything.
func DatedBefore(o provider.Outcome, moment time.Time, apart time.Duration) bool {
	if moment.IsZero() {
		return false
	}
	if _, known := o.Ahead(); !known {
		apart = max(apart, datesLoose)
	}
	return o.DatedBefore(moment.Add(-apart))
}

// DatedAfter reports whether an answer speaks of a transfer that was certainly taken after
// a moment. Clocks that cannot be compared may be wrong by as much as in DatedBefore, and
// those that can by the seconds to which they are told.
func DatedAfter(o provider.Outcome, moment time.Time) bool {
	apart := clocksApart
	if _, known := o.Ahead(); !known {
		apart = datesLoose
	}
	return o.DatedAfter(moment.Add(apart))
}

// AboutAnother reports whether an answer describes a transfer of before the first
// request under its reference: a provider that replays an old one for a reference that
// is used again.
func AboutAnother(firstIntent time.Time, o provider.Outcome) bool {
	return IsThere(o) && DatedBefore(o, firstIntent, datesApart)
}

// Difference returns the difference that an answer about one attempt makes.
func Difference(code string, p ledger.Payout, attempt ledger.Reference, o provider.Outcome, at time.Time) *ledger.Difference {
	d := &ledger.Difference{
		Code: code, Recorded: p.State, Said: o.Class.String(), ProviderCode: o.Code,
		ProviderRef: o.ProviderRef, Reference: attempt, At: at,
	}
	if o.Described.AmountKnown {
		d.Amount = o.Described.Amount
	}
	return d
}
