package boltledger

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestAPageSetHasWhatWasAdded and not what was removed, at both sides of each word.
func TestAPageSetHasWhatWasAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const pages = 200
		draw := func(name string) (pageSet, map[uint64]bool) {
			set, want := newPageSet(rapid.Uint64Range(pages-70, pages).Draw(t, name+" of")), map[uint64]bool{}
			for _, id := range rapid.SliceOf(rapid.Uint64Range(0, pages-70)).Draw(t, name) {
				set.add(id)
				want[id] = true
			}
			for _, id := range rapid.SliceOf(rapid.Uint64Range(0, pages-70)).Draw(t, name+" without") {
				set.remove(id)
				delete(want, id)
			}
			return set, want
		}
		one, first := draw("one")
		other, second := draw("other")
		for id := range uint64(2 * pages) {
			if one.has(id) != first[id] {
				t.Fatalf("it has %d: %t", id, one.has(id))
			}
		}
		missing := slices.DeleteFunc(slices.Sorted(maps.Keys(first)), func(id uint64) bool { return second[id] })
		if got := slices.Collect(one.without(other)); !slices.Equal(got, missing) {
			t.Fatalf("%d without %d is %d", slices.Sorted(maps.Keys(first)), slices.Sorted(maps.Keys(second)), got)
		}
		one.keep(other)
		for id := range uint64(pages) {
			if one.has(id) != (first[id] && second[id]) {
				t.Fatalf("of both it keeps %d: %t", id, one.has(id))
			}
		}
	})
}

// filed is a file of small pages, as bbolt would write them: a list of free pages, and the tree
// below a root.
type filed struct {
	data []byte
	boot bootPage
}

const filedSize = 256

// file puts pages at their places, each with the overflow that it needs.
func file(pages uint64, free []uint64, at map[uint64]page) *filed {
	f := &filed{data: make([]byte, pages*filedSize), boot: bootPage{pageSize: filedSize, pages: pages, freelist: 2, root: 3}}
	order := binary.NativeEndian
	list := pageOf(freelistFlag, 0).data
	order.PutUint16(list[10:], uint16(len(free))) //nolint:gosec // a few
	for _, id := range free {
		list = order.AppendUint64(list, id)
	}
	f.put(2, list)
	for id, p := range at {
		f.put(id, p.data)
	}
	return f
}

func (f *filed) put(id uint64, data []byte) {
	order := binary.NativeEndian
	order.PutUint64(data, id)
	order.PutUint32(data[12:], uint32((len(data)-1)/filedSize)) //nolint:gosec // a few
	copy(f.data[id*filedSize:], data)
}

// bucketOf is an element that leads to a bucket's root, or has all of the bucket in it.
func bucketOf(key string, root uint64, inline []byte) element {
	return element{flags: bucketElement, key: []byte(key), value: append(binary.NativeEndian.AppendUint64(nil, root), append(make([]byte, 8), inline...)...)}
}

// TestEachPageInUseIsWalkedOnce: what lies outside the file, twice in it, or among the free ones is
// damage, at the first and the last page that there can be.
func TestEachPageInUseIsWalkedOnce(t *testing.T) {
	value := element{key: []byte("k"), value: []byte("v")}
	wide := element{key: []byte("k"), value: make([]byte, 2*filedSize)} // a page and two more
	inline := leafOf("a", "b").data
	tree := func(children ...uint64) map[uint64]page {
		var below []element
		pages := map[uint64]page{}
		for i, id := range children {
			below = append(below, element{key: []byte{'a' + byte(i)}, child: id})
			if id > 3 && id < 8 {
				pages[id] = pageOf(leafFlag, 0, value)
			}
		}
		pages[3] = pageOf(branchFlag, 0, below...)
		return pages
	}
	one := func(e element) map[uint64]page { return map[uint64]page{3: pageOf(leafFlag, 0, e)} }
	for name, test := range map[string]struct {
		free  []uint64
		pages map[uint64]page
		spoil func(*filed)
		want  string
	}{
		"a leaf":                             {pages: one(value)},
		"a branch to the last page":          {pages: tree(4, 7)},
		"free ones to the last page":         {free: []uint64{4, 5, 6, 7}, pages: one(value)},
		"a leaf of three pages":              {pages: map[uint64]page{3: pageOf(branchFlag, 0, element{key: []byte("a"), child: 5}), 5: pageOf(leafFlag, 0, wide)}},
		"a bucket with a root":               {pages: map[uint64]page{3: pageOf(leafFlag, 0, bucketOf("b", 7, nil)), 7: pageOf(leafFlag, 0, value)}},
		"a bucket in its element":            {pages: one(bucketOf("b", 0, inline))},
		"no free page is a boot page":        {free: []uint64{1}, pages: one(value), want: "names page 1"},
		"no free page is behind the last":    {free: []uint64{8}, pages: one(value), want: "names page 8"},
		"no free page is listed twice":       {free: []uint64{5, 5}, pages: one(value), want: "names page 5"},
		"no list of free pages names itself": {free: []uint64{2}, pages: one(value), want: "names page 2"},
		"no free page is in use":             {free: []uint64{7}, pages: tree(4, 7), want: "page 7 is used twice"},
		"no boot page is in use":             {pages: tree(4, 1), want: "page 1 is not in the file"},
		"no page is behind the last":         {pages: tree(4, 8), want: "page 8 is not in the file"},
		"no page is used twice":              {pages: tree(4, 4), want: "page 4 is used twice"},
		"no page lies in another":            {pages: map[uint64]page{3: pageOf(branchFlag, 0, element{key: []byte("a"), child: 5}, element{key: []byte("b"), child: 7}), 5: pageOf(leafFlag, 0, wide)}, want: "page 7"},
		"no tree goes round":                 {pages: tree(4, 3), want: "page 3 is used twice"},
		"no branch is empty":                 {pages: map[uint64]page{3: pageOf(branchFlag, 0)}, want: "page 3 is empty"},
		"no page is of another kind":         {pages: map[uint64]page{3: pageOf(freelistFlag, 0)}, want: "unknown kind"},
		"no element is of another kind":      {pages: one(element{flags: 2, key: []byte("k")}), want: "unknown kind"},
		"no list is of another kind":         {pages: one(value), spoil: func(f *filed) { f.data[2*filedSize+8] = leafFlag }, want: "unknown kind"},
		"no page leads out of the file":      {pages: tree(4, 7), spoil: func(f *filed) { f.data[7*filedSize+12] = 1 }, want: "page 7 leads out"},
		"no page has another's number":       {pages: tree(4, 7), spoil: func(f *filed) { f.data[7*filedSize] = 6 }, want: "page 7 calls itself 6"},
		"no list is longer than its page":    {pages: one(value), spoil: func(f *filed) { f.data[2*filedSize+10] = (filedSize-16)/8 + 1 }, want: "longer than its page"},
		"no element leads out of its page":   {pages: one(value), spoil: func(f *filed) { f.data[3*filedSize+16+13] = 1 }, want: "leads out of it"},
		"no child is out of its page":        {pages: tree(4, 7), spoil: func(f *filed) { f.data[3*filedSize+16+5] = 1 }, want: "leads out of it"},
		"no bucket is cut short":             {pages: one(element{flags: bucketElement, key: []byte("b"), value: make([]byte, 15)}), want: "cut short"},
		"no bucket within is cut short":      {pages: one(bucketOf("b", 0, inline[:15])), want: "cut short"},
		"no bucket within is of another kind": {
			pages: one(bucketOf("b", 0, pageOf(branchFlag, 0, element{key: []byte("a")}).data)), want: "unknown kind",
		},
		"no element within leads out of it": {pages: one(bucketOf("b", 0, inline[:len(inline)-4])), want: "leads out of it"},
		"no bucket within leads elsewhere":  {pages: one(bucketOf("b", 0, pageOf(leafFlag, 0, bucketOf("c", 9, nil)).data)), want: "page 9 is not in the file"},
	} {
		t.Run(name, func(t *testing.T) {
			f := file(8, test.free, test.pages)
			if test.spoil != nil {
				test.spoil(f)
			}
			err := checkPages(bytes.NewReader(f.data), f.boot)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestTheListOfFreePagesIsReadWithoutItself: its own pages are in use.
func TestTheListOfFreePagesIsReadWithoutItself(t *testing.T) {
	const pages = 150
	var free []uint64
	for id := uint64(10); id < pages; id++ {
		free = append(free, id)
	}
	f := file(pages, free, map[uint64]page{9: leafOf("a")})
	// The list is long enough for several pages, of which the last may be another word of a set.
	f.boot.freelist = 4
	f.put(4, bytes.Clone(f.data[2*filedSize:2*filedSize+16+8*len(free)]))
	got, list, err := freePages(bytes.NewReader(f.data), f.boot)
	if err != nil {
		t.Fatal(err)
	}
	for id := range uint64(pages) {
		if want := id >= 10; got.has(id) != want {
			t.Errorf("page %d is free: %t", id, got.has(id))
		}
	}
	if len(list.data) != 16+8*len(free) {
		t.Errorf("the list has %d bytes", len(list.data))
	}
}
