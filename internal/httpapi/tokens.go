package httpapi

import (
	"context"
	"time"

	"payrun/batch/access"
	"payrun/ledger"
)

// Token is a token without its secret.
type Token struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Person  string     `json:"person" doc:"in whose name its calls are made"`
	Scopes  []string   `json:"scopes"`
	Created time.Time  `json:"created"`
	Expires time.Time  `json:"expires"`
	Revoked *time.Time `json:"revoked,omitempty"`
	Used    *time.Time `json:"last_used,omitempty" doc:"exact to the day after a restart"`
}

func tokenOf(t access.Token) Token {
	v := Token{
		ID: t.ID, Name: t.Name, Person: t.Person, Scopes: []string{}, Created: t.Created, Expires: t.Expires,
		Revoked: moment(t.Revoked), Used: moment(t.Used),
	}
	for _, scope := range t.Scopes {
		v.Scopes = append(v.Scopes, string(scope))
	}
	return v
}

// TokenList is all tokens that ever were.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

func (s *server) listTokens(ctx context.Context, _ *struct{}) (*struct{ Body TokenList }, error) {
	all, err := s.Tokens.List(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := TokenList{Tokens: []Token{}}
	for _, t := range all {
		out.Tokens = append(out.Tokens, tokenOf(t))
	}
	return &struct{ Body TokenList }{out}, nil
}

// WantedToken is a token to be made.
type WantedToken struct {
	Name   string   `json:"name" minLength:"1" maxLength:"64"`
	Scopes []string `json:"scopes" minItems:"1"`
	Days   int      `json:"days" minimum:"1" maximum:"400" default:"90"`
}

// NewToken is a token with its secret, which is told once.
type NewToken struct {
	Token

	Secret string `json:"token" doc:"told once, and kept by nobody here"`
}

// createToken makes a token for the caller's own person, and for no more than the caller
// may do.
func (s *server) createToken(ctx context.Context, in *struct{ Body WantedToken }) (*struct {
	Status int
	Body   NewToken
}, error,
) {
	scopes, err := access.ParseScopes(in.Body.Scopes)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	caller := callerOf(ctx)
	for _, scope := range scopes {
		if !caller.May(scope) {
			return nil, problemOf(ctx, codeScope, "the caller has not the scope "+string(scope))
		}
	}
	const day = 24 * time.Hour
	made, secret, err := s.Tokens.Create(ctx, s.person(ctx), access.Request{
		Name: in.Body.Name, Person: caller.Person, Scopes: scopes, Lasts: time.Duration(in.Body.Days) * day,
	})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	out := &struct {
		Status int
		Body   NewToken
	}{201, NewToken{tokenOf(made), secret}}
	return out, nil
}

// person is the caller as the ledger has them.
func (s *server) person(ctx context.Context) ledger.Person {
	by := s.actor(ctx)
	return ledger.Person{Name: by.Person, Host: by.Host}
}

func (s *server) revokeToken(ctx context.Context, in *struct {
	ID string `path:"id" maxLength:"32"`
},
) (*struct{ Body Token }, error) {
	gone, err := s.Tokens.Revoke(ctx, s.person(ctx), in.ID)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct{ Body Token }{tokenOf(gone)}, nil
}
