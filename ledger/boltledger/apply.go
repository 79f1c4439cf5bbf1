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

// keep writes one change and the payout that it made.
func (g *group) keep(before record, made *ledger.Made) error {
	tx, change := g.records.tx, made.Change
	if change.Reference != "" {
		if err := g.takeReference(change); err != nil {
			return err
		}
	}
	g.log.move(ledger.EventOf(change, made.After), before.event)
	after := record{Payout: made.After, position: before.position, event: g.log.last()}
	if onlyIntent(change) {
		return indexIntent(tx, after, change.At)
	}
	err := tableOfBatch(tx, bucketPayouts, after.Batch).put(positionKey(after.position), after.encode())
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
func (g *group) takeReference(change ledger.Change) error {
	references, key := tableOf(g.records.tx, bucketReferences), []byte(change.Reference)
	taken, err := references.has(key)
	if err == nil && !taken {
		_, taken, err = g.records.find(ledger.TransactionID(key))
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
