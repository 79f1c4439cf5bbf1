package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"payrun/ledger"
)

// ErrCopied is returned for a passkey that counted backwards: there may be two of it.
var ErrCopied = errors.New("the passkey counted backwards: there may be a copy of it")

// counted is the text of an ActPasskeyUsed.
type counted struct {
	Key string `json:"key"`
	// Count is how many signatures the passkey says to have made, Known the highest that it said
	// before. Refused is set where the one is not above the other.
	Count   uint32 `json:"count"`
	Known   uint32 `json:"known,omitempty"`
	Refused bool   `json:"refused,omitempty"`
}

// Counted takes the count of a passkey, by its fingerprint, that has just signed something, which
// was verified, and keeps it. One that is not above all that were heard before is ErrCopied, as
// WebAuthn recommends (7.2, step 22), and recorded for whoever looks after the keys; once more the
// same is none where a text may be handed in repeatedly. Passkeys that live on several
// devices do not count: they say 0, and only one that ever said more is held to it.
func (k *Keeper) Counted(ctx context.Context, by ledger.Person, key string, count uint32, repeated bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return err
	}
	known := k.counts[key]
	if count == known && (count == 0 || repeated) {
		return nil
	}
	c := counted{Key: key, Count: count, Known: known, Refused: count <= known}
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if err := k.record(ctx, ledger.ActPasskeyUsed, by, string(text)); err != nil {
		return fmt.Errorf("keep the count of a passkey: %w", err)
	}
	if c.Refused {
		return ErrCopied
	}
	return k.load(ctx)
}

// Copied returns when a passkey was last refused because it counted backwards, by fingerprint.
func (k *Keeper) Copied(ctx context.Context) (map[string]time.Time, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return nil, err
	}
	return maps.Clone(k.copied), nil
}

// count notes the highest count that a passkey said, and whether it went back.
func (k *Keeper) count(event ledger.Event) error {
	var c counted
	if err := json.Unmarshal([]byte(event.Text), &c); err != nil {
		return err
	}
	if c.Refused {
		k.copied[c.Key] = event.At
	}
	k.counts[c.Key] = max(k.counts[c.Key], c.Count)
	return nil
}
