package boltledger

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// Verify implements ledger.Verifier. Beside the audit log it derives every index anew
// and compares; the pages were checked when the file was opened. It keeps every payout in
// memory while it replays them, about half a kilobyte each.
func (s *Store) Verify(ctx context.Context) (ledger.Verification, error) {
	var result ledger.Verification
	err := s.view(func(tx *bbolt.Tx) (err error) {
		v := &verifier{store: s, tx: tx, replayed: map[ledger.TransactionID]replayed{}, enrolled: map[ledger.BatchID]int{}}
		result, err = v.run(ctx)
		return err
	})
	return result, err
}

// verifier derives the ledger's content from its audit log.
type verifier struct {
	store *Store
	tx    *bbolt.Tx
	// replayed is each payout as the events make it.
	replayed map[ledger.TransactionID]replayed
	// enrolled counts the payouts that each batch brought in.
	enrolled map[ledger.BatchID]int
	// acts are those of the log, in order.
	acts []ledger.Act
	// terms counts the numbers and amounts that payouts were ever found by, and
	// references how many derived names were given.
	terms, references int
	head              head
}

// replayed is a payout's record and its entry among the open payouts.
type replayed struct {
	record record
	open   openEntry
}

func (r replayed) standing() record {
	if r.record.State == ledger.Queued {
		return r.record.intend(r.open)
	}
	return r.record
}

func (v *verifier) run(ctx context.Context) (ledger.Verification, error) {
	var err error
	if v.head, err = eachEvent(ctx, v.store, v.tx, head{}, v.apply); err != nil {
		return ledger.Verification{}, err
	}
	recorded, err := readHead(v.tx)
	if err != nil {
		return ledger.Verification{}, v.store.corrupt("the head of the audit log", "a head", err.Error())
	}
	if recorded != v.head {
		return ledger.Verification{}, v.store.corruptHead(recorded, v.head)
	}
	return v.compare()
}

func (v *verifier) apply(event ledger.Event, where string) error {
	switch {
	case event.Enrolled > 0:
		return v.enrol(event, where)
	case event.Act != "":
		v.acts = append(v.acts, event.AsAct())
		return nil
	}
	payout, known := v.replayed[event.Payout]
	if !known {
		return v.store.corrupt(where, "a payout that was enrolled", fmt.Sprintf("%q", event.Payout))
	}
	change := event.Change()
	before := payout.standing()
	after, err := before.Applied(change)
	if err != nil {
		return v.store.corrupt(where, "a legal move", err.Error())
	}
	if after.Terms != before.Terms {
		v.terms++
	}
	if change.Reference != "" {
		v.references++
	}
	v.replayed[event.Payout] = payout.after(before, after, change, event.Sequence)
	return nil
}

// after returns what a change makes of the record and the entry.
func (r replayed) after(before record, after ledger.Payout, change ledger.Change, event uint64) replayed {
	if onlyIntent(change) {
		r.open.intended, r.open.event = change.At, event
		return r
	}
	r.record = record{Payout: after, position: r.record.position, event: event}
	switch indexing(before.State, after.State) {
	case listed:
		r.open = openEntry{id: change.ID, event: event}
	case delisted:
		r.open = openEntry{}
	case unchanged:
	}
	return r
}

// enrol takes the members which the event says entered with it.
func (v *verifier) enrol(event ledger.Event, where string) error {
	digest := newTermsDigest()
	records := recordsOf(v.tx)
	err := eachEnrolled(v.store, v.tx, event, where, func(m member) error {
		r, err := records.read(m.id)
		if err != nil {
			return v.store.corrupt(where, "a payout", err.Error())
		}
		terms := r.Accepted()
		digest.add(terms)
		v.replayed[m.id] = replayed{
			record: record{position: m.position, event: event.Sequence, Payout: ledger.NewPayout(terms, event.Batch, r.Row, event.At)},
			open:   openEntry{id: m.id, event: event.Sequence},
		}
		v.enrolled[event.Batch]++
		v.terms++
		return nil
	})
	if err != nil {
		return err
	}
	if found := digest.hex(); found != event.Digest {
		return v.store.corrupt(where, "terms with digest "+event.Digest, found)
	}
	return nil
}

// compare holds the records and the indexes against what was replayed.
func (v *verifier) compare() (ledger.Verification, error) {
	result := ledger.Verification{
		Events: v.head.count, Payouts: len(v.replayed), ByState: map[ledger.State]ledger.Count{}, Verified: time.Now().UTC(),
	}
	if v.head.count > 0 {
		result.Head = hex.EncodeToString(v.head.hash[:])
	}
	recorded := 0
	open := map[ledger.BatchID]int{}
	err := tableOf(v.tx, bucketPayouts).each(nil, func(key, value []byte) (bool, error) {
		recorded++
		where := fmt.Sprintf("payout %q", key)
		payout, known := v.replayed[ledger.TransactionID(key)]
		if !known {
			return false, v.store.corrupt(where, "events about it", "none")
		}
		expected := payout.standing()
		if !bytes.Equal(value, payout.record.encode()) {
			return false, v.store.corrupt(where, "what its events make of it: "+expected.State.String(), foundState(value))
		}
		count := result.ByState[expected.State]
		count.Add(expected.Amount)
		result.ByState[expected.State] = count
		if expected.State.Open() {
			open[expected.Batch]++
		}
		return true, v.compareOpen(where, expected, payout.open)
	})
	if err != nil {
		return ledger.Verification{}, err
	}
	if recorded != len(v.replayed) {
		return ledger.Verification{}, v.store.corrupt("the payouts", strconv.Itoa(len(v.replayed)), strconv.Itoa(recorded))
	}
	if err := v.compareIndexes(); err != nil {
		return ledger.Verification{}, err
	}
	result.Batches, err = v.compareBatches(open)
	return result, err
}

func foundState(value []byte) string {
	r, err := decodeRecord(value)
	if err != nil {
		return err.Error()
	}
	return r.State.String() + ", or other content"
}

func (v *verifier) compareOpen(where string, expected record, want openEntry) error {
	index := tableOfBatch(v.tx, bucketOpen, expected.Batch)
	if !index.exists() {
		return v.store.corrupt(where, "an index of open payouts", "none")
	}
	listed, err := index.get(positionKey(expected.position))
	if err != nil {
		return err
	}
	if !expected.State.Open() {
		if entry, err := decodeOpen(listed); err == nil && entry.id == expected.ID {
			return v.store.corrupt(where, "no entry among the open payouts", "one")
		}
		return nil
	}
	if encoded := want.encode(); !bytes.Equal(listed, encoded) {
		return v.store.corrupt(where, fmt.Sprintf("the open payout %x", encoded), hex.EncodeToString(listed))
	}
	return nil
}

// compareIndexes holds the finder of repeated payments and the names of later
// attempts against the payouts.
func (v *verifier) compareIndexes() error {
	fingerprints := 0
	err := tableOf(v.tx, bucketFingerprints).each(nil, func(key, value []byte) (bool, error) {
		fingerprints++
		where := fmt.Sprintf("the finder of repeated payments at %x", key)
		for _, attempt := range v.owner(key).Attempts() {
			own := append(fingerprintPrefix(attempt.Terms.Number, attempt.Terms.Amount), attempt.Terms.ID...)
			if bytes.Equal(key, own) && bytes.Equal(value, queuedSeconds(v.owner(key).QueuedAt)) {
				return true, nil
			}
		}
		return false, v.store.corrupt(where, "the number, amount and time of a payout", hex.EncodeToString(value))
	})
	if err != nil {
		return err
	}
	if fingerprints > v.terms || fingerprints < len(v.replayed) {
		return v.store.corrupt("the finder of repeated payments", strconv.Itoa(v.terms), strconv.Itoa(fingerprints))
	}
	references := 0
	err = tableOf(v.tx, bucketReferences).each(nil, func(key, value []byte) (bool, error) {
		references++
		for _, attempt := range v.replayed[ledger.TransactionID(value)].record.Attempts() {
			if attempt.Number > 1 && attempt.Reference == ledger.Reference(key) {
				return true, nil
			}
		}
		return false, v.store.corrupt(fmt.Sprintf("the reference %q", key), "an attempt of a payout", fmt.Sprintf("%q", value))
	})
	if err == nil && references != v.references {
		err = v.store.corrupt("the references", strconv.Itoa(v.references), strconv.Itoa(references))
	}
	return err
}

// owner returns the payout that a fingerprint names.
func (v *verifier) owner(fingerprint []byte) ledger.Payout {
	_, rest, _ := bytes.Cut(fingerprint, []byte{0})
	_, rest, _ = bytes.Cut(rest, []byte{0})
	const amountSize = 8
	if len(rest) < amountSize {
		return ledger.Payout{}
	}
	return v.replayed[ledger.TransactionID(rest[amountSize:])].record.Payout
}

// compareBatches checks that no index lists more than there is, and that the acts
// of the log made the batches and the ledger what they are.
func (v *verifier) compareBatches(open map[ledger.BatchID]int) (int, error) {
	batches := map[ledger.BatchID]ledger.Batch{}
	err := tableOf(v.tx, bucketBatches).each(nil, func(key, value []byte) (bool, error) {
		batch, err := decodeBatch(key, value)
		if err != nil || string(key) != string(batch.ID) {
			return false, v.store.corrupt(fmt.Sprintf("batch %q", key), "a batch", string(value))
		}
		batches[batch.ID] = batch
		return true, v.compareBatch(batch.ID, open[batch.ID])
	})
	if err != nil {
		return 0, err
	}
	return len(batches), v.compareActs(batches)
}

func (v *verifier) compareBatch(id ledger.BatchID, open int) error {
	where := fmt.Sprintf("batch %q", id)
	listed, err := tableOfBatch(v.tx, bucketOpen, id).count()
	if err != nil {
		return err
	}
	if listed != open {
		return v.store.corrupt(where, fmt.Sprintf("%d open payouts", open), fmt.Sprintf("%d in the index", listed))
	}
	members, err := tableOfBatch(v.tx, bucketMembers, id).count()
	if err != nil {
		return err
	}
	adopted, err := tableOfBatch(v.tx, bucketAdopted, id).count()
	if err != nil {
		return err
	}
	if members != v.enrolled[id]+adopted {
		return v.store.corrupt(where, fmt.Sprintf("%d members", v.enrolled[id]+adopted), strconv.Itoa(members))
	}
	return nil
}

// compareActs applies the acts of the log to what they act upon.
func (v *verifier) compareActs(recorded map[ledger.BatchID]ledger.Batch) error {
	identity, err := getIdentity(v.tx)
	if err != nil {
		return err
	}
	made := ledger.Identity{ID: identity.ID, Began: identity.Began}
	released := map[ledger.BatchID]*ledger.Release{}
	for _, act := range v.acts {
		if act.Batch == "" {
			made, err = made.With(act)
		} else {
			batch := ledger.Batch{Release: released[act.Batch]}
			batch, err = batch.With(act)
			released[act.Batch] = batch.Release
		}
		if err != nil {
			return v.store.corrupt("the acts of the audit log", "known ones", err.Error())
		}
	}
	if !reflect.DeepEqual(made, identity) {
		return v.store.corrupt("the ledger's identity", fmt.Sprintf("%+v", made), fmt.Sprintf("%+v", identity))
	}
	for id, batch := range recorded {
		if !reflect.DeepEqual(batch.Release, released[id]) {
			return v.store.corrupt(fmt.Sprintf("batch %q", id), "the release of its acts", "another")
		}
	}
	return nil
}
