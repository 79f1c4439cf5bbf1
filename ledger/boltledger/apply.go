package boltledger

import (
	"context"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// Apply implements ledger.Store.
func (s *Store) Apply(ctx context.Context, changes []ledger.Change) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(changes) == 0 {
		return nil
	}
	return s.update(func(tx *bbolt.Tx) error {
		log, err := openLog(tx)
		if err != nil {
			return err
		}
		for _, change := range changes {
			if err := apply(tx, log, change); err != nil {
				return err
			}
		}
		return log.finish()
	})
}

func apply(tx *bbolt.Tx, log *auditLog, change ledger.Change) error {
	payouts := tx.Bucket(bucketPayouts)
	value := payouts.Get([]byte(change.ID))
	if value == nil {
		return fmt.Errorf("payout %q: %w", change.ID, ledger.ErrNotFound)
	}
	before, err := decodeRecord(value)
	if err != nil {
		return fmt.Errorf("payout %q: %w", change.ID, err)
	}
	payout, err := before.Applied(change)
	if err != nil {
		return err
	}
	if change.Reference != "" {
		if err := takeReference(tx, change); err != nil {
			return err
		}
	}
	after := record{Payout: payout, position: before.position}
	log.append(eventOf(change, payout))
	return errors.Join(payouts.Put([]byte(change.ID), after.encode()), indexOpen(tx, before, after))
}

// takeReference gives a new attempt its name for good.
func takeReference(tx *bbolt.Tx, change ledger.Change) error {
	references, key := tx.Bucket(bucketReferences), []byte(change.Reference)
	if references.Get(key) != nil || tx.Bucket(bucketPayouts).Get(key) != nil {
		return fmt.Errorf("reference %q for payout %q: %w", change.Reference, change.ID, ledger.ErrReferenceTaken)
	}
	return references.Put(key, []byte(change.ID))
}

func indexOpen(tx *bbolt.Tx, before, after record) error {
	open := ofBatch(tx, bucketOpen, after.Batch)
	switch key := positionKey(after.position); {
	case before.State.Open() && !after.State.Open():
		return open.Delete(key)
	case !before.State.Open() && after.State.Open():
		return open.Put(key, []byte(after.ID))
	default:
		return nil
	}
}

func eventOf(change ledger.Change, after ledger.Payout) ledger.Event {
	return ledger.Event{
		At: change.At, Actor: change.Actor,
		Payout: change.ID, From: change.From, To: change.To,
		Attempt: after.Attempt, Reference: change.Reference,
		Answer: change.Answer, Difference: change.Difference,
	}
}
