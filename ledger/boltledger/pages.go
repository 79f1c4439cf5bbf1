package boltledger

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/bits"
)

// bbolt trusts its pages: a damaged length or offset makes it read memory that is not the
// file's, which no program survives for certain. Where nothing seals the list of free pages,
// and when a ledger is verified, all pages are walked, through ordinary reads, from the root
// to the last inline bucket: every page in use must lie in the file, be used once, and keep
// its elements within its bounds. Content is not looked at; that is for Verify.

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

const bitsPerWord = 64

// pageSet is a set of pages, which are numbered from 0.
type pageSet []uint64

func newPageSet(pages uint64) pageSet { return make(pageSet, pages/bitsPerWord+1) }

func (s pageSet) has(id uint64) bool {
	word := id / bitsPerWord
	return word < uint64(len(s)) && s[word]&(1<<(id%bitsPerWord)) != 0
}

func (s pageSet) add(id uint64)    { s[id/bitsPerWord] |= 1 << (id % bitsPerWord) }
func (s pageSet) remove(id uint64) { s[id/bitsPerWord] &^= 1 << (id % bitsPerWord) }

// without yields the pages that another set has not.
func (s pageSet) without(other pageSet) iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for i, word := range s {
			if i < len(other) {
				word &^= other[i]
			}
			for ; word != 0; word &= word - 1 {
				if !yield(uint64(i)*bitsPerWord + uint64(bits.TrailingZeros64(word))) { //nolint:gosec // not negative
					return
				}
			}
		}
	}
}

// keep takes out what another set has not.
func (s pageSet) keep(other pageSet) {
	for i := range s {
		if i < len(other) {
			s[i] &= other[i]
		} else {
			s[i] = 0
		}
	}
}

// checkPages returns why the file's pages cannot be trusted, nil if they can.
func checkPages(file io.ReaderAt, boot bootPage) error {
	w := walkPages(file, boot)
	if _, err := w.freelist(); err != nil {
		return err
	}
	return w.tree(boot.root)
}

func walkPages(file io.ReaderAt, boot bootPage) *pageWalk {
	return &pageWalk{file: pageReader{file: file, size: int64(boot.pageSize)}, boot: boot, seen: newPageSet(boot.pages)}
}

// freePages reads the list of pages that are not in use: which they are, and the list as far
// as it is one.
func freePages(file io.ReaderAt, boot bootPage) (free pageSet, list page, err error) {
	w := walkPages(file, boot)
	if list, err = w.freelist(); err != nil {
		return nil, page{}, err
	}
	for extra := range uint64(len(list.data)) / uint64(boot.pageSize) {
		w.seen.remove(list.id + extra)
	}
	list.data = list.data[:list.listed()]
	return w.seen, list, nil
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
	if p.count == 0 {
		return fmt.Errorf("page %d is empty", p.id)
	}
	for i := range p.count {
		if !p.fits(i) {
			return fmt.Errorf("element %d of page %d leads out of it", i, p.id)
		}
		if err := w.tree(p.element(i).child); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leaf(p page) error {
	for i := range p.count {
		if !p.fits(i) {
			return fmt.Errorf("element %d of page %d leads out of it", i, p.id)
		}
		e := p.element(i)
		if e.flags > bucketElement {
			return fmt.Errorf("page %d has an element of the unknown kind %#x", p.id, e.flags)
		}
		if e.flags != bucketElement {
			continue
		}
		if err := w.bucket(p.id, e.value); err != nil {
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

// freelist checks the list of pages that are not in use.
func (w *pageWalk) freelist() (page, error) {
	p, err := w.read(w.boot.freelist)
	if err != nil {
		return p, fmt.Errorf("the list of free pages: %w", err)
	}
	if p.flags != freelistFlag {
		return p, fmt.Errorf("the list of free pages is of the unknown kind %#x", p.flags)
	}
	if p.listed() > len(p.data) {
		return p, errors.New("the list of free pages is longer than its page")
	}
	for list := p.list(); len(list) > 0; list = list[idSize:] {
		id := binary.NativeEndian.Uint64(list)
		if id < 2 || id >= w.boot.pages || w.seen.has(id) {
			return p, fmt.Errorf("the list of free pages names page %d", id)
		}
		w.seen.add(id)
	}
	return p, nil
}
