package provider

import (
	"context"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// Provider pays beneficiaries. All methods may be called concurrently.
//
// Each call makes at most one attempt: nothing is repeated inside, except that
// an expired token is renewed and the request, which the provider then did not
// process, is sent again once. Retrying is the caller's decision.
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
	// Mismatch.
	LookUp(ctx context.Context, query Query) Outcome

	// Balance returns what the merchant's account holds. The error is an
	// *Error.
	Balance(ctx context.Context) (money.XOF, error)
}

// Request is one payout as the provider needs to know it.
type Request struct {
	// Reference is the caller's unique name for this attempt, of at most 20
	// characters.
	Reference string
	Number    msisdn.Number
	Name      string
	Amount    money.XOF
	// Operator is the name this provider's dialect uses: "ORANGE_MONEY_CI".
	Operator string
	// Country and Currency are ISO 3166-1 and ISO 4217 codes: "CI", "XOF".
	Country, Currency string
}

// Query names a payout that was sent, and what is known of it, so that an
// answer about something else is noticed.
type Query struct {
	Reference string
	// ProviderRef is the provider's own name for it; empty when never told.
	ProviderRef string
	Number      msisdn.Number
	Amount      money.XOF
}
