package ui

import (
	"strings"

	"payrun/batch/approval"
	"payrun/batch/service"
	"payrun/ledger"
)

// shownPolicy is a policy for scripts. Its JSON keys are documented in docs/json.md.
type shownPolicy struct {
	Digest string `json:"digest"`
	// Text is the policy byte for byte.
	Text string `json:"text"`
}

func newPolicy(p approval.Policy) *shownPolicy {
	return &shownPolicy{Digest: p.Digest().String(), Text: string(p.Text())}
}

// shownProposal is a proposed policy, and where its approval stands.
type shownProposal struct {
	shownPolicy

	By        string    `json:"by"`
	Verdict   string    `json:"verdict"`
	Approvals []Counted `json:"approvals"`
	Missing   []Need    `json:"missing"`
	May       []string  `json:"may"`
	Reachable bool      `json:"reachable"`
}

func newProposal(c service.PolicyCase) shownProposal {
	p := shownProposal{
		shownPolicy: *newPolicy(c.Policy), By: c.By.Name, Verdict: c.Verdict.State.String(), Approvals: []Counted{},
		Missing: needs(c.Verdict.Missing), May: append([]string{}, c.Verdict.May...), Reachable: c.Verdict.Reachable,
	}
	for _, counted := range c.Verdict.Counted {
		p.Approvals = append(p.Approvals, Counted{By: counted.By, Key: counted.Key, Event: counted.Event})
	}
	return p
}

// ShowPolicy prints the policy in force, nil for none, and those that are proposed.
func (u *UI) ShowPolicy(inForce *approval.Policy, proposed []service.PolicyCase) error {
	if u.JSON() {
		shown := struct {
			InForce   *shownPolicy    `json:"in_force"`
			Proposals []shownProposal `json:"proposals"`
		}{Proposals: []shownProposal{}}
		if inForce != nil {
			shown.InForce = newPolicy(*inForce)
		}
		for _, c := range proposed {
			shown.Proposals = append(shown.Proposals, newProposal(c))
		}
		return u.PrintObject("policy", shown)
	}
	lines := []string{u.Text("policy.none")}
	if inForce != nil {
		lines = []string{u.Text("policy.in_force", "digest", inForce.Digest().String()), "", strings.TrimSpace(string(inForce.Text()))}
	}
	for _, c := range proposed {
		lines = append(lines, "")
		lines = append(lines, u.proposalLines(c)...)
		lines = append(lines, "", strings.TrimSpace(string(c.Policy.Text())))
	}
	return u.SayLines(lines)
}

// ShowProposal prints what became of a proposed policy.
func (u *UI) ShowProposal(c service.PolicyCase) error {
	if u.JSON() {
		return u.PrintObject("policy", struct {
			Proposal shownProposal `json:"proposal"`
		}{newProposal(c)})
	}
	return u.SayLines(u.proposalLines(c))
}

// proposalLines say what is proposed, what it lacks and whom to ask.
func (u *UI) proposalLines(c service.PolicyCase) []string {
	lines := []string{u.Text("policy.proposed", "name", c.By.Name, "digest", c.Policy.Digest().String())}
	if c.Verdict.State != approval.Waiting {
		return append(lines, u.Text("policy."+c.Verdict.State.String()))
	}
	lines = append(lines, u.missing(c.Verdict)...)
	return append(lines, u.Text("approval.ask", "command", u.Commands.ForBatch("policy approve", ledger.BatchID(c.Policy.Digest().String()[:12]))))
}
