package access

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"

	"payrun/ledger"
)

// MakeHook makes the secret part of the address that the provider calls, by a person, and
// ends the one before. Nobody can tell it again.
func (k *Keeper) MakeHook(ctx context.Context, by ledger.Person) (secret string, err error) {
	random := make([]byte, secretBytes)
	if _, err := io.ReadFull(k.random, random); err != nil {
		return "", fmt.Errorf("make an address: %w", err)
	}
	secret = base64.RawURLEncoding.EncodeToString(random)
	return secret, k.setHook(ctx, by, digest(secret))
}

// EndHook ends the address: no call that comes in counts any more.
func (k *Keeper) EndHook(ctx context.Context, by ledger.Person) error { return k.setHook(ctx, by, "") }

func (k *Keeper) setHook(ctx context.Context, by ledger.Person, digest string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	act := ledger.Act{Code: ledger.ActHookSet, At: k.now(), By: by, Digest: digest}
	if err := k.store.Record(ctx, act); err != nil {
		return fmt.Errorf("change the address: %w", err)
	}
	return k.load(ctx)
}

// OpensHook reports whether a secret is that of the address which the provider calls.
func (k *Keeper) OpensHook(ctx context.Context, secret string) (bool, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.refresh(ctx); err != nil {
		return false, err
	}
	return k.hook != "" && subtle.ConstantTimeCompare([]byte(k.hook), []byte(digest(secret))) == 1, nil
}
