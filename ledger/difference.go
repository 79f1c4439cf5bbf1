package ledger

import (
	"time"

	"payrun/ledger/money"
)

// The kinds of difference between file, ledger and provider. Codes are stable.
const (
	// DifferencePaidThere: the provider paid, or is paying, what is failed here.
	DifferencePaidThere = "paid_there"
	// DifferencePaidTwice: the provider paid more than once, in one attempt or
	// in an earlier one besides.
	DifferencePaidTwice = "paid_twice"
	// DifferenceReversed: the provider took back what is successful here.
	DifferenceReversed = "reversed"
	// DifferenceUnknownThere: the provider does not know what is successful or
	// pending here, or its statement does not have it.
	DifferenceUnknownThere = "unknown_there"
	// DifferenceNotFinal: successful here, still pending there.
	DifferenceNotFinal = "not_final_there"
	// DifferenceNeverSent: the provider has what was never sent from here: a
	// payout that is queued or cancelled, or a transfer under the batch's prefix
	// that the ledger does not know.
	DifferenceNeverSent = "never_sent"
	// DifferenceMismatch: the provider speaks of another amount or number.
	DifferenceMismatch = "mismatch"
	// DifferenceOlder: the provider speaks of a transfer of before the first request,
	// which once had the same reference.
	DifferenceOlder = "older_transfer"
	// DifferenceFees: the provider charged another fee than the rules estimate.
	DifferenceFees = "fees_differ"
	// DifferenceUnmatched: a row of the statement belongs to no payout of the
	// ledger.
	DifferenceUnmatched = "unmatched"
	// DifferenceFile: the ledger does not come to what the file came to when it
	// was accepted.
	DifferenceFile = "file_differs"
)

// Difference is something that a provider said and that does not fit what the
// ledger has. It is kept as a code with its arguments, so that each reader's
// language words it, and it stays: only a Resolution answers it.
type Difference struct {
	// Code is the kind, one of the constants.
	Code string `json:"code"`
	// Recorded is the payout's state when it was found.
	Recorded State `json:"recorded,omitzero"`
	// Said is the class of the provider's answer ("successful", "not_found") and
	// ProviderCode its own word for it.
	Said         string `json:"said,omitempty"`
	ProviderCode string `json:"provider_code,omitempty"`
	// ProviderRef is the provider's name for the transfer it speaks of.
	ProviderRef string `json:"provider_ref,omitempty"`
	// Reference is the attempt it is about.
	Reference Reference `json:"reference,omitempty"`
	// Amount is the provider's, nothing if it did not say.
	Amount money.Amount `json:"amount,omitzero"`
	// At is the time at which it was found, in UTC.
	At time.Time `json:"at,omitzero"`
}

// Same reports whether two differences say the same thing, at whatever time.
func (d Difference) Same(other Difference) bool {
	d.At, other.At = time.Time{}, time.Time{}
	return d == other
}

// Resolution is a person's word about a payout on which ledger and provider
// disagree, or of which nobody else can tell what became of it.
type Resolution struct {
	// Paid says whether the beneficiary has the money, as the person saw it at
	// the provider.
	Paid bool `json:"paid"`
	// Because is the person's reason.
	Because string `json:"because"`
	// By is the person who said so.
	By Person `json:"by,omitzero"`
	// At is the time of it, in UTC.
	At time.Time `json:"at,omitzero"`
}

// Unresolved returns the differences that came after the last resolution.
func (p Payout) Unresolved() []Difference {
	var open []Difference
	for _, d := range p.Differences {
		if p.Resolution == nil || d.At.After(p.Resolution.At) {
			open = append(open, d)
		}
	}
	return open
}
