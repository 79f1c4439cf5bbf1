package reconcile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"payrun/internal/placeindex"
	"payrun/ledger/money"
	"payrun/ledger/phone"
	"payrun/provider"
)

// transferFile keeps the rows of a statement or a list in the order in which they came.
// Beyond some thousands they are in a file of this process, so that a long statement takes
// no memory. A row's place is where it begins. It is not safe for concurrent use.
type transferFile struct {
	scratch *placeindex.Scratch // nil as long as all rows fit into the tail
	tail    []byte              // the rows that are not in the file yet
	size    int64               // of the file and the tail
	count   int
}

// tailMax is how much of the rows is in memory, in bytes.
const tailMax = 1 << 20

// kept is a row of a statement, with the way its money went.
type kept struct {
	Transfer
	credited, negative bool
	// ordinal is its number from 0.
	ordinal int
}

// add appends a row, numbers it and returns its place.
func (f *transferFile) add(row kept) (place int64, err error) {
	row.ordinal = f.count
	text := row.append(nil)
	place = f.size
	before := len(f.tail)
	f.tail = binary.AppendUvarint(f.tail, uint64(len(text)))
	f.tail = append(f.tail, text...)
	f.size += int64(len(f.tail) - before)
	f.count++
	if len(f.tail) < tailMax {
		return place, nil
	}
	return place, f.flush()
}

// flush writes the tail into the file.
func (f *transferFile) flush() error {
	if f.scratch == nil {
		scratch, err := placeindex.NewScratch()
		if err != nil {
			return fmt.Errorf("keep what was read: %w", err)
		}
		f.scratch = &scratch
	}
	if _, err := f.scratch.WriteAt(f.tail, f.size-int64(len(f.tail))); err != nil {
		return fmt.Errorf("keep what was read: %w", err)
	}
	f.tail = f.tail[:0]
	return nil
}

// ReadAt reads what was added.
func (f *transferFile) ReadAt(into []byte, at int64) (n int, err error) {
	inFile := f.size - int64(len(f.tail))
	if at < inFile {
		n, err = f.scratch.ReadAt(into[:min(int64(len(into)), inFile-at)], at)
		if err != nil {
			return n, err
		}
	}
	if at += int64(n); at >= inFile && at < f.size {
		n += copy(into[n:], f.tail[at-inFile:])
	}
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}

// rowUsual is more than the bytes of nearly every row.
const rowUsual = 256

// at reads the row at a place.
func (f *transferFile) at(place int64) (kept, error) {
	row, err := readKept(bufio.NewReaderSize(io.NewSectionReader(f, place, f.size-place), rowUsual))
	if err != nil {
		return kept{}, fmt.Errorf("read what was kept: %w", err)
	}
	return row, nil
}

// all yields the rows that were added so far, in order.
func (f *transferFile) all() iter.Seq2[kept, error] {
	return func(yield func(kept, error) bool) {
		const ahead = 64 << 10
		in := bufio.NewReaderSize(io.NewSectionReader(f, 0, f.size), ahead)
		for range f.count {
			row, err := readKept(in)
			if err != nil {
				yield(kept{}, fmt.Errorf("read what was kept: %w", err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// close takes the file away.
func (f *transferFile) close() error {
	if f.scratch == nil {
		return nil
	}
	scratch := f.scratch
	f.scratch = nil
	return scratch.Close()
}

// The marks of a row.
const (
	markCredited = 1 << iota
	markNegative
	markReturned
	markFeesKnown
)

// append encodes a row. A place that it is read from is in this process's own file.
func (k kept) append(to []byte) []byte {
	var marks uint64
	for n, set := range [...]bool{k.credited, k.negative, k.Returned, k.FeesKnown} {
		if set {
			marks |= 1 << n
		}
	}
	to = binary.AppendUvarint(to, marks)
	for _, number := range []int64{
		int64(k.ordinal), int64(k.Row), int64(k.Class), k.Amount.Minor, k.Fees.Hundredths, k.At.Unix(), int64(k.At.Nanosecond()),
	} {
		to = binary.AppendVarint(to, number)
	}
	for _, text := range []string{
		k.Reference, k.ProviderRef, string(k.Number), k.Code, string(k.Amount.Currency), string(k.Fees.Currency),
	} {
		to = binary.AppendUvarint(to, uint64(len(text)))
		to = append(to, text...)
	}
	return to
}

// errKept is returned for what no row begins with.
var errKept = errors.New("not as it was written")

// readKept reads the row that comes next.
func readKept(in *bufio.Reader) (k kept, err error) {
	length, err := binary.ReadUvarint(in)
	if err != nil {
		return k, err
	}
	raw := make([]byte, length)
	if _, err := io.ReadFull(in, raw); err != nil {
		return k, err
	}
	r := fields{rest: raw}
	marks := r.unsigned()
	k.credited, k.negative = marks&markCredited != 0, marks&markNegative != 0
	k.Returned, k.FeesKnown = marks&markReturned != 0, marks&markFeesKnown != 0
	k.ordinal, k.Row, k.Class = int(r.number()), int(r.number()), provider.Class(r.number()) //nolint:gosec // as it was written
	k.Amount.Minor, k.Fees.Hundredths = r.number(), r.number()
	k.At = time.Unix(r.number(), r.number()).UTC()
	k.Reference, k.ProviderRef, k.Number, k.Code = r.text(), r.text(), phone.E164(r.text()), r.text()
	k.Amount.Currency, k.Fees.Currency = money.Currency(r.text()), money.Currency(r.text())
	if r.broken || len(r.rest) > 0 {
		return k, errKept
	}
	return k, nil
}

// fields takes a row apart.
type fields struct {
	rest   []byte
	broken bool
}

func (f *fields) unsigned() uint64 {
	value, n := binary.Uvarint(f.rest)
	f.skip(n)
	return value
}

func (f *fields) number() int64 {
	value, n := binary.Varint(f.rest)
	f.skip(n)
	return value
}

func (f *fields) skip(n int) {
	if f.broken = f.broken || n <= 0; !f.broken {
		f.rest = f.rest[n:]
	}
}

func (f *fields) text() string {
	length := f.unsigned()
	if f.broken = f.broken || length > uint64(len(f.rest)); f.broken {
		return ""
	}
	text := string(f.rest[:length])
	f.rest = f.rest[length:]
	return text
}
