package boltledger

import (
	"context"
	"errors"
	"fmt"
	"time"

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
		records := recordsOf(tx)
		for _, change := range changes {
			if err := apply(records, log, change); err != nil {
				return err
			}
		}
		return log.finish()
	})
}

func apply(records *records, log *auditLog, change ledger.Change) error {
	tx := records.tx
	before, err := records.read(change.ID)
	if err != nil {
		return err
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
	if onlyIntent(change) {
		return putOpen(tx, after, change.At)
	}
	err = tx.Bucket(bucketPayouts).Put([]byte(change.ID), after.encode())
	return errors.Join(err, indexOpen(tx, before, after))
}

// onlyIntent reports whether a change says nothing but that a payout is about to
// be sent.
func onlyIntent(change ledger.Change) bool {
	return change.From == ledger.Queued && change.To == ledger.Submitting &&
		change.Answer == (ledger.Answer{}) && change.Difference == "" && change.At.UnixNano() > 0
}

// takeReference gives a new attempt its name for good.
func takeReference(tx *bbolt.Tx, change ledger.Change) error {
	references, key := tx.Bucket(bucketReferences), []byte(change.Reference)
	if references.Get(key) != nil || tx.Bucket(bucketPayouts).Get(key) != nil {
		return fmt.Errorf("reference %q for payout %q: %w", change.Reference, change.ID, ledger.ErrReferenceTaken)
	}
	return references.Put(key, []byte(change.ID))
}

// indexOpen lists what is open and nothing else. An intent that the record now
// covers is taken out.
func indexOpen(tx *bbolt.Tx, before, after record) error {
	switch {
	case before.State.Open() && !after.State.Open():
		return ofBatch(tx, bucketOpen, after.Batch).Delete(positionKey(after.position))
	case after.State.Open() && (!before.State.Open() || before.State == ledger.Submitting):
		return putOpen(tx, after, time.Time{})
	default:
		return nil
	}
}

func putOpen(tx *bbolt.Tx, r record, intended time.Time) error {
	entry := openEntry{id: r.ID, intended: intended}
	return ofBatch(tx, bucketOpen, r.Batch).Put(positionKey(r.position), entry.encode())
}

func eventOf(change ledger.Change, after ledger.Payout) ledger.Event {
	return ledger.Event{
		At: change.At, Actor: change.Actor,
		Payout: change.ID, From: change.From, To: change.To,
		Attempt: after.Attempt, Reference: change.Reference,
		Answer: change.Answer, Difference: change.Difference,
	}
}
