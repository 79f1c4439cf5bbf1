package session

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/ledger"
	"payrun/ledger/pgledger"
)

// BeginDatabase begins a ledger in a database, and says so.
func (o *Opener) BeginDatabase(ctx context.Context, address string) error {
	if !pgledger.Is(address) {
		return ui.Mistaken("no_database")
	}
	begun, err := pgledger.Init(ctx, address)
	if err != nil {
		return err
	}
	return o.ShowBegun(pgledger.Name(address), begun)
}

// UpgradeDatabase brings a ledger in a database to this version, and says so.
func (o *Opener) UpgradeDatabase(ctx context.Context, address string) error {
	if !pgledger.Is(address) {
		return ui.Mistaken("no_database")
	}
	from, to, err := pgledger.Upgrade(ctx, address)
	if err != nil {
		return err
	}
	return o.ShowUpgraded(pgledger.Name(address), from, to)
}

// Workers lists who pays from a database.
func (o *Opener) Workers(ctx context.Context, address string) error {
	if !pgledger.Is(address) {
		return ui.Mistaken("no_database")
	}
	store, err := pgledger.Open(ctx, address, pgledger.Options{Log: *o.Logger()})
	if err != nil {
		return err
	}
	defer o.CloseLedger(store)
	found, err := store.Workers(ctx)
	if err != nil {
		return err
	}
	return o.ShowWorkers(found)
}

// Evict ends a worker by its epoch.
func (o *Opener) Evict(ctx context.Context, address, epoch, because string) error {
	number, err := strconv.ParseUint(epoch, 10, 63)
	switch {
	case !pgledger.Is(address):
		return ui.Mistaken("no_database")
	case err != nil:
		return ui.Mistaken("epoch", "given", epoch)
	case strings.TrimSpace(because) == "":
		return ui.Mistaken("because")
	}
	store, err := pgledger.Open(ctx, address, pgledger.Options{Log: *o.Logger()})
	if err != nil {
		return err
	}
	defer o.CloseLedger(store)
	by := Actor(service.Typed)
	err = store.Evict(ctx, number, by.Person+"@"+by.Host+": "+because)
	if errors.Is(err, ledger.ErrNotFound) {
		return ui.Mistaken("no_worker", "epoch", epoch)
	}
	if err != nil {
		return err
	}
	return o.ShowEvicted(number)
}
