package console

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
	"payrun/batch/signin"
)

// peopleRoutes are those of people, their keys and the policy, and of the visitor's own.
func (s *server) peopleRoutes() []route {
	const get, post = http.MethodGet, http.MethodPost
	admin, notAuditors := []Role{Admin}, []Role{Admin, Maker, Approver}
	return []route{
		{method: get, path: "/people", nav: "console.nav.people", serve: s.showPeople},
		{method: post, path: "/people/first", roles: admin, serve: s.inviteFirst},
		{method: post, path: "/people/invite", roles: admin, serve: s.invite},
		{method: get, path: "/people/add", roles: admin, serve: s.askAdd},
		{method: get, path: "/people/remove", roles: admin, serve: s.askRemove},
		{method: post, path: "/people/sign", roles: admin, serve: s.signPeople},
		{method: get, path: "/policy", nav: "console.nav.policy", serve: s.showPolicy},
		{method: post, path: "/policy", roles: notAuditors, serve: s.proposePolicy},
		{method: get, path: "/policy/decide", roles: notAuditors, serve: s.askPolicy},
		{method: post, path: "/policy/decisions", roles: notAuditors, serve: s.decidePolicy},
		{method: get, path: "/me", serve: s.showMe},
		{method: post, path: "/me/keys", serve: s.leaveKey},
		{method: post, path: "/sessions/{id}/end", serve: s.endSession},
	}
}

// listed is somebody on the list of people.
type listed struct {
	Name, FullName string
	Roles          []string
	Keys           []listedKey
}

// listedKey is a key as pages show it.
type listedKey struct {
	Fingerprint string
	Passkey     bool
	// Copied is when it was last refused because there may be a copy of it, zero if it never was.
	Copied time.Time
}

// copied is when passkeys were last refused because there may be a copy, by fingerprint.
type copied map[string]time.Time

func (c copied) person(p approval.Person) listed {
	return listed{Name: p.Name, FullName: p.FullName, Roles: p.Roles, Keys: c.keys(p.Keys)}
}

func (c copied) keys(keys []approval.Key) []listedKey {
	var all []listedKey
	for _, key := range keys {
		fingerprint := sshsig.Fingerprint(key.Public)
		all = append(all, listedKey{fingerprint, key.Origin != "", c[fingerprint]})
	}
	return all
}

// waiting is a key that somebody left and no admin has signed for.
type waiting struct {
	signin.Enrolment

	Fingerprint string
	// Listed is set for somebody who is on the list with other keys.
	Listed bool
}

// peoplePage is the list of people, and for an admin what waits for them.
type peoplePage struct {
	People      []listed
	Waiting     []waiting
	Invitations []signin.Invitation
	Sessions    []signin.Session
	// Roles are those that somebody can be invited to: the gates, and those of the policy.
	Roles []string
	// Link is that of an invitation that was made just now: nobody can tell it again.
	Link, Invited string
	Admin         bool
}

// showPeople lists the people and their keys.
func (s *server) showPeople(w http.ResponseWriter, r *http.Request) error {
	page, err := s.peoplePage(r)
	if err != nil {
		return err
	}
	return s.render(w, r, "people", page)
}

func (s *server) peoplePage(r *http.Request) (peoplePage, error) {
	page := peoplePage{Admin: visitorOf(r).Is(Admin)}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return page, err
	}
	for _, role := range Roles() {
		page.Roles = append(page.Roles, string(role))
	}
	if g.Policy != nil {
		for _, role := range g.Policy.Roles() {
			if !slices.Contains(page.Roles, role) {
				page.Roles = append(page.Roles, role)
			}
		}
	}
	refused, err := s.SignIn.Copied(r.Context())
	if err != nil {
		return page, err
	}
	for _, p := range g.People.Present() {
		page.People = append(page.People, copied(refused).person(p))
	}
	if !page.Admin {
		return page, nil
	}
	if page.Waiting, err = s.waiting(r, g); err != nil {
		return page, err
	}
	if page.Invitations, err = s.SignIn.Invitations(r.Context()); err != nil {
		return page, err
	}
	page.Sessions, err = s.SignIn.Sessions(r.Context())
	return page, err
}

// waiting are the keys that were left and were never put on the list since: what was taken
// off it does not wait to come back.
func (s *server) waiting(r *http.Request, g service.Governance) ([]waiting, error) {
	left, err := s.SignIn.Enrolments(r.Context())
	if err != nil {
		return nil, err
	}
	var all []waiting
	for _, e := range left {
		fingerprint, err := fingerprintOf(e.Key)
		if err != nil {
			return nil, err
		}
		taken := slices.ContainsFunc(entriesOf(g, e.Person), func(one entry) bool { return one.event > e.Event && one.has(fingerprint) })
		if _, owned := g.People.Owner(fingerprint); owned || taken || e.First {
			continue
		}
		_, listed := g.People.Find(e.Person)
		all = append(all, waiting{Enrolment: e, Fingerprint: fingerprint, Listed: listed})
	}
	return all, nil
}

// invite makes a link for somebody, and shows it once.
func (s *server) invite(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return errRequest
	}
	name := strings.TrimSpace(r.PostFormValue("person"))
	i, secret, err := s.SignIn.InvitePerson(r.Context(), s.person(r), name, r.PostForm["role"])
	if err != nil {
		return err
	}
	page, err := s.peoplePage(r)
	if err != nil {
		return err
	}
	page.Link, page.Invited = s.Origin+"/invitation/"+secret, i.Person
	return s.render(w, r, "people", page)
}

// inviteFirst leads a visitor of the sandbox, where nobody is registered, to the first admin's page.
func (s *server) inviteFirst(w http.ResponseWriter, r *http.Request) error {
	_, secret, err := s.SignIn.Invite(r.Context(), s.person(r), signin.Invitation{First: true, Roles: []string{string(Maker)}})
	if err != nil {
		return err
	}
	s.redirect(w, r, "/invitation/"+secret)
	return nil
}

// signPeople records a change that an admin signed.
func (s *server) signPeople(w http.ResponseWriter, r *http.Request) error {
	act, err := approval.ParseAct(formLines(r, "text"))
	if err != nil {
		return errRequest
	}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	admin, _ := g.People.Find(act.By)
	if err := s.changePeople(r, act, admin.Keys); err != nil {
		return err
	}
	s.done(w, r, "/people", "people_"+string(act.Kind))
	return nil
}

// changePeople records an act with the signature that a form brings, by one of some keys.
func (s *server) changePeople(r *http.Request, act approval.Act, keys []approval.Key) error {
	signature, err := s.brought(r, act.By, keys, act.Key, errUnknownKey)
	if err != nil {
		return err
	}
	by := s.actor(r)
	if by.Person == "" {
		by = service.Actor{Person: act.By, Host: s.Host}
	}
	return s.change(r.Context(), func() error {
		_, err := s.Service().ChangePeople(r.Context(), by, approval.SignedAct{Text: formLines(r, "text"), Signature: signature})
		return err
	})
}

// formLines is a text of a form as it was given out: browsers send the end of a line as two bytes.
func formLines(r *http.Request, name string) []byte {
	return []byte(strings.ReplaceAll(r.PostFormValue(name), "\r\n", "\n"))
}
