package httpapi

import (
	"context"
	"net/http"

	"payrun/batch/approval"
	"payrun/batch/service"
)

// Policy is a policy, byte for byte.
type Policy struct {
	Digest string `json:"digest"`
	Text   string `json:"text" doc:"YAML, byte for byte"`
}

// Policies are the policy in force, and those that are proposed.
type Policies struct {
	InForce   *Policy    `json:"in_force,omitempty" doc:"missing while none is"`
	Proposals []Proposal `json:"proposals" doc:"the oldest first; each ends when a policy comes into force"`
}

// Proposal is a proposed policy, and where its approval stands.
type Proposal struct {
	Policy

	By        string            `json:"by"`
	Event     uint64            `json:"event" doc:"its number in the audit log"`
	Replaces  string            `json:"replaces,omitempty" doc:"the digest of the policy that it would replace"`
	State     string            `json:"state"`
	Missing   []MissingApproval `json:"missing,omitempty"`
	May       []string          `json:"may,omitempty" doc:"who could give the next approval"`
	Reachable bool              `json:"reachable" doc:"those who may approve are enough"`
	Decisions []SignedChange    `json:"decisions" doc:"all that were signed, whether they count or not"`
}

func policyOf(p approval.Policy) Policy {
	return Policy{Digest: p.Digest().String(), Text: string(p.Text())}
}

func proposalOf(c service.PolicyCase) Proposal {
	v := Proposal{
		Policy: policyOf(c.Policy), By: c.By.Name, Event: c.Event, State: c.Verdict.State.String(),
		Missing: missing(c.Verdict), May: c.Verdict.May, Reachable: c.Verdict.Reachable, Decisions: []SignedChange{},
	}
	if c.InForce != nil {
		v.Replaces = c.InForce.Digest().String()
	}
	for _, d := range c.Decisions {
		v.Decisions = append(v.Decisions, SignedChange{d.Event, d.At, string(d.Text), string(d.Signature)})
	}
	return v
}

// showPolicy shows the policy in force, and what is proposed.
func (s *server) showPolicy(ctx context.Context, _ *struct{}) (*struct{ Body Policies }, error) {
	g, err := s.Service().Governance(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := Policies{Proposals: []Proposal{}}
	if g.Policy != nil {
		inForce := policyOf(*g.Policy)
		out.InForce = &inForce
	}
	for _, c := range service.PolicyCasesOf(g, s.Clock()) {
		out.Proposals = append(out.Proposals, proposalOf(c))
	}
	return &struct{ Body Policies }{out}, nil
}

// WantedPolicy is a policy that somebody proposes.
type WantedPolicy struct {
	Text string `json:"text" minLength:"1" maxLength:"60000" doc:"YAML, in the form of docs/schema/policy.schema.json"`
}

type proposalOutput struct {
	Status int
	Body   Proposal
}

// proposePolicy records that the token's person wants a policy.
func (s *server) proposePolicy(ctx context.Context, in *struct{ Body WantedPolicy }) (*proposalOutput, error) {
	out := &proposalOutput{Status: http.StatusCreated}
	err := s.changing(ctx, func() error {
		c, err := s.Service().ProposePolicy(ctx, s.actor(ctx), []byte(in.Body.Text))
		if err == nil {
			out.Body = proposalOf(c)
		}
		return err
	})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return out, nil
}

// decidePolicy records a decision that somebody signed about a proposed policy, and puts it in
// force once it is approved. The signature says who, whatever the token.
func (s *server) decidePolicy(ctx context.Context, in *struct{ Body Signed }) (*proposalOutput, error) {
	decision, err := approval.Receive([]byte(in.Body.Text), []byte(in.Body.Signature))
	if err != nil {
		return nil, problemOf(ctx, codeRequest, err.Error())
	}
	statement, err := approval.ParseStatement(decision.Text)
	if err != nil || statement.Subject.Kind != approval.AboutPolicy {
		return nil, problemOf(ctx, codeRequest, "it is no decision about a policy")
	}
	out := &proposalOutput{Status: http.StatusOK}
	err = s.changing(ctx, func() error {
		to := s.Service()
		if err := to.SettlePolicy(ctx); err != nil {
			return err
		}
		proposed, err := to.Proposed(ctx, statement.Subject.Digest.String())
		if err != nil {
			return err
		}
		after, err := to.DecidePolicy(ctx, s.signer(ctx), proposed, decision)
		if err == nil {
			out.Body = proposalOf(after)
		}
		return err
	})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return out, nil
}
