package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/ledger"
)

// Governance is who may sign and by which policy, as a ledger has it now.
type Governance = clearance.Governance

// Governance reads who may sign and which policy is in force. It needs the ledger alone, and may
// be asked by several callers at a time.
func (s *Service) Governance(ctx context.Context) (Governance, error) {
	return s.config.Registry.Governance(ctx)
}

// ChangePeople records a signed change of who may sign, and what it comes to for the batches
// that were approved. A change that does not hold together with those before is an error
// that wraps approval.ErrPeople.
func (s *Service) ChangePeople(ctx context.Context, by Actor, signed approval.SignedAct) (Governance, error) {
	g, err := s.Governance(ctx)
	if err != nil {
		return g, err
	}
	signed.Event, signed.At = notYet, s.now()
	if _, err := approval.Replay(append(g.Acts, signed)); err != nil {
		return g, err
	}
	by = signing(by, signed.Text)
	err = s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActPeople, At: signed.At, By: by.person(), Text: string(signed.Text), Signature: string(signed.Signature),
	})
	if err != nil {
		return g, err
	}
	if err := s.settleAll(ctx, by); err != nil {
		return g, err
	}
	return s.Governance(ctx)
}

// ErrProposed is returned for a policy that is in force, or proposed, already.
var ErrProposed = errors.New("that policy is in force or proposed already")

// ErrNoProposal is returned where no policy is proposed, or none that was meant.
var ErrNoProposal = errors.New("no such policy is proposed")

// ProposePolicy records that a person wants a policy. It is in force once it is approved as
// the one in force asks, or by an admin where none is. A proposer who is not among the people is
// a *MakerError.
func (s *Service) ProposePolicy(ctx context.Context, by Actor, text []byte) (PolicyCase, error) {
	policy, err := approval.ParsePolicy(text)
	if err == nil {
		err = s.SettlePolicy(ctx)
	}
	if err != nil {
		return PolicyCase{}, err
	}
	g, err := s.Governance(ctx)
	if err != nil {
		return PolicyCase{}, err
	}
	if by, err = known(g.People, by); err != nil {
		return PolicyCase{}, err
	}
	digest := policy.Digest()
	if g.Policy != nil && g.Policy.Digest() == digest {
		return PolicyCase{}, ErrProposed
	}
	for _, p := range g.Proposals {
		if p.Policy.Digest() == digest && PolicyCaseOf(g, p, s.now()).Verdict.State == approval.Waiting {
			return PolicyCase{}, ErrProposed
		}
	}
	err = s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActPolicyProposed, At: s.now(), By: by.person(), Digest: digest.String(), Text: string(text),
	})
	if err != nil {
		return PolicyCase{}, err
	}
	return s.Proposed(ctx, digest.String())
}

// PolicyCase is a proposed policy, and where its approval stands.
type PolicyCase struct {
	clearance.Proposal

	// InForce is the policy that it would replace, nil for none.
	InForce *approval.Policy
	Verdict approval.Verdict
}

// PolicyCaseOf says where the approval of a proposed policy stands at a moment.
func PolicyCaseOf(g Governance, p clearance.Proposal, now time.Time) PolicyCase {
	return PolicyCase{
		Proposal: p, InForce: g.Policy,
		Verdict: approval.EvaluatePolicy(g.Policy, g.People, p.Policy, p.By.Name, p.Decisions, now),
	}
}

// PolicyCasesOf are the policies that are proposed at a moment, the oldest first.
func PolicyCasesOf(g Governance, now time.Time) []PolicyCase {
	cases := make([]PolicyCase, 0, len(g.Proposals))
	for _, p := range g.Proposals {
		cases = append(cases, PolicyCaseOf(g, p, now))
	}
	return cases
}

// Proposals are the policies that are proposed, the oldest first.
func (s *Service) Proposals(ctx context.Context) ([]PolicyCase, error) {
	g, err := s.Governance(ctx)
	if err != nil {
		return nil, err
	}
	return PolicyCasesOf(g, s.now()), nil
}

// Proposed is Undecided of the policies that are proposed.
func (s *Service) Proposed(ctx context.Context, digest string) (PolicyCase, error) {
	all, err := s.Proposals(ctx)
	if err != nil {
		return PolicyCase{}, err
	}
	return Undecided(all, digest)
}

// Undecided returns the policy of several that is not decided, by the beginning of its digest;
// the empty one means the only one. It is ErrNoProposal for none, or for several.
func Undecided(all []PolicyCase, digest string) (PolicyCase, error) {
	var found []PolicyCase
	for _, c := range all {
		name := c.Policy.Digest().String()
		if c.Verdict.State == approval.Waiting && len(digest) <= len(name) && name[:len(digest)] == digest {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return PolicyCase{}, ErrNoProposal
	}
	return found[0], nil
}

// policyDecisionLasts is how long a decision about a policy counts.
const policyDecisionLasts = 72 * time.Hour

// Statement is a decision about the policy, made at a moment, for its author to sign.
func (c PolicyCase) Statement(ballot Ballot, now time.Time) approval.Statement {
	return approval.Statement{
		Word: ballot.Word, Subject: c.Policy.Subject(c.InForce), By: ballot.Name, Key: ballot.Key, Reason: ballot.Reason,
		NotAfter: now.UTC().Add(policyDecisionLasts).Truncate(time.Second), Nonce: approval.NewNonce(),
	}
}

// DecidePolicy records a signed decision about a proposed policy, and puts it in force once
// it is approved. One that would not count is an *IgnoredError, and nothing is recorded.
func (s *Service) DecidePolicy(ctx context.Context, by Actor, c PolicyCase, d approval.Decision) (PolicyCase, error) {
	g, err := s.Governance(ctx)
	if err != nil {
		return c, err
	}
	d.Event, d.At = notYet, s.now()
	c.Decisions = append(c.Decisions, d)
	c = PolicyCaseOf(g, c.Proposal, s.now())
	for _, ignored := range c.Verdict.Ignored {
		if ignored.Event == notYet {
			return c, &IgnoredError{ignored}
		}
	}
	by = signing(by, d.Text)
	digest := c.Policy.Digest().String()
	err = s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActPolicyDecided, At: d.At, By: by.person(), Digest: digest, Text: string(d.Text), Signature: string(d.Signature),
	})
	if err != nil {
		return c, err
	}
	if c, err = s.undecided(ctx, digest); err != nil || c.Verdict.State != approval.Approved {
		return c, err
	}
	return c, s.setPolicy(ctx, c.Proposal)
}

// undecided is the case of a policy that is proposed, whatever its verdict.
func (s *Service) undecided(ctx context.Context, digest string) (PolicyCase, error) {
	all, err := s.Proposals(ctx)
	if err != nil {
		return PolicyCase{}, err
	}
	at := slices.IndexFunc(all, func(c PolicyCase) bool { return c.Policy.Digest().String() == digest })
	if at < 0 {
		return PolicyCase{}, ErrNoProposal
	}
	return all[at], nil
}

// setPolicy puts an approved policy in force.
func (s *Service) setPolicy(ctx context.Context, p clearance.Proposal) error {
	err := s.config.Ledger.Record(ctx, ledger.Act{
		Code: ledger.ActPolicySet, At: s.now(), By: p.By, Digest: p.Policy.Digest().String(), Text: string(p.Policy.Text()),
	})
	if err != nil {
		return fmt.Errorf("put the policy in force: %w", err)
	}
	return nil
}

// SettlePolicy puts a policy in force that was approved when a process died before it could
// say so. It comes before whatever is decided about policies.
func (s *Service) SettlePolicy(ctx context.Context) error {
	all, err := s.Proposals(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Verdict.State == approval.Approved {
			return s.setPolicy(ctx, c.Proposal)
		}
	}
	return nil
}
