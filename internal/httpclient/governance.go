package httpclient

import (
	"context"
	"net/http"

	"payrun/internal/httpapi"
)

// People returns who may sign, and the changes from which that follows.
func (c *Client) People(ctx context.Context) (all httpapi.People, err error) {
	return all, c.do(ctx, call{method: http.MethodGet, path: "/v1/people"}, &all)
}

// ChangePeople records a change of who may sign that an admin signed.
func (c *Client) ChangePeople(ctx context.Context, signed httpapi.Signed) (all httpapi.People, err error) {
	return all, c.do(ctx, call{method: http.MethodPost, path: "/v1/people", body: signed}, &all)
}

// Invite makes a link by which somebody leaves a key.
func (c *Client) Invite(ctx context.Context, wanted httpapi.WantedInvitation) (made httpapi.NewInvitation, err error) {
	return made, c.do(ctx, call{method: http.MethodPost, path: "/v1/invitations", body: wanted}, &made)
}

// Policies returns the policy in force, and those that are proposed.
func (c *Client) Policies(ctx context.Context) (all httpapi.Policies, err error) {
	return all, c.do(ctx, call{method: http.MethodGet, path: "/v1/policy"}, &all)
}

// ProposePolicy proposes a policy.
func (c *Client) ProposePolicy(ctx context.Context, text string) (p httpapi.Proposal, err error) {
	return p, c.do(ctx, call{method: http.MethodPost, path: "/v1/policy", body: httpapi.WantedPolicy{Text: text}}, &p)
}

// DecidePolicy records a decision that somebody signed about a proposed policy.
func (c *Client) DecidePolicy(ctx context.Context, signed httpapi.Signed) (p httpapi.Proposal, err error) {
	return p, c.do(ctx, call{method: http.MethodPost, path: "/v1/policy/decisions", body: signed}, &p)
}
