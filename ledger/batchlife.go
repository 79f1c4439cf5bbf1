package ledger

import (
	"errors"
	"fmt"
	"time"
)

// BatchState is a batch's place in its life. The zero value is none: it is that of a
// batch that nothing entered yet.
type BatchState uint8

// The states. See BatchMoves for the ways between them.
const (
	// BatchDraft: rows are being entered.
	BatchDraft BatchState = iota + 1
	// BatchReady: complete, and no policy asks for more.
	BatchReady
	// BatchAwaitingApproval: complete, and the policy wants signatures.
	BatchAwaitingApproval
	// BatchApproved: enough valid signatures over exactly this content.
	BatchApproved
	// BatchPaying: released, sending and waiting. In no other state anything is sent.
	BatchPaying
	// BatchPaused: a person holds it, or a signer was removed.
	BatchPaused
	// BatchClosed: every payout is final.
	BatchClosed
	// BatchRejected, BatchExpired and BatchCancelled ended before money moved: an
	// approver said no, nobody paid it in time, a person withdrew it.
	BatchRejected
	BatchExpired
	BatchCancelled
)

// BatchStates lists every state in the order of a batch's life.
func BatchStates() []BatchState {
	return []BatchState{
		BatchDraft, BatchReady, BatchAwaitingApproval, BatchApproved, BatchPaying,
		BatchPaused, BatchClosed, BatchRejected, BatchExpired, BatchCancelled,
	}
}

// String returns the state's name.
func (s BatchState) String() string {
	switch s {
	case BatchDraft:
		return "draft"
	case BatchReady:
		return "ready"
	case BatchAwaitingApproval:
		return "awaiting_approval"
	case BatchApproved:
		return "approved"
	case BatchPaying:
		return "paying"
	case BatchPaused:
		return "paused"
	case BatchClosed:
		return "closed"
	case BatchRejected:
		return "rejected"
	case BatchExpired:
		return "expired"
	case BatchCancelled:
		return "cancelled"
	}
	return fmt.Sprintf("batch_state(%d)", uint8(s))
}

// MarshalText writes the state's name, nothing for none.
func (s BatchState) MarshalText() ([]byte, error) {
	if s == 0 {
		return nil, nil
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *BatchState) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*s = 0
		return nil
	}
	for _, state := range BatchStates() {
		if state.String() == string(text) {
			*s = state
			return nil
		}
	}
	return fmt.Errorf("%q is not a batch's state", text)
}

// BatchMove is one legal move of a batch.
type BatchMove struct {
	From, To BatchState
	// By is the act that makes it; empty for payouts that enter.
	By ActCode
	// Because says when it is made.
	Because string
}

// batchMoves is the life of a batch. What is not in it cannot happen: a store answers with
// a *BatchStateError. Paying is entered by a release only.
//
//nolint:gochecknoglobals // a table that nothing writes to
var batchMoves = []BatchMove{
	{BatchDraft, BatchReady, ActSealed, "the last row is durable"},

	{BatchReady, BatchPaying, ActReleased, "a person released it"},
	{BatchReady, BatchAwaitingApproval, ActSubmitted, "the policy wants signatures"},
	{BatchReady, BatchCancelled, ActCancelled, "a person withdrew all of it"},

	{BatchAwaitingApproval, BatchApproved, ActApproved, "enough signatures"},
	{BatchAwaitingApproval, BatchAwaitingApproval, ActSubmitted, "other content"},
	{BatchAwaitingApproval, BatchRejected, ActRejected, "an approver said no"},
	{BatchAwaitingApproval, BatchExpired, ActExpired, "not signed in time"},
	{BatchAwaitingApproval, BatchCancelled, ActCancelled, "a person withdrew all of it"},
	{BatchAwaitingApproval, BatchClosed, ActClosed, "a person withdrew what waited, the rest is final"},

	{BatchApproved, BatchPaying, ActReleased, "released as approved"},
	{BatchApproved, BatchExpired, ActExpired, "not released in time"},
	{BatchApproved, BatchRejected, ActRejected, "an approver said no"},
	{BatchApproved, BatchAwaitingApproval, ActUnapproved, "a signer was removed"},
	{BatchApproved, BatchAwaitingApproval, ActSubmitted, "other content"},
	{BatchApproved, BatchCancelled, ActCancelled, "a person withdrew all of it"},
	{BatchApproved, BatchClosed, ActClosed, "a person withdrew what waited, the rest is final"},

	{BatchPaying, BatchPaying, ActReleased, "what was left, or failed, is released again"},
	{BatchPaying, BatchPaused, ActPaused, "a person holds it, or a signer was removed"},
	{BatchPaying, BatchClosed, ActClosed, "every payout is final"},
	{BatchPaying, BatchAwaitingApproval, ActSubmitted, "a retry or a correction wants signatures"},

	{BatchPaused, BatchPaying, ActReleased, "a person goes on"},
	{BatchPaused, BatchClosed, ActClosed, "what was queued is withdrawn"},
	{BatchPaused, BatchAwaitingApproval, ActSubmitted, "what is left wants signatures anew"},

	{BatchClosed, BatchPaying, ActReleased, "a retry or a correction was released"},
	{BatchClosed, BatchAwaitingApproval, ActSubmitted, "a retry or a correction wants signatures"},
	{BatchCancelled, BatchPaying, ActReleased, "a person gave rows back and released them"},

	{BatchRejected, BatchReady, ActSealed, "submitted anew"},
	{BatchExpired, BatchReady, ActSealed, "submitted anew"},
	{BatchCancelled, BatchReady, ActSealed, "submitted anew"},
	{BatchRejected, BatchAwaitingApproval, ActSubmitted, "submitted anew"},
	{BatchExpired, BatchAwaitingApproval, ActSubmitted, "submitted anew"},
	{BatchCancelled, BatchAwaitingApproval, ActSubmitted, "rows given back want signatures"},

	{BatchReady, BatchDraft, "", "payouts enter"},
	{BatchAwaitingApproval, BatchDraft, "", "payouts enter: another content"},
	{BatchApproved, BatchDraft, "", "payouts enter: another content"},
	{BatchPaying, BatchDraft, "", "payouts enter, for a release of their own"},
	{BatchPaused, BatchDraft, "", "payouts enter"},
	{BatchClosed, BatchDraft, "", "payouts enter"},
	{BatchRejected, BatchDraft, "", "payouts enter"},
	{BatchExpired, BatchDraft, "", "payouts enter"},
	{BatchCancelled, BatchDraft, "", "payouts enter"},
}

// BatchMoves returns the table of legal moves. The caller owns the slice.
func BatchMoves() []BatchMove { return append([]BatchMove(nil), batchMoves...) }

// moved returns the state to which an act leads from a state.
func (s BatchState) moved(by ActCode) (BatchState, bool) {
	for _, m := range batchMoves {
		if m.From == s && m.By == by {
			return m.To, true
		}
	}
	return s, false
}

// BatchStateError is an act for which a batch is not in the right state.
type BatchStateError struct {
	Batch BatchID
	State BatchState
	Act   ActCode
}

func (e *BatchStateError) Error() string {
	return fmt.Sprintf("batch %q is %s: %s cannot follow", e.Batch, e.State, e.Act)
}

// Entered returns the batch once payouts entered it: whatever was sealed, approved or
// released before was not about them.
func (b Batch) Entered() Batch {
	b.State = BatchDraft
	return b
}

// Pays returns ErrUnreleased for a batch of which nothing may be sent, since a person has to release
// it or what was added to it, and a *NotYetError at a moment before the time of its release.
func (b Batch) Pays(at time.Time) error {
	switch {
	case b.State != BatchPaying:
		return ErrUnreleased
	case !b.Release.Due(at):
		return &NotYetError{Batch: b.ID, NotBefore: b.Release.NotBefore}
	}
	return nil
}

// ErrUncovered is returned for a release of less than what may be sent of its batch: payouts entered,
// or were given back, since it was asked for.
var ErrUncovered = errors.New("more may be sent than the release is of")

// Releases reports whether an act lets a sum be paid, which then has to cover what may be sent.
func (a Act) Releases() bool { return a.Code == ActReleased && a.Count.Count != 0 }

// Covers returns ErrUncovered if an act releases less than what may be sent of its batch by then,
// whose payouts stand so.
func (a Act) Covers(states ByState) error {
	if !a.Releases() {
		return nil
	}
	found := states.In(Queued).Plus(states.In(Submitting), states.In(Unknown))
	if found.Count > a.Count.Count || found.Amount.Minor > a.Count.Amount.Minor {
		return fmt.Errorf("batch %q: %w", a.Batch, ErrUncovered)
	}
	return nil
}

// ToSeal reports whether the batch is sealed by an act of its own when its last row is
// durable: nothing sealed it since payouts entered, or it had ended.
func (b Batch) ToSeal() bool {
	_, moves := b.State.moved(ActSealed)
	return moves
}

// Sealing returns the act that seals a batch of which so much was accepted.
func (b Batch) Sealing(accepted Total, at time.Time) Act {
	return Act{Code: ActSealed, Batch: b.ID, At: at, By: b.By, Count: accepted}
}
