package session

import (
	"context"
	"errors"
	"os"
	"time"

	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/boltledger/snapshot"
	"payrun/ledger/pgledger"
)

// CreateLedger opens the ledger and begins it if there is none. In a database only payrun
// ledger init begins one.
func (o *Opener) CreateLedger(ctx context.Context, path string) (ledger.Store, error) {
	if pgledger.Is(path) {
		return o.openDatabase(ctx, path)
	}
	begun := fsx.Missing(path)
	if begun {
		if err := o.BeginLedger(path); err != nil {
			return nil, err
		}
	}
	store, err := o.waiting(func() (ledger.Store, error) { return o.openTrusted(path) })
	if err == nil {
		o.SayLedger(path, begun)
	}
	return store, err
}

// openDatabase opens a ledger in a database.
func (o *Opener) openDatabase(ctx context.Context, address string) (ledger.Store, error) {
	options := pgledger.Options{Log: *o.Logger()}
	// A lease outlasts the longest request.
	if request, err := o.Command.Flags().GetDuration("request-timeout"); err == nil {
		options.Lease = request + leaseMargin
	}
	if outage, err := o.Command.Flags().GetDuration("max-outage"); err == nil {
		options.OutageMax = outage
	}
	store, err := pgledger.Open(ctx, address, options)
	if err != nil {
		return nil, err
	}
	return store, nil
}

// openTrusted opens a ledger that nobody else can have changed: not if everybody may
// write it. That another user owns it is said.
func (o *Opener) openTrusted(path string) (ledger.Store, error) {
	if err := o.RefuseTwo(path); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		switch {
		case fsx.AnybodyMayWrite(info):
			return nil, ui.Usage(o.Text("ledger.exposed", "file", path), o.Text("ledger.exposed_hint", "file", ui.ShellWord(path)))
		case !fsx.OwnedByUser(info):
			o.Remark(o.Text("ledger.foreign", "file", path))
		}
	}
	store, err := boltledger.Open(path, boltledger.Options{})
	if err != nil {
		return nil, o.served(err)
	}
	return store, nil
}

// waiting opens a ledger as soon as whoever has it is done with it, but waits no longer
// than --wait-lock, and no longer than the person does.
func (o *Opener) waiting(open func() (ledger.Store, error)) (ledger.Store, error) {
	store, err := open()
	if o.WaitLock <= 0 || !errors.Is(err, ledger.ErrLocked) {
		return store, err
	}
	o.Remark(o.Text("ledger.waiting", "reason", err.Error(), "wait", o.WaitLock.String()))
	for deadline := time.Now().Add(o.WaitLock); errors.Is(err, ledger.ErrLocked) && time.Now().Before(deadline); {
		select {
		case <-o.Accepting.Done():
			return nil, context.Canceled
		case <-time.After(lockPoll):
		}
		store, err = open()
	}
	return store, err
}

// lockPoll is the pause before a ledger that is in use is tried again, beside the second
// that each try waits by itself.
const lockPoll = 200 * time.Millisecond

// leaseMargin is the time between the end of the longest request and that of a lease.
const leaseMargin = 5 * time.Second

// OpenLedger opens a ledger that must exist.
func (o *Opener) OpenLedger(ctx context.Context, path string) (ledger.Store, error) {
	return o.waiting(func() (ledger.Store, error) { return o.openExisting(ctx, path) })
}

func (o *Opener) openExisting(ctx context.Context, path string) (ledger.Store, error) {
	if pgledger.Is(path) {
		return o.openDatabase(ctx, path)
	}
	if fsx.Missing(path) {
		return nil, o.MissingLedger(path)
	}
	store, err := o.openTrusted(path)
	if err != nil {
		return nil, err
	}
	o.SayLedger(path, false)
	return store, nil
}

// ReadLedger opens a ledger for reading. If a run holds it, a copy made at this
// moment is read instead. The caller must call done.
func (o *Opener) ReadLedger(ctx context.Context, path string) (store ledger.Store, done func(), err error) {
	store, held := o.openExisting(ctx, path)
	if errors.Is(held, ledger.ErrLocked) && fsx.Missing(snapshot.Socket(path)) {
		store, held = o.OpenLedger(ctx, path)
	}
	if held == nil {
		return store, func() { o.CloseLedger(store) }, nil
	}
	if !errors.Is(held, ledger.ErrLocked) || fsx.Missing(snapshot.Socket(path)) {
		return nil, nil, held
	}
	copied, release, err := snapshot.Open(ctx, path, held)
	if err != nil {
		return nil, nil, err
	}
	return copied, func() { o.CloseLedger(copied); release() }, nil
}

// CloseLedger closes a ledger of which everything that counts is on disk.
func (o *Opener) CloseLedger(store ledger.Store) {
	if err := store.Close(); err != nil {
		o.Logger().Error().Err(err).Msg("close the ledger")
	}
}

// LedgerToCompare opens the ledger if there is one. It must be there if a batch of it is
// named.
func (o *Opener) LedgerToCompare(ctx context.Context, sandboxed bool, batch string) (ledger.Store, func(), error) {
	path := o.LedgerPath(sandboxed)
	if batch == "" && !pgledger.Is(path) && fsx.Missing(path) {
		// A first run will begin it.
		return nil, func() {}, nil
	}
	store, done, err := o.ReadLedger(ctx, path)
	if batch == "" && errors.Is(err, ledger.ErrLocked) {
		o.Logger().Warn().Err(err).Msg("the file is not compared with the ledger")
		return nil, func() {}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return store, done, nil
}
