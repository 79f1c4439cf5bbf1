package console

import (
	"context"
	"net/http"
	"slices"

	"payrun/batch/approval"
	"payrun/batch/approval/sshsig"
	"payrun/batch/service"
)

// actPage is a change of the list of people that an admin is about to sign.
type actPage struct {
	// Kind names what it does: the words of console.act.KIND.
	Kind   string
	Person string
	Action string
	// Keys are those that the person will have, none for somebody who is taken off the list.
	Keys []listedKey
	// Left is the fingerprint of the key for which somebody is added, Former those of their
	// time before, which the admin may have them keep.
	Left   string
	Former []formerKey
	Ways   []way
}

// formerKey is a key that somebody had before they were taken off the list.
type formerKey struct {
	listedKey

	Kept bool
}

// way is a key with which it can be signed: the text names the key.
type way struct {
	Key, Text string
	// Options are those of navigator.credentials.get, empty for a key of ssh-keygen.
	Options   string
	Namespace string
}

// actPage asks for a signature over an act, by one of some keys.
func (s *server) actPage(ctx context.Context, act approval.Act, keys []approval.Key, action string) (actPage, error) {
	refused, err := s.SignIn.Copied(ctx)
	page := actPage{Kind: string(act.Kind), Person: act.Person.Name, Action: action, Keys: copied(refused).keys(act.Person.Keys)}
	if err != nil {
		return page, err
	}
	for _, key := range keys {
		act.Key, act.Nonce = sshsig.Fingerprint(key.Public), approval.NewNonce()
		text, err := act.Text()
		if err != nil {
			return page, err
		}
		one, err := s.way(ctx, key, text)
		if err != nil {
			return page, err
		}
		page.Ways = append(page.Ways, one)
	}
	return page, nil
}

// way asks one key for its signature over a text, which names it: no other passkey is offered.
func (s *server) way(ctx context.Context, key approval.Key, text []byte) (way, error) {
	one := way{Key: sshsig.Fingerprint(key.Public), Text: string(text), Namespace: approval.Namespace}
	if key.Origin == "" {
		return one, nil
	}
	var err error
	one.Options, err = s.requestFor(ctx, key, text)
	return one, err
}

// toSign is an act for the visitor to sign.
func (s *server) toSign(r *http.Request, g service.Governance, act approval.Act) (actPage, error) {
	admin, known := g.People.Find(visitorOf(r).Person)
	if !known {
		return actPage{}, errUnknownKey
	}
	act.By, act.Previous = admin.Name, g.People.Head()
	return s.actPage(r.Context(), act, admin.Keys, "/people/sign")
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
	page, err := s.toSign(r, g, approval.Act{Kind: approval.Remove, Person: approval.Person{Name: person.Name}})
	if err != nil {
		return err
	}
	return s.render(w, r, "act", page)
}

// askAdd asks for a signature that puts somebody on the list with the key that they left. Of
// those that they had before, they have what the admin says: whoever lost one is removed for it.
func (s *server) askAdd(w http.ResponseWriter, r *http.Request) error {
	g, err := s.Service().Governance(r.Context())
	if err != nil {
		return err
	}
	all, err := s.waiting(r, g)
	if err != nil {
		return err
	}
	left, keep := r.URL.Query().Get("key"), r.URL.Query()["keep"]
	at := slices.IndexFunc(all, func(one waiting) bool { return one.Fingerprint == left })
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
	refused, err := s.SignIn.Copied(r.Context())
	if err != nil {
		return err
	}
	former := formerKeys(copied(refused).keys(person.Keys), left, keep)
	person.Keys = slices.DeleteFunc(slices.Clone(person.Keys), func(k approval.Key) bool {
		fingerprint := sshsig.Fingerprint(k.Public)
		return fingerprint == left || !slices.Contains(keep, fingerprint)
	})
	person.Name, person.Roles, person.Keys = e.Person, slices.Clone(e.Roles), append(person.Keys, key)
	if person.FullName == "" {
		person.FullName = e.FullName
	}
	slices.Sort(person.Roles)
	person.Roles = slices.Compact(person.Roles)
	page, err := s.toSign(r, g, approval.Act{Kind: approval.Add, Person: person})
	if err != nil {
		return err
	}
	page.Left, page.Former = left, former
	return s.render(w, r, "act", page)
}

// formerKeys are some keys without one, and which of them are to be kept.
func formerKeys(keys []listedKey, without string, keep []string) []formerKey {
	var former []formerKey
	for _, one := range keys {
		if one.Fingerprint != without {
			former = append(former, formerKey{one, slices.Contains(keep, one.Fingerprint)})
		}
	}
	return former
}

// entry is somebody as they were put on the list, at an event.
type entry struct {
	approval.Person

	event uint64
}

func (e entry) has(fingerprint string) bool {
	return slices.ContainsFunc(e.Keys, func(k approval.Key) bool { return sshsig.Fingerprint(k.Public) == fingerprint })
}

// entriesOf are the times that somebody was put on the list, the first one first.
func entriesOf(g service.Governance, name string) []entry {
	var all []entry
	for _, signed := range g.Acts {
		if act, err := approval.ParseAct(signed.Text); err == nil && act.Kind == approval.Add && act.Person.Name == name {
			all = append(all, entry{act.Person, signed.Event})
		}
	}
	return all
}

// lastOf is somebody as they were last put on the list, the zero value for a new name.
func lastOf(g service.Governance, name string) approval.Person {
	if all := entriesOf(g, name); len(all) > 0 {
		return all[len(all)-1].Person
	}
	return approval.Person{}
}
