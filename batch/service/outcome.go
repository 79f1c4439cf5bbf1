package service

import (
	"context"
	"errors"

	"payrun/batch/clearance"
	"payrun/batch/engine"
	"payrun/batch/retry"
	"payrun/ledger"
	"payrun/ledger/anchor"
	"payrun/provider"
)

// Outcome is how paying a batch ended, the gravest first.
type Outcome int

// The outcomes. The zero value says that something is broken.
const (
	// Broken: an error that nobody foresaw, or damage.
	Broken Outcome = iota
	// Interrupted: a person stopped it.
	Interrupted
	// Conflict: the provider or the ledger contradicts; a person has to look.
	Conflict
	// Stopped: it ended early, and can go on once the cause is mended.
	Stopped
	// Unapproved: people have to approve it first.
	Unapproved
	// StillOpen: some payouts have no end yet.
	StillOpen
	// SomeFailed: all have an end, and some were not paid.
	SomeFailed
	// AllPaid: all were paid.
	AllPaid
)

// Gravest returns the outcome that a caller of several hears first.
func Gravest(outcomes ...Outcome) Outcome {
	gravest := AllPaid
	for _, one := range outcomes {
		gravest = min(gravest, one)
	}
	return gravest
}

// outcomes pairs the errors that end a run early with what they come to. The first that
// matches counts.
//
//nolint:gochecknoglobals // a table that nothing writes to
var outcomes = []struct {
	is      error
	outcome Outcome
}{
	{context.Canceled, Interrupted},
	{engine.ErrInterrupted, Interrupted},
	{engine.ErrCredentials, Stopped},
	{engine.ErrBalance, Stopped},
	{engine.ErrOutage, Stopped},
	{engine.ErrRefusals, Stopped},
	{engine.ErrStoodStill, Stopped},
	{engine.ErrNotNewest, Conflict},
	{engine.ErrNoControl, StillOpen}, // engine.ErrHidden is one
	{engine.ErrFirstPayday, StillOpen},
	{engine.ErrUnconfirmed, StillOpen},
	{ledger.ErrNotYet, StillOpen},
	{ledger.ErrUnreleased, StillOpen}, // rows were added while it was paid
	{ErrMissed, StillOpen},
	{clearance.ErrUnapproved, Unapproved},
	{ledger.ErrStopped, Stopped},
	{ledger.ErrReplaced, Stopped},
	{anchor.ErrOvertaken, Stopped},
}

// OutcomeOf returns the outcome of an error that ended a run early.
func OutcomeOf(stopped error) Outcome {
	if stopped == nil {
		return AllPaid
	}
	if _, ok := errors.AsType[*provider.Error](stopped); ok {
		return Stopped
	}
	if _, ok := errors.AsType[*ShortfallError](stopped); ok {
		return Stopped
	}
	for _, known := range outcomes {
		if errors.Is(stopped, known.is) {
			return known.outcome
		}
	}
	return Broken
}

// Ending is a batch's result after a command about it, and the work that it leaves.
type Ending struct {
	// Stopped is why paying ended early, nil if it did not.
	Stopped error
	// Open counts the payouts without an end, Unpaid the rows that ended otherwise than
	// paid. Returned counts the rows that were turned away although the batch has their
	// payout, which is counted in their place. Conflicts count the rows whose id stands for other terms, Differences what
	// the provider says against the ledger and nobody has answered.
	Open, Unpaid, Returned, Conflicts, Differences int
	// Held were not tried again, by a retry; Uncorrected by a correction.
	Held, Uncorrected []retry.Held
	// Failures are who was not paid, Disputed those about whom the provider disagrees.
	Failures, Disputed []ledger.Payout
}

// Outcome is the gravest of what applies.
func (e Ending) Outcome() Outcome {
	found := []Outcome{OutcomeOf(e.Stopped)}
	if e.CountedConflicts() > 0 || e.Differences > 0 {
		found = append(found, Conflict)
	}
	for _, h := range e.Held {
		found = append(found, heldOutcome(h))
	}
	for _, h := range e.Uncorrected {
		found = append(found, heldOutcome(h))
	}
	if e.Open > 0 {
		found = append(found, StillOpen)
	}
	if e.Unpaid+e.Returned > 0 {
		found = append(found, SomeFailed)
	}
	return Gravest(found...)
}

// CountedConflicts counts the conflicts but for the corrections that time, or another
// payment, lets through: their rows are open.
func (e Ending) CountedConflicts() int {
	waiting := 0
	for _, h := range e.Uncorrected {
		if heldOutcome(h) == StillOpen {
			waiting++
		}
	}
	return max(0, e.Conflicts-waiting)
}

// heldOutcome returns the outcome of a payout that was held back: what could not be asked stops
// a retry, what nothing vouches for stays open.
func heldOutcome(h retry.Held) Outcome {
	switch h.Code {
	case retry.HeldUnanswered, retry.HeldNoPage:
		return Stopped
	case retry.HeldBlind, retry.HeldNoControl, retry.HeldNoYoungControl, retry.HeldTooSoon:
		return StillOpen
	case retry.HeldNot, retry.HeldUnresolved, retry.HeldContradicted, retry.HeldForgotten:
	}
	return AllPaid
}

// Step is the next act that a batch needs.
type Step int

// The steps.
const (
	// Nothing is left to do, or nothing that this ledger may do.
	Nothing Step = iota
	// ResolveIt: a person has to say what they saw at the provider.
	ResolveIt
	// ResumeIt goes on with what is open.
	ResumeIt
	// SubmitIt again: the corrections of its file were held back.
	SubmitIt
	// RetryIt tries what failed again.
	RetryIt
)

// Need is the work that is left about a batch.
type Need struct {
	// Differs is the first payout that the provider contradicts, empty for none.
	Differs      ledger.TransactionID
	Open, Failed int
}

// Step is the one that is needed first. What the provider contradicts comes before what
// is open, since money may be lost; what is open comes before what failed.
func (n Need) Step() Step {
	switch {
	case n.Differs != "":
		return ResolveIt
	case n.Open > 0:
		return ResumeIt
	case n.Failed > 0:
		return RetryIt
	default:
		return Nothing
	}
}

// Next is the step that is needed next, and the payout that it is about if it is
// ResolveIt. Which ledger is the newest a person decides, and until then nothing goes on
// with this one, nor with what others have to approve first.
func (e Ending) Next() (Step, ledger.TransactionID) {
	if errors.Is(e.Stopped, engine.ErrNotNewest) || errors.Is(e.Stopped, clearance.ErrUnapproved) || errors.Is(e.Stopped, ledger.ErrNotYet) {
		return Nothing, ""
	}
	left := Need{Open: e.Open, Failed: len(e.Failures)}
	if len(e.Disputed) > 0 {
		left.Differs = e.Disputed[0].ID
	}
	if step := left.Step(); len(e.Uncorrected) == 0 || step == ResolveIt || step == ResumeIt {
		return step, left.Differs
	}
	// A retry would pay in the old terms who was held in the new ones.
	return SubmitIt, ""
}

// Troubled names the payouts of a batch that failed, and those about whom the provider
// disagrees.
func (s *Service) Troubled(ctx context.Context, id ledger.BatchID) (failures, disputed []ledger.Payout, err error) {
	for payout, err := range s.config.Ledger.Notable(ctx, id) {
		switch {
		case err != nil:
			return nil, nil, err
		case len(payout.Unresolved()) > 0:
			disputed = append(disputed, payout)
		case payout.State == ledger.Failed:
			failures = append(failures, payout)
		}
	}
	return failures, disputed, nil
}
