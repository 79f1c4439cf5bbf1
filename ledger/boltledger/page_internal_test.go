package boltledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// pageOf writes elements as bbolt does: their heads, and their keys and values behind them without
// a gap. The page has room for so many bytes more.
func pageOf(flags uint16, room int, elements ...element) page {
	order := binary.NativeEndian
	data := make([]byte, pageHeaderSize)
	order.PutUint64(data, 7)
	order.PutUint16(data[8:], flags)
	order.PutUint16(data[10:], uint16(len(elements))) //nolint:gosec // a few
	begin := pageHeaderSize + len(elements)*elementSize
	for _, e := range elements {
		offset, key, value := uint32(begin-len(data)), uint32(len(e.key)), uint32(len(e.value)) //nolint:gosec // small
		if flags == branchFlag {
			data = order.AppendUint64(order.AppendUint32(order.AppendUint32(data, offset), key), e.child)
		} else {
			data = order.AppendUint32(order.AppendUint32(order.AppendUint32(order.AppendUint32(data, e.flags), offset), key), value)
		}
		begin += len(e.key) + len(e.value)
	}
	for _, e := range elements {
		data = append(append(data, e.key...), e.value...)
	}
	p, _ := parsePage(append(data, make([]byte, room)...))
	return p
}

func leafOf(keys ...string) page {
	var elements []element
	for _, key := range keys {
		elements = append(elements, element{key: []byte(key), value: []byte("=" + key)})
	}
	return pageOf(leafFlag, 3, elements...)
}

// visited checks a page and returns what it has.
func visited(p page, within bounds) (found []element, err error) {
	err = p.check(within, func(e element) error {
		found = append(found, e)
		return nil
	})
	return found, err
}

// TestAPageIsReadAsItWasWritten in both of its kinds, with the least and with more room than
// what is in it takes.
func TestAPageIsReadAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfDistinct(rapid.StringMatching(`[a-e]{1,3}`), rapid.ID).Draw(t, "keys")
		slices.Sort(keys)
		flags := rapid.SampledFrom([]uint16{leafFlag, branchFlag}).Draw(t, "flags")
		var want []element
		size := pageHeaderSize
		for i, key := range keys {
			e := element{key: []byte(key)}
			if flags == branchFlag {
				e.child = uint64(100 + i)
			} else {
				e.flags, e.value = uint32(i%2), []byte(rapid.StringN(0, 5, 5).Draw(t, "value"))
			}
			want, size = append(want, e), size+elementSize+len(e.key)+len(e.value)
		}
		p := pageOf(flags, rapid.IntRange(0, 20).Draw(t, "room"), want...)
		got, err := visited(p, bounds{})
		if err != nil || !slices.EqualFunc(got, want, sameElement) {
			t.Fatalf("%v, %v; want %v", got, err, want)
		}
		if p.used() != size {
			t.Fatalf("%d bytes used, want %d", p.used(), size)
		}
		if len(keys) > 0 {
			searched(t, p, keys, rapid.StringMatching(`[a-e]{0,3}`).Draw(t, "searched"))
		}
	})
}

func sameElement(a, b element) bool {
	return a.flags == b.flags && a.child == b.child && bytes.Equal(a.key, b.key) && bytes.Equal(a.value, b.value)
}

// searched looks for a key in a page as bbolt's rules have it, one element after the other, and
// holds the bounds of what was found against its neighbours.
func searched(t *rapid.T, p page, keys []string, key string) {
	within := bounds{low: []byte("0"), high: []byte("z")}
	for _, before := range []bool{false, true} {
		want := 0
		for i, k := range keys {
			if k < key || k == key && !before {
				want = i
			}
		}
		got := p.search([]byte(key), before)
		if got != want {
			t.Fatalf("%q (before: %t) is at %d of %q, want %d", key, before, got, keys, want)
		}
		low, high := "0", "z"
		if want > 0 {
			low = keys[want]
		}
		if want < len(keys)-1 {
			high = keys[want+1]
		}
		if of := p.boundsOf(got, within); string(of.low) != low || string(of.high) != high {
			t.Fatalf("element %d of %q is between %q and %q, want %q and %q", got, keys, of.low, of.high, low, high)
		}
	}
}

// TestAPageThatIsNotAsItWasWrittenIsRefused has pages that differ in one thing from a whole one.
func TestAPageThatIsNotAsItWasWrittenIsRefused(t *testing.T) {
	order := binary.NativeEndian
	head := func(p page, i int) []byte { return p.data[pageHeaderSize+i*elementSize:] }
	add := func(field []byte, n int) { order.PutUint32(field, uint32(int(order.Uint32(field))+n)) } //nolint:gosec // small
	for name, c := range map[string]struct {
		page   page
		within bounds
		change func(page)
	}{
		"whole":                                {page: leafOf("b", "c", "d")},
		"whole, within its bounds":             {page: leafOf("b", "c", "d"), within: bounds{[]byte("b"), []byte("da")}},
		"whole branch":                         {page: pageOf(branchFlag, 0, element{key: []byte("b"), child: 9}, element{key: []byte("c"), child: 10})},
		"empty":                                {page: pageOf(leafFlag, 9)},
		"refused: a key below the bounds":      {page: leafOf("b", "c", "d"), within: bounds{low: []byte("ba")}},
		"refused: a key at the upper bound":    {page: leafOf("b", "c", "d"), within: bounds{high: []byte("d")}},
		"refused: keys out of order":           {page: leafOf("b", "d", "c")},
		"refused: two alike":                   {page: leafOf("b", "c", "c")},
		"refused: no key":                      {page: leafOf("", "c")},
		"refused: a gap before the first":      {page: leafOf("b", "c"), change: func(p page) { add(head(p, 0)[4:], 1) }},
		"refused: the second within the first": {page: leafOf("b", "c"), change: func(p page) { add(head(p, 1)[4:], -1) }},
		"refused: a shorter key":               {page: leafOf("bb", "c"), change: func(p page) { add(head(p, 0)[8:], -1) }},
		"refused: a shorter value":             {page: leafOf("b", "c"), change: func(p page) { add(head(p, 0)[12:], -1) }},
		"refused: a gap in a branch": {
			page:   pageOf(branchFlag, 4, element{key: []byte("b")}, element{key: []byte("c")}),
			change: func(p page) { add(head(p, 1), 1) },
		},
		"refused: elements that are missing": {page: leafOf("b"), change: func(p page) { order.PutUint16(p.data[10:], 0) }},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.page
			if c.change != nil {
				c.change(p)
				p, _ = parsePage(p.data)
			}
			_, err := visited(p, c.within)
			if refused := bytes.HasPrefix([]byte(name), []byte("refused")); (err != nil) != refused {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestNoElementLeadsOutOfItsPage cuts whole pages off at every byte: what is missing is not read.
func TestNoElementLeadsOutOfItsPage(t *testing.T) {
	for _, whole := range []page{
		pageOf(leafFlag, 0, element{key: []byte("b"), value: []byte("12")}, element{key: []byte("cc"), value: []byte("345")}),
		pageOf(branchFlag, 0, element{key: []byte("b")}, element{key: []byte("cc")}),
	} {
		for size := pageHeaderSize; size <= len(whole.data); size++ {
			p, _ := parsePage(slices.Clip(whole.data[:size]))
			_, err := visited(p, bounds{})
			if (err == nil) != (size == len(whole.data)) {
				t.Errorf("%d of %d bytes: %v", size, len(whole.data), err)
			}
		}
	}
}

// TestWhatIsFoundWrongInAnElementIsToldOfItsPage at the element that it is.
func TestWhatIsFoundWrongInAnElementIsToldOfItsPage(t *testing.T) {
	wrong, seen := errors.New("wrong"), 0
	err := leafOf("b", "c", "d").check(bounds{}, func(element) error {
		if seen++; seen == 2 {
			return wrong
		}
		return nil
	})
	if !errors.Is(err, wrong) || seen != 2 {
		t.Errorf("%v after %d elements", err, seen)
	}
}

// TestAListOfFreePagesNamesAllOfThem with the count in the page's head, and behind it where
// they are more than that can say.
func TestAListOfFreePagesNamesAllOfThem(t *testing.T) {
	order := binary.NativeEndian
	for _, c := range []struct{ count, more int }{
		{count: 0}, {count: 3}, {count: manyFree - 1}, {count: manyFree, more: manyFree}, {count: manyFree, more: manyFree + 5}, {count: manyFree, more: 2},
	} {
		t.Run(fmt.Sprint(c.count, c.more), func(t *testing.T) {
			data := pageOf(freelistFlag, 0).data
			order.PutUint16(data[10:], uint16(c.count)) //nolint:gosec // as the format has it
			want := c.count
			if c.count == manyFree {
				data, want = order.AppendUint64(data, uint64(c.more)), c.more //nolint:gosec // not negative
			}
			for i := range want {
				data = order.AppendUint64(data, uint64(2+i))
			}
			end := len(data)
			p, _ := parsePage(append(data, make([]byte, 24)...))
			if p.listed() != end || p.free() != want || len(p.list()) != want*idSize {
				t.Fatalf("%d pages that end at %d, want %d at %d", p.free(), p.listed(), want, end)
			}
			for i := range want {
				if id := order.Uint64(p.list()[i*idSize:]); id != uint64(2+i) {
					t.Fatalf("page %d is number %d of the list", id, i)
				}
			}
		})
	}
}

// TestAListThatSaysTooMuchEndsBehindItsPage so that nobody reads it, however much it says.
func TestAListThatSaysTooMuchEndsBehindItsPage(t *testing.T) {
	order := binary.NativeEndian
	for _, said := range []uint64{4, 1 << 40, 1<<63 + 1, 1<<64 - 1} {
		data := pageOf(freelistFlag, 0).data
		order.PutUint16(data[10:], manyFree)
		data = append(order.AppendUint64(data, said), make([]byte, 3*idSize)...)
		if p, _ := parsePage(data); p.listed() <= len(data) {
			t.Errorf("%d pages in a list of three: it ends at %d of %d", said, p.listed(), len(data))
		}
	}
	head := pageOf(freelistFlag, 0).data
	order.PutUint16(head[10:], manyFree)
	if p, _ := parsePage(head); p.listed() <= len(head) {
		t.Error("a list that lacks its count ends within its page")
	}
	if p, _ := parsePage(order.AppendUint64(head, 0)); p.listed() != len(p.data) {
		t.Error("a list of nothing does not end with its count")
	}
}
