package access

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"payrun/ledger"
)

// Store is the part of a ledger that tokens are kept in.
type Store interface {
	Record(ctx context.Context, act ledger.Act) error
	ActsFrom(ctx context.Context, batch ledger.BatchID, from uint64) iter.Seq2[ledger.Event, error]
}

// Keeper makes, finds and ends the tokens of a ledger. It is safe for concurrent use.
type Keeper struct {
	store  Store
	clock  func() time.Time
	random io.Reader

	mu     sync.Mutex
	tokens map[string]Token
	// seen is the last event that was read, read when there was none behind it.
	seen uint64
	read time.Time
	// hook is the SHA-256 of the secret of the provider's address, empty for none.
	hook string
}

// fresh is how long tokens are believed as they were read: for so long a token goes on
// that another process revoked.
const fresh = 2 * time.Second

// New returns the keeper of a ledger's tokens. Random makes secrets: crypto/rand.Reader.
func New(store Store, clock func() time.Time, random io.Reader) *Keeper {
	return &Keeper{store: store, clock: clock, random: random, tokens: map[string]Token{}}
}

// Create makes a token, by a person, and returns it with its secret, which nobody can tell
// again.
func (k *Keeper) Create(ctx context.Context, by ledger.Person, r Request) (Token, string, error) {
	if err := r.check(); err != nil {
		return Token{}, "", err
	}
	bytes := make([]byte, idBytes+secretBytes)
	if _, err := io.ReadFull(k.random, bytes); err != nil {
		return Token{}, "", fmt.Errorf("make a token: %w", err)
	}
	now := k.now()
	t := Token{
		ID: hex.EncodeToString(bytes[:idBytes]), Name: r.Name, Person: r.Person, Scopes: r.Scopes,
		Expires: now.Add(r.Lasts).Truncate(time.Second), Created: now,
	}
	word := secret(t.ID, bytes[idBytes:])
	t.SHA256 = digest(word)
	text, err := json.Marshal(t)
	if err != nil {
		return Token{}, "", err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.store.Record(ctx, ledger.Act{Code: ledger.ActTokenCreated, At: now, By: by, Text: string(text)}); err != nil {
		return Token{}, "", fmt.Errorf("make a token: %w", err)
	}
	return t, word, k.load(ctx)
}

// Revoke ends a token. One that was revoked stays so; of an unknown one it is ErrUnknown.
func (k *Keeper) Revoke(ctx context.Context, by ledger.Person, id string) (Token, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return Token{}, err
	}
	t, known := k.tokens[id]
	switch {
	case !known:
		return Token{}, fmt.Errorf("%w: %q", ErrUnknown, id)
	case !t.Revoked.IsZero():
		return t, nil
	}
	if err := k.store.Record(ctx, ledger.Act{Code: ledger.ActTokenRevoked, At: k.now(), By: by, Text: id}); err != nil {
		return Token{}, fmt.Errorf("revoke token %q: %w", id, err)
	}
	err := k.load(ctx)
	return k.tokens[id], err
}

// List returns all tokens that ever were, the oldest first.
func (k *Keeper) List(ctx context.Context) ([]Token, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	all := make([]Token, 0, len(k.tokens))
	for _, t := range k.tokens {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b Token) int {
		if before := a.Created.Compare(b.Created); before != 0 {
			return before
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all, nil
}

// Check returns the token of a secret, and notes that it was used; or ErrRefused. The
// first use of a day is recorded.
func (k *Keeper) Check(ctx context.Context, word string) (Token, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now, id := k.now(), idOf(word)
	read := k.refresh
	if _, known := k.tokens[id]; !known && id != "" {
		read = k.load // it may have been made just now, at another server
	}
	if err := read(ctx); err != nil {
		return Token{}, err
	}
	t, known := k.tokens[id]
	if !known || !t.opens(word) || !t.Valid(now) {
		return Token{}, ErrRefused
	}
	if day(t.Used) != day(now) {
		by := ledger.Person{Name: t.Person}
		if err := k.store.Record(ctx, ledger.Act{Code: ledger.ActTokenUsed, At: now, By: by, Text: t.ID}); err != nil {
			return Token{}, fmt.Errorf("note the use of token %q: %w", t.ID, err)
		}
	}
	t.Used = now
	k.tokens[t.ID] = t
	return t, nil
}

// day is the day of a time, which is in UTC.
func day(t time.Time) string { return t.Format(time.DateOnly) }

// refresh reads what was not read lately.
func (k *Keeper) refresh(ctx context.Context) error {
	now := k.now()
	if now.Sub(k.read) <= fresh && !now.Before(k.read) {
		return nil
	}
	return k.load(ctx)
}

// load reads on in the ledger from the last act that was seen.
func (k *Keeper) load(ctx context.Context) error {
	now := k.now()
	for event, err := range k.store.ActsFrom(ctx, "", k.seen+1) {
		if err != nil {
			return fmt.Errorf("read the tokens: %w", err)
		}
		if event.Act == ledger.ActHookSet {
			k.hook = event.Digest
		}
		if err := take(k.tokens, event); err != nil {
			return err
		}
		k.seen = event.Sequence
	}
	k.read = now
	return nil
}

// take has an act change the tokens.
func take(tokens map[string]Token, event ledger.Event) error {
	switch event.Act { //nolint:exhaustive // the others are about something else
	case ledger.ActTokenCreated:
		t := Token{}
		if err := json.Unmarshal([]byte(event.Text), &t); err != nil {
			return fmt.Errorf("event %d has no token: %w", event.Sequence, err)
		}
		t.Created = event.At
		tokens[t.ID] = t
	case ledger.ActTokenRevoked, ledger.ActTokenUsed:
		t, known := tokens[event.Text]
		if !known {
			return fmt.Errorf("event %d: %w: %q", event.Sequence, ErrUnknown, event.Text)
		}
		switch {
		case event.Act == ledger.ActTokenRevoked:
			t.Revoked = event.At
		case event.At.After(t.Used): // later uses of a day are known, and not recorded
			t.Used = event.At
		}
		tokens[t.ID] = t
	}
	return nil
}

func (k *Keeper) now() time.Time { return k.clock().UTC() }
