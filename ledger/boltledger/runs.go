package boltledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Keys in no order would each touch a page of a tree of their own. They are kept in
// sorted runs instead, each written once, in order: a group of keys is a run, and runs of
// like size become one when there are runFan of them, so that few have to be looked into.
// Which those are, a filter in front of each tells.
const (
	// runFan is the number of runs of one size that are merged.
	runFan = 8
	// runSmall is the size, in entries, of the smallest runs, those of small batches; each next
	// size is runFan times the last. Runs beyond runLarge stay as they are, which bounds the memory that a merge
	// takes.
	runSmall = 1000
	runLarge = runSmall * runFan * runFan
	// chunkSize is the number of bytes that are kept as one value: two fill a page.
	chunkSize = 1750
)

// keyFilter is where a run has its filter, before all of its chunks.
//
//nolint:gochecknoglobals // a name, never written to
var keyFilter = []byte{0}

// keyed is an entry of a run.
type keyed struct{ key, value []byte }

// runs is a set of sorted runs. No two of them have the same key.
type runs struct {
	tx   *transaction
	name []byte
	// prefix is the part of a key by which entries are looked for.
	prefix func(key []byte) []byte
	// ordered is set where most entries come in the order of their keys, so that a run's first and
	// last tell that it has none of another's.
	ordered bool
}

// run is one of the runs: a bucket in which each key is the first of a chunk.
type run struct {
	table
	name []byte
	// entries is how many it has.
	entries uint32
}

// A run is named by its number and its size.
const (
	runNumberSize = 8
	runNameSize   = runNumberSize + 4
)

// list returns the runs, the oldest first.
func (rs runs) list() (all []run, err error) {
	in := rs.tx.top(rs.name)
	// What was merged left nothing behind in its place.
	if err := in.trail.reachAll(); err != nil {
		return nil, pagesError(err)
	}
	err = in.bucket.ForEach(func(name, value []byte) error {
		if value != nil || len(name) != runNameSize {
			return fmt.Errorf("run %x: %w", name, errEncoding)
		}
		all = append(all, rs.open(name))
		return nil
	})
	return all, err
}

// filtered returns the runs behind their filters.
func (rs runs) filtered(known *filters) ([]filtered, error) {
	all, err := rs.list()
	if err != nil {
		return nil, err
	}
	return known.of(all, rs.ordered)
}

func (rs runs) open(name []byte) run {
	name = bytes.Clone(name)
	return run{table: rs.tx.part(rs.name, name), name: name, entries: binary.BigEndian.Uint32(name[runNumberSize:])}
}

// runCursor goes through a run from one entry to the next.
type runCursor struct {
	run    run
	cursor *cursor
	begun  bool
	// beyond is the chunk where it stands, if the cursor of bbolt's does not.
	beyond []byte
	// at is the entry where it stands, and rest what follows in the same chunk.
	at   keyed
	rest []byte
	done bool
}

func (r run) cursor() *runCursor { return &runCursor{run: r, cursor: r.table.cursor()} }

// seek goes to where the first key that is not less than one may be, which is at most a
// chunk before it.
func (c *runCursor) seek(key []byte) error {
	c.begun = true
	if trail := c.run.trail; trail != nil && trail.root != 0 {
		found, stored, err := trail.floor(key)
		if err != nil {
			return pagesError(err)
		}
		if found != nil && !bytes.Equal(found, keyFilter) {
			c.beyond = bytes.Clone(found)
			return c.enter(bytes.Clone(found), bytes.Clone(stored))
		}
	}
	found, stored, err := c.cursor.seekBefore(key)
	if err == nil && bytes.Equal(found, keyFilter) {
		found, stored, err = c.cursor.next()
	}
	if err != nil {
		return err
	}
	return c.enter(found, stored)
}

// next goes to the next entry, and is done behind the last one.
func (c *runCursor) next() error {
	if len(c.rest) > 0 {
		return c.step()
	}
	if !c.begun {
		return c.seek(keyFilter)
	}
	return c.nextChunk()
}

// enterFirst goes to the first entry, and reads no filter that fills pages for that. The cursor is
// at the end of its way there.
func (c *runCursor) enterFirst() error {
	trail := c.run.trail
	if c.run.err != nil || trail == nil || trail.root == 0 {
		return c.next()
	}
	filter, found, stored, err := trail.behindLarge()
	switch {
	case err != nil:
		return pagesError(err)
	case found == nil:
		return c.next()
	case !bytes.Equal(filter, keyFilter):
		return fmt.Errorf("filter of run %x: %w", c.run.name, errMissing)
	}
	return c.enter(found, stored)
}

// nextChunk goes to the next chunk. The cursor may stand nowhere yet.
func (c *runCursor) nextChunk() error {
	if c.beyond != nil {
		_, _, err := c.cursor.seek(c.beyond)
		if err != nil {
			return err
		}
		c.beyond = nil
	}
	found, stored, err := c.cursor.next()
	if err != nil {
		return err
	}
	return c.enter(found, stored)
}

// enter goes to the first entry of a chunk.
func (c *runCursor) enter(first, stored []byte) error {
	if c.done = first == nil; c.done {
		return nil
	}
	chunk, err := c.run.open(first, stored)
	if err == nil {
		c.rest = chunk
		err = c.step()
	}
	if err == nil && !bytes.Equal(c.at.key, first) {
		err = errEncoding
	}
	if err != nil {
		return fmt.Errorf("run %x at %x: %w", c.run.name, first, err)
	}
	return nil
}

func (c *runCursor) step() (err error) {
	if c.at.key, c.rest, err = cutField(c.rest); err == nil {
		c.at.value, c.rest, err = cutField(c.rest)
	}
	return err
}

// cutField takes off what begins with its length.
func cutField(from []byte) (field, rest []byte, err error) {
	length, n := binary.Uvarint(from)
	if n <= 0 || length > uint64(len(from)-n) { //nolint:gosec // not negative
		return nil, nil, errEncoding
	}
	end := n + int(length) //nolint:gosec // at most len(from)
	return from[n:end:end], from[end:], nil
}

// find returns a cursor at a key, nil if there is none.
func (r run) find(key []byte) (*runCursor, error) {
	c := r.cursor()
	for err := c.seek(key); ; err = c.next() {
		if err != nil || c.done {
			return nil, err
		}
		switch bytes.Compare(c.at.key, key) {
		case 0:
			return c, nil
		case 1:
			return nil, nil
		}
	}
}

// each calls visit with the entries whose keys begin with a prefix.
func (r run) each(prefix []byte, visit func(keyed) error) error {
	c := r.cursor()
	for err := c.seek(prefix); ; err = c.next() {
		if err != nil || c.done {
			return err
		}
		switch begin := c.at.key[:min(len(prefix), len(c.at.key))]; bytes.Compare(begin, prefix) {
		case 0:
			if err := visit(c.at); err != nil {
				return err
			}
		case 1:
			return nil
		}
	}
}
