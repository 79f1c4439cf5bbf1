package boltledger

import (
	"context"
	"encoding/json"
	"fmt"

	"payrun/ledger"
)

func putIdentity(tx *transaction, identity ledger.Identity) error {
	value, err := json.Marshal(identity)
	if err != nil {
		return err
	}
	return tableOf(tx, bucketMeta).put(keyIdentity, value)
}

func getIdentity(tx *transaction) (identity ledger.Identity, err error) {
	value, err := tableOf(tx, bucketMeta).get(keyIdentity)
	if err == nil && value == nil {
		err = fmt.Errorf("the ledger's identity: %w", errMissing)
	}
	if err != nil {
		return identity, err
	}
	if err := json.Unmarshal(value, &identity); err != nil {
		return identity, fmt.Errorf("the ledger's identity: %w: %w", errEncoding, err)
	}
	return identity, nil
}

// Identity implements ledger.Reader.
func (s *Store) Identity(ctx context.Context) (identity ledger.Identity, err error) {
	if err := ctx.Err(); err != nil {
		return identity, err
	}
	err = s.view(func(tx *transaction) error {
		identity, err = getIdentity(tx)
		return err
	})
	return identity, err
}

// covers returns an error if an act releases less than what may be sent of its batch.
func covers(tx *transaction, act ledger.Act) error {
	if !act.Releases() {
		return nil
	}
	counts, err := allCounts(tx, act.Batch)
	if err != nil {
		return err
	}
	return act.Covers(counts.ByState())
}

// Record implements ledger.Writer.
func (s *Store) Record(ctx context.Context, act ledger.Act) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	err := s.update(func(tx *transaction) error {
		log, err := openLog(tx)
		if err != nil {
			return err
		}
		log.append(ledger.EventOfAct(act))
		if err := log.finish(); err != nil {
			return err
		}
		if act.Batch == "" {
			return recordUpon(tx, act)
		}
		batches := tableOf(tx, bucketBatches)
		batch, err := getBatch(batches, act.Batch)
		if err != nil {
			return err
		}
		if batch, err = batch.With(act); err != nil {
			return err
		}
		if err := covers(tx, act); err != nil {
			return err
		}
		return putBatch(batches, batch)
	})
	if err == nil && act.Code == ledger.ActMoved {
		err = s.heedMove(ctx)
	}
	return err
}

// heedMove has nothing written from now on to a ledger that was moved.
func (s *Store) heedMove(ctx context.Context) error {
	identity, err := s.Identity(ctx)
	if err != nil || identity.Moved == "" {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.moved = &ledger.MovedError{Path: s.path, To: ledger.ParseDestination(identity.Moved)}
	return nil
}

// movedError returns a *ledger.MovedError for a ledger that was moved.
func (s *Store) movedError() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.moved
}

// recordUpon changes the ledger's identity by an act.
func recordUpon(tx *transaction, act ledger.Act) error {
	identity, err := getIdentity(tx)
	if err != nil {
		return err
	}
	if identity, err = identity.With(act); err != nil {
		return err
	}
	return putIdentity(tx, identity)
}
