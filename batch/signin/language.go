package signin

import (
	"context"
	"fmt"

	"payrun/ledger"
)

// Speak keeps the language that somebody chose: at every desk of theirs, and in what they are sent,
// until they choose another one. What is kept already is not recorded again.
func (k *Keeper) Speak(ctx context.Context, by ledger.Person, language string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return err
	}
	if k.languages[by.Name] == language {
		return nil
	}
	if err := k.record(ctx, ledger.ActLanguageChosen, by, language); err != nil {
		return fmt.Errorf("keep a language: %w", err)
	}
	return k.load(ctx)
}

// Language returns the language that a person chose, empty for none.
func (k *Keeper) Language(ctx context.Context, person string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err := k.load(ctx); err != nil {
		return "", err
	}
	return k.languages[person], nil
}
