package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"payrun/batch/approval"
	"payrun/ledger"
)

// InvitationLasts is how long an invitation may be used.
const InvitationLasts = 72 * time.Hour

// FirstKeyLasts is how long whoever left the first key has to sign that they are the first admin.
const FirstKeyLasts = time.Hour

// Invitation lets somebody leave their key, once.
type Invitation struct {
	ID string `json:"id"`
	// Person is the name that they will have, empty for the first admin, who chooses it. With
	// Roles they are what an admin means to sign.
	Person string   `json:"person,omitempty"`
	Roles  []string `json:"roles,omitempty"`
	// First makes the first admin, while nobody is on the list.
	First bool `json:"first,omitempty"`
	// Sandbox lets whoever comes into the pages without a key: of rehearsals alone.
	Sandbox bool      `json:"sandbox,omitempty"`
	SHA256  string    `json:"sha256"`
	Expires time.Time `json:"expires"`

	Made time.Time `json:"-"`
	// By is who invited, Used when it was used, zero if it was not.
	By   string    `json:"-"`
	Used time.Time `json:"-"`
	// Ended is when a newer one of the first admin was made, zero if none was.
	Ended time.Time `json:"-"`
}

// Valid reports whether the invitation may be used at a moment.
func (i Invitation) Valid(now time.Time) bool {
	return i.Used.IsZero() && i.Ended.IsZero() && now.Before(i.Expires)
}

// InvitePerson invites somebody under a name, with roles that an admin means to sign, in any order. A
// name or roles that nobody can have are errors that wrap approval.ErrPeople.
func (k *Keeper) InvitePerson(ctx context.Context, by ledger.Person, name string, roles []string) (Invitation, string, error) {
	roles = slices.Compact(slices.Sorted(slices.Values(roles)))
	if err := approval.CheckMember(name, roles); err != nil {
		return Invitation{}, "", err
	}
	return k.Invite(ctx, by, Invitation{Person: name, Roles: roles})
}

// Invite makes an invitation, and returns it with its secret, which nobody can tell again.
func (k *Keeper) Invite(ctx context.Context, by ledger.Person, i Invitation) (Invitation, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	id, secret, err := k.secret()
	if err != nil {
		return Invitation{}, "", err
	}
	i.ID, i.SHA256, i.Expires = id, digest(secret), k.now().Add(InvitationLasts).Truncate(time.Second)
	text, err := json.Marshal(i)
	if err != nil {
		return Invitation{}, "", err
	}
	if err := k.record(ctx, ledger.ActInvited, by, string(text)); err != nil {
		return Invitation{}, "", fmt.Errorf("invite: %w", err)
	}
	return i, secret, k.load(ctx)
}

// Invitation returns that of a secret, if it may be used now; or ErrRefused.
func (k *Keeper) Invitation(ctx context.Context, secret string) (Invitation, error) {
	if !wellFormed(secret) {
		return Invitation{}, ErrRefused
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return Invitation{}, err
	}
	return k.invitation(secret)
}

func (k *Keeper) invitation(secret string) (Invitation, error) {
	i, known := k.invitations[idOf(secret)]
	if !known || !opens(i.SHA256, secret) || !i.Valid(k.now()) {
		return Invitation{}, ErrRefused
	}
	return i, nil
}

// Invitations returns those that may be used now, the oldest first.
func (k *Keeper) Invitations(ctx context.Context) ([]Invitation, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	return valid(k.invitations, k.now(), func(i Invitation) time.Time { return i.Made }), nil
}

// Enter uses an invitation to the sandbox up: it lets in without a key.
func (k *Keeper) Enter(ctx context.Context, secret string) (Invitation, error) {
	if !wellFormed(secret) {
		return Invitation{}, ErrRefused
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return Invitation{}, err
	}
	i, err := k.invitation(secret)
	if err != nil || !i.Sandbox {
		return Invitation{}, ErrRefused
	}
	if err := k.record(ctx, ledger.ActInvitationUsed, ledger.Person{Name: i.Person}, i.ID); err != nil {
		return Invitation{}, fmt.Errorf("use an invitation: %w", err)
	}
	return i, k.load(ctx)
}

// Enrolment is a key that somebody left. It lets nobody do anything: an admin signs for it.
type Enrolment struct {
	// Invitation is the one that was used up, empty for somebody who was signed in.
	Invitation string `json:"invitation,omitempty"`
	// First is set for the key of whoever is to be the first admin.
	First    bool     `json:"first,omitempty"`
	Person   string   `json:"person"`
	FullName string   `json:"full_name"`
	Roles    []string `json:"roles"`
	// Key is the public key, as a line of OpenSSH.
	Key string `json:"key"`
	// Passkey is set for a key that is one.
	Passkey *Passkey `json:"passkey,omitempty"`

	// Event is the place in the ledger at which it was left, At the time.
	Event uint64    `json:"-"`
	At    time.Time `json:"-"`
}

// Passkey describes a browser's passkey.
type Passkey struct {
	ID []byte `json:"id"`
	// User is the name by which the passkey knows its owner.
	User []byte `json:"user"`
	// Public is the key as COSE has it, Eligible whether it may be kept elsewhere than on one device.
	Public   []byte `json:"public"`
	Eligible bool   `json:"backup_eligible,omitempty"`
	// RelyingParty and Origin are by which name and page it was made.
	RelyingParty string `json:"rp"`
	Origin       string `json:"origin"`
}

// Enrol keeps a key, and uses up the invitation with the secret, if there is one. It is
// ErrRefused for one that may not be used, *RelyingPartyError for a passkey of another name than
// those before, and ErrKnownKey for a key that somebody else left.
func (k *Keeper) Enrol(ctx context.Context, by ledger.Person, secret string, e Enrolment) (Enrolment, error) {
	if secret != "" && !wellFormed(secret) {
		return e, ErrRefused
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return e, err
	}
	if secret != "" {
		i, err := k.invitation(secret)
		if err != nil || i.Sandbox {
			return e, ErrRefused
		}
		e.Invitation, e.Roles, e.First = i.ID, i.Roles, i.First
		if i.Person != "" {
			e.Person = i.Person
		}
	}
	for _, other := range k.enrolments {
		if other.Key == e.Key && other.Person != e.Person {
			return e, ErrKnownKey
		}
	}
	if e.Passkey != nil {
		if err := k.sameParty(e.Passkey.RelyingParty); err != nil {
			return e, err
		}
	}
	text, err := json.Marshal(e)
	if err != nil {
		return e, err
	}
	if err := k.record(ctx, ledger.ActEnrolled, by, string(text)); err != nil {
		return e, fmt.Errorf("keep a key: %w", err)
	}
	return e, k.load(ctx)
}

// ErrKnownKey is returned for a key that somebody else left.
var ErrKnownKey = errors.New("that key is somebody else's here")

// Enrolments returns all keys that people ever left here, the oldest first.
func (k *Keeper) Enrolments(ctx context.Context) ([]Enrolment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	return append([]Enrolment(nil), k.enrolments...), nil
}

// FirstKey returns the key that was left by the newest invitation of a first admin, for
// FirstKeyLasts; or ErrRefused.
func (k *Keeper) FirstKey(ctx context.Context) (Enrolment, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return Enrolment{}, err
	}
	for _, e := range k.enrolments {
		if e.First && e.Invitation == k.first && k.now().Sub(e.At) < FirstKeyLasts {
			return e, nil
		}
	}
	return Enrolment{}, ErrRefused
}

// RelyingPartyError is returned where passkeys were made for another name than the server's:
// no browser would use them there.
type RelyingPartyError struct{ Made, Asked string }

func (e *RelyingPartyError) Error() string {
	return fmt.Sprintf("the passkeys of this ledger are for %s, and no browser uses them at %s", e.Made, e.Asked)
}

// CheckRelyingParty returns a *RelyingPartyError if passkeys were made here for another name.
// The first one that is made fixes it.
func (k *Keeper) CheckRelyingParty(ctx context.Context, name string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return err
	}
	return k.sameParty(name)
}

func (k *Keeper) sameParty(name string) error {
	for _, e := range k.enrolments {
		if e.Passkey != nil && !strings.EqualFold(e.Passkey.RelyingParty, name) {
			return &RelyingPartyError{Made: e.Passkey.RelyingParty, Asked: name}
		}
	}
	return nil
}
