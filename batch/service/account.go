package service

import (
	"context"
	"errors"
	"fmt"

	"payrun/batch/engine"
	"payrun/ledger"
)

// account is whose money is moved, as the ledger has it.
func (s *Service) account() ledger.Account {
	ours := s.config.Account
	if ours.Simulated {
		return ledger.Account{Place: ours.Place()}
	}
	return ledger.Account{Place: ours.Place(), Key: ours.Key}
}

// Open returns a batch of the ledger to go on with. It was made for this account, and
// goes on with the key that is given now, see AcceptKey; otherwise the error is a
// *ledger.AccountError.
func (s *Service) Open(ctx context.Context, by Actor, id ledger.BatchID) (ledger.Batch, error) {
	found, err := s.config.Ledger.Batch(ctx, id)
	if err != nil {
		return ledger.Batch{}, err
	}
	if found.Account.Place != s.config.Account.Place() {
		return ledger.Batch{}, &ledger.AccountError{Recorded: found.Account, Given: s.account()}
	}
	if err := s.AcceptKey(ctx, by, id); err != nil {
		return ledger.Batch{}, err
	}
	return s.config.Ledger.Batch(ctx, id)
}

// AcceptKey has a known batch go on with the key of this account. Another key than the
// one it was begun with is accepted if a transfer of the batch is found with it, or
// nothing of the batch ever left; otherwise it is a *ledger.AccountError. A batch that is
// not known needs no leave.
func (s *Service) AcceptKey(ctx context.Context, by Actor, id ledger.BatchID) error {
	known, err := s.config.Ledger.Batch(ctx, id)
	switch {
	case errors.Is(err, ledger.ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	given := s.account()
	if known.Account.Place != given.Place || known.Account.Key == given.Key {
		return nil // another place is refused where the batch is enrolled or opened
	}
	snapshot, err := engine.LoadSnapshot(ctx, s.config.Ledger, known.ID)
	if err != nil {
		return err
	}
	// A ledger of before keys were recorded tells nothing of its own.
	if known.Account.Key != "" && !snapshot.Empty() && !snapshot.FoundWith(ctx, s.config.Provider) {
		return &ledger.AccountError{Recorded: known.Account, Given: given}
	}
	return s.config.Ledger.Record(ctx, snapshot.KeyAccepted(given.Key, by.person()))
}

// Admits returns a *ledger.AccountError if the ledger is another account's, as submitting
// a batch would.
func (s *Service) Admits(ctx context.Context, id ledger.BatchID) error {
	batches, err := s.config.Ledger.Batches(ctx)
	if err != nil {
		return fmt.Errorf("list batches: %w", err)
	}
	for _, other := range batches {
		if err := other.Admits(ledger.Batch{ID: id, Currency: other.Currency, Account: ledger.Account{Place: s.config.Account.Place()}}); err != nil {
			return err
		}
	}
	return nil
}
