package policy

import (
	"errors"

	"payrun/provider"
)

// ErrNoLookUpPage is an ErrOutage of look-ups alone: the provider answers, but these as if
// their page were not there.
var ErrNoLookUpPage error = noLookUpPageError{}

type noLookUpPageError struct{}

func (noLookUpPageError) Error() string {
	return "the provider answers, but not to look-ups: their page is not there"
}

// Is has it count as an outage for whoever does not mind of what.
func (noLookUpPageError) Is(target error) bool { return target == ErrOutage }

// absentMin is how many look-ups in a row must find no page before that is said.
const absentMin = 3

// LookUpPage tells a look-up page that is not there from a provider that does not answer.
// The zero value has asked nothing. It is not safe for concurrent use.
type LookUpPage struct{ absent int }

// Note takes in the answer to a look-up. One that was not made says nothing.
func (p *LookUpPage) Note(o provider.Outcome) {
	switch {
	case o.Unsent:
	case o.NoPage:
		p.absent++
	default:
		p.absent = 0
	}
}

// Missing reports whether the last look-ups all found no page.
func (p *LookUpPage) Missing() bool { return p.absent >= absentMin }

// Reason returns ErrNoLookUpPage for an outage that is no more than that.
func (p *LookUpPage) Reason(outage error) error {
	if errors.Is(outage, ErrOutage) && p.Missing() {
		return ErrNoLookUpPage
	}
	return outage
}
