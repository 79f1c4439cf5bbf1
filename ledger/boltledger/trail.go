package boltledger

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/cespare/xxhash/v2"
	"go.etcd.io/bbolt"
)

// bounds are those of the keys of a page: from low on, and below high. Nil is none.
type bounds struct{ low, high []byte }

// admit reports whether a key lies between them.
func (b bounds) admit(key []byte) bool {
	return bytes.Compare(b.low, key) <= 0 && (b.high == nil || bytes.Compare(key, b.high) < 0)
}

// place stands for the tree of a table and the bounds of a page in it. It leaves leafBit.
func (b bounds) place(seed uint64) uint64 {
	var d xxhash.Digest
	d.ResetWithSeed(seed)
	var sizes [8]byte
	binary.NativeEndian.PutUint32(sizes[:], uint32(len(b.low)))   //nolint:gosec // a key
	binary.NativeEndian.PutUint32(sizes[4:], uint32(len(b.high))) //nolint:gosec // a key
	_, _ = d.Write(sizes[:])
	_, _ = d.Write(b.low)
	_, _ = d.Write(b.high)
	return d.Sum64() &^ leafBit
}

// trail leads through the pages of one bucket, within one transaction, ahead of bbolt: where
// it has been everything is as it was written. Each page must be the one that is meant, lie
// in the file, be in use, have its elements within it and their keys in order and between
// those that its parent gives it, and each value must have its checksum: no search can go
// astray then, be led in a circle, or miss what is there.
type trail struct {
	guard *guard
	tx    *bbolt.Tx
	// state is the transaction that wrote what is read, and pages are those of the file.
	state, pages uint64
	root         uint64
	seed         uint64
	// nested returns the seed of a bucket that lies in this one; nil if values do.
	nested func(name []byte) uint64
	levels []level
	// large has the leaf that was read last of those that go over several pages, of all trails
	// of the transaction: the filters of runs, of which there are many.
	large *[]byte

	// Between low and high all leaves were looked at. The first ends at second, and the last
	// begins at last.
	begun             bool
	low, high         []byte
	second, last      []byte
	deletedLow, until []byte
	deleted           bool
}

// level is the page at a depth.
type level struct {
	page   page
	buffer []byte
}

//nolint:gochecknoglobals // never written to
var metaSeed = topSeed(bucketMeta)

// depthMax is more than the depth of any tree that fits a disk.
const depthMax = 32

// reach looks at where a key is, or would be.
func (t *trail) reach(key []byte) error {
	if t == nil || t.root == 0 || (t.begun && (bounds{t.low, t.high}).admit(key)) {
		return nil
	}
	leaf, err := t.descend(key, false, false)
	if err != nil {
		return err
	}
	t.begun = true
	t.low, t.high = bytes.Clone(leaf.low), bytes.Clone(leaf.high)
	t.second, t.last = t.high, t.low
	return nil
}

// reachBehind looks at the page behind the one of a key as well.
func (t *trail) reachBehind(key []byte) error {
	if err := t.reach(key); err != nil || t == nil || t.root == 0 || t.high == nil || bytes.Compare(key, t.last) < 0 {
		return err
	}
	leaf, err := t.descend(t.high, false, false)
	if err != nil {
		return err
	}
	t.last, t.high = t.high, bytes.Clone(leaf.high)
	return nil
}

// floor returns the element whose key is the last that is not above another, of a tree that
// this transaction did not change, as long as nothing else is asked of the transaction; nil if there
// is none in the page where that key would be. It reads one page where a cursor of bbolt's,
// which can only look for what is not below, would read its neighbours too.
func (t *trail) floor(key []byte) (found, value []byte, err error) {
	id, within := t.root, bounds{}
	for depth := range depthMax {
		p, leaf, err := t.visit(depth, id, within)
		if err != nil {
			return nil, nil, err
		}
		if leaf && p.id == 0 {
			if p, err = t.read(id, t.buffer(depth)); err != nil {
				return nil, nil, err
			}
			t.levels[depth].page = p
		}
		if p.count == 0 {
			return nil, nil, nil
		}
		at := p.search(key, false)
		e := p.element(at)
		if !leaf {
			id, within = e.child, p.boundsOf(at, within)
			continue
		}
		if bytes.Compare(e.key, key) > 0 {
			return nil, nil, nil
		}
		return e.key, e.value, nil
	}
	return nil, nil, fmt.Errorf("more than %d levels below page %d", depthMax, t.root)
}

// behindLarge returns the second element of the tree's first leaf without reading the first, whose
// key it says, of a leaf that goes over several pages; nil of any other. Where each element begins
// is looked at, so that none can be missing; the value's checksum is for whoever asks.
func (t *trail) behindLarge() (first, found, value []byte, err error) {
	id, within := t.root, bounds{}
	for depth := range depthMax {
		t.guard.mapped.read(t.tx)
		buffer := t.buffer(depth)
		at := &t.levels[depth]
		at.page = page{} // what it was is written over
		p, overflow, err := t.head(id, buffer)
		switch {
		case err != nil:
			return nil, nil, nil, err
		case p.flags == branchFlag && overflow == 0:
			if err := t.checkBranch(p, within); err != nil {
				return nil, nil, nil, err
			}
			at.page = p
			id, within = p.element(0).child, p.boundsOf(0, within)
		case p.flags == leafFlag && overflow > 0:
			return t.secondOf(p, int64(overflow+1)*int64(len(buffer)), within) //nolint:gosec // within the file
		default:
			return nil, nil, nil, nil
		}
	}
	return nil, nil, nil, fmt.Errorf("more than %d levels below page %d", depthMax, t.root)
}

// secondOf returns the second element of a leaf of a size, of which the first page was read.
func (t *trail) secondOf(p page, size int64, within bounds) (first, found, stored []byte, err error) {
	table := pageHeaderSize + p.count*elementSize
	begin := int64(table)
	var before, key, value int64 // the lengths of the first element's value, and of the second
	end := begin
	for i := range p.count {
		at := pageHeaderSize + i*elementSize
		if table > len(p.data) || int64(p.begin(i)) != begin {
			return nil, nil, nil, fmt.Errorf("element %d of page %d is not where it should be", i, p.id)
		}
		keySize, valueSize := int64(binary.NativeEndian.Uint32(p.data[at+8:])), int64(binary.NativeEndian.Uint32(p.data[at+12:]))
		switch i {
		case 0:
			end, before = begin+keySize, valueSize
		case 1:
			key, value = keySize, valueSize
		}
		begin += keySize + valueSize
	}
	page := int64(len(p.data))
	if p.count < 2 || end > page || (begin+page-1)/page*page != size {
		return nil, nil, nil, fmt.Errorf("page %d is said to take %d bytes", p.id, size)
	}
	element := make([]byte, key+value)
	if _, err := t.guard.file.ReadAt(element, int64(p.id)*page+end+before); err != nil { //nolint:gosec // within the file
		return nil, nil, nil, fmt.Errorf("page %d: %w", p.id, err)
	}
	first, found = p.data[table:end], element[:key]
	if bytes.Compare(first, found) >= 0 || !within.admit(found) {
		return nil, nil, nil, fmt.Errorf("element 1 of page %d is out of order", p.id)
	}
	return first, found, element[key:], nil
}

// buffer returns the one for a page at a depth.
func (t *trail) buffer(depth int) []byte {
	for depth >= len(t.levels) {
		t.levels = append(t.levels, level{buffer: make([]byte, t.guard.size)})
	}
	return t.levels[depth].buffer
}

// reachBefore looks at the page before the one of a key as well.
func (t *trail) reachBefore(key []byte) error {
	if err := t.reach(key); err != nil || t == nil || t.root == 0 || t.low == nil || (t.second != nil && bytes.Compare(key, t.second) >= 0) {
		return err
	}
	leaf, err := t.descend(t.low, true, false)
	if err != nil {
		return err
	}
	t.second, t.low = t.low, bytes.Clone(leaf.low)
	return nil
}

// reachAround looks at all pages that may be put together with the one of a key once that
// is deleted.
func (t *trail) reachAround(key []byte) error {
	if t == nil || t.root == 0 || (t.deleted && (bounds{t.deletedLow, t.until}).admit(key)) {
		return nil
	}
	leaf, err := t.descend(key, false, true)
	if err != nil {
		return err
	}
	t.deleted, t.deletedLow, t.until = true, bytes.Clone(leaf.low), bytes.Clone(leaf.high)
	return nil
}

// reachAll looks at the whole tree.
func (t *trail) reachAll() error {
	if t == nil || t.root == 0 {
		return nil
	}
	for key := []byte(nil); ; {
		leaf, err := t.descend(key, false, false)
		if err != nil || leaf.high == nil {
			return err
		}
		key = bytes.Clone(leaf.high)
	}
}

// descend goes from the root to the leaf in which a key would be, or to the one before all
// that are not less, and returns the bounds of that. Around looks at the neighbours of each
// page on the way.
func (t *trail) descend(key []byte, before, around bool) (bounds, error) {
	id, within := t.root, bounds{}
	for depth := range depthMax {
		p, leaf, err := t.visit(depth, id, within)
		if err != nil || leaf {
			return within, err
		}
		at := p.search(key, before)
		if around {
			for _, beside := range [...]int{at - 1, at + 1} {
				if beside < 0 || beside >= p.count {
					continue
				}
				if _, _, err := t.visit(depth+1, p.element(beside).child, p.boundsOf(beside, within)); err != nil {
					return within, err
				}
			}
		}
		id, within = p.element(at).child, p.boundsOf(at, within)
	}
	return within, fmt.Errorf("more than %d levels below page %d", depthMax, t.root)
}

// visit looks at a page unless it is known. Of a leaf that is known nothing is read.
func (t *trail) visit(depth int, id uint64, within bounds) (p page, leaf bool, err error) {
	t.guard.mapped.read(t.tx)
	place := within.place(t.seed)
	known, leaf := t.guard.knows(id, place)
	if leaf {
		return page{}, true, nil
	}
	buffer := t.buffer(depth)
	at := &t.levels[depth]
	if known && at.page.id == id {
		return at.page, false, nil
	}
	if at.page, err = t.read(id, buffer); err != nil {
		return page{}, false, err
	}
	if p = at.page; known {
		return p, false, nil
	}
	switch p.flags {
	case branchFlag:
		err = t.checkBranch(p, within)
	case leafFlag:
		leaf, err = true, t.checkLeaf(p, within, t.seed, t.nested)
		place |= leafBit
	default:
		err = fmt.Errorf("page %d is of the unknown kind %#x", id, p.flags)
	}
	if err == nil && (p.used()+t.guard.size-1)/t.guard.size*t.guard.size != len(p.data) {
		err = fmt.Errorf("page %d is said to take %d bytes", id, len(p.data))
	}
	if err == nil && t.guard.strict {
		t.guard.note(id, place)
	}
	return p, leaf, err
}

// read reads a page with what overflows it.
func (t *trail) read(id uint64, buffer []byte) (page, error) {
	p, overflow, err := t.head(id, buffer)
	if err != nil {
		return page{}, err
	}
	if size := uint64(len(buffer)); overflow > 0 {
		p.data = t.roomFor(p, (overflow+1)*size)
		copy(p.data, buffer)
		if _, err := t.guard.file.ReadAt(p.data[size:], int64((id+1)*size)); err != nil { //nolint:gosec // as above
			return page{}, fmt.Errorf("page %d: %w", id, err)
		}
	}
	return p, nil
}

// head reads a page without what overflows it, and says how many pages that takes.
func (t *trail) head(id uint64, buffer []byte) (p page, overflow uint64, err error) {
	if id < 2 || id >= t.pages {
		return page{}, 0, fmt.Errorf("page %d is not in the file", id)
	}
	if _, err := t.guard.file.ReadAt(buffer, int64(id)*int64(len(buffer))); err != nil { //nolint:gosec // id is below pages
		return page{}, 0, fmt.Errorf("page %d: %w", id, err)
	}
	p, overflow = parsePage(buffer)
	switch {
	case p.id != id:
		return page{}, 0, fmt.Errorf("page %d calls itself %d", id, p.id)
	case overflow >= t.pages-id:
		return page{}, 0, fmt.Errorf("page %d leads out of the file", id)
	}
	for extra := range overflow + 1 {
		if t.guard.isFree(id+extra, t.state) {
			return page{}, 0, fmt.Errorf("page %d is in use and free", id+extra)
		}
	}
	return p, overflow, nil
}

// roomFor returns memory for a page with what overflows it: that of a branch is needed until all
// below it was read.
func (t *trail) roomFor(p page, size uint64) []byte {
	if p.flags != leafFlag {
		return make([]byte, size)
	}
	if uint64(cap(*t.large)) < size {
		*t.large = make([]byte, size)
	}
	return (*t.large)[:size]
}

func (t *trail) checkBranch(p page, within bounds) error {
	if p.count == 0 {
		return fmt.Errorf("page %d is empty", p.id)
	}
	return p.check(within, func(element) error { return nil })
}

// checkLeaf looks at the values of a page, and at the buckets that lie in it.
func (t *trail) checkLeaf(p page, within bounds, seed uint64, nested func([]byte) uint64) error {
	return p.check(within, func(e element) error {
		switch {
		case e.flags == bucketElement:
			return t.checkBucket(p, e, nested)
		case e.flags != 0:
			return fmt.Errorf("page %d has an element of the unknown kind %#x", p.id, e.flags)
		case !t.guard.strict || (seed == metaSeed && bytes.Equal(e.key, keyFormat)):
			return nil
		case nested != nil:
			return fmt.Errorf("page %d has a value for a bucket", p.id)
		default:
			if _, err := (table{seed: seed}).open(e.key, e.value); err != nil {
				return fmt.Errorf("page %d, key %x: %w", p.id, e.key, err)
			}
			return nil
		}
	})
}

// checkBucket looks at a bucket's root, or at all of it if it lies within its element.
func (t *trail) checkBucket(p page, e element, nested func([]byte) uint64) error {
	if len(e.value) < bucketHeader || (t.guard.strict && nested == nil) {
		return fmt.Errorf("page %d has a bucket that is none", p.id)
	}
	if root := binary.NativeEndian.Uint64(e.value); root != 0 {
		return nil // looked at by who goes there
	}
	inline := e.value[bucketHeader:]
	if len(inline) < pageHeaderSize {
		return fmt.Errorf("a bucket in page %d is cut short", p.id)
	}
	in, _ := parsePage(inline)
	if in.flags != leafFlag {
		return fmt.Errorf("a bucket in page %d is of the unknown kind %#x", p.id, in.flags)
	}
	in.id = p.id
	seed := uint64(0)
	if nested != nil {
		seed = nested(e.key)
	}
	return t.checkLeaf(in, bounds{}, seed, nil)
}
