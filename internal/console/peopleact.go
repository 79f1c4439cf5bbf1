package console

import (
	"bytes"
	"net/http"
	"slices"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
	"payrun/batch/signin"
)

// actPage is a change of the list of people that an admin is about to sign.
type actPage struct {
	// Kind names what it does: the words of console.act.KIND.
	Kind   string
	Person string
	Action string
	Ways   []way
}

// way is a key with which it can be signed: the text names the key.
type way struct {
	Key, Text string
	// Options are those of navigator.credentials.get, empty for a key of ssh-keygen.
	Options   string
	Namespace string
}

// actPage asks for a signature over an act, by one of some keys.
func (s *server) actPage(act approval.Act, keys []approval.Key, action string) (actPage, error) {
	page := actPage{Kind: string(act.Kind), Person: act.Person.Name, Action: action}
	for _, key := range keys {
		act.Key, act.Nonce = sshsig.Fingerprint(key.Public), approval.NewNonce()
		text, err := act.Text()
		if err != nil {
			return page, err
		}
		one, err := s.way(key, text)
		if err != nil {
			return page, err
		}
		page.Ways = append(page.Ways, one)
	}
	return page, nil
}

// way asks one key for its signature over a text.
func (s *server) way(key approval.Key, text []byte) (way, error) {
	one := way{Key: sshsig.Fingerprint(key.Public), Text: string(text), Namespace: approval.Namespace}
	if key.Origin == "" {
		return one, nil
	}
	challenge, err := sshsig.Challenge(approval.Namespace, bytes.NewReader(text))
	if err == nil {
		one.Options, err = s.request(challenge)
	}
	return one, err
}

// askAct shows an act for the visitor to sign.
func (s *server) askAct(w http.ResponseWriter, r *http.Request, g service.Governance, act approval.Act) error {
	admin, known := g.People.Find(visitorOf(r).Person)
	if !known {
		return errUnknownKey
	}
	act.By, act.Previous = admin.Name, g.People.Head()
	page, err := s.actPage(act, admin.Keys, "/people/sign")
	if err != nil {
		return err
	}
	return s.render(w, r, "act", page)
}

// askRemove asks for a signature that takes somebody off the list.
func (s *server) askRemove(w http.ResponseWriter, r *http.Request) error {
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	person, known := g.People.Find(r.URL.Query().Get("person"))
	if !known {
		return errNowhere
	}
	return s.askAct(w, r, g, approval.Act{Kind: approval.Remove, Person: approval.Person{Name: person.Name}})
}

// askAdd asks for a signature that puts somebody on the list with the key that they left, and
// with those that they had.
func (s *server) askAdd(w http.ResponseWriter, r *http.Request) error {
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	all, err := s.waiting(r, g.People)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(one waiting) bool { return one.Fingerprint == r.URL.Query().Get("key") })
	if at < 0 {
		return errNowhere
	}
	if all[at].Listed {
		return errListed
	}
	e := all[at].Enrolment
	key, err := keyOf(e)
	if err != nil {
		return err
	}
	person := lastOf(g, e.Person)
	person.Name, person.Roles, person.Keys = e.Person, e.Roles, append(person.Keys, key)
	if person.FullName == "" {
		person.FullName = e.FullName
	}
	slices.Sort(person.Roles)
	person.Roles = slices.Compact(person.Roles)
	return s.askAct(w, r, g, approval.Act{Kind: approval.Add, Person: person})
}

// lastOf is somebody as they were last put on the list, the zero value for a new name.
func lastOf(g service.Governance, name string) approval.Person {
	var last approval.Person
	for _, signed := range g.Acts {
		if act, err := approval.ParseAct(signed.Text); err == nil && act.Kind == approval.Add && act.Person.Name == name {
			last = act.Person
		}
	}
	return last
}
