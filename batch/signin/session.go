package signin

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"payrun/ledger"
)

// The life of a session.
const (
	// Idle is how long a session goes on that nobody uses.
	Idle = time.Hour
	// Longest is how long one goes on at most.
	Longest = 12 * time.Hour
	// noted is how long the use of a session is not recorded again.
	noted = 10 * time.Minute
)

// Session is somebody's visit from one browser, from signing in to signing out.
type Session struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	// Roles are those of a visit to the sandbox by its link, without a key; nobody else
	// brings any.
	Roles []string `json:"roles,omitempty"`
	// Key is the fingerprint of the key that signed in, empty for that link.
	Key string `json:"key,omitempty"`
	// Challenge is the SHA-256 of what was signed: it lets in once.
	Challenge string    `json:"challenge,omitempty"`
	SHA256    string    `json:"sha256"`
	Expires   time.Time `json:"expires"`

	// Event is the place in the ledger at which it began, Began the time.
	Event uint64    `json:"-"`
	Began time.Time `json:"-"`
	// Used is the last use, exact to ten minutes. Ended is zero if nobody ended it.
	Used  time.Time `json:"-"`
	Ended time.Time `json:"-"`
	// Language is the one that the person chose, empty for none.
	Language string `json:"-"`
}

// Valid reports whether the session goes on at a moment.
func (s Session) Valid(now time.Time) bool {
	return s.Ended.IsZero() && now.Before(s.Expires) && now.Before(s.Used.Add(Idle))
}

// Begin begins a session, by somebody who was let in with a challenge that was not used before,
// and returns it with the secret that the browser keeps. A challenge that was used is ErrUsed.
func (k *Keeper) Begin(ctx context.Context, by ledger.Person, s Session) (Session, string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return Session{}, "", err
	}
	if s.Challenge != "" && k.spent[s.Challenge] {
		return Session{}, "", ErrUsed
	}
	id, secret, err := k.secret()
	if err != nil {
		return Session{}, "", err
	}
	now := k.now()
	s.ID, s.SHA256, s.Expires = id, digest(secret), now.Add(Longest).Truncate(time.Second)
	text, err := json.Marshal(s)
	if err != nil {
		return Session{}, "", err
	}
	if err := k.record(ctx, ledger.ActSignedIn, by, string(text)); err != nil {
		return Session{}, "", fmt.Errorf("sign in: %w", err)
	}
	if err := k.load(ctx); err != nil {
		return Session{}, "", err
	}
	return k.sessions[id], secret, nil
}

// Find returns the session of a secret, and notes that it was used; or ErrRefused.
func (k *Keeper) Find(ctx context.Context, secret string) (Session, error) {
	if !wellFormed(secret) {
		return Session{}, ErrRefused
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	read := k.refresh
	if _, known := k.sessions[idOf(secret)]; !known {
		read = k.load // it may have begun just now, at another server
	}
	if err := read(ctx); err != nil {
		return Session{}, err
	}
	now := k.now()
	s, known := k.sessions[idOf(secret)]
	if !known || !opens(s.SHA256, secret) || !s.Valid(now) {
		return Session{}, ErrRefused
	}
	if now.Sub(s.Used) > noted {
		if err := k.record(ctx, ledger.ActSessionUsed, ledger.Person{Name: s.Person}, s.ID); err != nil {
			return Session{}, fmt.Errorf("note the use of a session: %w", err)
		}
		s.Used = now
		k.sessions[s.ID] = s
	}
	s.Language = k.languages[s.Person]
	return s, nil
}

// End ends a session. One that ended stays so; an unknown one is ErrUnknown.
func (k *Keeper) End(ctx context.Context, by ledger.Person, id string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return err
	}
	s, known := k.sessions[id]
	switch {
	case !known:
		return fmt.Errorf("%w: session %q", ErrUnknown, id)
	case !s.Ended.IsZero():
		return nil
	}
	if err := k.record(ctx, ledger.ActSignedOut, by, id); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return k.load(ctx)
}

// Sessions returns those that go on now, the oldest first.
func (k *Keeper) Sessions(ctx context.Context) ([]Session, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	return valid(k.sessions, k.now(), func(s Session) time.Time { return s.Began }), nil
}
