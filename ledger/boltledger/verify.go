package boltledger

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/bbolt"

	"payrun/ledger"
)

// Verify implements ledger.Auditor. Beside the audit log it checks that the indexes
// agree with the payouts; the pages were checked when the file was opened. It keeps every payout in
// memory while it replays them, about half a kilobyte each.
func (s *Store) Verify(ctx context.Context) (ledger.Verification, error) {
	var result ledger.Verification
	err := s.view(func(tx *bbolt.Tx) (err error) {
		v := &verifier{store: s, tx: tx, replayed: map[ledger.TransactionID]replayed{}, enrolled: map[ledger.BatchID][]byte{}}
		result, err = v.run(ctx)
		return err
	})
	return result, err
}

func (s *Store) corrupt(where, expected, found string) error {
	return &ledger.CorruptError{Path: s.path, Where: where, Expected: expected, Found: found}
}

// verifier derives the ledger's content from its audit log.
type verifier struct {
	store *Store
	tx    *bbolt.Tx
	// replayed is each payout as the events make it.
	replayed map[ledger.TransactionID]replayed
	// enrolled is, for each batch, the key of the last member that an event
	// accounted for.
	enrolled map[ledger.BatchID][]byte
	head     head
}

// replayed is a payout's record and the intent recorded since.
type replayed struct {
	record   record
	intended time.Time
}

func (r replayed) standing() record { return r.record.intend(r.intended) }

func (v *verifier) run(ctx context.Context) (ledger.Verification, error) {
	if err := v.replay(ctx); err != nil {
		return ledger.Verification{}, err
	}
	recorded, err := readHead(v.tx)
	if err != nil {
		return ledger.Verification{}, v.store.corrupt("the head of the audit log", "a head", err.Error())
	}
	if recorded != v.head {
		return ledger.Verification{}, v.store.corrupt("the head of the audit log",
			fmt.Sprintf("event %d, %x", recorded.count, recorded.hash), fmt.Sprintf("event %d, %x", v.head.count, v.head.hash))
	}
	return v.compare()
}

// replay walks the chain and applies every event.
func (v *verifier) replay(ctx context.Context) error {
	cursor := v.tx.Bucket(bucketEvents).Cursor()
	for key, value := cursor.First(); key != nil; key, value = cursor.Next() {
		if err := ctx.Err(); err != nil {
			return err
		}
		v.head.count++
		where := fmt.Sprintf("event %d", v.head.count)
		if !bytes.Equal(key, sequenceKey(v.head.count)) {
			return v.store.corrupt("the audit log", where, fmt.Sprintf("event %d", binary.BigEndian.Uint64(key)))
		}
		encoded, hash, err := splitEvent(value)
		if err != nil {
			return v.store.corrupt(where, "an event", err.Error())
		}
		if v.head.hash = chain(v.head.hash, encoded); v.head.hash != hash {
			return v.store.corrupt(where, fmt.Sprintf("hash %x", v.head.hash), hex.EncodeToString(hash[:]))
		}
		event, err := decodeEvent(encoded)
		if err != nil {
			return v.store.corrupt(where, "an event", err.Error())
		}
		if err := v.apply(event, where); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) apply(event ledger.Event, where string) error {
	if event.Enrolled > 0 {
		return v.enrol(event, where)
	}
	payout, known := v.replayed[event.Payout]
	if !known {
		return v.store.corrupt(where, "a payout that was enrolled", fmt.Sprintf("%q", event.Payout))
	}
	change := ledger.Change{
		ID: event.Payout, From: event.From, To: event.To, At: event.At, Actor: event.Actor,
		Answer: event.Answer, Reference: event.Reference, Difference: event.Difference,
	}
	after, err := payout.standing().Applied(change)
	if err != nil {
		return v.store.corrupt(where, "a legal move", err.Error())
	}
	if onlyIntent(change) {
		payout.intended = change.At
	} else {
		payout = replayed{record: record{Payout: after, position: payout.record.position}}
	}
	v.replayed[event.Payout] = payout
	return nil
}

// enrol takes the batch's next members, which the event says entered with it.
func (v *verifier) enrol(event ledger.Event, where string) error {
	members := ofBatch(v.tx, bucketMembers, event.Batch)
	if members == nil {
		return v.store.corrupt(where, "a batch", fmt.Sprintf("%q, which is none", event.Batch))
	}
	adopted := ofBatch(v.tx, bucketAdopted, event.Batch)
	digest := newTermsDigest()
	records, cursor := recordsOf(v.tx), members.Cursor()
	key, value := cursor.First()
	if last := v.enrolled[event.Batch]; last != nil {
		cursor.Seek(last)
		key, value = cursor.Next()
	}
	for entered := 0; entered < event.Enrolled; key, value = cursor.Next() {
		if key == nil {
			return v.store.corrupt(where, fmt.Sprintf("%d payouts", event.Enrolled), strconv.Itoa(entered))
		}
		m, err := readMember(key, value)
		if err != nil {
			return v.store.corrupt(where, "a member", err.Error())
		}
		v.enrolled[event.Batch] = bytes.Clone(key)
		if adopted != nil && adopted.Get([]byte(m.id)) != nil {
			continue
		}
		r, err := records.read(m.id)
		if err != nil {
			return v.store.corrupt(where, "a payout", err.Error())
		}
		digest.add(r.Terms)
		v.replayed[m.id] = replayed{record: record{position: m.position, Payout: newPayout(r.Terms, event.Batch, r.Row, event.At)}}
		entered++
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
	err := v.tx.Bucket(bucketPayouts).ForEach(func(key, value []byte) error {
		recorded++
		where := fmt.Sprintf("payout %q", key)
		payout, known := v.replayed[ledger.TransactionID(key)]
		if !known {
			return v.store.corrupt(where, "events about it", "none")
		}
		expected := payout.standing()
		if !bytes.Equal(value, payout.record.encode()) {
			return v.store.corrupt(where, "what its events make of it: "+expected.State.String(), foundState(value))
		}
		count := result.ByState[expected.State]
		count.Add(expected.Amount)
		result.ByState[expected.State] = count
		if expected.State.Open() {
			open[expected.Batch]++
		}
		return v.compareOpen(where, expected, payout.intended)
	})
	if err != nil {
		return ledger.Verification{}, err
	}
	if recorded != len(v.replayed) {
		return ledger.Verification{}, v.store.corrupt("the payouts", strconv.Itoa(len(v.replayed)), strconv.Itoa(recorded))
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

func (v *verifier) compareOpen(where string, expected record, intended time.Time) error {
	index := ofBatch(v.tx, bucketOpen, expected.Batch)
	if index == nil {
		return v.store.corrupt(where, "an index of open payouts", "none")
	}
	listed := index.Get(positionKey(expected.position))
	if !expected.State.Open() {
		if entry, err := decodeOpen(listed); err == nil && entry.id == expected.ID {
			return v.store.corrupt(where, "no entry among the open payouts", "one")
		}
		return nil
	}
	if want := (openEntry{id: expected.ID, intended: intended}).encode(); !bytes.Equal(listed, want) {
		return v.store.corrupt(where, fmt.Sprintf("the open payout %x", want), hex.EncodeToString(listed))
	}
	return nil
}

// compareBatches checks that no index lists more than there is.
func (v *verifier) compareBatches(open map[ledger.BatchID]int) (int, error) {
	batches := 0
	err := v.tx.Bucket(bucketBatches).ForEach(func(key, value []byte) error {
		batches++
		var batch ledger.Batch
		if err := json.Unmarshal(value, &batch); err != nil || string(key) != string(batch.ID) {
			return v.store.corrupt(fmt.Sprintf("batch %q", key), "a batch", string(value))
		}
		listed := ofBatch(v.tx, bucketOpen, batch.ID).Stats().KeyN
		if listed != open[batch.ID] {
			return v.store.corrupt(fmt.Sprintf("batch %q", key),
				fmt.Sprintf("%d open payouts", open[batch.ID]), fmt.Sprintf("%d in the index", listed))
		}
		return nil
	})
	return batches, err
}
