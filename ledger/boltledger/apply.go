package boltledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"payrun/ledger"
)

// Apply implements ledger.Writer.
func (s *Store) Apply(ctx context.Context, changes []ledger.Change) (lost []ledger.TransactionID, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, nil
	}
	err = s.update(func(tx *transaction) error {
		g, err := s.group(tx)
		if err == nil {
			err = g.apply(changes)
		}
		lost = g.lost
		return g.finish(err)
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// write writes one change and the payout that it made.
func write(tx *transaction, log *auditLog, before record, made *ledger.Made) error {
	change := made.Change
	if change.Reference != "" {
		if err := takeReference(tx, change); err != nil {
			return err
		}
	}
	log.append(ledger.EventOf(change, made.After))
	after := record{Payout: made.After, position: before.position, event: log.last()}
	if onlyIntent(change) {
		return indexIntent(tx, after, change.At)
	}
	err := tableOf(tx, bucketPayouts).put([]byte(change.ID), after.encode())
	return errors.Join(err, indexOpen(tx, before, after), indexNoted(tx, before, after))
}

// onlyIntent reports whether a change says nothing but that a payout is about to
// be sent.
func onlyIntent(change ledger.Change) bool {
	return change.From == ledger.Queued && change.To == ledger.Submitting &&
		change.Answer == (ledger.Answer{}) && change.Said == 0 && change.About == "" &&
		change.Difference == nil && change.Resolution == nil && change.At.UnixNano() > 0
}

// takeReference gives a new attempt its name for good.
func takeReference(tx *transaction, change ledger.Change) error {
	references, key := tableOf(tx, bucketReferences), []byte(change.Reference)
	taken, err := references.has(key)
	if err == nil && !taken {
		taken, err = tableOf(tx, bucketPayouts).has(key)
	}
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("reference %q for payout %q: %w", change.Reference, change.ID, ledger.ErrReferenceTaken)
	}
	return references.put(key, []byte(change.ID))
}

// indexOpen lists what is open and nothing else. An intent that the record now
// covers is taken out.
func indexOpen(tx *transaction, before, after record) error {
	open := tableOfBatch(tx, bucketOpen, after.Batch)
	switch indexing(before.State, after.State) {
	case listed:
		return open.put(positionKey(after.position), openEntry{id: after.ID, event: after.event}.encode())
	case delisted:
		return open.delete(positionKey(after.position))
	case unchanged:
	}
	return nil
}

// listing is the effect of a move on the index of open payouts.
type listing int

const (
	unchanged listing = iota
	listed
	delisted
)

func indexing(before, after ledger.State) listing {
	switch {
	case before.Open() && !after.Open():
		return delisted
	case after.Open() && (!before.Open() || before == ledger.Submitting):
		return listed
	default:
		return unchanged
	}
}

// indexIntent lists the intent to send a payout, whose record stays as it is.
func indexIntent(tx *transaction, r record, intended time.Time) error {
	entry := openEntry{id: r.ID, intended: intended, event: r.event}
	return tableOfBatch(tx, bucketOpen, r.Batch).put(positionKey(r.position), entry.encode())
}
