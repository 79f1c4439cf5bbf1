package remote

import (
	"context"
	"time"

	"payrun/batch/approval"
	"payrun/batch/clearance"
	"payrun/batch/service"
	"payrun/internal/httpapi"
	"payrun/ledger"
)

// Governance is who may sign and which policy is in force, as the server has it. The list of
// people is worked out here from the changes that admins signed, each verified: a server cannot
// put somebody on it.
func (d *Desk) Governance(ctx context.Context) (service.Governance, error) {
	g, err := d.people(ctx)
	if err != nil {
		return g, err
	}
	policies, err := d.Policies(ctx)
	if err != nil {
		return g, d.word(ctx, "", err)
	}
	if p := policies.InForce; p != nil {
		inForce, err := approval.ParsePolicy([]byte(p.Text))
		if err != nil {
			return g, err
		}
		g.Policy = &inForce
	}
	for _, p := range policies.Proposals {
		one, err := proposalOf(p)
		if err != nil {
			return g, err
		}
		g.Proposals = append(g.Proposals, one)
	}
	return g, nil
}

func governanceOf(people httpapi.People) (service.Governance, error) {
	var g service.Governance
	for _, c := range people.Changes {
		g.Acts = append(g.Acts, approval.SignedAct(decisionOf(c)))
	}
	var err error
	g.People, err = g.Records.People()
	return g, err
}

func decisionOf(c httpapi.SignedChange) approval.Decision {
	return approval.Decision{Event: c.Event, At: c.At, Text: []byte(c.Text), Signature: []byte(c.Signature)}
}

func proposalOf(p httpapi.Proposal) (clearance.Proposal, error) {
	policy, err := approval.ParsePolicy([]byte(p.Text))
	if err != nil {
		return clearance.Proposal{}, err
	}
	out := clearance.Proposal{Event: p.Event, By: ledger.Person{Name: p.By}, Policy: policy}
	for _, d := range p.Decisions {
		out.Decisions = append(out.Decisions, decisionOf(d))
	}
	return out, nil
}

// ChangePeople records a change of who may sign that an admin signed here.
func (d *Desk) ChangePeople(ctx context.Context, signed approval.SignedAct) (service.Governance, error) {
	people, err := d.Client.ChangePeople(ctx, httpapi.Signed{Text: string(signed.Text), Signature: string(signed.Signature)})
	if err != nil {
		return service.Governance{}, d.word(ctx, "", err)
	}
	return governanceOf(people)
}

// Undecided is the policy that is proposed under a digest that begins so, to be decided.
func (d *Desk) Undecided(ctx context.Context, digest string) (service.PolicyCase, error) {
	g, err := d.Governance(ctx)
	if err != nil {
		return service.PolicyCase{}, err
	}
	return service.Undecided(service.PolicyCasesOf(g, time.Now().UTC()), digest)
}

// ProposePolicy proposes a policy in the name of the token's person.
func (d *Desk) ProposePolicy(ctx context.Context, text []byte) (service.PolicyCase, error) {
	if _, err := approval.ParsePolicy(text); err != nil {
		return service.PolicyCase{}, err
	}
	p, err := d.Client.ProposePolicy(ctx, string(text))
	if err != nil {
		return service.PolicyCase{}, d.word(ctx, "", err)
	}
	return d.Undecided(ctx, p.Digest)
}

// DecidePolicy records a decision that somebody signed here about a proposed policy.
func (d *Desk) DecidePolicy(ctx context.Context, c service.PolicyCase, signed approval.Decision) (service.PolicyCase, error) {
	p, err := d.Client.DecidePolicy(ctx, httpapi.Signed{Text: string(signed.Text), Signature: string(signed.Signature)})
	if err != nil {
		return c, d.word(ctx, "", err)
	}
	if c.Proposal, err = proposalOf(p); err != nil {
		return c, err
	}
	g, err := d.people(ctx)
	if err != nil {
		return c, err
	}
	g.Policy = c.InForce
	return service.PolicyCaseOf(g, c.Proposal, time.Now().UTC()), nil
}

// people is Governance without the policies.
func (d *Desk) people(ctx context.Context) (service.Governance, error) {
	people, err := d.People(ctx)
	if err != nil {
		return service.Governance{}, d.word(ctx, "", err)
	}
	return governanceOf(people)
}

// Invite makes a link by which somebody leaves a key at the server's pages.
func (d *Desk) Invite(ctx context.Context, name string, roles []string) (httpapi.NewInvitation, error) {
	made, err := d.Client.Invite(ctx, httpapi.WantedInvitation{Person: name, Roles: roles})
	return made, d.word(ctx, "", err)
}
