package boltledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"payrun/ledger"
)

// flippedAt is a file in which one byte is another.
type flippedAt struct {
	io.ReaderAt
	at int64
}

func (f flippedAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.ReaderAt.ReadAt(p, off)
	if f.at >= off && f.at < off+int64(n) {
		p[f.at-off] ^= 0x10
	}
	return n, err
}

// TestTheBoundsOfARunAreRightOrRefused flips the bytes that they are read from, one by one, of a
// run whose filter goes over several pages. The filter itself is not read for them, and refused
// where it is.
func TestTheBoundsOfARunAreRightOrRefused(t *testing.T) {
	const entries = 6000
	s, err := Open(filepath.Join(t.TempDir(), "ledger.db"), Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	key := func(n int) string { return fmt.Sprintf("ID-%08d", 7*n) }
	if err := s.update(func(tx *transaction) error {
		all := make([]keyed, entries)
		for i := range all {
			all[i] = keyed{key: []byte(key(i)), value: spot{batch: "may", position: 1}.encode()}
		}
		return idsOf(tx).add(all)
	}); err != nil {
		t.Fatal(err)
	}
	file := s.guard.file
	// look reads something of the run from a file with one byte flipped, of which nothing is known.
	look := func(flip int64, read func(run) error) error {
		s.guard.file = flippedAt{file, flip}
		clear(s.guard.checked)
		return s.view(func(tx *transaction) error {
			all, err := idsOf(tx).list()
			if err != nil {
				return err
			}
			return read(all[0])
		})
	}
	bounds := func(r run) error {
		low, high, err := r.bounds()
		if err == nil && (string(low) != key(0) || string(high) != key(entries-1)) {
			t.Errorf("bounds %q and %q", low, high)
		}
		return err
	}
	var first page
	size := int64(os.Getpagesize())
	if err := look(-1, func(r run) error {
		p, _, err := r.trail.head(r.trail.root, make([]byte, size))
		if err == nil {
			first, err = r.trail.read(p.element(0).child, make([]byte, size))
			first.data = bytes.Clone(first.data)
		}
		return errors.Join(err, bounds(r))
	}); err != nil {
		t.Fatal(err)
	}
	if int64(len(first.data)) < 2*size {
		t.Fatalf("the first page of the run takes %d bytes: too few to show anything", len(first.data))
	}
	if _, known := s.guard.checked[first.id]; known {
		t.Error("the filter was read")
	}
	begin, second := int64(first.id)*size, first.element(1) //nolint:gosec // small
	refused := 0
	flip := func(from, to int64) {
		for at := from; at < to; at++ {
			if err := look(begin+at, bounds); errors.Is(err, ledger.ErrCorrupt) {
				refused++
			} else if err != nil {
				t.Fatal(err)
			}
		}
	}
	flip(0, int64(first.begin(0))+1)
	flip(int64(first.begin(1)), int64(first.begin(1)+len(second.key)+len(second.value)))
	if least := len(second.key) + len(second.value); refused < least {
		t.Errorf("%d flipped bytes were refused, want %d at least", refused, least)
	}
	inFilter := begin + size + 77
	hashes := func(r run) error {
		_, err := r.hashes()
		return err
	}
	if err := look(inFilter, bounds); err != nil {
		t.Errorf("with a byte of the filter flipped, the bounds: %v", err)
	}
	if err := look(inFilter, hashes); !errors.Is(err, ledger.ErrCorrupt) {
		t.Errorf("with a byte of the filter flipped, the filter: %v", err)
	}
}
