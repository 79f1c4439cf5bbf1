package batch

import (
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
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
	// DifferenceFees: the provider charged another fee than the rules estimate.
	DifferenceFees = "fees_differ"
	// DifferenceUnmatched: a row of the statement belongs to no payout of the
	// ledger.
	DifferenceUnmatched = "unmatched"
	// DifferenceFile: the ledger does not come to what the file came to when it
	// was accepted.
	DifferenceFile = "file_differs"
)

// Difference is one thing about which file, ledger and provider disagree.
type Difference struct {
	// Code is one of the Difference constants.
	Code string
	// Payout is zero for DifferenceFile and for what the ledger does not know.
	Payout ledger.Payout
	// Reference is what the provider knows the transfer by.
	Reference string
	// Provider is what the provider says, its class and code.
	Provider provider.Outcome
	// AmountThere is the provider's amount, 0 if only a look-up told, which says
	// no more than whether it is the right one.
	AmountThere money.XOF
	// FeesExpected is the estimate, for DifferenceFees.
	FeesExpected money.Centimes
	// StatementRow is the row of the statement, 0 for a look-up or the list.
	StatementRow int
}

// ProviderTotals are what the provider says of a batch. Mismatched and NeverSent
// are in the provider's amounts, where it tells them; the rest agree with the
// ledger's.
type ProviderTotals struct {
	Successful ledger.Count `json:"successful"`
	Failed     ledger.Count `json:"failed"`
	Pending    ledger.Count `json:"pending"`
	// NotFound payouts are not known there, or not in the statement.
	NotFound ledger.Count `json:"not_found"`
	// Mismatched payouts are known with another amount or number.
	Mismatched ledger.Count `json:"mismatched"`
	Unanswered ledger.Count `json:"unanswered"`
	// NeverSent transfers are there and not in the ledger.
	NeverSent ledger.Count `json:"never_sent"`
}

func (t *ProviderTotals) add(amount money.XOF, said provider.Outcome) {
	switch {
	case said.Mismatch:
		t.Mismatched.Add(amount)
	case said.Class == provider.Successful:
		t.Successful.Add(amount)
	case said.Class == provider.Failed:
		t.Failed.Add(amount)
	case said.Class == provider.Pending:
		t.Pending.Add(amount)
	case said.Class == provider.NotFound:
		t.NotFound.Add(amount)
	default:
		t.Unanswered.Add(amount)
	}
}

// contradiction returns the code of what is wrong between a state that a look-up
// does not change and the provider's word, empty if nothing is.
func contradiction(payout ledger.Payout, said provider.Class) string {
	switch {
	case payout.State == ledger.Successful && said == provider.Failed:
		return DifferenceReversed
	case payout.State == ledger.Successful && said == provider.Pending:
		return DifferenceNotFinal
	case payout.State == ledger.Successful && said == provider.NotFound:
		return DifferenceUnknownThere
	case payout.State == ledger.Failed && (said == provider.Successful || said == provider.Pending):
		return DifferencePaidThere
	case (payout.State == ledger.Cancelled || payout.State == ledger.Queued) && said != provider.NotFound:
		return DifferenceNeverSent
	default:
		return ""
	}
}

// feeTolerance is what rounding explains: one franc.
const feeTolerance = money.Centimes(100)

func feesDiffer(said, expected money.Centimes) bool {
	return said-expected > feeTolerance || expected-said > feeTolerance
}
