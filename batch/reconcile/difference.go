package reconcile

import (
	"payrun/ledger"
	"payrun/ledger/money"
	"payrun/provider"
)

// Difference is one thing about which file, ledger and provider disagree.
type Difference struct {
	// Code is one of ledger.Difference….
	Code string
	// ID, Name, Row, State and Amount are the payout's, zero for ledger.DifferenceFile and
	// for what the ledger does not know.
	ID     ledger.TransactionID
	Name   string
	Row    int
	State  ledger.State
	Amount money.Amount
	// Reference is the transfer's name at the provider.
	Reference string
	// Answered is set if a person's resolution came after it was first found.
	Answered bool
	// Before is set on what was found at another time only.
	Before bool
	// Said and ProviderCode are the provider's answer, Fees those that it charged, if
	// the difference is about them.
	Said         provider.Class
	ProviderCode string
	Fees         money.Fine
	// AmountThere is the provider's amount, 0 if only a look-up told, which says
	// no more than whether it is the right one.
	AmountThere money.Amount
	// FeesExpected is the estimate, for ledger.DifferenceFees.
	FeesExpected money.Fine
	// StatementRow is the row of the statement, 0 for a look-up or the list.
	StatementRow int
}

// of makes it a difference about a payout.
func (d Difference) of(payout ledger.Payout) Difference {
	d.ID, d.Name, d.Row, d.State, d.Amount = payout.ID, payout.Name, payout.Row, payout.State, payout.Amount
	return d
}

// ProviderTotals is the provider's side of a batch, counted by its transfers: one
// that was paid twice counts twice, in whatever attempt. Amounts are the provider's
// where it tells them.
type ProviderTotals struct {
	Successful ledger.Total `json:"successful"`
	Failed     ledger.Total `json:"failed"`
	Pending    ledger.Total `json:"pending"`
	// NotFound payouts are not known there, or not in the statement.
	NotFound ledger.Total `json:"not_found"`
	// Mismatched payouts are known with another amount or number.
	Mismatched ledger.Total `json:"mismatched"`
	Unanswered ledger.Total `json:"unanswered"`
	// NeverSent transfers are there and not in the ledger.
	NeverSent ledger.Total `json:"never_sent"`
}

func (t *ProviderTotals) add(amount money.Amount, said provider.Outcome) {
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
		return ledger.DifferenceReversed
	case payout.State == ledger.Successful && said == provider.Pending:
		return ledger.DifferenceNotFinal
	case payout.State == ledger.Successful && said == provider.NotFound:
		return ledger.DifferenceUnknownThere
	case payout.State == ledger.Failed && (said == provider.Successful || said == provider.Pending):
		return ledger.DifferencePaidThere
	case (payout.State == ledger.Cancelled || payout.State == ledger.Queued) && said != provider.NotFound:
		return ledger.DifferenceNeverSent
	default:
		return ""
	}
}

// feeTolerance is the difference that rounding explains: one franc.
const feeTolerance = 100

func feesDiffer(said, expected money.Fine) bool {
	return said.Minus(expected).Hundredths > feeTolerance || expected.Minus(said).Hundredths > feeTolerance
}
