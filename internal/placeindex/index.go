// Package placeindex finds records of a file by the names in them, without the names in
// memory: for files that grow by appending and are longer than what a process should hold.
//
// It is a file of its own, of sorted parts with a filter in front of each, as the ledger
// has its finder. The last names are in memory until somebody has them put away. What it
// knows can be derived from the records, so what is damaged or of other records is left out
// and not told of: whoever opens an index adds the records behind its mark again.
package placeindex

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Index is an index of the names in a file's records. It is not safe for concurrent use.
type Index struct {
	create  func() (file, error)
	records io.ReaderAt
	file    file // nil as long as there is no part
	parts   []part
	size    int64
	recent  recent
}

// file has the names that were put away.
type file interface {
	io.ReaderAt
	io.WriterAt
	io.Seeker
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// unsynced is a file that ends with the process, so that nothing of it has to be on disk.
type unsynced struct{ Scratch }

func (unsynced) Sync() error { return nil }

// Mark is how far an index goes.
type Mark struct {
	// Covered is where the records end that are in its file, Count their number.
	Covered, Count int64
	// State is the owner's, put away with the records: the index does not read it.
	State []byte
}

// ErrNotAFile is returned for a folder or a pipe where an index was to be.
var ErrNotAFile = errors.New("an index is kept in an ordinary file")

// Open opens the index of records at a path, as far as it is sound and about them. The file
// is created, for its owner alone, when names are put away.
func Open(path string, records io.ReaderAt) (*Index, error) {
	x := &Index{records: records, create: func() (file, error) {
		return os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // beside the caller's own file
	}}
	file, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // beside the caller's own file
	if errors.Is(err, os.ErrNotExist) {
		return x, nil
	}
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrNotAFile), err, file.Close())
	}
	x.file = file
	for {
		p, next, err := x.read(x.size)
		if err != nil {
			return x, nil //nolint:nilerr // the end, whatever it is: what is missing is added again
		}
		x.forgetState()
		x.parts, x.size = append(x.parts, p), next
	}
}

// New returns an empty index of records that ends with the process.
func New(records io.ReaderAt) *Index {
	return &Index{records: records, create: func() (file, error) {
		scratch, err := NewScratch()
		return unsynced{scratch}, err
	}}
}

// Mark returns how far the index goes. What comes behind has to be added.
func (x *Index) Mark() Mark {
	if len(x.parts) == 0 {
		return Mark{}
	}
	return x.parts[len(x.parts)-1].Mark
}

// forgetState drops the state of the last part, which is not the last any more.
func (x *Index) forgetState() {
	if last := len(x.parts) - 1; last >= 0 {
		x.parts[last].State = nil
	}
}

// Add takes in a record with a name. Several may have the same one.
func (x *Index) Add(name string, place int64) { x.recent.add(xxhash.Sum64String(name), place) }

// Find returns the places of the records with a name, in order. Now and then there is one
// among them that has another.
func (x *Index) Find(name string) ([]int64, error) {
	hash := xxhash.Sum64String(name)
	places, err := x.findParts(hash)
	if err != nil {
		return nil, fmt.Errorf("read the index: %w", err)
	}
	places = append(places, x.recent.find(hash)...)
	slices.Sort(places)
	return slices.Compact(places), nil
}

// PutAway writes the names that were added into the file. The mark's records are all that
// were added so far. After an error they are in memory still.
func (x *Index) PutAway(mark Mark) error {
	if x.file == nil {
		file, err := x.create()
		if err != nil {
			return err
		}
		x.file = file
	}
	entries := make([]entry, len(x.recent.names))
	for i, name := range x.recent.names {
		entries[i] = name.entry
	}
	if err := x.append(part{Mark: mark}, entries); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	x.recent = recent{}
	return nil
}

// Close closes the index. What was not put away is lost.
func (x *Index) Close() error {
	if x.file == nil {
		return nil
	}
	return x.file.Close()
}

// recent is the names that are in memory.
type recent struct {
	names []recentName
	// newest is the last of the names with a hash, counted from one.
	newest map[uint64]int
}

type recentName struct {
	entry
	// before is the name with the same hash that came before, counted from one; 0 for none.
	before int
}

func (r *recent) add(hash uint64, place int64) {
	if r.newest == nil {
		r.newest = map[uint64]int{}
	}
	r.names = append(r.names, recentName{entry{hash, place}, r.newest[hash]})
	r.newest[hash] = len(r.names)
}

func (r *recent) find(hash uint64) (places []int64) {
	for at := r.newest[hash]; at > 0; at = r.names[at-1].before {
		places = append(places, r.names[at-1].place)
	}
	return places
}
