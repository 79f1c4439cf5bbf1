package console

import (
	"net/http"
	"strings"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
)

// policyPage is the policy in force, and those that are proposed.
type policyPage struct {
	InForce   string
	Proposals []proposal
	// Proposed is the text that the visitor is about to propose: at first the one in force.
	Proposed string
	Propose  bool
}

// proposal is a policy that waits to be decided.
type proposal struct {
	By, Digest, Text string
	Missing          []approval.Need
}

// showPolicy shows the policy in force.
func (s *server) showPolicy(w http.ResponseWriter, r *http.Request) error {
	page := policyPage{Propose: visitorOf(r).Is(Admin, Maker, Approver)}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	if g.Policy != nil {
		page.InForce = string(g.Policy.Text())
	}
	page.Proposed = page.InForce
	all, err := s.Service().Proposals(r.Context())
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Verdict.State == approval.Waiting {
			page.Proposals = append(page.Proposals, proposalOf(c))
		}
	}
	return s.render(w, r, "policy", page)
}

func proposalOf(c service.PolicyCase) proposal {
	return proposal{
		By: c.By.Name, Digest: c.Policy.Digest().String(), Text: string(c.Policy.Text()), Missing: c.Verdict.Missing,
	}
}

// proposePolicy records that the visitor wants another policy, as payrun policy propose does.
func (s *server) proposePolicy(w http.ResponseWriter, r *http.Request) error {
	text := formLines(r, "policy")
	err := s.change(r.Context(), func() error {
		_, err := s.Service().ProposePolicy(r.Context(), s.actor(r), text)
		return err
	})
	if err != nil {
		return err
	}
	s.done(w, r, "/policy", "policy_proposed")
	return nil
}

// askPolicy asks for a signature that approves or rejects a proposed policy.
func (s *server) askPolicy(w http.ResponseWriter, r *http.Request) error {
	to, query := s.Service(), r.URL.Query()
	proposed, err := to.Proposed(r.Context(), query.Get("digest"))
	if err != nil {
		return err
	}
	g, err := to.Governance(r.Context())
	if err != nil {
		return err
	}
	person, known := g.People.Find(visitorOf(r).Person)
	if !known {
		return errUnknownKey
	}
	ballot := service.Ballot{Word: approval.Approve, Name: person.Name}
	if query.Get("decision") == string(approval.Reject) {
		ballot.Word, ballot.Reason = approval.Reject, strings.TrimSpace(query.Get("reason"))
	}
	page := actPage{Kind: string(ballot.Word), Person: proposed.By.Name, Action: "/policy/decisions"}
	for _, key := range person.Keys {
		ballot.Key = sshsig.Fingerprint(key.Public)
		text, err := proposed.Statement(ballot, s.Clock()).Text()
		if err != nil { // a rejection without a reason, for one
			return errRequest
		}
		one, err := s.way(r.Context(), key, text)
		if err != nil {
			return err
		}
		page.Ways = append(page.Ways, one)
	}
	return s.render(w, r, "act", page)
}

// decidePolicy records a decision about a proposed policy that somebody signed.
func (s *server) decidePolicy(w http.ResponseWriter, r *http.Request) error {
	statement, decision, err := s.broughtDecision(r, errUnknownKey)
	if err != nil {
		return err
	}
	err = s.change(r.Context(), func() error {
		to := s.Service()
		if err := to.SettlePolicy(r.Context()); err != nil {
			return err
		}
		proposed, err := to.Proposed(r.Context(), statement.Subject.Digest.String())
		if err != nil {
			return err
		}
		_, err = to.DecidePolicy(r.Context(), s.actor(r), proposed, decision)
		return err
	})
	if err != nil {
		return err
	}
	s.done(w, r, "/policy", "policy_"+string(statement.Word))
	return nil
}
