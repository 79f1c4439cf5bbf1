package boltledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"
)

// The layout of pages is that of bbolt's internal/common package, version 2 of the file
// format, in the byte order of the machine.
const (
	branchFlag   = 0x01
	leafFlag     = 0x02
	freelistFlag = 0x10
	elementSize  = 16
	bucketHeader = 16
	// bucketElement marks a leaf's element whose value is a bucket.
	bucketElement = 0x01
	// manyFree in a freelist's count means that the count follows.
	manyFree = 0xFFFF
	// idSize is the length of a page's number.
	idSize = 8
)

// page is a page with what overflows it.
type page struct {
	id    uint64
	flags uint16
	count int
	data  []byte
}

func parsePage(data []byte) (p page, overflow uint64) {
	order := binary.NativeEndian
	return page{
		id: order.Uint64(data), flags: order.Uint16(data[8:]), count: int(order.Uint16(data[10:])), data: data,
	}, uint64(order.Uint32(data[12:]))
}

// element is a key with what is kept under it: the page below in a branch, in a leaf a value.
type element struct {
	flags      uint32
	key, value []byte
	child      uint64
}

// fits reports whether an element lies within the page.
func (p page) fits(i int) bool {
	at := pageHeaderSize + i*elementSize
	if at+elementSize > len(p.data) {
		return false
	}
	order, head := binary.NativeEndian, p.data[at:]
	offset, size := uint64(order.Uint32(head)), uint64(order.Uint32(head[4:]))
	if p.flags == leafFlag {
		offset, size = size, uint64(order.Uint32(head[8:]))+uint64(order.Uint32(head[12:]))
	}
	return uint64(at)+offset+size <= uint64(len(p.data)) //nolint:gosec // not negative
}

// element returns one that fits.
func (p page) element(i int) element {
	at := pageHeaderSize + i*elementSize
	order, head := binary.NativeEndian, p.data[at:]
	if p.flags == branchFlag {
		begin, size := at+int(order.Uint32(head)), int(order.Uint32(head[4:]))
		return element{key: p.data[begin : begin+size], child: order.Uint64(head[8:])}
	}
	begin, size := at+int(order.Uint32(head[4:])), int(order.Uint32(head[8:]))
	value := begin + size
	return element{
		flags: order.Uint32(head), key: p.data[begin:value], value: p.data[value : value+int(order.Uint32(head[12:]))],
	}
}

// check looks at a page's elements: each begins where the one before it ends, as bbolt
// writes them, so that none can be missing, and they are in order and between bounds. It
// calls visit with each.
func (p page) check(within bounds, visit func(element) error) error {
	begin := pageHeaderSize + p.count*elementSize
	before := within.low
	for i := range p.count {
		if !p.fits(i) {
			return fmt.Errorf("element %d of page %d leads out of it", i, p.id)
		}
		if found := p.begin(i); found != begin {
			return fmt.Errorf("element %d of page %d begins at %d and not at %d", i, p.id, found, begin)
		}
		e := p.element(i)
		if order := bytes.Compare(before, e.key); len(e.key) == 0 || order > 0 || (order == 0 && i > 0) || !within.admit(e.key) {
			return fmt.Errorf("element %d of page %d is out of order", i, p.id)
		}
		if err := visit(e); err != nil {
			return err
		}
		before = e.key
		begin += len(e.key) + len(e.value)
	}
	if p.count == 0 && slices.ContainsFunc(p.data[pageHeaderSize:], func(b byte) bool { return b != 0 }) {
		return fmt.Errorf("page %d has no elements, and is not empty", p.id)
	}
	return nil
}

// begin is where an element's key begins.
func (p page) begin(i int) int {
	at := pageHeaderSize + i*elementSize
	if p.flags == leafFlag {
		return at + int(binary.NativeEndian.Uint32(p.data[at+4:]))
	}
	return at + int(binary.NativeEndian.Uint32(p.data[at:]))
}

// used is the number of bytes that a page takes.
func (p page) used() int {
	if p.count == 0 {
		return pageHeaderSize
	}
	last := p.element(p.count - 1)
	return p.begin(p.count-1) + len(last.key) + len(last.value)
}

// search returns the last element whose key is not above another, or below it
// if before is set, and the first one if there is none.
func (p page) search(key []byte, before bool) int {
	behind := sort.Search(p.count, func(i int) bool {
		order := bytes.Compare(p.element(i).key, key)
		return order > 0 || (before && order == 0)
	})
	return max(0, behind-1)
}

// boundsOf returns those of what lies below an element of a branch.
func (p page) boundsOf(i int, within bounds) bounds {
	if i > 0 {
		within.low = p.element(i).key
	}
	if i+1 < p.count {
		within.high = p.element(i + 1).key
	}
	return within
}

// listed returns where a list of free pages ends, which may be behind the page.
func (p page) listed() int { return len(p.data) - len(p.rest()) + p.free()*idSize }

// free is the number of pages that a list says it has.
func (p page) free() int {
	if p.count == manyFree && len(p.data) >= pageHeaderSize+idSize {
		return int(min(binary.NativeEndian.Uint64(p.data[pageHeaderSize:]), 1<<40))
	}
	return p.count
}

// rest returns what follows the count of a list of free pages.
func (p page) rest() []byte {
	if p.count == manyFree && len(p.data) >= pageHeaderSize+idSize {
		return p.data[pageHeaderSize+idSize:]
	}
	return p.data[pageHeaderSize:]
}

// list has the numbers of the pages that a list of free pages names.
func (p page) list() []byte { return p.rest()[:p.free()*idSize] }
