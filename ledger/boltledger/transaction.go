package boltledger

import (
	"fmt"

	"go.etcd.io/bbolt"
)

// transaction is one of bbolt's in which every page is looked at before bbolt reads it.
type transaction struct {
	*bbolt.Tx
	// guard is nil where nothing is looked at.
	guard *guard
	// tables are those that were opened, by their seeds.
	tables map[uint64]table
	root   *trail
	// large is where trails read leaves that go over several pages.
	large []byte
	// memory is the store's, nil for none.
	memory *memory
}

// memory keeps, from one transaction to the next, things that never change.
type memory struct {
	// finder and ids are the filters of the runs of the two.
	finder, ids filters
	spots       spots
}

// guarded begins to look at what a transaction reads.
func (s *Store) guarded(tx *bbolt.Tx) (*transaction, error) {
	t := &transaction{Tx: tx, guard: s.guard, tables: map[uint64]table{}, memory: &s.memory}
	t.root = t.trail(tx.Cursor().Bucket(), 0, topSeed)
	if err := t.root.reachAll(); err != nil {
		return nil, fmt.Errorf("%w: %w", errPages, err)
	}
	return t, nil
}

// topSeed stands for a table of the given name.
func topSeed(name []byte) uint64 { return seedOf(name, "") }

// trail leads through a bucket of the transaction.
func (t *transaction) trail(bucket *bbolt.Bucket, seed uint64, nested func([]byte) uint64) *trail {
	if t.guard == nil || bucket == nil {
		return nil
	}
	state := uint64(t.ID()) //nolint:gosec // not negative
	if t.Writable() {
		state--
	}
	return &trail{
		guard: t.guard, tx: t.Tx, state: state, pages: uint64(t.Size()) / uint64(t.guard.size), //nolint:gosec // not negative
		root: uint64(bucket.Root()), seed: seed, nested: nested, large: &t.large,
	}
}

// top opens a table that stands for itself, or one that has a part for each batch or run.
func (t *transaction) top(name []byte) table {
	seed := topSeed(name)
	if known, opened := t.tables[seed]; opened {
		return known
	}
	opened := table{bucket: t.Bucket(name), seed: seed}
	opened.trail = t.trail(opened.bucket, seed, nestedIn(name))
	if t.tables != nil {
		t.tables[seed] = opened
	}
	return opened
}

// part opens a part of a table; its bucket is nil if there is none.
func (t *transaction) part(name, part []byte) table {
	seed := seedOf(name, string(part))
	if known, opened := t.tables[seed]; opened {
		return known
	}
	in := t.top(name)
	opened := table{seed: seed, err: pagesError(in.trail.reach(part))}
	if opened.err != nil {
		return opened
	}
	opened.bucket = in.bucket.Bucket(part)
	opened.trail = t.trail(opened.bucket, seed, nil)
	if t.tables != nil && opened.exists() {
		t.tables[seed] = opened
	}
	return opened
}

// makePart opens a part of a table, which it makes if need be.
func (t *transaction) makePart(name, part []byte) (table, error) {
	if opened := t.part(name, part); opened.err != nil || opened.exists() {
		return opened, opened.err
	}
	if _, err := t.top(name).bucket.CreateBucket(part); err != nil {
		return table{}, err
	}
	made := t.part(name, part)
	return made, made.err
}

// deletePart deletes a part of a table, if it is there.
func (t *transaction) deletePart(name, part []byte) error {
	gone := t.part(name, part)
	if gone.err != nil || !gone.exists() {
		return gone.err
	}
	in := t.top(name)
	err := gone.trail.reachAll()
	if err == nil {
		err = in.trail.reachAround(part)
	}
	if err != nil {
		return pagesError(err)
	}
	delete(t.tables, gone.seed)
	return in.bucket.DeleteBucket(part)
}

// nestedIn returns the seeds of the parts of a table, nil if it has values.
func nestedIn(name []byte) func(part []byte) uint64 {
	for _, divided := range parted() {
		if string(divided) == string(name) {
			return func(part []byte) uint64 { return seedOf(name, string(part)) }
		}
	}
	return nil
}
