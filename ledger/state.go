package ledger

import "fmt"

// State is a payout's place in its life. The zero State is not a state: a payout that
// was never given one is refused by every store.
type State uint8

// The states. See Transitions for the ways between them.
const (
	// Queued: accepted and durable, nothing was sent.
	Queued State = iota + 1
	// Submitting: the intent is durable and the request may have left. Found
	// in a ledger at start, it means that a process died here.
	Submitting
	// Unknown: sent, and no answer that can be trusted. Only a look-up helps.
	Unknown
	// Pending: the provider has it and has not decided.
	Pending
	// Successful: final, the beneficiary was credited.
	Successful
	// Failed: final, not paid. Only an explicit retry starts a new attempt.
	Failed
	// Cancelled: final, withdrawn before anything was sent.
	Cancelled
)

// States lists every state in the order in which reports show them.
func States() []State {
	return []State{Successful, Failed, Pending, Unknown, Submitting, Queued, Cancelled}
}

// OpenStates lists the states in which a payout still has a way to go by itself.
func OpenStates() []State { return []State{Queued, Submitting, Unknown, Pending} }

// Final reports whether only a person can move the payout on.
func (s State) Final() bool { return s == Successful || s == Failed || s == Cancelled }

// Open reports whether the payout still has a way to go by itself.
func (s State) Open() bool { return s.valid() && !s.Final() }

func (s State) valid() bool { return s >= Queued && s <= Cancelled }

// String returns the state's name as reports, logs and scripts know it.
func (s State) String() string {
	switch s {
	case Queued:
		return "queued"
	case Submitting:
		return "submitting"
	case Unknown:
		return "unknown"
	case Pending:
		return "pending"
	case Successful:
		return "successful"
	case Failed:
		return "failed"
	case Cancelled:
		return "cancelled"
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// MarshalText writes the state's name. It is an error for what is no state.
func (s State) MarshalText() ([]byte, error) {
	if !s.valid() {
		return nil, fmt.Errorf("%d is not a payout state", uint8(s))
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what MarshalText writes.
func (s *State) UnmarshalText(text []byte) error {
	for _, state := range States() {
		if state.String() == string(text) {
			*s = state
			return nil
		}
	}
	return fmt.Errorf("%q is not a payout state", text)
}
