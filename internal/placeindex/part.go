package placeindex

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"sort"

	"github.com/FastFilter/xorfilter"
	"github.com/cespare/xxhash/v2"
)

// part is one part of an index, written once. Of its entries the filter is in memory, some
// nine bits for each, and tells of nearly all names that the part does not have them.
//
// The header of a part is written when all else of it is on disk, and has sums of that and
// of the end of the records that it covers. It covers them from where the part before ends.
type part struct {
	Mark
	filter  *xorfilter.BinaryFuse8
	first   int64 // where its entries begin in the file
	entries int64 // how many there are
}

// entry says where a record with a name is.
type entry struct {
	hash  uint64
	place int64
}

const entrySize = 16

// partHeader is the beginning of a part, of one size in all.
type partHeader struct {
	Magic                        [8]byte
	From, Covered, Count         int64
	Entries, StateLen, FilterLen int64
	// Before is the sum of the end of the records, Body that of state and filter.
	Before, Body uint64
	// Header is the sum of what is above.
	Header uint64
}

const (
	partHeaderSize = 10 * 8
	headerSumSize  = 8
	// beforeSize is of how much of the end of the records a part has the sum.
	beforeSize = 1024
	// partMax bounds what is read of a part at once: damage must not take memory.
	partMax = 16 << 20
)

//nolint:gochecknoglobals // a constant in all but name
var partMagic = [8]byte{'p', 'l', 'a', 'c', 'e', 's', '0', '1'}

// errPart is returned for what is no sound part of an index of the records.
var errPart = errors.New("no part of an index of these records")

// read reads the part at a place of the file, but for its entries.
func (x *Index) read(at int64) (p part, next int64, err error) {
	raw := make([]byte, partHeaderSize)
	if _, err := x.file.ReadAt(raw, at); err != nil {
		return p, 0, err
	}
	var h partHeader
	if err := binary.Read(bytes.NewReader(raw), binary.BigEndian, &h); err != nil {
		return p, 0, err
	}
	sound := h.Magic == partMagic && h.Header == xxhash.Sum64(raw[:partHeaderSize-headerSumSize]) &&
		min(h.StateLen, h.FilterLen, h.Entries) >= 0 && max(h.StateLen, h.FilterLen) <= partMax
	if !sound {
		return p, 0, errPart
	}
	if before, err := sumBefore(x.records, h.Covered); err != nil || before != h.Before || h.From != x.Mark().Covered {
		return p, 0, errors.Join(errPart, err)
	}
	body := make([]byte, h.StateLen+h.FilterLen)
	if _, err := x.file.ReadAt(body, at+partHeaderSize); err != nil {
		return p, 0, err
	}
	if xxhash.Sum64(body) != h.Body {
		return p, 0, errPart
	}
	p = part{Mark: Mark{Covered: h.Covered, Count: h.Count, State: body[:h.StateLen]}, entries: h.Entries}
	p.first = at + partHeaderSize + int64(len(body))
	next = p.first + p.entries*entrySize
	if length, err := x.file.Seek(0, io.SeekEnd); err != nil || length < next {
		return p, 0, errors.Join(errPart, err)
	}
	p.filter, err = xorfilter.LoadBinaryFuse8(bytes.NewReader(body[h.StateLen:]))
	return p, next, err
}

// sumBefore is a sum of the end of the records before a place.
func sumBefore(records io.ReaderAt, place int64) (uint64, error) {
	text := make([]byte, min(place, beforeSize))
	if _, err := records.ReadAt(text, place-int64(len(text))); err != nil {
		return 0, err
	}
	return xxhash.Sum64(text), nil
}

// append writes a part with the entries, which it sorts.
func (x *Index) append(p part, entries []entry) error {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.place, b.place))
	})
	hashes := make([]uint64, len(entries))
	for i, e := range entries {
		hashes[i] = e.hash
	}
	var err error
	if p.filter, err = xorfilter.PopulateBinaryFuse8(slices.Compact(hashes)); err != nil {
		return err
	}
	body := bytes.NewBuffer(slices.Clone(p.State))
	if err := p.filter.Save(body); err != nil {
		return err
	}
	before, err := sumBefore(x.records, p.Covered)
	if err != nil {
		return err
	}
	header, err := partHeader{
		Magic: partMagic, From: x.Mark().Covered, Covered: p.Covered, Count: p.Count, Entries: int64(len(entries)),
		StateLen: int64(len(p.State)), FilterLen: int64(body.Len() - len(p.State)), Before: before,
		Body: xxhash.Sum64(body.Bytes()),
	}.encode()
	if err != nil {
		return err
	}
	p.first, p.entries = x.size+partHeaderSize+int64(body.Len()), int64(len(entries))
	for _, e := range entries {
		body.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, e.hash), uint64(e.place))) //nolint:gosec // never negative
	}
	if err := x.write(header, body.Bytes()); err != nil {
		return err
	}
	x.forgetState()
	x.parts, x.size = append(x.parts, p), x.size+partHeaderSize+int64(body.Len())
	return nil
}

// write writes a part behind the others, its header last.
func (x *Index) write(header, body []byte) error {
	if err := x.file.Truncate(x.size); err != nil {
		return err
	}
	if _, err := x.file.WriteAt(body, x.size+partHeaderSize); err != nil {
		return err
	}
	if err := x.file.Sync(); err != nil {
		return err
	}
	if _, err := x.file.WriteAt(header, x.size); err != nil {
		return err
	}
	return x.file.Sync()
}

func (h partHeader) encode() ([]byte, error) {
	raw, err := binary.Append(nil, binary.BigEndian, h)
	if err != nil {
		return nil, err
	}
	raw = raw[:partHeaderSize-headerSumSize]
	return binary.BigEndian.AppendUint64(raw, xxhash.Sum64(raw)), nil
}

// findParts returns where the parts have records with the hash of a name.
func (x *Index) findParts(hash uint64) (places []int64, err error) {
	for _, p := range x.parts {
		if !p.filter.Contains(hash) {
			continue
		}
		var failed error
		at := func(n int) entry {
			e, err := x.entry(p, n)
			failed = errors.Join(failed, err)
			return e
		}
		entries := int(p.entries)
		for n := sort.Search(entries, func(n int) bool { return at(n).hash >= hash }); n < entries; n++ {
			e := at(n)
			if failed != nil || e.hash != hash {
				break
			}
			places = append(places, e.place)
		}
		if failed != nil {
			return nil, failed
		}
	}
	return places, nil
}

// entry reads the nth entry of a part.
func (x *Index) entry(p part, n int) (entry, error) {
	var raw [entrySize]byte
	if _, err := x.file.ReadAt(raw[:], p.first+int64(n)*entrySize); err != nil {
		return entry{hash: math.MaxUint64}, err
	}
	return entry{binary.BigEndian.Uint64(raw[:]), int64(binary.BigEndian.Uint64(raw[entrySize/2:]))}, nil //nolint:gosec // as it was written
}
