package boltledger

import (
	"encoding/binary"
	"fmt"
	"io"
)

// bbolt trusts its pages: a damaged length or offset makes it read memory that
// is not the file's, which no program survives for certain. So the pages are
// walked here first, through ordinary reads, from the root to the last inline
// bucket: every page in use must lie in the file, be used once, and keep its
// elements within its bounds. Content is not looked at; that is for Verify.
//
// The layout is that of bbolt's internal/common package, version 2 of the file
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
)

// pageWalk visits the pages of one file.
type pageWalk struct {
	file pageReader
	boot bootPage
	seen pageSet
	// buffers are for the page at each depth of the walk, which is needed until all below
	// it were visited.
	buffers [][]byte
	depth   int
}

// pageSet is a set of pages, which are numbered from 0.
type pageSet []uint64

func newPageSet(pages uint64) pageSet { return make(pageSet, pages/bitsPerWord+1) }

func (s pageSet) has(id uint64) bool { return s[id/bitsPerWord]&(1<<(id%bitsPerWord)) != 0 }
func (s pageSet) add(id uint64)      { s[id/bitsPerWord] |= 1 << (id % bitsPerWord) }

// checkPages returns why the file's pages cannot be trusted, nil if they can.
func checkPages(file io.ReaderAt, boot bootPage) error {
	w := &pageWalk{file: pageReader{file: file, size: int64(boot.pageSize)}, boot: boot, seen: newPageSet(boot.pages)}
	if err := w.freelist(); err != nil {
		return err
	}
	return w.tree(boot.root)
}

// page is a page with what overflows it.
type page struct {
	id    uint64
	flags uint16
	count int
	data  []byte
}

func (w *pageWalk) read(id uint64) (page, error) {
	if id < 2 || id >= w.boot.pages {
		return page{}, fmt.Errorf("page %d is not in the file", id)
	}
	data := w.buffer()
	if err := w.file.read(data, int64(id)); err != nil { //nolint:gosec // id is below pages
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	p, overflow := parsePage(data)
	if p.id != id {
		return page{}, fmt.Errorf("page %d calls itself %d", id, p.id)
	}
	if overflow >= w.boot.pages-id {
		return page{}, fmt.Errorf("page %d leads out of the file", id)
	}
	for extra := range overflow + 1 {
		if w.seen.has(id + extra) {
			return page{}, fmt.Errorf("page %d is used twice", id+extra)
		}
		w.seen.add(id + extra)
	}
	if overflow > 0 {
		p.data = append(p.data, make([]byte, overflow*uint64(w.boot.pageSize))...)
		if err := w.file.read(p.data[len(data):], int64(id+1)); err != nil { //nolint:gosec // as above
			return page{}, fmt.Errorf("page %d: %w", id, err)
		}
	}
	return p, nil
}

// buffer returns the one for a page at this depth.
func (w *pageWalk) buffer() []byte {
	if w.depth == len(w.buffers) {
		w.buffers = append(w.buffers, make([]byte, w.boot.pageSize))
	}
	return w.buffers[w.depth]
}

func parsePage(data []byte) (p page, overflow uint64) {
	order := binary.NativeEndian
	return page{
		id: order.Uint64(data), flags: order.Uint16(data[8:]), count: int(order.Uint16(data[10:])), data: data,
	}, uint64(order.Uint32(data[12:]))
}

// tree walks a bucket's pages from its root.
func (w *pageWalk) tree(id uint64) error {
	w.depth++
	defer func() { w.depth-- }()
	p, err := w.read(id)
	if err != nil {
		return err
	}
	switch p.flags {
	case branchFlag:
		return w.branch(p)
	case leafFlag:
		return w.leaf(p)
	default:
		return fmt.Errorf("page %d is of the unknown kind %#x", id, p.flags)
	}
}

func (w *pageWalk) branch(p page) error {
	order := binary.NativeEndian
	if p.count == 0 {
		return fmt.Errorf("page %d is empty", p.id)
	}
	for i := range p.count {
		at := pageHeaderSize + i*elementSize
		if at+elementSize > len(p.data) {
			return fmt.Errorf("page %d has more elements than fit", p.id)
		}
		element := p.data[at:]
		if !fits(p.data, at, order.Uint32(element), order.Uint32(element[4:]), 0) {
			return fmt.Errorf("element %d of page %d leads out of it", i, p.id)
		}
		if err := w.tree(order.Uint64(element[8:])); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leaf(p page) error {
	order := binary.NativeEndian
	for i := range p.count {
		at := pageHeaderSize + i*elementSize
		if at+elementSize > len(p.data) {
			return fmt.Errorf("page %d has more elements than fit", p.id)
		}
		element := p.data[at:]
		flags, offset := order.Uint32(element), order.Uint32(element[4:])
		keySize, valueSize := order.Uint32(element[8:]), order.Uint32(element[12:])
		if flags > bucketElement || !fits(p.data, at, offset, keySize, valueSize) {
			return fmt.Errorf("element %d of page %d leads out of it", i, p.id)
		}
		if flags != bucketElement {
			continue
		}
		begin := at + int(offset) + int(keySize)
		if err := w.bucket(p.id, p.data[begin:begin+int(valueSize)]); err != nil {
			return err
		}
	}
	return nil
}

// bucket walks a bucket that a leaf holds: its root page, or the page within
// the value itself.
func (w *pageWalk) bucket(in uint64, value []byte) error {
	if len(value) < bucketHeader {
		return fmt.Errorf("a bucket in page %d is cut short", in)
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return w.tree(root)
	}
	inline := value[bucketHeader:]
	if len(inline) < pageHeaderSize {
		return fmt.Errorf("a bucket in page %d is cut short", in)
	}
	p, _ := parsePage(inline)
	if p.flags != leafFlag {
		return fmt.Errorf("a bucket in page %d is of the unknown kind %#x", in, p.flags)
	}
	p.id = in
	return w.leaf(p)
}

// fits reports whether a key and a value at an offset from an element lie within
// the page.
func fits(data []byte, element int, offset, keySize, valueSize uint32) bool {
	return uint64(element)+uint64(offset)+uint64(keySize)+uint64(valueSize) <= uint64(len(data)) //nolint:gosec // not negative
}

// freelist checks the list of pages that are not in use.
func (w *pageWalk) freelist() error {
	p, err := w.read(w.boot.freelist)
	if err != nil {
		return fmt.Errorf("the list of free pages: %w", err)
	}
	if p.flags != freelistFlag {
		return fmt.Errorf("the list of free pages is of the unknown kind %#x", p.flags)
	}
	order := binary.NativeEndian
	list, count := p.data[pageHeaderSize:], uint64(p.count) //nolint:gosec // not negative
	const idSize = 8
	if p.count == manyFree {
		count, list = order.Uint64(list), list[idSize:]
	}
	if count > uint64(len(list)/idSize) {
		return fmt.Errorf("the list of free pages is longer than its page")
	}
	for i := range count {
		id := order.Uint64(list[i*idSize:])
		if id < 2 || id >= w.boot.pages || w.seen.has(id) {
			return fmt.Errorf("the list of free pages names page %d", id)
		}
		w.seen.add(id)
	}
	return nil
}
