package boltledger

import "io"

// aheadPages is the number of pages that are read at once where the next page lies behind
// the last, as those of tables do that were written in order.
const aheadPages = 32

// pageReader reads pages of one size.
type pageReader struct {
	file io.ReaderAt
	size int64
	// ahead are the pages that were read at once, from one on.
	ahead []byte
	from  int64
	// next is the page behind the last one that was asked for.
	next int64
}

// read fills data with what begins at a page.
func (r *pageReader) read(data []byte, id int64) error {
	inOrder := id == r.next
	r.next = id + (int64(len(data))+r.size-1)/r.size
	if r.copied(data, id) {
		return nil
	}
	if !inOrder || int64(len(data)) > r.size {
		_, err := r.file.ReadAt(data, id*r.size)
		return err
	}
	if r.ahead == nil {
		r.ahead = make([]byte, aheadPages*r.size)
	}
	n, err := r.file.ReadAt(r.ahead[:aheadPages*r.size], id*r.size)
	r.ahead, r.from = r.ahead[:n], id
	if r.copied(data, id) {
		return nil
	}
	return err
}

// copied fills data from what was read ahead, if all of it is there.
func (r *pageReader) copied(data []byte, id int64) bool {
	begin := (id - r.from) * r.size
	if begin < 0 || begin+int64(len(data)) > int64(len(r.ahead)) {
		return false
	}
	copy(data, r.ahead[begin:])
	return true
}
