package boltledger

import (
	"errors"

	"golang.org/x/sync/errgroup"

	"payrun/ledger"
)

// entering is a payout that enters with a group: its row, and its position in the batch.
type entering struct {
	*ledger.Entry
	position uint32
}

// record returns the one of a payout that enters.
func (e *enroller) record(p entering) record {
	return record{position: p.position, event: e.event(), Payout: ledger.NewPayout(p.Terms, e.batch, p.Row, e.now)}
}

// event returns the number that the group's event will have.
func (e *enroller) event() uint64 { return e.log.last() + 1 }

// finish enters the payouts of the group, and adds its event. What they are found by is made
// beside writing them, of what view reads: the ledger as it is before.
func (e *enroller) finish(view func(read func(*transaction) error) error) error {
	if len(e.queued) == 0 {
		return nil
	}
	ids, err := e.records.ids.plan(len(e.queued))
	if err != nil {
		return err
	}
	finder, err := e.finder.plan(len(e.queued))
	if err != nil {
		return err
	}
	digest := ledger.NewListDigest()
	var beside errgroup.Group
	beside.Go(func() error {
		for _, p := range e.queued {
			e.seen.list.AddLine(digest.Add(&p.Terms))
		}
		return view(func(tx *transaction) error {
			return errors.Join(ids.build(tx, e.placed()), finder.build(tx, e.fingerprints()))
		})
	})
	defer beside.Wait() //nolint:errcheck // the second time, if bbolt met damage
	if err := errors.Join(e.write(), beside.Wait()); err != nil {
		return err
	}
	if err := errors.Join(ids.put(), finder.put(), e.tallies.put()); err != nil {
		return err
	}
	return e.logGroup(digest.Hex())
}

// write writes the records of the payouts, and lists them as open.
func (e *enroller) write() error {
	counts, err := e.tallies.of(e.batch)
	if err != nil {
		return err
	}
	for _, p := range e.queued {
		r, key := e.record(p), positionKey(p.position)
		counts.Add(r.Payout)
		if err := e.payouts.put(key, r.encode()); err != nil {
			return err
		}
		if err := e.open.put(key, openEntry{id: r.ID, event: r.event}.encode()); err != nil {
			return err
		}
	}
	return nil
}

// placed are the payouts by their ids.
func (e *enroller) placed() []keyed {
	entries := make([]keyed, 0, len(e.queued))
	for _, p := range e.queued {
		entries = append(entries, keyed{key: []byte(p.ID), value: spot{batch: e.batch, position: p.position}.encode()})
	}
	return entries
}

// fingerprints are the payouts by their numbers.
func (e *enroller) fingerprints() []keyed {
	entries := make([]keyed, 0, len(e.queued))
	for _, p := range e.queued {
		entries = append(entries, fingerprint(p.Terms, e.now))
	}
	return entries
}

// logGroup adds the event of the group, whose list has a digest.
func (e *enroller) logGroup(digest string) error {
	batches := tableOf(e.log.tx, bucketBatches)
	batch, err := getBatch(batches, e.batch)
	if err != nil {
		return err
	}
	if batch.State != ledger.BatchDraft {
		if err := putBatch(batches, batch.Entered()); err != nil {
			return err
		}
	}
	e.log.append(ledger.Event{
		At: e.now, Actor: ledger.EnrolActor, By: batch.By, Batch: e.batch,
		Enrolled: len(e.queued), First: int(e.queued[0].position), Digest: digest,
	})
	return e.log.finish()
}
