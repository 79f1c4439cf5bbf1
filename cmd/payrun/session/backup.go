package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/pgledger"
)

// BackUp writes a consistent copy of a ledger into a file, which is whole or not there. A
// database has tools of its own for that.
func BackUp(ctx context.Context, store ledger.Store, to string) error {
	file, is := store.(*boltledger.Store)
	if !is {
		return ui.Mistaken("backup_database")
	}
	pending, err := fsx.NewPendingFile(to)
	if err != nil {
		return err
	}
	defer pending.Discard() //nolint:errcheck // after the replacement there is nothing to clean up
	if err := file.Backup(ctx, pending); err != nil {
		return err
	}
	return pending.Complete()
}

// Restore puts a backup in the place of a ledger. One that holds together is not replaced
// unless that is forced.
func (o *Opener) Restore(ctx context.Context, path, backup string, forced bool) (boltledger.Restored, error) {
	if pgledger.Is(path) {
		return boltledger.Restored{}, ui.Mistaken("backup_database")
	}
	if fsx.SameFile(path, backup) {
		return boltledger.Restored{}, ui.Usage(o.Text("restore.itself", "file", backup))
	}
	// First the backup: there is no point in giving anything up for what is none.
	if err := boltledger.Look(backup); err != nil {
		return boltledger.Restored{}, err
	}
	if err := o.refuseHealthy(ctx, path, forced); err != nil {
		return boltledger.Restored{}, err
	}
	by := Actor(service.Unconfirmed)
	done, err := boltledger.Restore(ctx, path, backup, ledger.Person{Name: by.Person, Host: by.Host}, time.Now().UTC())
	if err != nil {
		return done, fmt.Errorf("restore the ledger: %w", err)
	}
	return done, nil
}

// refuseHealthy refuses to put a copy in the place of a ledger that holds together,
// which certainly knows of payments that the copy does not.
func (o *Opener) refuseHealthy(ctx context.Context, path string, yes bool) error {
	if yes || fsx.Missing(path) {
		return nil
	}
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		if errors.Is(err, ledger.ErrLocked) {
			return err
		}
		return nil // a ledger that cannot be read is why one restores
	}
	defer o.CloseLedger(store)
	found, err := store.Verify(ctx)
	if err != nil {
		return ctx.Err() // damaged, unless nobody waits for the answer any more
	}
	return ui.Usage(o.Text("restore.healthy", "file", path, "events", strconv.FormatUint(found.Events, 10)), o.Text("restore.healthy_hint"))
}
