package boltledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// addition is a run on its way into an index. The transaction that adds it plans it and puts it there;
// in between it is made, in memory, for which nobody who writes is needed: another goroutine can.
type addition struct {
	in   runs
	name []byte
	// entries is how many it will have, with those of the runs that become one with it.
	entries int
	merged  []run
	// values has the filter and the chunks.
	values []keyed
}

// plan says what becomes of a number of new entries: a run of their own, or one with those runs of
// its size of which it makes runFan, and one of the next size with those then.
func (rs runs) plan(entries int) (*addition, error) {
	all, err := rs.list()
	if err != nil {
		return nil, err
	}
	a := &addition{in: rs, entries: entries}
	for size := runSmall; size <= runLarge; size *= runFan {
		if !sized(a.entries, size) {
			continue
		}
		var like []run
		for _, r := range all {
			if sized(int(r.entries), size) {
				like = append(like, r)
			}
		}
		if len(like)+1 < runFan {
			continue
		}
		a.merged = append(a.merged, like...)
		for _, r := range like {
			a.entries += int(r.entries)
		}
	}
	number, err := rs.tx.top(rs.name).bucket.NextSequence()
	if err != nil {
		return nil, err
	}
	a.name = binary.BigEndian.AppendUint64(make([]byte, 0, runNameSize), number)
	a.name = binary.BigEndian.AppendUint32(a.name, uint32(a.entries)) //nolint:gosec // bounded by runLarge
	return a, nil
}

// sized reports whether a run of so many entries is of a size.
func sized(entries, size int) bool {
	return entries <= size && (size == runSmall || entries > size/runFan)
}

// add writes a run of entries, which it sorts, and merges what there are enough of.
func (rs runs) add(entries []keyed) error {
	if len(entries) == 0 {
		return nil
	}
	a, err := rs.plan(len(entries))
	if err != nil {
		return err
	}
	if err := a.build(rs.tx, entries); err != nil {
		return err
	}
	return a.put()
}

// build makes the run of the new entries, which it sorts, and of those that it reads in a transaction,
// which may be another than the one that planned it.
func (a *addition) build(tx *transaction, entries []keyed) error {
	slices.SortFunc(entries, func(a, b keyed) int { return bytes.Compare(a.key, b.key) })
	streams := []*stream{{rest: entries}}
	for _, r := range a.merged {
		streams = append(streams, &stream{run: runs{tx: tx, name: a.in.name}.open(r.name).cursor()})
	}
	for _, s := range streams {
		if err := s.next(); err != nil {
			return err
		}
	}
	maker := newRunMaker(a.entries, a.in.prefix)
	for {
		streams = slices.DeleteFunc(streams, func(s *stream) bool { return s.done })
		if len(streams) == 0 {
			break
		}
		least, until := leastOf(streams)
		for more := true; more; more = !least.done && (until == nil || bytes.Compare(least.at.key, until) < 0) {
			maker.append(least.at)
			if err := least.next(); err != nil {
				return err
			}
		}
	}
	var err error
	a.values, err = maker.finish()
	if err != nil {
		return fmt.Errorf("run %x: %w", a.name, err)
	}
	return nil
}

// put puts the run into the transaction that planned it, in place of those that became one with it.
func (a *addition) put() error {
	made, err := a.in.tx.makePart(a.in.name, a.name)
	if err != nil {
		return err
	}
	made.bucket.FillPercent = appending
	for _, v := range a.values {
		if err := made.put(v.key, v.value); err != nil {
			return err
		}
	}
	for _, r := range a.merged {
		if err := a.in.tx.deletePart(a.in.name, r.name); err != nil {
			return err
		}
	}
	return nil
}

// stream yields the entries of a run, or new ones that were sorted.
type stream struct {
	run  *runCursor
	rest []keyed
	at   keyed
	done bool
}

func (s *stream) next() (err error) {
	switch {
	case s.run != nil:
		err = s.run.next()
		s.at, s.done = s.run.at, s.run.done
	case len(s.rest) > 0:
		s.at, s.rest = s.rest[0], s.rest[1:]
	default:
		s.done = true
	}
	return err
}

// leastOf returns the stream that stands at the least key, and the key at which another one stands
// from which on it is not the least any more, nil if there is no other.
func leastOf(streams []*stream) (least *stream, until []byte) {
	least = streams[0]
	for _, s := range streams[1:] {
		if bytes.Compare(s.at.key, least.at.key) < 0 {
			s, least = least, s
		}
		if until == nil || bytes.Compare(s.at.key, until) < 0 {
			until = s.at.key
		}
	}
	return least, until
}

// runMaker makes the values of one run.
type runMaker struct {
	prefix func(key []byte) []byte
	values []keyed
	// chunk is the one that is being filled, its first key and its entries.
	chunk keyed
	// hashes are those of the prefixes, and left the entries that are still to come.
	hashes []uint64
	left   int
	// low and high are the keys of the run's first and last entry.
	low, high []byte
}

func newRunMaker(entries int, prefix func(key []byte) []byte) *runMaker {
	// The filter comes first, as its key does.
	return &runMaker{prefix: prefix, left: entries, hashes: make([]uint64, 0, entries), values: []keyed{{key: keyFilter}}}
}

// append adds the next entry.
func (m *runMaker) append(e keyed) {
	size := len(e.key) + len(e.value) + 2*binary.MaxVarintLen16
	if len(m.chunk.value)+size > chunkSize {
		m.flush()
	}
	if m.chunk.key == nil {
		m.chunk = keyed{key: bytes.Clone(e.key), value: make([]byte, 0, max(chunkSize, size)+sumSize)}
	}
	chunk := append(binary.AppendUvarint(m.chunk.value, uint64(len(e.key))), e.key...)
	m.chunk.value = append(binary.AppendUvarint(chunk, uint64(len(e.value))), e.value...)
	m.left--
	if m.low == nil {
		m.low = m.chunk.key
	}
	m.high = append(m.high[:0], e.key...)
	// Equal prefixes lie together.
	if hash := xxhash.Sum64(m.prefix(e.key)); len(m.hashes) == 0 || m.hashes[len(m.hashes)-1] != hash {
		m.hashes = append(m.hashes, hash)
	}
}

func (m *runMaker) flush() {
	if m.chunk.key != nil {
		m.values = append(m.values, m.chunk)
		m.chunk = keyed{}
	}
}

// finish returns the values, which are in order.
func (m *runMaker) finish() ([]keyed, error) {
	if m.left != 0 {
		return nil, fmt.Errorf("%w: %d entries too few", errEncoding, m.left)
	}
	m.flush()
	var err error
	m.values[0].value, err = encodeFilter(m.low, m.high, m.hashes)
	return m.values, err
}
