package session

import (
	"context"
	"errors"
	"time"

	"payrun/batch/service"
	"payrun/cmd/payrun/ui"
	"payrun/internal/fsx"
	"payrun/ledger"
	"payrun/ledger/boltledger"
	"payrun/ledger/moving"
	"payrun/ledger/pgledger"
)

// MoveLedger moves a ledger from a file into a database, and says so.
func (o *Opener) MoveLedger(ctx context.Context, from, to string) error {
	switch {
	case !pgledger.Is(to):
		return ui.Mistaken("move_to", "place", to)
	case pgledger.Is(from):
		return ui.Mistaken("move_from")
	case fsx.Missing(from):
		return o.MissingLedger(from)
	}
	source, err := o.waiting(func() (ledger.Store, error) {
		store, err := boltledger.Open(from, boltledger.Options{})
		if err != nil {
			return nil, err
		}
		return store, nil
	})
	if err != nil {
		return err
	}
	defer o.CloseLedger(source)
	identity, err := source.Identity(ctx)
	if err != nil {
		return err
	}
	incoming, err := pgledger.Receive(ctx, to, identity, pgledger.Options{Log: *o.Logger()})
	if err != nil {
		return err
	}
	by := Actor(service.Unconfirmed)
	found, moved, err := moving.Move(ctx, source, incoming, ledger.Person{Name: by.Person, Host: by.Host}, time.Now().UTC())
	if err = errors.Join(err, incoming.Close()); err != nil {
		return err
	}
	return o.ShowMoved(from, incoming.Destination().Address, found, moved)
}
