package approval

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"payrun/batch/approval/sshsig"
)

// Admin is the role of those who say who may sign. It lets nobody approve anything.
const Admin = "admin"

// ErrPeople is the kind of every complaint about the list of people.
var ErrPeople = errors.New("the list of people does not hold together")

// Key is a key with which a person signs.
type Key struct {
	Public ssh.PublicKey
	// Origin is the page on which a passkey signs; empty for every other key.
	Origin string
}

// Person is somebody who may sign. A zero bound is none; both bounds are inside.
type Person struct {
	Name        string // awa@firm: in lower case, as OpenSSH's lists have it
	FullName    string
	Roles       []string // in order
	Keys        []Key
	ValidAfter  time.Time
	ValidBefore time.Time
}

// Has reports whether the person has one of some roles.
func (p Person) Has(roles []string) bool {
	return slices.ContainsFunc(p.Roles, func(role string) bool { return slices.Contains(roles, role) })
}

// key finds the person's key by its fingerprint.
func (p Person) key(fingerprint string) (Key, bool) {
	at := slices.IndexFunc(p.Keys, func(k Key) bool { return sshsig.Fingerprint(k.Public) == fingerprint })
	if at < 0 {
		return Key{}, false
	}
	return p.Keys[at], true
}

// validAt reports whether the person may sign at a moment.
func (p Person) validAt(at time.Time) bool {
	at = at.Truncate(time.Second)
	return (p.ValidAfter.IsZero() || !at.Before(p.ValidAfter)) && (p.ValidBefore.IsZero() || !at.After(p.ValidBefore))
}

const nameLengthMax = 64

// nameOK wants a name that OpenSSH takes for one person and that is not another one's in
// capitals.
func nameOK(name string) bool {
	return name != "" && len(name) <= nameLengthMax && strings.Trim(name[:1], "abcdefghijklmnopqrstuvwxyz0123456789") == "" &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789@._+-") == ""
}

func roleOK(role string) bool {
	return role != "" && len(role) <= nameLengthMax && strings.Trim(role, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// CheckMember returns an error that wraps ErrPeople unless somebody of that name may have those
// roles.
func CheckMember(name string, roles []string) error {
	switch {
	case !nameOK(name):
		return fmt.Errorf("%w: %q is not a name such as awa@firm", ErrPeople, name)
	case len(roles) == 0 || !ascending(roles) || slices.ContainsFunc(roles, func(r string) bool { return !roleOK(r) }):
		return fmt.Errorf("%w: the roles of %s are words, each once and in order", ErrPeople, name)
	}
	return nil
}

// Check returns an error that wraps ErrPeople unless the person could be on the list.
func (p Person) Check() error {
	if err := CheckMember(p.Name, p.Roles); err != nil {
		return err
	}
	switch {
	case p.FullName == "" || !textOK(p.FullName):
		return fmt.Errorf("%w: %s has no full name", ErrPeople, p.Name)
	case len(p.Keys) == 0:
		return fmt.Errorf("%w: %s has no key", ErrPeople, p.Name)
	case !wholeSecond(p.ValidAfter) || !wholeSecond(p.ValidBefore):
		return fmt.Errorf("%w: times are to the second", ErrPeople)
	case !p.ValidAfter.IsZero() && !p.ValidBefore.IsZero() && !p.ValidAfter.Before(p.ValidBefore):
		return fmt.Errorf("%w: %s is valid never", ErrPeople, p.Name)
	}
	for _, k := range p.Keys {
		if err := sshsig.CheckKey(k.Public); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrPeople, p.Name, err)
		}
		if k.Origin != "" {
			if err := sshsig.CheckOrigin(k.Origin, k.Public); err != nil {
				return fmt.Errorf("%w: %s: %w", ErrPeople, p.Name, err)
			}
		}
	}
	return nil
}

// tenure is a person's time on the list.
type tenure struct {
	Person

	added   uint64 // event
	removed uint64 // event; 0 while the person is on the list
}

// People is who may sign, and who might at any earlier moment. The zero value is nobody.
type People struct {
	tenures []tenure
	owners  map[string]string // whose a key is, by fingerprint, for ever
	head    Digest            // of the last act's text
}

// Present returns who is on the list now, in the order in which they entered.
func (p People) Present() []Person {
	var present []Person
	for _, t := range p.tenures {
		if t.removed == 0 {
			present = append(present, t.Person)
		}
	}
	return present
}

// Known reports whether somebody of that name is or was on the list.
func (p People) Known(name string) bool {
	return slices.ContainsFunc(p.tenures, func(t tenure) bool { return t.Name == name })
}

// Find returns who is on the list now under a name.
func (p People) Find(name string) (Person, bool) {
	for _, t := range p.tenures {
		if t.removed == 0 && t.Name == name {
			return t.Person, true
		}
	}
	return Person{}, false
}

// Entered returns the event with which somebody who is on the list now was put on it.
func (p People) Entered(name string) (event uint64, listed bool) {
	for _, t := range p.tenures {
		if t.removed == 0 && t.Name == name {
			return t.added, true
		}
	}
	return 0, false
}

// at returns who was on the list under a name at an event.
func (p People) at(name string, event uint64) (tenure, bool) {
	for _, t := range p.tenures {
		if t.Name == name && t.added < event && (t.removed == 0 || event < t.removed) {
			return t, true
		}
	}
	return tenure{}, false
}

// Head returns what the next act names: the digest of the last one's text.
func (p People) Head() Digest { return p.head }

// Hardware reports whether anybody ever had a key of a hardware device or a passkey, which
// counts what it signs.
func (p People) Hardware() bool {
	return slices.ContainsFunc(p.tenures, func(t tenure) bool {
		return slices.ContainsFunc(t.Keys, func(k Key) bool { return strings.HasPrefix(k.Public.Type(), "sk-") })
	})
}

// Owner returns who is on the list now with a key, by its fingerprint.
func (p People) Owner(fingerprint string) (Person, bool) {
	for _, person := range p.Present() {
		if _, owns := person.key(fingerprint); owns {
			return person, true
		}
	}
	return Person{}, false
}

// AllowedSigners lists who is on the list now, as `ssh-keygen -Y verify -f` takes it.
func (p People) AllowedSigners() ([]byte, error) {
	var signers []sshsig.AllowedSigner
	for _, person := range p.Present() {
		for _, k := range person.Keys {
			signers = append(signers, sshsig.AllowedSigner{
				Principal: person.Name, Namespaces: []string{Namespace},
				ValidAfter: person.ValidAfter, ValidBefore: person.ValidBefore, Key: k.Public,
			})
		}
	}
	return sshsig.FormatAllowedSigners(signers)
}

// verify checks a signature of the person's over a text, with the key that the text
// names.
func (t tenure) verify(text, armoured []byte, fingerprint string) (sshsig.Proof, error) {
	key, ok := t.key(fingerprint)
	if !ok {
		return sshsig.Proof{}, fmt.Errorf("%w: %s is not a key of %s", errOtherKey, fingerprint, t.Name)
	}
	signature, err := sshsig.Parse(armoured)
	if err != nil {
		return sshsig.Proof{}, err
	}
	if !bytes.Equal(signature.Armour(), armoured) {
		return sshsig.Proof{}, fmt.Errorf("%w: another armour than that of ssh-keygen", sshsig.ErrFormat)
	}
	if !bytes.Equal(signature.Key.Marshal(), key.Public.Marshal()) {
		return sshsig.Proof{}, fmt.Errorf("%w: signed with %s", errOtherKey, sshsig.Fingerprint(signature.Key))
	}
	return sshsig.Verify(bytes.NewReader(text), signature, sshsig.Expect{Namespace: Namespace, Origin: key.Origin})
}

// errOtherKey is returned where a signature was made with another key than it should.
var errOtherKey = errors.New("the key is another one")
