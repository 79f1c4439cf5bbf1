package ledger

import (
	"time"

	"payrun/ledger/money"
	"payrun/ledger/phone"
)

// TransactionID names a payout in the file and is unique in the whole ledger.
type TransactionID string

// Reference is our name for a payout's attempt at the provider. The
// first attempt's is the transaction id, a later one's is derived.
type Reference string

// BatchID names a batch.
type BatchID string

// Operator is an operator's name in the rules file, "ORANGE" or "WAVE": not
// what a provider calls it.
type Operator string

// Terms are the instruction to pay: how much, to whom. They are the part that the file
// fixed and that nothing may change. Two payouts with the same id and other Number, Amount,
// Country or Operator are in conflict.
type Terms struct {
	ID     TransactionID
	Number phone.E164
	Name   string
	Amount money.Amount
	// Country is the ISO 3166-1 code of where the beneficiary's account is: "CI".
	Country  string
	Operator Operator
	Note     string
}

// Payout is one payment to one beneficiary.
type Payout struct {
	Terms

	// Batch is the batch that first brought the payout in, and Row its row in
	// that batch's file as a spreadsheet numbers it; 0 if the file no longer has it.
	Batch BatchID
	Row   int

	State State
	// Attempt counts from 1; Reference belongs to this attempt.
	Attempt   int
	Reference Reference
	// Intents counts the requests of this attempt that may have left, and
	// FirstIntent is the time at which the first of them was recorded. An intent that was
	// certainly not used does not count.
	Intents     int
	FirstIntent time.Time
	// Doubted is true once this attempt has been unknown: a request may have
	// reached the provider although a later one was refused.
	Doubted bool

	// Said is everything ever heard about this attempt, and Answered the part of
	// it that a person's resolution has answered.
	Said, Answered Said
	// Answer is the latest thing the provider said of this attempt.
	Answer Answer
	// Earlier are the attempts before this one, the oldest first.
	Earlier []Attempt
	// Differences are the provider's words that contradict what is recorded, the
	// oldest first. None is ever removed; see Unresolved.
	Differences []Difference
	// Resolution is the last word of a person, nil if there is none.
	Resolution *Resolution

	// QueuedAt is the time at which the row was accepted, SubmittedAt when this attempt's
	// latest intent was recorded, SettledAt when the payout became final. Zero
	// when it has not happened.
	QueuedAt, SubmittedAt, SettledAt time.Time
}

// NewPayout returns a payout as it begins: queued, at its first attempt, whose
// reference is its id.
func NewPayout(terms Terms, batch BatchID, row int, at time.Time) Payout {
	return Payout{
		Terms: terms, Batch: batch, Row: row, State: Queued, Attempt: 1,
		Reference: Reference(terms.ID), QueuedAt: at,
	}
}

// Answer is the provider's latest word about a payout, kept verbatim.
type Answer struct {
	// ProviderRef is the provider's own name for the transfer.
	ProviderRef string
	// Code is the provider's verdict, or payrun's own for what had none
	// ("TIMEOUT", "MISMATCH"), and Message its explanation.
	Code, Message string
	// Fees are charged on top of the amount; they count only if FeesKnown.
	Fees      money.Fine
	FeesKnown bool
}

// Total returns what the payout costs the payer, and whether the fees in it are
// the provider's word.
func (p Payout) Total() (total money.Fine, feesKnown bool) {
	return p.Amount.Fine().Plus(p.Answer.Fees), p.Answer.FeesKnown
}

// Change is one move of one payout. A store checks it against the payout as
// recorded and against Transitions.
type Change struct {
	ID TransactionID
	// From is the state the caller believes the payout to be in; another one
	// recorded is a *TransitionError.
	From, To State
	// At is the time at which it happened, in UTC.
	At time.Time
	// Actor names the maker of the change: "engine", "retry", "cancel", "reconcile".
	Actor string
	// By is the person who asked for it, zero where none did.
	By Person
	// Claim is that of the worker who makes it, zero for a person's change. Attempt is
	// the attempt that a worker's change is about: where the claim was lost, the payout
	// may have a later one.
	Claim   Claim
	Attempt int
	// Answer is merged into the attempt's: empty fields leave what is recorded.
	Answer Answer
	// Said adds to what was heard, beside what the move itself says: a payout that
	// becomes pending was called so.
	Said Said
	// About names the earlier attempt that an observation is about; empty for
	// the current one.
	About Reference
	// Unused marks an intent that is taken back before its request left.
	Unused bool
	// Reference names the new attempt; only, and always, for a move that
	// starts one.
	Reference Reference
	// Terms are those of the new attempt, nil if they stay. Only a move that
	// starts one may correct them, and never the id.
	Terms *Terms
	// Difference, for an observation, is what the provider said that does not
	// fit.
	Difference *Difference
	// Resolution is a person's word that makes the move, or answers the
	// differences of a payout that stays where it is.
	Resolution *Resolution
}

// Applied returns the payout after the change. It returns a *TransitionError if
// the table does not know the move or the payout is not where the change says,
// and an *EvidenceError for a move that what was heard forbids.
func (p Payout) Applied(c Change) (Payout, error) {
	move, ok := legal(c.From, c.To)
	switch {
	case !ok || p.State != c.From || move.NewAttempt != (c.Reference != ""),
		move.ByPerson && c.Resolution == nil,
		c.Terms != nil && (!move.NewAttempt || c.Terms.ID != p.ID),
		c.Unused && (c.From != Submitting || c.To != Queued):
		return Payout{}, &TransitionError{ID: c.ID, Recorded: p.State, From: c.From, To: c.To}
	case c.About != "":
		return p.heardOfEarlier(c)
	}
	if err := p.forbids(c, move); err != nil {
		return Payout{}, err
	}
	p.State = c.To
	if move.NewAttempt {
		p = p.next(c)
	}
	p.Answer = p.Answer.merged(c.Answer)
	p.Said |= c.Said | saidBy(move, c.Said)
	p = p.disputed(c)
	switch {
	case move.Observation():
	case c.To == Submitting:
		p = p.intend(c.At)
	case c.Unused:
		p = p.unused()
	case c.To == Unknown:
		p.Doubted = true
	case c.To.Final():
		p.SettledAt = c.At
	}
	return p, nil
}

// forbids returns why what was heard speaks against the move, nil if nothing does.
func (p Payout) forbids(c Change, move Transition) error {
	sends := (c.To == Submitting && !move.Observation()) || move.NewAttempt
	releases := c.From == Unknown && c.To == Queued
	never := c.From == Cancelled && c.To == Queued
	switch {
	case sends && p.Contradicted(), releases && (p.Contradicted() || p.Named()),
		never && (p.Intents > 0 || len(p.Earlier) > 0):
		return &EvidenceError{ID: p.ID, From: c.From, To: c.To, Said: p.Said}
	default:
		return nil
	}
}

// next returns the payout as a new attempt begins it.
func (p Payout) next(c Change) Payout {
	before := p
	before.State = c.From
	p.Earlier = append(append(make([]Attempt, 0, len(p.Earlier)+1), p.Earlier...), before.attempt())
	p.Attempt++
	p.Reference = c.Reference
	p.Intents, p.FirstIntent = 0, time.Time{}
	p.Doubted, p.Said, p.Answered = false, 0, 0
	p.Answer = Answer{}
	p.SubmittedAt, p.SettledAt = time.Time{}, time.Time{}
	if c.Terms != nil {
		p.Terms = *c.Terms
	}
	return p
}

// intend returns the payout with one more request that may leave.
func (p Payout) intend(at time.Time) Payout {
	p.State, p.SubmittedAt = Submitting, at
	if p.Intents == 0 {
		p.FirstIntent = at
	}
	p.Intents++
	return p
}

// Intended returns a queued payout as an intent recorded at that moment makes it.
// It is for stores that keep intents apart from payouts.
func (p Payout) Intended(at time.Time) Payout { return p.intend(at) }

// unused returns the payout without the request that did not leave.
func (p Payout) unused() Payout {
	if p.Intents--; p.Intents == 0 {
		p.FirstIntent, p.SubmittedAt = time.Time{}, time.Time{}
	}
	return p
}

// disputed returns the payout with what the change says against it, or answers.
func (p Payout) disputed(c Change) Payout {
	if c.Difference != nil {
		p.Differences = append(append(make([]Difference, 0, len(p.Differences)+1), p.Differences...), *c.Difference)
	}
	if c.Resolution == nil {
		return p
	}
	p.Resolution = c.Resolution
	p.Answered = p.Said
	earlier := append(make([]Attempt, 0, len(p.Earlier)), p.Earlier...)
	for i := range earlier {
		earlier[i].Answered = earlier[i].Said
	}
	if len(earlier) > 0 {
		p.Earlier = earlier
	}
	return p
}

// heardOfEarlier returns the payout with what was heard about an earlier attempt.
func (p Payout) heardOfEarlier(c Change) (Payout, error) {
	earlier := append(make([]Attempt, 0, len(p.Earlier)), p.Earlier...)
	for i := range earlier {
		if earlier[i].Reference != c.About {
			continue
		}
		if c.From != c.To {
			break
		}
		earlier[i].Said |= c.Said
		earlier[i].Answer = earlier[i].Answer.merged(c.Answer)
		p.Earlier = earlier
		return p.disputed(c), nil
	}
	return Payout{}, &TransitionError{ID: c.ID, Recorded: p.State, From: c.From, To: c.To}
}

// saidBy returns what a move says of an attempt by itself. A request that was turned
// away failed without the provider ever having had a transfer.
func saidBy(move Transition, heard Said) Said {
	if move.ByPerson || move.Observation() {
		return 0
	}
	switch move.To {
	case Pending:
		return SaidPending
	case Successful:
		return SaidSuccessful
	case Failed:
		if !heard.Has(SaidRefused) {
			return SaidFailed
		}
	case Queued, Submitting, Unknown, Cancelled:
	}
	return 0
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
