package signin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"payrun/ledger"
)

// The errors of a keeper.
var (
	// ErrRefused is returned for a secret that lets nobody in. Whoever has it learns no more.
	ErrRefused = errors.New("that is not known here, has ended or was used")
	// ErrUsed is returned for a signature that let somebody in before.
	ErrUsed = errors.New("that signature was used already")
	// ErrUnknown is returned for the id of nothing.
	ErrUnknown = errors.New("there is no such thing")
)

// Store is the part of a ledger that a keeper needs.
type Store interface {
	Record(ctx context.Context, act ledger.Act) error
	ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error]
}

// Keeper keeps the sessions, invitations and keys of a ledger. It is safe for concurrent use.
type Keeper struct {
	store  Store
	clock  func() time.Time
	random io.Reader

	mu          sync.Mutex
	sessions    map[string]Session
	invitations map[string]Invitation
	// first is the id of the newest invitation of a first admin.
	first      string
	enrolments []Enrolment
	// counts are the highest that passkeys said, by fingerprint.
	counts map[string]uint32
	// copied is when a passkey was last refused because it counted backwards, by fingerprint.
	copied map[string]time.Time
	// languages are those that people chose, by person.
	languages map[string]string
	// spent are the challenges that let somebody in.
	spent map[string]bool
	// seen is the last event that was read, read when there was none behind it.
	seen uint64
	read time.Time
}

// fresh is how long sessions are believed as they were read: for so long one goes on that
// another process ended.
const fresh = 2 * time.Second

// New returns the keeper of a ledger. Random makes secrets: crypto/rand.Reader.
func New(store Store, clock func() time.Time, random io.Reader) *Keeper {
	return &Keeper{
		store: store, clock: clock, random: random,
		sessions: map[string]Session{}, invitations: map[string]Invitation{}, spent: map[string]bool{}, counts: map[string]uint32{}, languages: map[string]string{}, copied: map[string]time.Time{},
	}
}

func (k *Keeper) now() time.Time { return k.clock().UTC() }

func (k *Keeper) record(ctx context.Context, code ledger.ActCode, by ledger.Person, text string) error {
	return k.store.Record(ctx, ledger.Act{Code: code, At: k.now(), By: by, Text: text})
}

// refresh reads the ledger if what was read is not fresh.
func (k *Keeper) refresh(ctx context.Context) error {
	if now := k.now(); now.Sub(k.read) <= fresh && !now.Before(k.read) {
		return nil
	}
	return k.load(ctx)
}

// load reads what the ledger has behind what was read: it never changes what it had.
func (k *Keeper) load(ctx context.Context) error {
	now := k.now()
	for event, err := range k.store.ActsFrom(ctx, "", k.seen+1) {
		if err == nil {
			err = k.take(event)
		}
		if err != nil {
			return fmt.Errorf("read who is signed in: %w", err)
		}
		k.seen = event.Sequence
	}
	k.read = now
	return nil
}

// take has an act change what is known.
func (k *Keeper) take(event ledger.Event) error {
	var err error
	switch event.Act { //nolint:exhaustive // the others are about something else
	case ledger.ActSignedIn:
		s := Session{}
		if err = json.Unmarshal([]byte(event.Text), &s); err != nil {
			break
		}
		s.Event, s.Began, s.Used = event.Sequence, event.At, event.At
		k.sessions[s.ID] = s
		k.spent[s.Challenge] = s.Challenge != ""
	case ledger.ActSessionUsed, ledger.ActSignedOut:
		s, known := k.sessions[event.Text]
		if !known {
			return fmt.Errorf("event %d: %w: session %q", event.Sequence, ErrUnknown, event.Text)
		}
		if event.Act == ledger.ActSignedOut {
			s.Ended = event.At
		} else {
			s.Used = event.At
		}
		k.sessions[s.ID] = s
	case ledger.ActInvited:
		i := Invitation{}
		if err = json.Unmarshal([]byte(event.Text), &i); err != nil {
			break
		}
		i.Made, i.By = event.At, event.By.Name
		k.invite(i)
	case ledger.ActPasskeyUsed:
		err = k.count(event)
	case ledger.ActLanguageChosen:
		k.languages[event.By.Name] = event.Text
	case ledger.ActInvitationUsed:
		k.use(event.Text, event.At)
	case ledger.ActEnrolled:
		e := Enrolment{}
		if err = json.Unmarshal([]byte(event.Text), &e); err != nil {
			break
		}
		e.Event, e.At = event.Sequence, event.At
		k.enrolments = append(k.enrolments, e)
		k.use(e.Invitation, event.At)
	}
	if err != nil {
		return fmt.Errorf("event %d cannot be read: %w", event.Sequence, err)
	}
	return nil
}

// invite notes an invitation. One of the first admin ends the one before.
func (k *Keeper) invite(i Invitation) {
	k.invitations[i.ID] = i
	if !i.First {
		return
	}
	if before, known := k.invitations[k.first]; known {
		before.Ended = i.Made
		k.invitations[k.first] = before
	}
	k.first = i.ID
}

// use notes that an invitation was used.
func (k *Keeper) use(id string, at time.Time) {
	if i, known := k.invitations[id]; known {
		i.Used = at
		k.invitations[id] = i
	}
}

// valid lists those of a map that may be used, the oldest first.
func valid[T interface{ Valid(now time.Time) bool }](all map[string]T, now time.Time, began func(T) time.Time) []T {
	var list []T
	for _, one := range all {
		if one.Valid(now) {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(began(a).UnixNano(), began(b).UnixNano()) })
	return list
}

const (
	idBytes     = 6
	secretBytes = 32
)

// secret makes the secret of something, which begins with its id.
func (k *Keeper) secret() (id, secret string, err error) {
	bytes := make([]byte, idBytes+secretBytes)
	if _, err := io.ReadFull(k.random, bytes); err != nil {
		return "", "", fmt.Errorf("make a secret: %w", err)
	}
	id = hex.EncodeToString(bytes[:idBytes])
	return id, id + "_" + base64.RawURLEncoding.EncodeToString(bytes[idBytes:]), nil
}

// wellFormed reports whether somebody was ever given such a secret: for any other text the
// ledger is not read.
func wellFormed(secret string) bool {
	id, rest, _ := strings.Cut(secret, "_")
	if len(id) != hex.EncodedLen(idBytes) || len(rest) != base64.RawURLEncoding.EncodedLen(secretBytes) {
		return false
	}
	_, noHex := hex.DecodeString(id)
	_, noBase64 := base64.RawURLEncoding.DecodeString(rest)
	return noHex == nil && noBase64 == nil
}

// idOf is the id in a secret.
func idOf(secret string) string {
	id, _, _ := strings.Cut(secret, "_")
	return id
}

// digest is the part of a secret that the ledger has.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// opens reports whether a digest is that of a secret.
func opens(kept, secret string) bool {
	return subtle.ConstantTimeCompare([]byte(kept), []byte(digest(secret))) == 1
}
