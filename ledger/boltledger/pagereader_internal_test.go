package boltledger

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// TestPagesAreThoseOfTheFile reads pages in any order, alone and several at once, also at
// the end and behind it.
func TestPagesAreThoseOfTheFile(t *testing.T) {
	const size, pages = 8, 3*aheadPages + 1
	file := make([]byte, size*pages-3)
	for i := range file {
		file[i] = byte(i / size)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := pageReader{file: bytes.NewReader(file), size: size}
		at := rapid.IntRange(0, pages).Draw(t, "first")
		for range rapid.IntRange(1, 2*pages).Draw(t, "reads") {
			data := make([]byte, size*rapid.SampledFrom([]int{1, 1, 1, 1, 2, aheadPages + 1}).Draw(t, "pages"))
			err := r.read(data, int64(at))
			switch begin, end := at*size, at*size+len(data); {
			case end > len(file) && err == nil:
				t.Fatalf("page %d: read behind the end", at)
			case end <= len(file) && err != nil:
				t.Fatalf("page %d: %v", at, err)
			case end <= len(file) && !bytes.Equal(data, file[begin:end]):
				t.Fatalf("page %d: %x", at, data)
			}
			if at++; at > pages || rapid.IntRange(0, 5).Draw(t, "jump") == 0 {
				at = rapid.IntRange(0, pages).Draw(t, "to")
			}
		}
	})
}
