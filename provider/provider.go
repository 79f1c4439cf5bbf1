package provider

import (
	"context"

	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// Provider pays beneficiaries. All methods may be called concurrently.
//
// Each call makes at most one attempt. Sending is never repeated inside: a second
// post of one reference is a send of its own, and the caller's decision. What asks
// and does not pay may be asked again with a renewed token.
//
// A cancelled context, or its deadline, ends a call early; the outcome is then
// NotSent if no connection was ever had, and Unknown otherwise.
type Provider interface {
	// Send asks the provider to pay. The outcome's Class says what is known
	// afterwards. Send never returns NotFound.
	Send(ctx context.Context, request Request) Outcome

	// LookUp asks what became of a payout. The outcome is Successful, Failed,
	// Pending or NotFound when the provider's word can be trusted; Throttled,
	// NotSent, Unauthorized or Unknown when it has to be asked again. An
	// answer about another reference, amount or number is Unknown, flagged
	// Mismatch. NotFound is the provider's own documented word, and no more
	// than that: whether its page knows transfers by the caller's reference, and
	// how soon, only a payout that is certainly there can show.
	LookUp(ctx context.Context, query Query) Outcome

	// Capabilities returns the provider's limits and what it can be asked. It makes
	// no request, and always returns the same.
	Capabilities() Capabilities

	// Balance returns what the merchant's account holds. The error is an
	// *Error.
	Balance(ctx context.Context) (money.Amount, error)
}

// Request is one payout as the provider needs to know it.
type Request struct {
	// Reference is the caller's unique name for this attempt, one that the
	// provider's Capabilities take.
	Reference string
	Number    phone.E164
	Name      string
	Amount    money.Amount
	// Scheme is the operator of the beneficiary's account by its id, "ORANGE". The
	// provider's own name for it is the provider's affair.
	Scheme string
	// Country is the ISO 3166-1 code of where the beneficiary's account is: "CI".
	Country string
}

// Query names a payout that was sent, and what is known of it, so that an
// answer about something else is noticed.
type Query struct {
	Reference string
	// ProviderRef is the provider's own name for it; empty when never told, and
	// to have it asked for by Reference alone.
	ProviderRef string
	Number      phone.E164
	Amount      money.Amount
}
