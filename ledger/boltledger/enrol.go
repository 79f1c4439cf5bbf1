package boltledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"time"

	"payrun/ledger"
)

// Enrol implements ledger.Writer.
func (s *Store) Enrol(ctx context.Context, batch ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	if err := s.update(func(tx *transaction) error { return beginEnrolment(tx, batch) }); err != nil {
		return ledger.Enrolment{}, err
	}
	w := &groupWriter{store: s, batch: batch.ID, groups: make(chan []ledger.Entry)}
	w.seen.list = ledger.NewListDigest()
	if err := w.writeAll(ctx, entries); err != nil {
		return w.done, err
	}
	w.done.List = w.seen.list.Hex()
	return w.done, s.update(func(tx *transaction) error {
		if err := w.seen.markOthers(tx, batch.ID); err != nil {
			return err
		}
		return sealBatch(tx, batch.ID, w.done, s.clock().UTC())
	})
}

// beginEnrolment records the batch as not sealed and forgets its rejected rows.
func beginEnrolment(tx *transaction, batch ledger.Batch) error {
	batches := tableOf(tx, bucketBatches)
	batch.State = ledger.BatchDraft
	err := batches.each(nil, func(key, value []byte) (bool, error) {
		other, err := decodeBatch(key, value)
		if err == nil {
			err = other.Admits(batch)
		}
		if other.ID == batch.ID {
			batch.CreatedAt, batch.Release, batch.State, batch.Submitted = other.CreatedAt, other.Release, other.State, other.Submitted
		}
		return true, err
	})
	if err != nil {
		return err
	}
	batch.Sealed, batch.Accepted, batch.Rejected = false, ledger.Total{}, ledger.Total{}
	if err := putBatch(batches, batch); err != nil {
		return err
	}
	if err := tx.deletePart(bucketRejected, []byte(batch.ID)); err != nil {
		return err
	}
	for _, name := range [][]byte{bucketPayouts, bucketMembers, bucketOpen, bucketAdopted, bucketRejected, bucketNoted} {
		if _, err := makeTableOfBatch(tx, name, batch.ID); err != nil {
			return err
		}
	}
	return nil
}

func putBatch(batches table, batch ledger.Batch) error {
	return batches.put([]byte(batch.ID), encodeBatch(batch))
}

// getBatch returns a batch, or ErrNotFound.
func getBatch(batches table, id ledger.BatchID) (ledger.Batch, error) {
	value, err := batches.get([]byte(id))
	if err == nil && value == nil {
		err = fmt.Errorf("batch %q: %w", id, ledger.ErrNotFound)
	}
	if err != nil {
		return ledger.Batch{}, err
	}
	return decodeBatch([]byte(id), value)
}

func sealBatch(tx *transaction, id ledger.BatchID, done ledger.Enrolment, now time.Time) error {
	batches := tableOf(tx, bucketBatches)
	batch, err := getBatch(batches, id)
	if err != nil {
		return fmt.Errorf("seal batch %q: %w", id, err)
	}
	if batch.ToSeal() {
		if batch, err = sealing(tx, batch, done, now); err != nil {
			return err
		}
	}
	batch.Sealed, batch.Accepted, batch.Rejected = true, done.Accepted(), done.Rejected
	return putBatch(batches, batch)
}

// sealing records the act that seals a batch, and returns the batch after it.
func sealing(tx *transaction, batch ledger.Batch, done ledger.Enrolment, now time.Time) (ledger.Batch, error) {
	act := batch.Sealing(done.Accepted(), now)
	log, err := openLog(tx)
	if err != nil {
		return batch, err
	}
	log.append(ledger.EventOfAct(act))
	if err := log.finish(); err != nil {
		return batch, err
	}
	return batch.With(act)
}

// enroller writes one group.
type enroller struct {
	batch   ledger.BatchID
	now     time.Time
	counted ledger.Enrolment
	// log has the group's event when it is finished.
	log *auditLog

	payouts, members, open, adopted, rejected table
	// records finds what the ledger has. Queued are the payouts that the group brings in, which
	// finish writes, and entered where among them an id is.
	records *records
	entered map[ledger.TransactionID]int
	queued  []entering
	seen    *fileSeen
	finder  finder
	tallies tallies
	// taken finds the references of later attempts.
	taken *reader
}

// newEnroller returns one for a group of at most so many rows.
func newEnroller(tx *transaction, batch ledger.BatchID, most int, now time.Time) (*enroller, error) {
	log, err := openLog(tx)
	if err != nil {
		return nil, err
	}
	e := &enroller{
		batch: batch, now: now, log: log,
		records: recordsOf(tx), entered: make(map[ledger.TransactionID]int, most), queued: make([]entering, 0, most),
		finder: finderOf(tx), tallies: talliesOf(tx),
		taken: readerOf(tableOf(tx, bucketReferences)),
	}
	for _, of := range []struct {
		name  []byte
		table *table
	}{
		{bucketPayouts, &e.payouts}, {bucketMembers, &e.members}, {bucketOpen, &e.open}, {bucketAdopted, &e.adopted}, {bucketRejected, &e.rejected},
	} {
		if *of.table, err = makeTableOfBatch(tx, of.name, batch); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (e *enroller) enrol(entry *ledger.Entry) error {
	recorded, taken, err := e.find(entry)
	if err != nil {
		return fmt.Errorf("payout %q: %w", entry.ID, err)
	}
	var known *ledger.Payout
	if recorded != nil {
		known = &recorded.Payout
	}
	admitted := ledger.Admit(*entry, known, taken)
	e.counted.Take(admitted)
	switch {
	case admitted.Conflict != nil:
		return errors.Join(e.mention(*recorded), e.reject(admitted.Entry))
	case admitted.Rejected():
		return e.reject(admitted.Entry)
	case admitted.Known:
		return e.recognise(*entry, *recorded)
	default:
		return e.queue(entry)
	}
}

// find looks for a payout under the entry's id and, if there is none, for an attempt
// of another that goes by it. A row that was rejected is not looked for.
func (e *enroller) find(entry *ledger.Entry) (recorded *record, taken bool, err error) {
	if len(entry.Rejections) > 0 {
		return nil, false, nil
	}
	if own, is := e.entered[entry.ID]; is {
		r := e.record(e.queued[own])
		return &r, false, nil
	}
	at, found, err := e.records.find(entry.ID)
	if err != nil {
		return nil, false, err
	}
	if found {
		r, err := e.records.at(at)
		return &r, false, err
	}
	reference, err := e.taken.get([]byte(entry.ID))
	return nil, reference != nil, err
}

// mention notes that the file has a payout, if in other terms.
func (e *enroller) mention(recorded record) error {
	if recorded.Batch == e.batch {
		e.seen.Add(int(recorded.position))
		return nil
	}
	adopted, err := e.adopted.get([]byte(recorded.ID))
	if err == nil && adopted != nil {
		e.seen.Add(int(binary.BigEndian.Uint32(adopted)))
	}
	return err
}

func (e *enroller) reject(entry ledger.Entry) error {
	position, err := e.rejected.bucket.NextSequence()
	if err != nil {
		return err
	}
	return e.rejected.put(positionKey(uint32(position)), encodeRejected(entry)) //nolint:gosec // a file has fewer rows
}

// queue has a payout enter that the ledger does not know.
func (e *enroller) queue(entry *ledger.Entry) error {
	position, err := e.join()
	if err != nil {
		return err
	}
	e.entered[entry.ID] = len(e.queued)
	e.queued = append(e.queued, entering{Entry: entry, position: position})
	return nil
}

// join gives a payout the next position in the batch.
func (e *enroller) join() (uint32, error) {
	next, err := e.members.bucket.NextSequence()
	if err != nil {
		return 0, err
	}
	position := uint32(next) //nolint:gosec // a file has fewer rows
	e.seen.Add(int(position))
	return position, nil
}

// recognise keeps a payout that the ledger has: it stays what it is, in the row
// where the file now has it.
func (e *enroller) recognise(entry ledger.Entry, recorded record) error {
	position, row, id := recorded.position, recorded.Row, ledger.TransactionID("")
	if recorded.Batch != e.batch {
		adopted, err := e.adopted.get([]byte(entry.ID))
		if err == nil && adopted == nil {
			return e.adopt(entry)
		}
		if err != nil {
			return err
		}
		position, id = binary.BigEndian.Uint32(adopted), entry.ID
	}
	e.seen.Add(int(position))
	member, err := e.members.get(positionKey(position))
	if err != nil {
		return err
	}
	if member != nil {
		row, _, _ = decodeMember(member)
	}
	if row == entry.Row && (member != nil || id == "") {
		return nil
	}
	return e.members.put(positionKey(position), memberValue(entry.Row, id))
}

// adopt makes a payout that another batch brought in a member of this one.
func (e *enroller) adopt(entry ledger.Entry) error {
	position, err := e.join()
	if err != nil {
		return err
	}
	return errors.Join(
		e.adopted.put([]byte(entry.ID), positionKey(position)),
		e.members.put(positionKey(position), memberValue(entry.Row, entry.ID)),
	)
}
