package boltledger

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"time"

	"payrun/ledger"
)

// Verify implements ledger.Verifier. Beside the audit log it derives every index anew
// and compares, and looks at every page. It keeps every payout in
// memory while it replays them, about half a kilobyte each.
func (s *Store) Verify(ctx context.Context) (ledger.Verification, error) {
	var result ledger.Verification
	if err := s.checkAllPages(); err != nil {
		return result, err
	}
	err := s.view(func(tx *transaction) (err error) {
		v := &verifier{
			store: s, tx: tx, replayed: ledger.NewReplayed(), places: map[ledger.TransactionID]place{},
			intents: map[ledger.TransactionID]intent{}, enrolled: map[ledger.BatchID]int{}, counts: map[ledger.BatchID]*ledger.Counts{}, noted: map[ledger.BatchID]int{},
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
	store *Store
	tx    *transaction
	// replayed is the ledger as the events make it.
	replayed *ledger.Replayed
	// places is where each payout is kept, and intents are those that the index of open
	// payouts alone has.
	places  map[ledger.TransactionID]place
	intents map[ledger.TransactionID]intent
	// enrolled counts the payouts that each batch brought in, noted those of them that the
	// index of notable ones has, and counts are what they are.
	enrolled map[ledger.BatchID]int
	noted    map[ledger.BatchID]int
	counts   map[ledger.BatchID]*ledger.Counts
	// acts counts the events that moved no payout.
	acts int
	head ledger.Chain
}

// place is a payout's position in its batch, and the numbers of the events that wrote its
// record and its entry among the open payouts.
type place struct {
	position     uint32
	record, open uint64
}

// intent is an intent to send, and the payout as its record still has it.
type intent struct {
	before ledger.Payout
	at     time.Time
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
	v.head = w.linker.Heads
	return v.compare()
}

func (v *verifier) apply(event ledger.Event, where string) (err error) {
	if err := listedAct(v.store, v.tx, event, where); err != nil {
		return err
	}
	if event.Payout == "" {
		v.acts++
	}
	switch {
	case event.Enrolled > 0:
		return v.enrol(event, where)
	case event.Act != "":
		err = v.replayed.Act(event)
	default:
		err = v.move(event)
	}
	if err != nil {
		return v.store.corrupt(where, "an event that can be replayed", err.Error())
	}
	return nil
}

// move replays a move, and what it writes where.
func (v *verifier) move(event ledger.Event) error {
	before, after, err := v.replayed.Move(event)
	if err != nil {
		return err
	}
	at := v.places[after.ID]
	if onlyIntent(event.Change()) {
		v.intents[after.ID] = intent{before: before, at: event.At}
		at.open = event.Sequence
		v.places[after.ID] = at
		return nil
	}
	delete(v.intents, after.ID)
	at.record = event.Sequence
	if indexing(before.State, after.State) == listed {
		at.open = event.Sequence
	}
	v.places[after.ID] = at
	return nil
}

// recorded is a payout's record as it should be.
func (v *verifier) recorded(id ledger.TransactionID) record {
	at := v.places[id]
	r := record{Payout: v.replayed.Payouts[id], position: at.position, event: at.record}
	if intent, intended := v.intents[id]; intended {
		r.Payout = intent.before
	}
	return r
}

// enrol takes the members which the event says entered with it.
func (v *verifier) enrol(event ledger.Event, where string) error {
	records := recordsOf(v.tx)
	var entered []ledger.Entered
	err := eachEnrolled(v.store, v.tx, event, where, func(m member) error {
		r, err := records.read(m.id)
		if err != nil {
			return v.store.corrupt(where, "a payout", err.Error())
		}
		terms := r.Accepted()
		entered = append(entered, ledger.Entered{Terms: terms, Row: r.Row})
		v.places[m.id] = place{position: m.position, record: event.Sequence, open: event.Sequence}
		v.enrolled[event.Batch]++
		return nil
	})
	if err != nil {
		return err
	}
	if err := v.replayed.Enrol(event, each(entered)); err != nil {
		return v.store.corrupt(where, "an event that can be replayed", err.Error())
	}
	return nil
}

func each(entered []ledger.Entered) iter.Seq2[ledger.Entered, error] {
	return func(yield func(ledger.Entered, error) bool) {
		for _, one := range entered {
			if !yield(one, nil) {
				return
			}
		}
	}
}

// compare holds the records and the indexes against what was replayed.
func (v *verifier) compare() (ledger.Verification, error) {
	result := ledger.Verification{
		Events: v.head.Count, Payouts: len(v.replayed.Payouts), Verified: time.Now().UTC(),
	}
	if v.head.Count > 0 {
		result.Head = hex.EncodeToString(v.head.Hash[:])
	}
	recorded := 0
	open := map[ledger.BatchID]int{}
	err := tableOf(v.tx, bucketPayouts).each(nil, func(key, value []byte) (bool, error) {
		recorded++
		where := fmt.Sprintf("payout %q", key)
		expected, known := v.replayed.Payouts[ledger.TransactionID(key)]
		if !known {
			return false, v.store.corrupt(where, "events about it", "none")
		}
		if !bytes.Equal(value, v.recorded(expected.ID).encode()) {
			return false, v.store.corrupt(where, "what its events make of it: "+expected.State.String(), foundState(value))
		}
		result.ByState.Add(expected)
		v.count(expected)
		if expected.State.Open() {
			open[expected.Batch]++
		}
		return true, errors.Join(v.compareOpen(where, expected), v.compareNoted(where, expected))
	})
	if err != nil {
		return ledger.Verification{}, err
	}
	if recorded != len(v.replayed.Payouts) {
		return ledger.Verification{}, v.store.corrupt("the payouts", strconv.Itoa(len(v.replayed.Payouts)), strconv.Itoa(recorded))
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

func (v *verifier) compareOpen(where string, expected ledger.Payout) error {
	at := v.places[expected.ID]
	index := tableOfBatch(v.tx, bucketOpen, expected.Batch)
	if !index.exists() {
		return v.store.corrupt(where, "an index of open payouts", "none")
	}
	listed, err := index.get(positionKey(at.position))
	if err != nil {
		return err
	}
	if !expected.State.Open() {
		if entry, err := decodeOpen(listed); err == nil && entry.id == expected.ID {
			return v.store.corrupt(where, "no entry among the open payouts", "one")
		}
		return nil
	}
	want := openEntry{id: expected.ID, intended: v.intents[expected.ID].at, event: at.open}
	if encoded := want.encode(); !bytes.Equal(listed, encoded) {
		return v.store.corrupt(where, fmt.Sprintf("the open payout %x", encoded), hex.EncodeToString(listed))
	}
	return nil
}

// compareIndexes holds the finder of repeated payments and the names of later
// attempts against the payouts.
func (v *verifier) compareIndexes() error {
	if err := v.compareFinder(); err != nil {
		return err
	}
	if err := errors.Join(v.compareActIndex(), v.compareCounts()); err != nil {
		return err
	}
	references := 0
	err := tableOf(v.tx, bucketReferences).each(nil, func(key, value []byte) (bool, error) {
		references++
		if owner, given := v.replayed.References[ledger.Reference(key)]; given && string(owner) == string(value) {
			return true, nil
		}
		return false, v.store.corrupt(fmt.Sprintf("the reference %q", key), "an attempt of a payout", fmt.Sprintf("%q", value))
	})
	if err == nil && references != len(v.replayed.References) {
		err = v.store.corrupt("the references", strconv.Itoa(len(v.replayed.References)), strconv.Itoa(references))
	}
	return err
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
	noted, err := tableOfBatch(v.tx, bucketNoted, id).count()
	if err != nil {
		return err
	}
	if noted != v.noted[id] {
		return v.store.corrupt(where, fmt.Sprintf("%d notable payouts", v.noted[id]), fmt.Sprintf("%d in the index", noted))
	}
	members, err := tableOfBatch(v.tx, bucketMembers, id).count()
	if err != nil {
		return err
	}
	adopted, err := v.compareAdopted(id)
	if err != nil {
		return err
	}
	if members != v.enrolled[id]+adopted {
		return v.store.corrupt(where, fmt.Sprintf("%d members", v.enrolled[id]+adopted), strconv.Itoa(members))
	}
	return nil
}

// compareAdopted holds the payouts that a batch shares with another against its members, and
// counts them.
func (v *verifier) compareAdopted(id ledger.BatchID) (adopted int, err error) {
	table, members := tableOfBatch(v.tx, bucketAdopted, id), tableOfBatch(v.tx, bucketMembers, id)
	if !table.exists() || !members.exists() {
		return 0, nil
	}
	err = table.each(nil, func(key, position []byte) (bool, error) {
		adopted++
		where := fmt.Sprintf("payout %q in batch %q", key, id)
		value, err := members.get(position)
		if err != nil {
			return false, err
		}
		if _, member, ok := decodeMember(value); !ok || string(member) != string(key) {
			return false, v.store.corrupt(where, "the member at its place", fmt.Sprintf("%q", member))
		}
		if owner := v.replayed.Payouts[ledger.TransactionID(key)]; owner.Batch == "" || owner.Batch == id {
			return false, v.store.corrupt(where, "a payout of another batch", fmt.Sprintf("one of %q", owner.Batch))
		}
		return true, nil
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
