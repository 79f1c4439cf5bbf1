package main

import (
	"context"
	"errors"

	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/boltledger/snapshot"
)

// readLedger opens a ledger for reading. If a run holds it, a copy made at this
// moment is read instead. The caller must call done.
func (a *app) readLedger(ctx context.Context, path string) (store *boltledger.Store, done func(), err error) {
	store, held := a.openLedger(path)
	if held == nil {
		return store, func() { a.closeLedger(store) }, nil
	}
	if !errors.Is(held, ledger.ErrLocked) || fsx.Missing(snapshot.Socket(path)) {
		return nil, nil, held
	}
	store, release, err := snapshot.Open(ctx, path, held)
	if err != nil {
		return nil, nil, err
	}
	return store, func() { a.closeLedger(store); release() }, nil
}

// closeLedger closes a ledger of which everything that counts is on disk.
func (a *app) closeLedger(store ledger.Store) {
	if err := store.Close(); err != nil {
		a.Logger().Error().Err(err).Msg("close the ledger")
	}
}
