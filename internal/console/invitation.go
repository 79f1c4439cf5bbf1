package console

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/signin"
	"payrun/ledger"
)

// invitationPage lets somebody leave their key.
type invitationPage struct {
	signin.Invitation

	Action, Options string
}

// invited is the invitation of a request, if it may be used.
func (s *server) invited(r *http.Request) (signin.Invitation, error) {
	i, err := s.SignIn.Invitation(r.Context(), r.PathValue("secret"))
	if errors.Is(err, signin.ErrRefused) || err == nil && i.Sandbox && !s.Sandbox {
		return i, errInvitation
	}
	if err != nil || !i.First {
		return i, err
	}
	g, err := s.Service().Governance(r.Context())
	if err == nil && len(g.Acts) > 0 {
		err = errInvitation // there is an admin already
	}
	return i, err
}

// showInvitation asks for a key, or lets into the sandbox.
func (s *server) showInvitation(w http.ResponseWriter, r *http.Request) error {
	i, err := s.invited(r)
	if err != nil {
		return err
	}
	options, err := s.creation(s.ask(w, "key"), i.Person)
	if err != nil {
		return err
	}
	return s.render(w, r, "invitation", invitationPage{Invitation: i, Action: "/invitation/" + r.PathValue("secret"), Options: options})
}

// useInvitation takes the key of somebody who was invited, once.
func (s *server) useInvitation(w http.ResponseWriter, r *http.Request) error {
	i, err := s.invited(r)
	if err != nil {
		return err
	}
	secret := r.PathValue("secret")
	if i.Sandbox {
		if i, err = s.SignIn.Enter(r.Context(), secret); err != nil {
			return errInvitation
		}
		if err := s.begin(w, r, signin.Session{Person: i.Person, Roles: i.Roles}); err != nil {
			return err
		}
		s.redirect(w, r, "/")
		return nil
	}
	e, key, err := s.left(r, i.Person)
	if err != nil {
		return err
	}
	e, err = s.enrol(r, ledger.Person{Name: e.Person, Host: s.Host}, secret, e)
	if err != nil {
		return err
	}
	s.setCookie(w, challengeCookie, "", 0)
	if !i.First {
		return s.render(w, r, "left", struct {
			signin.Enrolment

			Fingerprint string
		}{e, sshsig.Fingerprint(key.Public)})
	}
	return s.askFirst(w, r, e, key)
}

// enrol keeps a key that somebody left.
func (s *server) enrol(r *http.Request, by ledger.Person, secret string, e signin.Enrolment) (signin.Enrolment, error) {
	e, err := s.SignIn.Enrol(r.Context(), by, secret, e)
	switch {
	case errors.Is(err, signin.ErrRefused):
		return e, errInvitation
	case errors.Is(err, signin.ErrKnownKey):
		return e, errKnownKey
	}
	return e, err
}

// left is the key that a form brings: a passkey that was made just now, or a line of OpenSSH.
func (s *server) left(r *http.Request, name string) (signin.Enrolment, approval.Key, error) {
	if name == "" {
		name = strings.TrimSpace(r.PostFormValue("person"))
	}
	e := signin.Enrolment{Person: name, FullName: strings.TrimSpace(r.PostFormValue("full_name"))}
	if e.FullName == "" {
		e.FullName = name
	}
	var key approval.Key
	if answer := r.PostFormValue("credential"); answer != "" {
		c, err := s.asked(r, "key")
		if err != nil {
			return e, key, err
		}
		if e.Passkey, key.Public, err = s.created(c, answer); err != nil {
			return e, key, err
		}
		key.Origin = s.Origin
	} else {
		var err error
		if key.Public, _, _, _, err = ssh.ParseAuthorizedKey([]byte(r.PostFormValue("key"))); err != nil {
			return e, key, errPublicKey
		}
	}
	person := approval.Person{Name: e.Person, FullName: e.FullName, Roles: []string{"maker"}, Keys: []approval.Key{key}}
	if err := person.Check(); err != nil {
		return e, key, err
	}
	e.Key = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.Public)))
	return e, key, nil
}

// fingerprintOf is that of a line of OpenSSH.
func fingerprintOf(line string) (string, error) {
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line))
	if err != nil {
		return "", err
	}
	return sshsig.Fingerprint(public), nil
}

// keyOf is the key that somebody left, as the list of people has it.
func keyOf(e signin.Enrolment) (approval.Key, error) {
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(e.Key))
	key := approval.Key{Public: public}
	if e.Passkey != nil {
		key.Origin = e.Passkey.Origin
	}
	return key, err
}

// askFirst asks the first admin to sign that they are.
func (s *server) askFirst(w http.ResponseWriter, r *http.Request, e signin.Enrolment, key approval.Key) error {
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	roles := append([]string{approval.Admin}, e.Roles...)
	slices.Sort(roles)
	act := approval.Act{
		Kind: approval.Add, By: e.Person, Previous: g.People.Head(),
		Person: approval.Person{Name: e.Person, FullName: e.FullName, Roles: slices.Compact(roles), Keys: []approval.Key{key}},
	}
	page, err := s.actPage(r.Context(), act, []approval.Key{key}, "/first-admin")
	if err != nil {
		return err
	}
	return s.render(w, r, "act", page)
}

// beFirst begins the list of people with whoever used the first invitation up, and signs
// them in: their key signed just now.
func (s *server) beFirst(w http.ResponseWriter, r *http.Request) error {
	act, err := approval.ParseAct(formLines(r, "text"))
	if err != nil {
		return errRequest
	}
	e, err := s.SignIn.FirstKey(r.Context())
	if errors.Is(err, signin.ErrRefused) {
		return errInvitation
	}
	if err != nil {
		return err
	}
	fingerprint, err := fingerprintOf(e.Key)
	if err != nil {
		return err
	}
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	if len(g.Acts) > 0 || e.Person != act.Person.Name || fingerprint != act.Key {
		return errInvitation
	}
	if err := s.changePeople(r, act, act.Person.Keys); err != nil {
		return err
	}
	if err := s.begin(w, r, signin.Session{Person: act.Person.Name, Key: act.Key}); err != nil {
		return err
	}
	s.done(w, r, "/people", "first_admin")
	return nil
}
