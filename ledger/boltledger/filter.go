package boltledger

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/FastFilter/xorfilter"
	"github.com/cespare/xxhash/v2"
)

// A filter knows of nearly every prefix that a run does not have that it has not. Of one
// that is there it never says so.

func encodeFilter(hashes []uint64) ([]byte, error) {
	filter, err := xorfilter.PopulateBinaryFuse8(hashes)
	if err != nil {
		return nil, fmt.Errorf("filter of %d keys: %w", len(hashes), err)
	}
	var out bytes.Buffer
	const about = 32
	out.Grow(about + len(filter.Fingerprints) + sumSize)
	if err := filter.Save(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// filter returns the run's filter.
func (r run) filter() (*xorfilter.BinaryFuse8, error) {
	value, err := r.get(keyFilter)
	if err == nil && value == nil {
		err = errMissing
	}
	if err != nil {
		return nil, fmt.Errorf("filter of run %x: %w", r.name, err)
	}
	filter, err := xorfilter.LoadBinaryFuse8(bytes.NewReader(value))
	if err != nil {
		return nil, fmt.Errorf("filter of run %x: %w: %w", r.name, errEncoding, err)
	}
	return filter, nil
}

// filters keeps the filters of the runs that were looked into. A run that is on disk never
// changes and its name is never given again, so they stay right. The zero value is empty,
// and serves several goroutines at once.
type filters struct {
	mutex sync.Mutex
	kept  map[string]*xorfilter.BinaryFuse8
}

// among returns the runs that may have keys with a prefix. It forgets the filters of runs
// that are not there any more.
func (f *filters) among(all []run, prefix []byte) ([]run, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.kept) > len(all) {
		clear(f.kept)
	}
	hash := xxhash.Sum64(prefix)
	var may []run
	for _, r := range all {
		filter, known := f.kept[string(r.name)]
		if !known {
			var err error
			if filter, err = r.filter(); err != nil {
				return nil, err
			}
			if f.kept == nil {
				f.kept = map[string]*xorfilter.BinaryFuse8{}
			}
			f.kept[string(r.name)] = filter
		}
		if filter.Contains(hash) {
			may = append(may, r)
		}
	}
	return may, nil
}
