package boltledger

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"time"

	"payrun/ledger"
)

// Verify implements ledger.Verifier. Beside the audit log it derives every index anew
// and compares, and looks at every page. Payouts are replayed one after the other, each along
// the chain of its own events, so that memory does not grow with the ledger.
func (s *Store) Verify(ctx context.Context) (ledger.Verification, error) {
	var result ledger.Verification
	if err := s.checkAllPages(); err != nil {
		return result, err
	}
	err := s.view(func(tx *transaction) (err error) {
		v := &verifier{
			store: s, tx: tx, records: recordsOf(tx), replayed: ledger.NewReplayed(), batches: map[ledger.BatchID]*batchProof{},
			result: ledger.Verification{Verified: time.Now().UTC()},
		}
		result, err = v.run(ctx)
		return err
	})
	return result, err
}

// checkAllPages walks the pages of the file as it is now. Nobody writes meanwhile.
func (s *Store) checkAllPages() error {
	s.writing.Lock()
	defer s.writing.Unlock()
	boot, ok := newestBootPage(s.file)
	if !ok {
		return damaged(s.path, "no boot page")
	}
	if err := checkPages(s.file, boot); err != nil {
		return damaged(s.path, err)
	}
	return nil
}

// verifier derives the ledger's content from its audit log.
type verifier struct {
	store   *Store
	tx      *transaction
	records *records
	// replayed is the ledger as the events make it, but for its payouts.
	replayed *ledger.Replayed
	batches  map[ledger.BatchID]*batchProof
	// acts and moves are the events that the log has, and followed those of the moves that
	// the payouts' chains have.
	acts            int
	moves, followed uint64
	// references counts the names of later attempts; finder and ids are what those must have.
	references  int
	finder, ids tally
	result      ledger.Verification
}

// batchProof counts what the indexes of a batch must have, by its payouts.
type batchProof struct {
	// last is the position of the last payout.
	last uint32
	// open and noted are how many of them those indexes have.
	open, noted int
	counts      ledger.Counts
}

func (v *verifier) batch(id ledger.BatchID) *batchProof {
	if v.batches[id] == nil {
		v.batches[id] = &batchProof{}
	}
	return v.batches[id]
}

func (v *verifier) run(ctx context.Context) (ledger.Verification, error) {
	w := walkFrom(v.tx, ledger.Chain{})
	if err := w.walk(ctx, v.store, v.apply); err != nil {
		return ledger.Verification{}, err
	}
	chains, err := tableOf(v.tx, bucketChains).count()
	if err != nil {
		return ledger.Verification{}, err
	}
	if chains != len(w.chains.read) {
		return ledger.Verification{}, v.store.corrupt("the chains", strconv.Itoa(len(w.chains.read)), strconv.Itoa(chains))
	}
	v.result.Events = w.linker.Heads.Count
	if v.result.Events > 0 {
		v.result.Head = hex.EncodeToString(w.linker.Heads.Hash[:])
	}
	if v.followed != v.moves {
		return ledger.Verification{}, v.store.corrupt("the audit log",
			fmt.Sprintf("%d moves of payouts", v.moves), fmt.Sprintf("%d that the payouts know of", v.followed))
	}
	for _, compare := range []func() error{v.compareRuns, v.compareReferences, v.compareActIndex, v.compareBatches} {
		if err := compare(); err != nil {
			return ledger.Verification{}, err
		}
	}
	return v.result, nil
}

func (v *verifier) apply(event ledger.Event, where string) error {
	if event.Payout == "" {
		v.acts++
	}
	if err := listedAct(v.store, v.tx, event, where); err != nil {
		return err
	}
	switch {
	case event.Enrolled > 0:
		return v.enrol(event, where)
	case event.Act != "":
		if err := v.replayed.Act(event); err != nil {
			return v.store.corrupt(where, "an event that can be replayed", err.Error())
		}
	default:
		v.moves++ // met by its payout
	}
	return nil
}

// enrol follows the payouts which an event says entered with it.
func (v *verifier) enrol(event ledger.Event, where string) error {
	v.replayed.EnrolBatch(event)
	batch, digest := v.batch(event.Batch), ledger.NewListDigest()
	begin := event
	begin.First = int(batch.last) + 1 // nothing lies between those of one event and of the next
	err := eachEnrolled(v.store, v.tx, begin, where, func(at spot, value []byte) error {
		if batch.last < uint32(event.First) && at.position != uint32(event.First) { //nolint:gosec // written from a uint32
			return v.store.corrupt(where, fmt.Sprintf("the first payout at %d", event.First), fmt.Sprintf("one at %d", at.position))
		}
		batch.last = at.position
		r, err := decodeRecord(value)
		if err != nil || r.spot() != at {
			return v.store.corrupt(where, fmt.Sprintf("a payout at %d", at.position), "none")
		}
		terms := r.Accepted()
		digest.Add(&terms)
		return v.payout(event, r, value)
	})
	if err != nil {
		return err
	}
	if found := digest.Hex(); found != event.Digest {
		return v.store.corrupt(where, "a list of digest "+event.Digest, found)
	}
	return nil
}

// compareReferences counts the names of later attempts, each of which its payout looked for.
func (v *verifier) compareReferences() error {
	references, err := tableOf(v.tx, bucketReferences).count()
	if err == nil && references != v.references {
		err = v.store.corrupt("the references", strconv.Itoa(v.references), strconv.Itoa(references))
	}
	return err
}

// compareBatches checks that no index lists more than there is, and that the acts
// of the log made the batches and the ledger what they are.
func (v *verifier) compareBatches() error {
	batches := map[ledger.BatchID]ledger.Batch{}
	err := tableOf(v.tx, bucketBatches).each(nil, func(key, value []byte) (bool, error) {
		batch, err := decodeBatch(key, value)
		if err != nil || string(key) != string(batch.ID) {
			return false, v.store.corrupt(fmt.Sprintf("batch %q", key), "a batch", string(value))
		}
		batches[batch.ID] = batch
		return true, v.compareBatch(batch.ID)
	})
	if err != nil {
		return err
	}
	v.result.Batches = len(batches)
	if err := v.compareParts(batches); err != nil {
		return err
	}
	return v.compareActs(batches)
}

// compareParts checks that no table has a part for a batch that there is none of.
func (v *verifier) compareParts(batches map[ledger.BatchID]ledger.Batch) error {
	for _, name := range ofBatches() {
		in := v.tx.top(name)
		if err := in.trail.reachAll(); err != nil {
			return pagesError(err)
		}
		err := in.bucket.ForEachBucket(func(part []byte) error {
			if _, known := batches[ledger.BatchID(part)]; !known {
				return v.store.corrupt(fmt.Sprintf("the part %q", name), "batches", fmt.Sprintf("%q, which is none", part))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return tableOf(v.tx, bucketCounts).each(nil, func(key, _ []byte) (bool, error) {
		if _, known := batches[ledger.BatchID(key)]; !known {
			return false, v.store.corrupt("the counts", "those of batches", fmt.Sprintf("%q, which is none", key))
		}
		return true, nil
	})
}

func (v *verifier) compareBatch(id ledger.BatchID) error {
	where, proof := fmt.Sprintf("batch %q", id), v.batch(id)
	behind := 0
	err := tableOfBatch(v.tx, bucketPayouts, id).each(positionKey(proof.last+1), func([]byte, []byte) (bool, error) {
		behind++
		return true, nil
	})
	if err != nil {
		return err
	}
	if behind > 0 {
		return v.store.corrupt(where, "payouts of which the log speaks", fmt.Sprintf("%d more", behind))
	}
	for _, index := range []struct {
		name []byte
		want int
	}{{bucketOpen, proof.open}, {bucketNoted, proof.noted}} {
		listed, err := tableOfBatch(v.tx, index.name, id).count()
		if err != nil {
			return err
		}
		if listed != index.want {
			return v.store.corrupt(where, fmt.Sprintf("%d payouts in the index %q", index.want, index.name), strconv.Itoa(listed))
		}
	}
	counts, err := ownCounts(v.tx, id)
	if err != nil {
		return err
	}
	if !counts.Equal(proof.counts) {
		return v.store.corrupt("the counts of "+where, "those of its payouts", "others")
	}
	return v.compareMembers(id)
}

// compareMembers holds the rows that moved, and the payouts that another batch brought in,
// against these.
func (v *verifier) compareMembers(id ledger.BatchID) error {
	adopted, err := v.compareAdopted(id)
	if err != nil {
		return err
	}
	payouts := tableOfBatch(v.tx, bucketPayouts, id)
	return tableOfBatch(v.tx, bucketMembers, id).each(nil, func(key, value []byte) (bool, error) {
		m, err := readMember(key, value)
		if err != nil {
			return false, err
		}
		own, err := payouts.has(key)
		if err != nil {
			return false, err
		}
		if own == (m.id != "") || (!own && adopted[m.id] != m.position) {
			return false, v.store.corrupt(fmt.Sprintf("member %d of batch %q", m.position, id), "a payout in its place", "another, or none")
		}
		return true, nil
	})
}

// compareAdopted holds the payouts that a batch shares with another against its members, and
// returns them.
func (v *verifier) compareAdopted(id ledger.BatchID) (adopted map[ledger.TransactionID]uint32, err error) {
	adopted = map[ledger.TransactionID]uint32{}
	members := tableOfBatch(v.tx, bucketMembers, id)
	err = tableOfBatch(v.tx, bucketAdopted, id).each(nil, func(key, position []byte) (bool, error) {
		where := fmt.Sprintf("payout %q in batch %q", key, id)
		value, err := members.get(position)
		if err != nil {
			return false, err
		}
		if _, member, ok := decodeMember(value); !ok || string(member) != string(key) {
			return false, v.store.corrupt(where, "the member at its place", fmt.Sprintf("%q", member))
		}
		owner, found, err := v.records.ids.find(ledger.TransactionID(key))
		if err == nil && (!found || owner.batch == id) {
			err = v.store.corrupt(where, "a payout of another batch", fmt.Sprintf("one of %q", owner.batch))
		}
		adopted[ledger.TransactionID(key)] = binary.BigEndian.Uint32(position)
		return true, err
	})
	return adopted, err
}

// compareActs holds the batches and the ledger against what the acts of the log made of
// them.
func (v *verifier) compareActs(recorded map[ledger.BatchID]ledger.Batch) error {
	identity, err := getIdentity(v.tx)
	if err != nil {
		return err
	}
	made := v.replayed.Identity
	made.ID, made.Began = identity.ID, identity.Began
	if !reflect.DeepEqual(made, identity) {
		return v.store.corrupt("the ledger's identity", fmt.Sprintf("%+v", made), fmt.Sprintf("%+v", identity))
	}
	for id, batch := range recorded {
		made, known := v.replayed.Batches[id]
		if !known {
			made.State = ledger.BatchDraft // no event is about it yet
		}
		if batch.State != made.State || !reflect.DeepEqual(batch.Release, made.Release) || !reflect.DeepEqual(batch.Submitted, made.Submitted) {
			return v.store.corrupt(fmt.Sprintf("batch %q", id), fmt.Sprintf("%s, with submission and release of its acts", made.State), batch.State.String())
		}
	}
	return nil
}
