package boltledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/FastFilter/xorfilter"
	"github.com/cespare/xxhash/v2"
)

// runFilter knows of nearly every prefix that a run does not have that it has not: by the
// least and the greatest key of the run, which is all that ids in order need, and by a filter
// of hashes. Of a prefix that is there it never says so.
type runFilter struct {
	low, high []byte
	hashes    *xorfilter.BinaryFuse8
}

// may reports whether a run may have a key with a prefix of such a hash.
func (f runFilter) may(prefix []byte, hash uint64) bool {
	switch {
	case bytes.Compare(prefix, f.high) > 0:
		return false
	case bytes.Compare(prefix, f.low) < 0 && !bytes.HasPrefix(f.low, prefix):
		return false
	default:
		return f.hashes.Contains(hash)
	}
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

// filter returns the run's filter.
func (r run) filter() (found runFilter, err error) {
	value, err := r.get(keyFilter)
	if err == nil && value == nil {
		err = errMissing
	}
	var low, high []byte
	if err == nil {
		low, value, err = cutField(value)
	}
	if err == nil {
		high, value, err = cutField(value)
	}
	if err != nil {
		return found, fmt.Errorf("filter of run %x: %w", r.name, err)
	}
	hashes, err := xorfilter.LoadBinaryFuse8(bytes.NewReader(value))
	if err != nil {
		return found, fmt.Errorf("filter of run %x: %w: %w", r.name, errEncoding, err)
	}
	return runFilter{low: bytes.Clone(low), high: bytes.Clone(high), hashes: hashes}, nil
}

// filters keeps the filters of the runs that were looked into. A run that is on disk never
// changes and its name is never given again, so they stay right. The zero value is empty,
// and serves several goroutines at once.
type filters struct {
	mutex sync.Mutex
	kept  map[string]runFilter
}

// filtered is a run behind its filter.
type filtered struct {
	run
	filter runFilter
}

// of returns runs with their filters. It forgets the filters of runs that are not there any more.
func (f *filters) of(all []run) ([]filtered, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.kept) > len(all) {
		clear(f.kept)
	}
	found := make([]filtered, 0, len(all))
	for _, r := range all {
		filter, known := f.kept[string(r.name)]
		if !known {
			var err error
			if filter, err = r.filter(); err != nil {
				return nil, err
			}
			if f.kept == nil {
				f.kept = map[string]runFilter{}
			}
			f.kept[string(r.name)] = filter
		}
		found = append(found, filtered{r, filter})
	}
	return found, nil
}

// among returns the runs that may have keys with a prefix.
func among(all []filtered, prefix []byte) []run {
	hash := xxhash.Sum64(prefix)
	var may []run
	for _, r := range all {
		if r.filter.may(prefix, hash) {
			may = append(may, r.run)
		}
	}
	return may
}
