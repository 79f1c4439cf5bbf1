package boltledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/FastFilter/xorfilter"
	"github.com/cespare/xxhash/v2"
)

// runFilter knows of nearly every prefix that a run does not have that it has not: by the
// least and the greatest key of the run, which is all that ids in order need, and by a filter
// of hashes. Of a prefix that is there it never says so. It serves several goroutines at once.
type runFilter struct {
	// low and high are nil if nobody looked for them.
	low, high []byte
	// hashes are nil until a prefix lies between the two: they are a byte an entry.
	hashes atomic.Pointer[xorfilter.BinaryFuse8]
}

// spans reports whether a key with a prefix may lie between the least and the greatest.
func (f *runFilter) spans(prefix []byte) bool {
	return f.high == nil ||
		bytes.Compare(prefix, f.high) <= 0 && (bytes.Compare(prefix, f.low) >= 0 || bytes.HasPrefix(f.low, prefix))
}

// may reports whether a run, whose filter this is, may have a key with a prefix of such a hash.
func (f *runFilter) may(r run, prefix []byte, hash uint64) (bool, error) {
	if !f.spans(prefix) {
		return false, nil
	}
	hashes := f.hashes.Load()
	if hashes == nil {
		read, err := r.hashes()
		if err != nil {
			return false, err
		}
		read.Fingerprints = bytes.Clone(read.Fingerprints)
		hashes = &read
		f.hashes.Store(hashes)
	}
	return hashes.Contains(hash), nil
}

// once returns the hashes of a run, whose filter this is, as long as nothing else is asked of the
// transaction. It keeps none.
func (f *runFilter) once(r run) (*xorfilter.BinaryFuse8, error) {
	if hashes := f.hashes.Load(); hashes != nil {
		return hashes, nil
	}
	read, err := r.hashes()
	return &read, err
}

func encodeFilter(low, high []byte, hashes []uint64) ([]byte, error) {
	filter, err := xorfilter.PopulateBinaryFuse8(hashes)
	if err != nil {
		return nil, fmt.Errorf("filter of %d keys: %w", len(hashes), err)
	}
	var out bytes.Buffer
	const about = 32
	out.Grow(about + len(low) + len(high) + len(filter.Fingerprints) + sumSize)
	for _, key := range [][]byte{low, high} {
		out.Write(binary.AppendUvarint(out.AvailableBuffer(), uint64(len(key))))
		out.Write(key)
	}
	if err := filter.Save(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// bounds returns the keys of the run's first and last entry. They stand in the filter too, which
// is many pages: it is passed over.
func (r run) bounds() (low, high []byte, err error) {
	first, last := r.cursor(), r.cursor()
	err = errors.Join(first.enterFirst(), last.seek(beyondAll))
	if err == nil && (first.done || last.done) {
		err = errMissing
	}
	for err == nil && len(last.rest) > 0 {
		err = last.step()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("bounds of run %x: %w", r.name, err)
	}
	return bytes.Clone(first.at.key), bytes.Clone(last.at.key), nil
}

// beyondAll is greater than every key, since no text has such a byte.
//
//nolint:gochecknoglobals // never written to
var beyondAll = []byte{0xff}

// hashes returns those of the run's filter, as long as nothing else is asked of the transaction: the
// library would read them into memory of their own.
func (r run) hashes() (hashes xorfilter.BinaryFuse8, err error) {
	_, _, written, err := r.writtenFilter()
	if err != nil {
		return hashes, err
	}
	const headerSize = 28
	order := binary.LittleEndian
	if len(written) < headerSize || uint64(order.Uint32(written[headerSize-4:])) != uint64(len(written)-headerSize) { //nolint:gosec // not negative
		return hashes, fmt.Errorf("filter of run %x: %w", r.name, errEncoding)
	}
	return xorfilter.BinaryFuse8{
		Seed: order.Uint64(written), SegmentLength: order.Uint32(written[8:]), SegmentLengthMask: order.Uint32(written[12:]),
		SegmentCount: order.Uint32(written[16:]), SegmentCountLength: order.Uint32(written[20:]), Fingerprints: written[headerSize:],
	}, nil
}

// writtenFilter returns what is kept as the run's filter, as long as nothing else is asked of the
// transaction.
func (r run) writtenFilter() (low, high, hashes []byte, err error) {
	value, err := r.first()
	if err == nil && value == nil {
		err = errMissing
	}
	if err == nil {
		low, value, err = cutField(value)
	}
	if err == nil {
		high, value, err = cutField(value)
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("filter of run %x: %w", r.name, err)
	}
	return low, high, value, nil
}

// first returns the value under keyFilter, nil if there is none. It is read as the trail reads it,
// and not from the file that is mapped, whose pages would become this process's memory.
func (r run) first() ([]byte, error) {
	if r.err != nil || r.trail == nil || r.trail.root == 0 {
		return r.get(keyFilter)
	}
	found, stored, err := r.trail.floor(keyFilter)
	if err != nil || !bytes.Equal(found, keyFilter) {
		return nil, pagesError(err)
	}
	return r.open(keyFilter, stored)
}

// filters keeps the filters of the runs that were looked into. A run that is on disk never
// changes and its name is never given again, so they stay right. The zero value is empty,
// and serves several goroutines at once.
type filters struct {
	mutex sync.Mutex
	kept  map[string]*runFilter
}

// filtered is a run behind its filter.
type filtered struct {
	run
	behind *runFilter
}

// of returns runs with their filters, and with their bounds if they are in order. It forgets the
// filters of runs that are not there any more.
func (f *filters) of(all []run, ordered bool) ([]filtered, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.kept) > len(all) {
		clear(f.kept)
	}
	if f.kept == nil {
		f.kept = map[string]*runFilter{}
	}
	found := make([]filtered, 0, len(all))
	for _, r := range all {
		filter, known := f.kept[string(r.name)]
		if !known {
			filter = &runFilter{}
			if ordered {
				var err error
				if filter.low, filter.high, err = r.bounds(); err != nil {
					return nil, err
				}
			}
			f.kept[string(r.name)] = filter
		}
		found = append(found, filtered{r, filter})
	}
	return found, nil
}

// among returns the runs that may have keys with a prefix.
func among(all []filtered, prefix []byte) (found []run, err error) {
	hash := xxhash.Sum64(prefix)
	for _, r := range all {
		may, err := r.behind.may(r.run, prefix, hash)
		if err != nil {
			return nil, err
		}
		if may {
			found = append(found, r.run)
		}
	}
	return found, nil
}
