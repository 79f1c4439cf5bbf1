package ledger

import (
	"errors"
	"fmt"
	"time"

	"payrun/ledger/money"
)

// ErrNotFound is returned for a payout or batch that the ledger does not know.
var ErrNotFound = errors.New("not in the ledger")

// NotFoundError names a payout that the ledger does not know. It is put into words
// only when somebody reads it: of a new file, no row is known.
type NotFoundError struct{ ID TransactionID }

func (e *NotFoundError) Error() string { return fmt.Sprintf("payout %q: %v", e.ID, ErrNotFound) }

// Is makes errors.Is(err, ErrNotFound) hold.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// ErrConflict matches every *ConflictError: a known transaction id came again
// with other terms. The row is refused and named; it is never paid.
var ErrConflict = errors.New("transaction id already used for something else")

// ErrStopped is returned by a store that could not make a change durable, at
// once and for every call that follows. A failed commit may still have reached
// the disk, so it is itself an unknown outcome: nothing more may be sent, and
// only opening the ledger again tells what it holds.
var ErrStopped = errors.New("the ledger stopped recording")

// ErrUnsealed is returned by whoever is asked to pay a batch whose enrolment
// was cut short. Running the file again completes it.
var ErrUnsealed = errors.New("the batch was not enrolled to its last row")

// ErrUnreleased is returned by whoever is asked to pay a batch that is not paying: a
// person has to release it, or what was added to it.
var ErrUnreleased = errors.New("the batch was not released")

// ErrNotYet matches every *NotYetError.
var ErrNotYet = errors.New("the time of the batch has not come")

// NotYetError is returned by whoever is asked to pay a batch before the time at which it was
// released. Nothing was sent.
type NotYetError struct {
	Batch BatchID
	// NotBefore is in UTC.
	NotBefore time.Time
}

func (e *NotYetError) Error() string {
	return fmt.Sprintf("batch %q: nothing is sent before %s", e.Batch, e.NotBefore.Format(time.RFC3339))
}

// Is makes errors.Is(err, ErrNotYet) hold.
func (e *NotYetError) Is(target error) bool { return target == ErrNotYet }

// ErrCorrupt matches every *CorruptError.
var ErrCorrupt = errors.New("the ledger is damaged")

// ErrLocked matches every *LockedError.
var ErrLocked = errors.New("the ledger is in use")

// ErrCurrency matches every *CurrencyError.
var ErrCurrency = errors.New("the batch is in another currency")

// ErrAccount matches every *AccountError.
var ErrAccount = errors.New("the ledger belongs to another account")

// ErrReferenceTaken is returned when a new attempt's reference, or a new
// payout's id, is a name the provider was already given for something else.
var ErrReferenceTaken = errors.New("reference already used")

// ConflictError names a transaction id that came again with other terms.
type ConflictError struct {
	ID TransactionID
	// Row is the row that was refused, Batch the batch that holds the payout.
	Row   int
	Batch BatchID
	// Field is the first term that differs: "amount", "number" or "operator".
	// Recorded and Given are its two values, numbers masked.
	Field, Recorded, Given string
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("row %d: transaction id %q is already in batch %q with another %s: %s there, %s here",
		e.Row, e.ID, e.Batch, e.Field, e.Recorded, e.Given)
}

// Is makes errors.Is(err, ErrConflict) hold.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// TransitionError is a move that the table does not allow, or one made from a
// state the payout is not in. It is a defect of the caller.
type TransitionError struct {
	ID                 TransactionID
	Recorded, From, To State
}

func (e *TransitionError) Error() string {
	return fmt.Sprintf("payout %q cannot go from %s to %s: it is recorded as %s", e.ID, e.From, e.To, e.Recorded)
}

// ErrEvidence matches every *EvidenceError.
var ErrEvidence = errors.New("what was heard of the payout speaks against it")

// EvidenceError says that a payout may not be sent, released or tried again,
// because the provider once named it, called it paid or pending, or because a
// difference stands that no person has resolved.
type EvidenceError struct {
	ID       TransactionID
	From, To State
	// Said is the evidence about the current attempt.
	Said Said
}

func (e *EvidenceError) Error() string {
	return fmt.Sprintf("payout %q cannot go from %s to %s: %v", e.ID, e.From, e.To, ErrEvidence)
}

// Is makes errors.Is(err, ErrEvidence) hold.
func (e *EvidenceError) Is(target error) bool { return target == ErrEvidence }

// LockedError says that another process holds the ledger.
type LockedError struct {
	Path string
	// PID is the holder's process id, 0 when it could not be found out.
	PID int
}

func (e *LockedError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("ledger %q is in use by another process", e.Path)
	}
	return fmt.Sprintf("ledger %q is in use by process %d", e.Path, e.PID)
}

// Is makes errors.Is(err, ErrLocked) hold.
func (e *LockedError) Is(target error) bool { return target == ErrLocked }

// AccountError says that a ledger, or a batch in it, belongs to another account:
// a rehearsal's ledger was to take in a payment or the other way round, or a
// batch was to go on under another key.
type AccountError struct {
	Recorded, Given Account
}

// OnlyKey reports whether the two differ by nothing but the key.
func (e *AccountError) OnlyKey() bool { return e.Recorded.Place == e.Given.Place }

func (e *AccountError) Error() string {
	if e.OnlyKey() {
		return fmt.Sprintf("this batch was begun with another key of %q", e.Recorded.Place)
	}
	return fmt.Sprintf("this ledger is for %q and cannot hold payments through %q", e.Recorded.Place, e.Given.Place)
}

// Is makes errors.Is(err, ErrAccount) hold.
func (e *AccountError) Is(target error) bool { return target == ErrAccount }

// CurrencyError says that a batch is in one currency, and rows or a provider in another.
type CurrencyError struct {
	Batch           BatchID
	Recorded, Given money.Currency
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("batch %q is in %s, not in %s", e.Batch, e.Recorded, e.Given)
}

// Is makes errors.Is(err, ErrCurrency) hold.
func (e *CurrencyError) Is(target error) bool { return target == ErrCurrency }

// CorruptError says what in the ledger does not hold together. The file is left
// as it was found.
type CorruptError struct {
	Path string
	// Where is the part that was looked at; Expected and Found are in words.
	Where, Expected, Found string
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("ledger %q is damaged: %s: expected %s, found %s", e.Path, e.Where, e.Expected, e.Found)
}

// Is makes errors.Is(err, ErrCorrupt) hold.
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }

// rejection is the conflict as a reason to turn its row away.
func (e *ConflictError) rejection() Rejection {
	return Rejection{Code: CodeIDConflict, Value: string(e.ID), Details: map[string]string{
		"batch": string(e.Batch), "field": e.Field, "recorded": e.Recorded, "given": e.Given,
	}}
}

// Conflict compares the recorded payout with the terms of a row that came with
// the same id. It returns nil when the row asks for the same payment; the name
// and the note may differ, because clerks mend spellings.
func (p Payout) Conflict(given Entry) *ConflictError {
	conflict := ConflictError{ID: p.ID, Row: given.Row, Batch: p.Batch}
	switch {
	case p.Amount != given.Amount:
		conflict.Field, conflict.Recorded, conflict.Given = "amount", p.Amount.String(), given.Amount.String()
	case p.Number != given.Number:
		conflict.Field, conflict.Recorded, conflict.Given = "number", p.Number.String(), given.Number.String()
	case p.Country != given.Country:
		conflict.Field, conflict.Recorded, conflict.Given = "country", p.Country, given.Country
	case p.Operator != given.Operator:
		conflict.Field, conflict.Recorded, conflict.Given = "operator", string(p.Operator), string(given.Operator)
	default:
		return nil
	}
	return &conflict
}
