package ledger

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// Account is a merchant's account at the provider: where it is reached, and with which
// key. A batch is bound to it, because a look-up in another account knows nothing
// of what was paid in this one.
type Account struct {
	// Place is scheme, host, port, path and environment header in one text, or
	// "sandbox" for the simulator.
	Place string `json:"place"`
	// Key is a fingerprint of the key; empty for the simulator. It reveals
	// nothing of it.
	Key string `json:"key,omitempty"`
}

// Person identifies somebody who acted: a name, the machine, and how it was confirmed.
type Person struct {
	Name string `json:"name,omitempty"`
	Host string `json:"host,omitempty"`
	// Confirmed is "typed", "yes" (the flag), "signature", "request" (a call that named
	// count and total), or empty where nothing was asked.
	Confirmed string `json:"confirmed,omitempty"`
}

// ActCode is the kind of an Act. Codes are stable.
type ActCode string

// The kinds of act.
const (
	// ActSealed: the last row of the batch's file is durable. Count is what was accepted of
	// the file.
	ActSealed ActCode = "batch.sealed"
	// ActReleased: a person let the batch be paid. Count is what was asked for, and
	// Digest that of the canonical list of what may be sent for it. Text is the time before
	// which nothing of it is sent, as ReleaseTime writes it, empty for at once.
	ActReleased ActCode = "batch.released"
	// ActSubmitted: a policy wants signatures over what may be sent for the batch. Text is
	// the content that is to be approved, Digest the SHA-256 of it, Count what it comes
	// to.
	ActSubmitted ActCode = "batch.submitted"
	// ActDecided: somebody signed a decision about the content with Digest. Text is what
	// they signed, Signature their signature. It moves nothing: ActApproved and ActRejected
	// say what all decisions come to.
	ActDecided ActCode = "batch.decided"
	// ActApproved, ActRejected, ActExpired and ActUnapproved are what became of a
	// submission.
	ActApproved   ActCode = "batch.approved"
	ActRejected   ActCode = "batch.rejected"
	ActExpired    ActCode = "batch.expired"
	ActUnapproved ActCode = "batch.unapproved"
	// ActPaused: a person holds the batch, or what was signed does not stand any more.
	ActPaused ActCode = "batch.paused"
	// ActStopped: paying ended early, and only a person can have it go on. Text is the code
	// of why. It moves nothing.
	ActStopped ActCode = "batch.stopped"
	// ActClosed: every payout of the batch is final.
	ActClosed ActCode = "batch.closed"
	// ActCancelled: a person withdrew all of the batch before anything was sent.
	ActCancelled ActCode = "batch.cancelled"
	// ActRepeatAnswered: a person said that so many rows repeat earlier payments
	// and shall be paid. Count tells how many.
	ActRepeatAnswered ActCode = "repeat.answered"
	// ActKeyAccepted: the batch is now paid with another key of the same account,
	// Text its fingerprint.
	ActKeyAccepted ActCode = "account.key_accepted"
	// ActNewAccount: a person said that the account has never paid anything, and
	// that this ledger begins it.
	ActNewAccount ActCode = "account.new"
	// ActProven: look-ups were shown to work for this account, or a person went on
	// without. Until then no anchor vouches for the ledger.
	ActProven ActCode = "account.proven"
	// ActAdopted: the ledger may not know everything that was paid. What is
	// queued now is looked up before its first send.
	ActAdopted ActCode = "ledger.adopted"
	// ActRestored: the ledger was put back from a copy.
	ActRestored ActCode = "ledger.restored"
	// ActMoved: the ledger was copied into another store, with this act, and is paid from
	// there alone. Text is the Destination.
	ActMoved ActCode = "ledger.moved"
	// ActWriter: somebody wrote to the ledger for the first time.
	ActWriter ActCode = "ledger.writer"
	// ActPeople: who may sign has changed. Text is the change that an admin signed,
	// Signature the signature.
	ActPeople ActCode = "people.changed"
	// ActPolicyProposed: a person wants a policy. Text is the policy, Digest the SHA-256
	// of it.
	ActPolicyProposed ActCode = "policy.proposed"
	// ActPolicyDecided is ActDecided about the policy with Digest.
	ActPolicyDecided ActCode = "policy.decided"
	// ActPolicySet: the policy with Digest is in force from here on. Text is the policy, By
	// who proposed it.
	ActPolicySet ActCode = "policy.set"
	// ActTokenCreated: a program may call the server with a token. Text describes the
	// token, of whose secret it has the SHA-256 alone. ActTokenRevoked ends it, and
	// ActTokenUsed says that it was used on that day: Text is the token's id.
	ActTokenCreated ActCode = "token.created"
	ActTokenRevoked ActCode = "token.revoked"
	ActTokenUsed    ActCode = "token.used"
	// ActInvited: somebody may leave their key by a link. Text describes the invitation, of
	// whose secret it has the SHA-256 alone. ActInvitationUsed says that it was used without a
	// key: Text is its id. ActEnrolled: somebody left a key, which Text describes; it counts for
	// nothing before ActPeople names it.
	ActInvited        ActCode = "invitation.made"
	ActInvitationUsed ActCode = "invitation.used"
	ActEnrolled       ActCode = "key.left"
	// ActSignedIn: somebody signed in to the server's pages. Text describes the session, as
	// that of a token. ActSessionUsed says that it went on, ActSignedOut that somebody ended it:
	// Text is its id.
	ActSignedIn    ActCode = "session.begun"
	ActSessionUsed ActCode = "session.used"
	ActSignedOut   ActCode = "session.ended"
	// ActPasskeyUsed: a passkey that counts its signatures has made one. Text has its
	// fingerprint and count, and whether that went back, which was refused.
	ActPasskeyUsed ActCode = "passkey.used"
	// ActLanguageChosen: By chose the language in which they are spoken to from here on. Text is
	// its name.
	ActLanguageChosen ActCode = "language.chosen"
	// ActHookSet: the provider calls another address of the server from here on. Digest is
	// the SHA-256 of its secret part, empty for none.
	ActHookSet ActCode = "hook.set"
	// ActNotice: somebody is being told of something, or was. Text says of what, and what
	// came of it.
	ActNotice ActCode = "notice"
	// ActAnswered: a call about the batch was answered, with a key under which a repeat
	// gets the same answer. Digest is that of the key, Text the answer.
	ActAnswered ActCode = "call.answered"
)

// Act is something done to a batch, or to the ledger as a whole, that moves no
// payout. It is durable and in the audit log like a Change.
type Act struct {
	Code ActCode
	// Batch is empty for an act upon the ledger.
	Batch BatchID
	// At is the time of it, in UTC.
	At time.Time
	// By is the person who did it.
	By Person
	// Count, Digest, Text and Signature are the arguments that the code names.
	Count     Total
	Digest    string
	Text      string
	Signature string
}

// Identity tells a ledger from others, whatever its path: a number of its own, and what
// was done to it as a whole.
type Identity struct {
	// ID is random and never changes; a copy has the same.
	ID string `json:"id"`
	// Began is the time at which the ledger was made, in UTC.
	Began time.Time `json:"began"`
	// LookFirst is the time of the last adoption or restoration: what was queued by then
	// is looked up before its first send. Zero if that never happened.
	LookFirst time.Time `json:"look_first,omitzero"`
	// Proven is when look-ups were first shown to work for the account, zero if they
	// never were.
	Proven time.Time `json:"proven,omitzero"`
	// Restored is the time of the last restoration from a copy, zero if there was none.
	Restored time.Time `json:"restored,omitzero"`
	// Moved is the Destination of the last move into another store, empty if there was
	// none. The store that it names goes on.
	Moved string `json:"moved,omitempty"`
	// Writers are all who ever wrote to it, "name@host", in order of appearance.
	Writers []string `json:"writers,omitempty"`
	// People and Policies count the changes of who may sign, and the policies that ever
	// came into force. While there was none, no batch needs signatures.
	People   int `json:"people,omitempty"`
	Policies int `json:"policies,omitempty"`
}

// identitySize is the length of a ledger's random number: two ledgers never share one.
const identitySize = 16

// NewIdentity returns that of a ledger which is begun now, in UTC. The error is one of the
// system's randomness.
func NewIdentity(now time.Time) (Identity, error) {
	var id [identitySize]byte
	if _, err := rand.Read(id[:]); err != nil {
		return Identity{}, fmt.Errorf("name the ledger: %w", err)
	}
	return Identity{ID: hex.EncodeToString(id[:]), Began: now}, nil
}

// Release is a person's leave to pay a batch.
type Release struct {
	At    time.Time `json:"at"`
	By    Person    `json:"by,omitzero"`
	Count Total     `json:"count"`
	// Digest is the SHA-256 of the canonical list of what may be sent for it.
	Digest string `json:"digest,omitempty"`
	// NotBefore is the time before which nothing of it is sent, in UTC and whole seconds;
	// zero for at once.
	NotBefore time.Time `json:"not_before,omitzero"`
}

// Due reports whether something of it may be sent at a moment. A batch that nobody
// released is not held back by this.
func (r *Release) Due(now time.Time) bool { return r == nil || !now.Before(r.NotBefore) }

// ReleaseTime writes the time before which nothing of a release is sent, in UTC and whole
// seconds; nothing for the zero time.
func ReleaseTime(notBefore time.Time) string {
	if notBefore.IsZero() {
		return ""
	}
	return notBefore.UTC().Format(time.RFC3339)
}

// readReleaseTime reads what ReleaseTime writes.
func readReleaseTime(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil || ReleaseTime(at) != text {
		return time.Time{}, fmt.Errorf("%q is not the time of a release", text)
	}
	return at.UTC(), nil
}

// Submitted is a batch's content on its way to be approved.
type Submitted struct {
	At    time.Time `json:"at"`
	By    Person    `json:"by,omitzero"`
	Count Total     `json:"count"`
	// Digest is the SHA-256 of the content.
	Digest string `json:"digest"`
}

// writer returns the person as Identity.Writers has it.
func (p Person) writer() string { return p.Name + "@" + p.Host }

// Wrote reports whether somebody is among the writers.
func (i Identity) Wrote(p Person) bool { return slices.Contains(i.Writers, p.writer()) }

// With returns the identity after an act upon the ledger.
func (i Identity) With(a Act) (Identity, error) {
	switch a.Code {
	case ActAdopted:
		i.LookFirst = a.At
	case ActRestored:
		i.LookFirst, i.Restored = a.At, a.At
	case ActMoved:
		i.Moved = a.Text
	case ActWriter:
		if !i.Wrote(a.By) {
			i.Writers = append(slices.Clone(i.Writers), a.By.writer())
		}
	case ActProven:
		if i.Proven.IsZero() {
			i.Proven = a.At
		}
	case ActPeople:
		i.People++
	case ActPolicySet:
		i.Policies++
	case ActNewAccount, ActPolicyProposed, ActPolicyDecided, ActTokenCreated, ActTokenRevoked, ActTokenUsed,
		ActInvited, ActInvitationUsed, ActEnrolled, ActSignedIn, ActSessionUsed, ActSignedOut, ActPasskeyUsed, ActLanguageChosen, ActHookSet, ActNotice:
	case ActSealed, ActReleased, ActSubmitted, ActDecided, ActApproved, ActRejected, ActExpired, ActUnapproved, ActPaused, ActClosed,
		ActCancelled, ActRepeatAnswered, ActKeyAccepted, ActAnswered, ActStopped:
		return i, fmt.Errorf("act %q needs a batch", a.Code)
	default:
		return i, fmt.Errorf("act %q is not known", a.Code)
	}
	return i, nil
}

// With returns the batch after an act upon it, and a *BatchStateError for one that its
// state does not allow.
func (b Batch) With(a Act) (Batch, error) {
	switch a.Code {
	case ActKeyAccepted:
		b.Account.Key = a.Text
		return b, nil
	case ActRepeatAnswered, ActDecided, ActAnswered, ActStopped:
		return b, nil
	case ActSealed, ActReleased, ActSubmitted, ActApproved, ActRejected, ActExpired, ActUnapproved, ActPaused, ActClosed, ActCancelled:
	case ActNewAccount, ActProven, ActAdopted, ActRestored, ActMoved, ActWriter, ActPeople, ActPolicyProposed, ActPolicyDecided, ActPolicySet,
		ActTokenCreated, ActTokenRevoked, ActTokenUsed,
		ActInvited, ActInvitationUsed, ActEnrolled, ActSignedIn, ActSessionUsed, ActSignedOut, ActPasskeyUsed, ActLanguageChosen, ActHookSet, ActNotice:
		return b, fmt.Errorf("act %q is the whole ledger's", a.Code)
	default:
		return b, fmt.Errorf("act %q is not known", a.Code)
	}
	to, legal := b.State.moved(a.Code)
	if !legal {
		return b, &BatchStateError{Batch: a.Batch, State: b.State, Act: a.Code}
	}
	b.State = to
	if a.Code == ActSubmitted {
		b.Submitted = &Submitted{At: a.At, By: a.By, Count: a.Count, Digest: a.Digest}
	}
	if a.Code == ActReleased {
		notBefore, err := readReleaseTime(a.Text)
		if err != nil {
			return b, err
		}
		b.Release = &Release{At: a.At, By: a.By, Count: a.Count, Digest: a.Digest, NotBefore: notBefore}
	}
	return b, nil
}
