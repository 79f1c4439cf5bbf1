package ledger

import (
	"time"

	"payrun/ledger/money"
	"payrun/ledger/msisdn"
)

// TransactionID names a payout in the file and is unique in the whole ledger.
type TransactionID string

// Reference is what the provider is told to know a payout's attempt by. The
// first attempt's is the transaction id, a later one's is derived.
type Reference string

// ReferenceLengthMax is the longest reference Digitalpaye takes (v2 transfers,
// field transaction_id).
const ReferenceLengthMax = 20

// BatchID names a batch.
type BatchID string

// Operator is an operator's name in the rules file, "ORANGE" or "WAVE": not
// what a provider calls it.
type Operator string

// Terms are what a payout pays, to whom: the part that the file fixed and that
// nothing may change. Two payouts with the same id and other Number, Amount or
// Operator are in conflict.
type Terms struct {
	ID       TransactionID
	Number   msisdn.Number
	Name     string
	Amount   money.XOF
	Operator Operator
	Note     string
}

// Payout is one payment to one beneficiary.
type Payout struct {
	Terms

	// Batch is the batch that first brought the payout in, and Row its row in
	// that batch's file as a spreadsheet numbers it.
	Batch BatchID
	Row   int

	State State
	// Attempt counts from 1; Reference belongs to this attempt.
	Attempt   int
	Reference Reference
	// Doubted is true once this attempt has been unknown: a request may have
	// reached the provider although a later one was refused.
	Doubted bool

	// Answer is the latest thing the provider said of this attempt.
	Answer Answer
	// Difference is what the provider said against a final state, in words;
	// empty when nobody disagrees.
	Difference string

	// QueuedAt is when the row was accepted, SubmittedAt when this attempt's
	// latest intent was recorded, SettledAt when the payout became final. Zero
	// when it has not happened.
	QueuedAt, SubmittedAt, SettledAt time.Time
}

// Answer is what the provider said of a payout, kept verbatim.
type Answer struct {
	// ProviderRef is the provider's own name for the transfer.
	ProviderRef string
	// Code is the provider's verdict, or payrun's own for what had none
	// ("TIMEOUT", "MISMATCH"), and Message its explanation.
	Code, Message string
	// Fees are charged on top of the amount; they count only if FeesKnown.
	Fees      money.Centimes
	FeesKnown bool
}

// Total returns what the payout costs the payer, and whether the fees in it are
// the provider's word.
func (p Payout) Total() (total money.Centimes, feesKnown bool) {
	return p.Amount.InCentimes() + p.Answer.Fees, p.Answer.FeesKnown
}

// Change is one move of one payout. A store checks it against the payout as
// recorded and against Transitions.
type Change struct {
	ID TransactionID
	// From is the state the caller believes the payout to be in; another one
	// recorded is a *TransitionError.
	From, To State
	// At is when it happened, in UTC.
	At time.Time
	// Actor is who made the change: "engine", "retry", "cancel", "reconcile".
	Actor string
	// Answer is merged into the payout's: empty fields leave what is recorded.
	Answer Answer
	// Reference names the new attempt; only, and always, for a move that
	// starts one.
	Reference Reference
	// Difference, for an observation of a final state, is what the provider
	// now says, in words.
	Difference string
}

// Applied returns the payout after the change. It returns a *TransitionError if
// the table does not know the move or the payout is not where the change says.
func (p Payout) Applied(c Change) (Payout, error) {
	move, ok := legal(c.From, c.To)
	if !ok || p.State != c.From || move.NewAttempt != (c.Reference != "") {
		return Payout{}, &TransitionError{ID: c.ID, Recorded: p.State, From: c.From, To: c.To}
	}
	p.State = c.To
	if move.NewAttempt {
		p.Attempt++
		p.Reference = c.Reference
		p.Doubted = false
		p.Answer = Answer{}
		p.Difference = ""
		p.SubmittedAt, p.SettledAt = time.Time{}, time.Time{}
	}
	p.Answer = p.Answer.merged(c.Answer)
	if c.Difference != "" {
		p.Difference = c.Difference
	}
	switch {
	case move.Observation():
	case c.To == Submitting:
		p.SubmittedAt = c.At
	case c.To == Unknown:
		p.Doubted = true
	case c.To.Final():
		p.SettledAt = c.At
	}
	return p, nil
}

func (a Answer) merged(later Answer) Answer {
	if later.ProviderRef != "" {
		a.ProviderRef = later.ProviderRef
	}
	if later.Code != "" {
		a.Code, a.Message = later.Code, later.Message
	}
	if later.FeesKnown {
		a.Fees, a.FeesKnown = later.Fees, true
	}
	return a
}
