package console

import (
	"net/http"

	"payrun/batch/approval/sshsig"
	"payrun/batch/signin"
)

// mePage is the visitor's own page.
type mePage struct {
	Person   listed
	Listed   bool
	Sessions []signin.Session
	// Here is the id of this session.
	Here    string
	Options string
}

// showMe shows a visitor their roles, keys and sessions.
func (s *server) showMe(w http.ResponseWriter, r *http.Request) error {
	v := visitorOf(r)
	page := mePage{Here: v.ID, Person: listed{Name: v.Person, FullName: v.FullName}}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	if person, known := g.People.Find(v.Person); known {
		refused, err := s.SignIn.Copied(r.Context())
		if err != nil {
			return err
		}
		page.Person, page.Listed = copied(refused).person(person), true
		if page.Options, err = s.creation(s.ask(w, "key"), v.Person); err != nil {
			return err
		}
	}
	all, err := s.SignIn.Sessions(r.Context())
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Person == v.Person {
			page.Sessions = append(page.Sessions, one)
		}
	}
	return s.render(w, r, "me", page)
}

// leaveKey takes a further key of the visitor's, for an admin to sign for.
func (s *server) leaveKey(w http.ResponseWriter, r *http.Request) error {
	v := visitorOf(r)
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	person, known := g.People.Find(v.Person)
	if !known {
		return errUnknownKey
	}
	e, key, err := s.left(r, v.Person)
	if err != nil {
		return err
	}
	e.FullName, e.Roles = person.FullName, person.Roles
	if e, err = s.enrol(r, s.person(r), "", e); err != nil {
		return err
	}
	return s.render(w, r, "left", struct {
		signin.Enrolment

		Fingerprint string
	}{e, sshsig.Fingerprint(key.Public)})
}
