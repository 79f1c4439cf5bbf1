package clearance

import (
	"context"
	"errors"
	"fmt"
	"math"

	"payrun/batch/approval"
	"payrun/ledger"
)

// ErrRecords is the kind of every complaint about what the ledger has of policies and
// people: it does not hold together, so that nothing can be approved by it.
var ErrRecords = errors.New("what the ledger has of policies and people does not hold together")

// Records are a ledger's policies and changes of people, in its order.
type Records struct {
	// Acts are the changes of who may sign, Changes the policies that came into force.
	Acts    []approval.SignedAct
	Changes []approval.PolicyChange
	// Proposals are the policies that are proposed and not in force, the oldest first.
	Proposals []Proposal
	// decided are the decisions about policies.
	decided []approval.Decision
}

// Proposal is a policy that a person wants. It stands until another one comes into force.
type Proposal struct {
	Event  uint64
	By     ledger.Person
	Policy approval.Policy
	// Decisions are those about it.
	Decisions []approval.Decision
}

// Read reads the records of a ledger. An error that wraps ErrRecords is of a ledger that
// lacks some of them.
func Read(ctx context.Context, store ledger.Reader) (Records, error) {
	identity, err := store.Identity(ctx)
	if err != nil {
		return Records{}, err
	}
	var r Records
	for event, err := range store.Acts(ctx, "") {
		if err == nil {
			err = r.take(event)
		}
		if err != nil {
			return Records{}, err
		}
	}
	if len(r.Acts) == identity.People && len(r.Changes) == identity.Policies {
		return r, nil
	}
	if now, err := store.Identity(ctx); err != nil || now.People != identity.People || now.Policies != identity.Policies {
		if err != nil {
			return Records{}, err
		}
		return Read(ctx, store) // somebody wrote meanwhile
	}
	return Records{}, fmt.Errorf("%w: %d changes of people and %d policies, and %d and %d were recorded",
		ErrRecords, len(r.Acts), len(r.Changes), identity.People, identity.Policies)
}

// take takes an act upon the ledger in.
func (r *Records) take(event ledger.Event) error {
	switch event.Act { //nolint:exhaustive // the others are about something else
	case ledger.ActPeople:
		r.Acts = append(r.Acts, approval.SignedAct{
			Event: event.Sequence, At: event.At, Text: []byte(event.Text), Signature: []byte(event.Signature),
		})
	case ledger.ActPolicyProposed:
		policy, err := approval.ParsePolicy([]byte(event.Text))
		if err != nil {
			return fmt.Errorf("%w: event %d: %w", ErrRecords, event.Sequence, err)
		}
		r.Proposals = append(r.Proposals, Proposal{Event: event.Sequence, By: event.By, Policy: policy})
	case ledger.ActPolicyDecided:
		d := decisionOf(event)
		r.decided = append(r.decided, d)
		for i := range r.Proposals {
			if p := &r.Proposals[i]; p.Policy.Digest().String() == event.Digest {
				p.Decisions = append(p.Decisions, d)
			}
		}
	case ledger.ActPolicySet:
		return r.set(event)
	}
	return nil
}

// set takes in that a policy came into force. Every proposal ends with it, as all were to
// replace the one before.
func (r *Records) set(event ledger.Event) error {
	for _, p := range r.Proposals {
		if p.Policy.Digest().String() != event.Digest {
			continue
		}
		r.Changes = append(r.Changes, approval.PolicyChange{
			Event: event.Sequence, At: event.At, Text: []byte(event.Text), Proposer: p.By.Name, Decisions: p.Decisions,
		})
		r.Proposals = nil
		return nil
	}
	return fmt.Errorf("%w: event %d: nobody proposed the policy", ErrRecords, event.Sequence)
}

func decisionOf(event ledger.Event) approval.Decision {
	return approval.Decision{Event: event.Sequence, At: event.At, Text: []byte(event.Text), Signature: []byte(event.Signature)}
}

// People are those who may sign now, and who might at any earlier moment.
func (r Records) People() (approval.People, error) { return approval.Replay(r.Acts) }

// PolicyAt returns the policy that was in force at an event, nil for none.
func (r Records) PolicyAt(event uint64) (*approval.Policy, error) {
	return approval.PolicyAt(r.Changes, r.Acts, event)
}

// InForce returns the policy that is in force now, nil for none.
func (r Records) InForce() (*approval.Policy, error) { return r.PolicyAt(math.MaxUint64) }

// signed is all that people signed beside decisions about batches.
func (r Records) signed() []approval.Decision {
	all := append([]approval.Decision(nil), r.decided...)
	for _, act := range r.Acts {
		all = append(all, approval.Decision(act))
	}
	return all
}
