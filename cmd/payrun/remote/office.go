package remote

import (
	"context"
	"time"

	"payrun/batch/access"
	"payrun/batch/outbox"
	"payrun/internal/httpapi"
)

// AllTokens returns all tokens that ever were at the server.
func (d *Desk) AllTokens(ctx context.Context) ([]access.Token, error) {
	found, err := d.Tokens(ctx)
	var all []access.Token
	for _, t := range found.Tokens {
		all = append(all, tokenOf(t))
	}
	return all, d.word(ctx, "", err)
}

// MakeToken makes a token for the caller's own person, for so many days, and returns it with its
// secret.
func (d *Desk) MakeToken(ctx context.Context, name string, scopes []access.Scope, days int) (access.Token, string, error) {
	wanted := httpapi.WantedToken{Name: name, Days: days}
	for _, scope := range scopes {
		wanted.Scopes = append(wanted.Scopes, string(scope))
	}
	made, err := d.CreateToken(ctx, wanted)
	return tokenOf(made.Token), made.Secret, d.word(ctx, "", err)
}

// EndToken ends a token.
func (d *Desk) EndToken(ctx context.Context, id string) (access.Token, error) {
	gone, err := d.RevokeToken(ctx, id)
	return tokenOf(gone), d.word(ctx, "", err)
}

func tokenOf(t httpapi.Token) access.Token {
	out := access.Token{ID: t.ID, Name: t.Name, Person: t.Person, Created: t.Created, Expires: t.Expires, Revoked: value(t.Revoked), Used: value(t.Used)}
	for _, scope := range t.Scopes {
		out.Scopes = append(out.Scopes, access.Scope(scope))
	}
	return out
}

// value is a time, zero for none.
func value(at *time.Time) time.Time {
	if at == nil {
		return time.Time{}
	}
	return *at
}

// Told returns what others were told of, or are to be, in a state, empty for all.
func (d *Desk) Told(ctx context.Context, state outbox.State) ([]outbox.Told, error) {
	found, err := d.Notices(ctx, string(state))
	return found, d.word(ctx, "", err)
}

// Again has somebody told of an event once more.
func (d *Desk) Again(ctx context.Context, channel string, event uint64) error {
	return d.word(ctx, "", d.TellAgain(ctx, channel, event))
}

// MakeHook makes another address for the provider, and returns its path at the server.
func (d *Desk) MakeHook(ctx context.Context) (path string, err error) {
	made, err := d.CreateHook(ctx)
	return made.Path, d.word(ctx, "", err)
}

// EndHook ends that address.
func (d *Desk) EndHook(ctx context.Context) error { return d.word(ctx, "", d.Client.EndHook(ctx)) }
