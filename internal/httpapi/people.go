package httpapi

import (
	"context"
	"net/http"
	"time"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
	"payrun/ledger"
)

// People is who may sign, and the changes from which anybody works that out for themselves.
type People struct {
	People []Person `json:"people" doc:"who may sign now, in the order in which they entered"`
	// Head is empty while nobody was ever on the list.
	Head           string         `json:"head,omitempty" doc:"the digest of the last change's text: the next change names it"`
	AllowedSigners string         `json:"allowed_signers" doc:"the list as ssh-keygen -Y verify takes it"`
	Changes        []SignedChange `json:"changes" doc:"all changes that admins signed, the oldest first: replayed and verified they give the list"`
}

// Person is somebody who may sign.
type Person struct {
	Name        string      `json:"name"`
	FullName    string      `json:"full_name"`
	Roles       []string    `json:"roles"`
	Keys        []PublicKey `json:"keys"`
	ValidAfter  *time.Time  `json:"valid_after,omitempty"`
	ValidBefore *time.Time  `json:"valid_before,omitempty"`
}

// PublicKey is a key with which somebody signs.
type PublicKey struct {
	Fingerprint string `json:"fingerprint" doc:"SHA256:…"`
	Origin      string `json:"origin,omitempty" doc:"the page on which a passkey signs"`
}

// SignedChange is a change of who may sign, with its signature.
type SignedChange struct {
	Event     uint64    `json:"event" doc:"its number in the audit log"`
	At        time.Time `json:"at"`
	Text      string    `json:"text" doc:"byte for byte"`
	Signature string    `json:"signature" doc:"in its armour, as ssh-keygen writes it"`
}

// peopleOf is a list as the ledger has it.
func peopleOf(g service.Governance) (People, error) {
	signers, err := g.People.AllowedSigners()
	v := People{People: []Person{}, AllowedSigners: string(signers), Changes: []SignedChange{}}
	if len(g.Acts) > 0 {
		v.Head = g.People.Head().String()
	}
	for _, p := range g.People.Present() {
		one := Person{
			Name: p.Name, FullName: p.FullName, Roles: p.Roles, Keys: []PublicKey{},
			ValidAfter: moment(p.ValidAfter), ValidBefore: moment(p.ValidBefore),
		}
		for _, k := range p.Keys {
			one.Keys = append(one.Keys, PublicKey{Fingerprint: sshsig.Fingerprint(k.Public), Origin: k.Origin})
		}
		v.People = append(v.People, one)
	}
	for _, act := range g.Acts {
		v.Changes = append(v.Changes, SignedChange{act.Event, act.At, string(act.Text), string(act.Signature)})
	}
	return v, err
}

// showPeople lists who may sign.
func (s *server) showPeople(ctx context.Context, _ *struct{}) (*struct{ Body People }, error) {
	g, err := s.Service().Governance(ctx)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return s.answerPeople(ctx, g)
}

func (s *server) answerPeople(ctx context.Context, g service.Governance) (*struct{ Body People }, error) {
	v, err := peopleOf(g)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct{ Body People }{v}, nil
}

// changePeople records a change of who may sign that an admin signed. The signature says who,
// whatever the token. The first admin comes by the link that the server printed: a token for
// others' signatures is no leave to say whose count.
func (s *server) changePeople(ctx context.Context, in *struct{ Body Signed }) (*struct{ Body People }, error) {
	var g service.Governance
	err := s.changing(ctx, func() (err error) {
		to := s.Service()
		if g, err = to.Governance(ctx); err != nil {
			return err
		}
		if len(g.Acts) == 0 {
			return problemOf(ctx, codeNobody, "the first admin comes by the link that the server printed, or by payrun people init at the ledger")
		}
		g, err = to.ChangePeople(ctx, s.signer(ctx), approval.SignedAct{Text: []byte(in.Body.Text), Signature: []byte(in.Body.Signature)})
		return err
	})
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return s.answerPeople(ctx, g)
}

// signer is the actor of what somebody signed, who is named by the text.
func (s *server) signer(ctx context.Context) service.Actor {
	by := s.actor(ctx)
	by.Confirmed = service.BySignature
	return by
}

// WantedInvitation is an invitation to be made.
type WantedInvitation struct {
	Person string   `json:"person" minLength:"1" maxLength:"64" doc:"the name that they are to have, such as koffi@firm"`
	Roles  []string `json:"roles" minItems:"1" maxItems:"32" doc:"maker, approver, auditor, admin, or those of the policy"`
}

// NewInvitation is an invitation with its address, which is told once.
type NewInvitation struct {
	Person  string    `json:"person"`
	Roles   []string  `json:"roles"`
	Expires time.Time `json:"expires"`
	Path    string    `json:"path" doc:"behind this server's name. Told once, and kept by nobody here"`
}

// invite makes a link by which somebody leaves a key, which counts for nothing before an admin
// signed for it.
func (s *server) invite(ctx context.Context, in *struct{ Body WantedInvitation }) (*struct {
	Status int
	Body   NewInvitation
}, error,
) {
	by := s.actor(ctx)
	made, secret, err := s.SignIn.InvitePerson(
		ctx, ledger.Person{Name: by.Person, Host: by.Host, Confirmed: string(by.Confirmed)}, in.Body.Person, in.Body.Roles)
	if err != nil {
		return nil, s.problem(ctx, err)
	}
	return &struct {
		Status int
		Body   NewInvitation
	}{http.StatusCreated, NewInvitation{made.Person, made.Roles, made.Expires, invitationPath + secret}}, nil
}

// invitationPath is the path of a page that takes an invitation, but for its secret.
const invitationPath = "/invitation/"
