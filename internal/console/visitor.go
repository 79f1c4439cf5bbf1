package console

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"payrun/batch/service"
	"payrun/batch/signin"
	"payrun/internal/catalogue"
)

// Role is the kind of pages that somebody is shown. The roles of payrun people are wider: every other word
// there is one of which a policy speaks, and makes its bearer an Approver.
type Role string

// The roles.
const (
	// Maker: brings files in, lets them be paid, mends what failed.
	Maker Role = "maker"
	// Approver: is asked for signatures.
	Approver Role = "approver"
	// Auditor: reads everything.
	Auditor Role = "auditor"
	// Admin: invites people, proposes policies, ends sessions.
	Admin Role = "admin"
)

// Roles lists all of them.
func Roles() []Role { return []Role{Maker, Approver, Auditor, Admin} }

// rolesOf are the roles that words of the list of people come to.
func rolesOf(words []string) []Role {
	var roles []Role
	for _, word := range words {
		role := Role(word)
		if !slices.Contains(Roles(), role) {
			role = Approver
		}
		if !slices.Contains(roles, role) {
			roles = append(roles, role)
		}
	}
	return roles
}

// Visitor is whoever asks for a page. The zero value is a stranger.
type Visitor struct {
	signin.Session

	Roles []Role
	// FullName is how the list of people has them.
	FullName string
	// Language is the one that they chose, or else that of their browser.
	Language catalogue.Language
}

// SignedIn reports whether it is known who that is.
func (v Visitor) SignedIn() bool { return v.Person != "" }

// Is reports whether the visitor has one of some roles.
func (v Visitor) Is(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(role Role) bool { return slices.Contains(v.Roles, role) })
}

// key marks values that travel with a request.
type key int

const visitorKey key = iota

func withVisitor(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey, v)
}

// visitorOf is whoever made a request.
func visitorOf(r *http.Request) Visitor {
	v, _ := r.Context().Value(visitorKey).(Visitor)
	return v
}

// actor is the visitor as somebody who acts: they saw what it comes to and confirmed it.
func (s *server) actor(r *http.Request) service.Actor {
	v := visitorOf(r)
	return service.Actor{Person: v.Person, Host: s.Host + "/" + v.ID, Confirmed: service.ByRequest}
}

// visitor finds out who makes a request.
func (s *server) visitor(r *http.Request) (Visitor, error) {
	v := Visitor{Language: languageOf(r)}
	cookie, err := r.Cookie(s.cookieName(sessionCookie))
	if err != nil {
		return v, nil //nolint:nilerr // there is no cookie: a stranger
	}
	found, err := s.SignIn.Find(r.Context(), cookie.Value)
	if errors.Is(err, signin.ErrRefused) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	if len(found.Roles) > 0 && s.Sandbox {
		return v.signedIn(found, found.Person, found.Roles), nil
	}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return v, err
	}
	// Who is not on the list any more, or not with that key, is not signed in any more: neither
	// is a visit that began before they were put on the list, for they were off it meanwhile.
	person, listed := g.People.Owner(found.Key)
	entered, _ := g.People.Entered(person.Name)
	if listed && person.Name == found.Person && found.Event > entered && activeAt(person, s.Clock()) {
		v = v.signedIn(found, person.FullName, person.Roles)
	}
	return v, nil
}

// signedIn is the visitor as somebody whom the server knows, and their language if they chose one.
func (v Visitor) signedIn(found signin.Session, fullName string, roles []string) Visitor {
	v.Session, v.FullName, v.Roles = found, fullName, rolesOf(roles)
	if chosen, has := catalogue.ParseLanguage(found.Language); has {
		v.Language = chosen
	}
	return v
}
