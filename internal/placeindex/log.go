package placeindex

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
)

// Log keeps records one behind the other, for as long as this process needs them. Beyond a
// megabyte they are in a scratch file, so that many take no memory. The zero value is empty. It
// is not safe for concurrent use.
type Log struct {
	scratch *Scratch // nil as long as all records fit into the tail
	tail    []byte   // the records that are not in the file yet
	size    int64    // of the file and the tail
	count   int
}

// tailMax is the size of the part in memory, in bytes.
const tailMax = 1 << 20

// Append appends a record and returns its place.
func (l *Log) Append(record []byte) (place int64, err error) {
	place = l.size
	before := len(l.tail)
	l.tail = binary.AppendUvarint(l.tail, uint64(len(record)))
	l.tail = append(l.tail, record...)
	l.size += int64(len(l.tail) - before)
	l.count++
	if len(l.tail) < tailMax {
		return place, nil
	}
	return place, l.flush()
}

// flush writes the tail into the file.
func (l *Log) flush() error {
	if l.scratch == nil {
		scratch, err := NewScratch()
		if err != nil {
			return fmt.Errorf("keep what was read: %w", err)
		}
		l.scratch = &scratch
	}
	if _, err := l.scratch.WriteAt(l.tail, l.size-int64(len(l.tail))); err != nil {
		return fmt.Errorf("keep what was read: %w", err)
	}
	l.tail = l.tail[:0]
	return nil
}

// Size is the place behind the last record.
func (l *Log) Size() int64 { return l.size }

// Count is the number of records.
func (l *Log) Count() int { return l.count }

// OnDisk reports whether there are too many records for memory.
func (l *Log) OnDisk() bool { return l.scratch != nil }

// ReadAt reads the log as it would be in a file.
func (l *Log) ReadAt(into []byte, at int64) (n int, err error) {
	inFile := l.size - int64(len(l.tail))
	if at < inFile {
		n, err = l.scratch.ReadAt(into[:min(int64(len(into)), inFile-at)], at)
		if err != nil {
			return n, err
		}
	}
	if at += int64(n); at >= inFile && at < l.size {
		n += copy(into[n:], l.tail[at-inFile:])
	}
	if n < len(into) {
		return n, io.EOF
	}
	return n, nil
}

// usual is more than the bytes of nearly every record.
const usual = 256

// At reads the record at a place.
func (l *Log) At(place int64) ([]byte, error) {
	return next(bufio.NewReaderSize(io.NewSectionReader(l, place, l.size-place), usual))
}

// All yields the records that were appended so far, in order.
func (l *Log) All() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		const ahead = 64 << 10
		in := bufio.NewReaderSize(io.NewSectionReader(l, 0, l.size), ahead)
		for range l.count {
			record, err := next(in)
			if !yield(record, err) || err != nil {
				return
			}
		}
	}
}

func next(in *bufio.Reader) ([]byte, error) {
	length, err := binary.ReadUvarint(in)
	if err != nil {
		return nil, fmt.Errorf("read what was kept: %w", err)
	}
	record := make([]byte, length)
	if _, err := io.ReadFull(in, record); err != nil {
		return nil, fmt.Errorf("read what was kept: %w", err)
	}
	return record, nil
}

// Close takes the file away. The log is empty then.
func (l *Log) Close() error {
	scratch := l.scratch
	*l = Log{}
	if scratch == nil {
		return nil
	}
	return scratch.Close()
}
