package approval

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
	"payrun/ledger/canonical"
)

// ActKind is the kind of change that an act makes to the list of people.
type ActKind string

// The kinds. Who changes keys or roles is removed and added again: what that person
// signed before does not count for what was not yet paid.
const (
	Add    ActKind = "add"
	Remove ActKind = "remove"
)

// Act is a change of the list of people, before it is signed.
type Act struct {
	Kind   ActKind
	Person Person // for a removal the name alone
	// Previous is the list's head before the act, so that no act can be left out,
	// repeated or put elsewhere.
	Previous Digest
	By       string // an admin; the first admin is added by themselves
	Key      string // the fingerprint of the key that signs
	Nonce    Nonce
}

// SignedAct is an act as the ledger has it. Nothing of it is to be believed before
// Replay.
type SignedAct struct {
	Event     uint64    // its place in the ledger
	At        time.Time // when it was recorded
	Text      []byte
	Signature []byte // in its armour
}

const titlePerson = "payrun person 1"

// Text returns the act's canonical text: the bytes that are signed.
func (a Act) Text() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	var w writer
	w.title(titlePerson)
	w.line("act", string(a.Kind))
	w.line("name", a.Person.Name)
	if a.Kind == Add {
		w.line("full-name", canonical.Quote(a.Person.FullName))
		for _, role := range a.Person.Roles {
			w.line("role", role)
		}
		for _, k := range a.Person.Keys {
			origin := none
			if k.Origin != "" {
				origin = canonical.Quote(k.Origin)
			}
			w.line("may-sign-with", k.Public.Type(), base64.StdEncoding.EncodeToString(k.Public.Marshal()), origin)
		}
		w.line("valid-after", formatTime(a.Person.ValidAfter))
		w.line("valid-before", formatTime(a.Person.ValidBefore))
	}
	w.line("previous", a.Previous.String())
	w.line("by", a.By)
	w.line("key", a.Key)
	w.line("nonce", hex.EncodeToString(a.Nonce[:]))
	return w.b.Bytes(), nil
}

func (a Act) check() error {
	switch {
	case a.Kind == Add:
		if err := a.Person.Check(); err != nil {
			return err
		}
	case a.Kind != Remove:
		return fmt.Errorf("%w: act %q", ErrText, a.Kind)
	}
	if !nameOK(a.Person.Name) || !nameOK(a.By) || !fingerprintOK(a.Key) || a.Nonce == (Nonce{}) {
		return fmt.Errorf("%w: an act on %q by %q with key %q", ErrText, a.Person.Name, a.By, a.Key)
	}
	return nil
}

// ParseAct reads an act's text. Whatever is not byte for byte what Text writes is an
// error that wraps ErrText or ErrPeople.
func ParseAct(text []byte) (Act, error) {
	r := newReader(text, titlePerson)
	var a Act
	a.Kind = ActKind(r.field("act"))
	a.Person.Name = r.field("name")
	if a.Kind == Add {
		a.Person.FullName = r.unquote(r.field("full-name"))
		for r.next("role") {
			a.Person.Roles = append(a.Person.Roles, r.field("role"))
		}
		for r.next("may-sign-with") {
			a.Person.Keys = append(a.Person.Keys, r.key(r.fields("may-sign-with", 3)))
		}
		a.Person.ValidAfter = r.time(r.field("valid-after"))
		a.Person.ValidBefore = r.time(r.field("valid-before"))
	}
	a.Previous = r.digest(r.field("previous"))
	a.By = r.field("by")
	a.Key = r.field("key")
	a.Nonce = r.nonce(r.field("nonce"))
	r.end()
	if r.err != nil {
		return Act{}, r.err
	}
	written, err := a.Text()
	if err != nil {
		return Act{}, err
	}
	return a, asWritten(text, written)
}

func (r *reader) key(fields []string) Key {
	if r.err != nil {
		return Key{}
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil {
		r.fail("a key that is not base64")
		return Key{}
	}
	public, err := sshsig.ParseKey(blob)
	if err != nil {
		r.fail("%s", err)
		return Key{}
	}
	k := Key{Public: public}
	if fields[2] != none {
		k.Origin = r.unquote(fields[2])
	}
	return k
}

// SignAct signs an act. The key's fingerprint is filled in.
func SignAct(a Act, signer ssh.Signer) (SignedAct, error) {
	a.Key = sshsig.Fingerprint(signer.PublicKey())
	text, err := a.Text()
	if err != nil {
		return SignedAct{}, err
	}
	signed, err := signText(text, signer)
	return SignedAct{Text: text, Signature: signed}, err
}

// Replay returns who may sign after some acts, given in the ledger's order. The first
// makes the first admin, who signs it; every other is signed by somebody who is an admin
// at that moment. Its errors wrap ErrPeople: a list that does not hold together is no
// list.
func Replay(acts []SignedAct) (People, error) {
	var p People
	for i, signed := range acts {
		if i > 0 && signed.Event <= acts[i-1].Event {
			return People{}, fmt.Errorf("%w: act %d is not behind the one before", ErrPeople, i+1)
		}
		next, err := p.with(signed)
		if err != nil {
			return People{}, fmt.Errorf("%w: act %d: %w", ErrPeople, i+1, err)
		}
		p = next
	}
	return p, nil
}

// with returns the list after one more act.
func (p People) with(signed SignedAct) (People, error) {
	a, err := ParseAct(signed.Text)
	if err != nil {
		return p, err
	}
	if a.Previous != p.head {
		return p, fmt.Errorf("it follows %s, not %s", a.Previous, p.head)
	}
	admin, found := p.at(a.By, signed.Event)
	if len(p.tenures) == 0 {
		first := a.Kind == Add && a.By == a.Person.Name && slices.Contains(a.Person.Roles, Admin)
		admin, found = tenure{Person: a.Person}, first
	}
	switch {
	case !found || !slices.Contains(admin.Roles, Admin):
		return p, fmt.Errorf("%s is no admin", a.By)
	case !admin.validAt(signed.At):
		return p, fmt.Errorf("%s may not sign at that time", a.By)
	}
	if _, err := admin.verify(signed.Text, signed.Signature, a.Key); err != nil {
		return p, err
	}
	next := People{tenures: slices.Clone(p.tenures), owners: maps.Clone(p.owners), head: digestOf(signed.Text)}
	if a.Kind == Add {
		return next, next.add(a.Person, signed.Event)
	}
	return next, next.remove(a.Person.Name, signed.Event)
}

// add enters a person. A key belongs to one name for ever: nobody comes back as
// somebody else.
func (p *People) add(person Person, event uint64) error {
	if _, there := p.Find(person.Name); there {
		return fmt.Errorf("%s is on the list already", person.Name)
	}
	if p.owners == nil {
		p.owners = map[string]string{}
	}
	for _, k := range person.Keys {
		name := sshsig.Fingerprint(k.Public)
		if owner, owned := p.owners[name]; owned && owner != person.Name {
			return fmt.Errorf("%s is a key of %s", name, owner)
		}
		p.owners[name] = person.Name
	}
	p.tenures = append(p.tenures, tenure{Person: person, added: event})
	return nil
}

// remove takes a person off the list, unless nobody could then change it.
func (p *People) remove(name string, event uint64) error {
	for i := range p.tenures {
		if t := &p.tenures[i]; t.Name == name && t.removed == 0 {
			t.removed = event
			if !slices.ContainsFunc(p.Present(), func(left Person) bool { return slices.Contains(left.Roles, Admin) }) {
				return fmt.Errorf("%s is the last admin", name)
			}
			return nil
		}
	}
	return fmt.Errorf("%s is not on the list", name)
}
