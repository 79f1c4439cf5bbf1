package boltledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// enrolGroup is how many rows are made durable together. A commit costs two
// syncs, so groups make enrolling fast; a larger one gains little.
const enrolGroup = 1000

// enrolActor is how the audit log names enrolments.
const enrolActor = "enrol"

// Enrol implements ledger.Store.
func (s *Store) Enrol(ctx context.Context, batch ledger.Batch, entries iter.Seq2[ledger.Entry, error]) (ledger.Enrolment, error) {
	var done ledger.Enrolment
	if err := s.update(func(tx *bbolt.Tx) error { return beginEnrolment(tx, batch) }); err != nil {
		return done, err
	}
	group := make([]ledger.Entry, 0, enrolGroup)
	for entry, err := range entries {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return done, err
		}
		if group = append(group, entry); len(group) == enrolGroup {
			if err := s.enrolGroup(batch.ID, group, &done); err != nil {
				return done, err
			}
			group = group[:0]
		}
	}
	if len(group) > 0 {
		if err := s.enrolGroup(batch.ID, group, &done); err != nil {
			return done, err
		}
	}
	return done, s.update(func(tx *bbolt.Tx) error { return sealBatch(tx, batch.ID, done) })
}

// beginEnrolment records the batch as not sealed and forgets its rejected rows.
func beginEnrolment(tx *bbolt.Tx, batch ledger.Batch) error {
	batches := tx.Bucket(bucketBatches)
	err := batches.ForEach(func(_, value []byte) error {
		var other ledger.Batch
		if err := json.Unmarshal(value, &other); err != nil {
			return fmt.Errorf("read a batch: %w", err)
		}
		if other.Environment != batch.Environment {
			return &ledger.EnvironmentError{Recorded: other.Environment, Given: batch.Environment}
		}
		if other.ID == batch.ID {
			batch.CreatedAt = other.CreatedAt
		}
		return nil
	})
	if err != nil {
		return err
	}
	batch.Sealed, batch.Accepted, batch.Rejected = false, ledger.Count{}, ledger.Count{}
	if err := putBatch(batches, batch); err != nil {
		return err
	}
	rejected := tx.Bucket(bucketRejected)
	if rejected.Bucket([]byte(batch.ID)) != nil {
		if err := rejected.DeleteBucket([]byte(batch.ID)); err != nil {
			return err
		}
	}
	for _, name := range [][]byte{bucketMembers, bucketOpen, bucketAdopted, bucketRejected} {
		if _, err := makeOfBatch(tx, name, batch.ID); err != nil {
			return err
		}
	}
	return nil
}

func putBatch(batches *bbolt.Bucket, batch ledger.Batch) error {
	value, err := json.Marshal(batch)
	if err != nil {
		return err
	}
	return batches.Put([]byte(batch.ID), value)
}

func sealBatch(tx *bbolt.Tx, id ledger.BatchID, done ledger.Enrolment) error {
	batches := tx.Bucket(bucketBatches)
	var batch ledger.Batch
	if err := json.Unmarshal(batches.Get([]byte(id)), &batch); err != nil {
		return fmt.Errorf("seal batch %q: %w", id, err)
	}
	batch.Sealed, batch.Accepted, batch.Rejected = true, done.Accepted(), done.Rejected
	return putBatch(batches, batch)
}

// enrolGroup makes a group durable and then counts it.
func (s *Store) enrolGroup(batch ledger.BatchID, group []ledger.Entry, done *ledger.Enrolment) error {
	var counted ledger.Enrolment
	err := s.update(func(tx *bbolt.Tx) error {
		e, err := newEnroller(tx, batch)
		if err != nil {
			return err
		}
		for _, entry := range group {
			if err := e.enrol(entry); err != nil {
				return fmt.Errorf("row %d: %w", entry.Row, err)
			}
		}
		counted = e.counted
		return e.finish()
	})
	if err != nil {
		return err
	}
	add(&done.New, counted.New)
	add(&done.Known, counted.Known)
	add(&done.Rejected, counted.Rejected)
	done.Conflicts = append(done.Conflicts, counted.Conflicts...)
	return nil
}

func add(total *ledger.Count, more ledger.Count) {
	total.Count += more.Count
	total.Amount += more.Amount
}

// enroller writes one group.
type enroller struct {
	tx      *bbolt.Tx
	batch   ledger.BatchID
	now     time.Time
	counted ledger.Enrolment
	digest  *termsDigest

	payouts, members, open, adopted, rejected, fingerprints *bbolt.Bucket
	// known finds payouts, and taken the references of later attempts.
	known, taken *reader
}

func newEnroller(tx *bbolt.Tx, batch ledger.BatchID) (*enroller, error) {
	e := &enroller{
		tx: tx, batch: batch, now: time.Now().UTC(), digest: newTermsDigest(),
		payouts: tx.Bucket(bucketPayouts), fingerprints: tx.Bucket(bucketFingerprints),
		known: readerOf(tx.Bucket(bucketPayouts)), taken: readerOf(tx.Bucket(bucketReferences)),
	}
	for _, of := range []struct {
		name   []byte
		bucket **bbolt.Bucket
	}{
		{bucketMembers, &e.members}, {bucketOpen, &e.open}, {bucketAdopted, &e.adopted}, {bucketRejected, &e.rejected},
	} {
		made, err := makeOfBatch(tx, of.name, batch)
		if err != nil {
			return nil, err
		}
		*of.bucket = made
	}
	return e, nil
}

func (e *enroller) enrol(entry ledger.Entry) error {
	if len(entry.Rejections) > 0 {
		return e.reject(entry)
	}
	known := e.known.get([]byte(entry.ID))
	if known == nil {
		return e.queue(entry)
	}
	recorded, err := decodeRecord(known)
	if err != nil {
		return fmt.Errorf("payout %q: %w", entry.ID, err)
	}
	if conflict := recorded.Conflict(entry); conflict != nil {
		e.counted.Conflicts = append(e.counted.Conflicts, conflict)
		entry.Rejections = []ledger.Rejection{{Code: "id.conflict", Message: conflict.Error()}}
		return e.reject(entry)
	}
	e.counted.Known.Add(entry.Amount)
	return e.recognise(entry, recorded)
}

func (e *enroller) reject(entry ledger.Entry) error {
	value, err := json.Marshal(entry)
	if err != nil {
		return err
	}
	position, err := e.rejected.NextSequence()
	if err != nil {
		return err
	}
	e.counted.Rejected.Add(entry.Amount)
	return e.rejected.Put(positionKey(uint32(position)), value) //nolint:gosec // a file has fewer rows
}

// queue enters a payout that the ledger does not know.
func (e *enroller) queue(entry ledger.Entry) error {
	if e.taken.get([]byte(entry.ID)) != nil {
		entry.Rejections = []ledger.Rejection{{
			Code:    "id.reference_taken",
			Message: fmt.Sprintf("the provider knows %q as a later attempt of another payout", entry.ID),
		}}
		return e.reject(entry)
	}
	position, err := e.join(entry)
	if err != nil {
		return err
	}
	r := record{position: position, Payout: newPayout(entry.Terms, e.batch, entry.Row, e.now)}
	fingerprint := append(fingerprintPrefix(entry.Number, entry.Amount), entry.ID...)
	queuedAt := binary.BigEndian.AppendUint64(nil, uint64(e.now.Unix())) //nolint:gosec // after 1970
	err = errors.Join(
		e.payouts.Put([]byte(entry.ID), r.encode()),
		e.open.Put(positionKey(position), openEntry{id: entry.ID}.encode()),
		e.fingerprints.Put(fingerprint, queuedAt),
	)
	e.digest.add(entry.Terms)
	e.counted.New.Add(entry.Amount)
	return err
}

// newPayout returns a payout as it begins.
func newPayout(terms ledger.Terms, batch ledger.BatchID, row int, now time.Time) ledger.Payout {
	return ledger.Payout{
		Terms: terms, Batch: batch, Row: row, State: ledger.Queued, Attempt: 1,
		Reference: ledger.Reference(terms.ID), QueuedAt: now,
	}
}

// join gives a payout the next position in the batch.
func (e *enroller) join(entry ledger.Entry) (uint32, error) {
	next, err := e.members.NextSequence()
	if err != nil {
		return 0, err
	}
	position := uint32(next) //nolint:gosec // a file has fewer rows
	return position, e.members.Put(positionKey(position), memberValue(entry.Row, entry.ID))
}

// recognise keeps a payout that the ledger has: it stays what it is, in the row
// where the file now has it.
func (e *enroller) recognise(entry ledger.Entry, recorded record) error {
	position := recorded.position
	if recorded.Batch != e.batch {
		adopted := e.adopted.Get([]byte(entry.ID))
		if adopted == nil {
			position, err := e.join(entry)
			if err != nil {
				return err
			}
			return e.adopted.Put([]byte(entry.ID), positionKey(position))
		}
		position = binary.BigEndian.Uint32(adopted)
	}
	row, _, ok := decodeMember(e.members.Get(positionKey(position)))
	if ok && row == entry.Row {
		return nil
	}
	return e.members.Put(positionKey(position), memberValue(entry.Row, entry.ID))
}

// finish adds the group's event.
func (e *enroller) finish() error {
	if e.counted.New.Count == 0 {
		return nil
	}
	log, err := openLog(e.tx)
	if err != nil {
		return err
	}
	log.append(ledger.Event{
		At: e.now, Actor: enrolActor, Batch: e.batch,
		Enrolled: e.counted.New.Count, Digest: e.digest.hex(),
	})
	return log.finish()
}

// termsDigest is a SHA-256 over the terms of payouts in the order in which they
// entered.
type termsDigest struct{ all []byte }

func newTermsDigest() *termsDigest { return &termsDigest{} }

func (d *termsDigest) add(terms ledger.Terms) {
	e := encoder{buf: d.all}
	e.terms(terms)
	d.all = e.buf
}

func (d *termsDigest) hex() string {
	sum := sha256.Sum256(d.all)
	return hex.EncodeToString(sum[:])
}
