package provider

import (
	"context"
	"iter"
	"time"

	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Lister is a Provider that can also list what it has, for reconciliation.
type Lister interface {
	// Transactions yields every payout that the provider lists, in its order.
	// An error, an *Error, is yielded last and alone: what came before it is
	// then not all. How far back the list goes is the provider's affair.
	Transactions(ctx context.Context) iter.Seq2[Transaction, error]
}

// AsLister returns a provider as a Lister, if it has a list. A wrapper may have the
// method for the sake of what it wraps; its Capabilities say whether that lists.
func AsLister(p Provider) (Lister, bool) {
	lister, can := p.(Lister)
	return lister, can && p.Capabilities().List
}

// Transaction is one payout as the provider lists it.
type Transaction struct {
	// ProviderRef is the provider's own name for it, Reference the caller's.
	ProviderRef, Reference string
	// Number is empty if the list does not say.
	Number phone.E164
	Amount money.Amount
	// Fees are charged by the provider on top, if FeesKnown.
	Fees      money.Fine
	FeesKnown bool
	// Class is Successful, Failed or Pending, Code the provider's word for it.
	Class Class
	Code  string
	// At is the time at which the provider took it, UTC; zero if the list does not say.
	At time.Time
}

// Outcome words the entry as an answer about the transfer.
func (t Transaction) Outcome() Outcome {
	return Outcome{Class: t.Class, Code: t.Code, ProviderRef: t.ProviderRef, Fees: t.Fees, FeesKnown: t.FeesKnown}
}

// Beside reports whether the entry is paid, or may be, and another transfer than the one
// that an answer speaks of. Where a provider took two requests under one reference, its
// look-ups may show the one that failed.
func (t Transaction) Beside(o Outcome) bool {
	return t.Class != Failed && t.ProviderRef != "" && o.ProviderRef != "" && t.ProviderRef != o.ProviderRef
}
