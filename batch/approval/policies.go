package approval

import (
	"fmt"
	"time"
)

// PolicyChange is a policy as the ledger has it. It is in force from its event on.
type PolicyChange struct {
	Event    uint64
	At       time.Time
	Text     []byte
	Proposer string
	// Decisions are those about the change, all recorded before it.
	Decisions []Decision
}

// PolicyAt returns the policy that was in force at an event, or nil if none was yet. It
// replays every change before that event, each by the rules of the policy that it
// replaced and with the people of its moment. A history in which a change was not
// approved is none: the error wraps ErrPolicy or ErrPeople.
func PolicyAt(changes []PolicyChange, acts []SignedAct, event uint64) (*Policy, error) {
	var inForce *Policy
	var last uint64
	for _, change := range changes {
		if change.Event >= event {
			break
		}
		if change.Event <= last {
			return nil, fmt.Errorf("%w: the change of event %d is not behind the one before", ErrPolicy, change.Event)
		}
		last = change.Event
		next, err := change.replace(inForce, acts)
		if err != nil {
			return nil, fmt.Errorf("the change of event %d: %w", change.Event, err)
		}
		inForce = &next
	}
	return inForce, nil
}

// replace returns the new policy, if it was approved.
func (c PolicyChange) replace(inForce *Policy, acts []SignedAct) (Policy, error) {
	proposed, err := ParsePolicy(c.Text)
	if err != nil {
		return Policy{}, err
	}
	people, err := Replay(before(acts, c.Event))
	if err != nil {
		return Policy{}, err
	}
	var decisions []Decision
	for _, d := range c.Decisions {
		if d.Event < c.Event {
			decisions = append(decisions, d)
		}
	}
	if v := EvaluatePolicy(inForce, people, proposed, c.Proposer, decisions, c.At); v.State != Approved {
		return Policy{}, fmt.Errorf("%w: it is %s, not approved", ErrPolicy, v.State)
	}
	return proposed, nil
}

// before returns the acts up to an event.
func before(acts []SignedAct, event uint64) []SignedAct {
	for i, act := range acts {
		if act.Event >= event {
			return acts[:i]
		}
	}
	return acts
}
