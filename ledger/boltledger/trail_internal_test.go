package boltledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
	"pgregory.net/rapid"

	"payrun/ledger"
)

// leaf is a page of a table as the file has it, found without a trail.
type leaf struct {
	id uint64
	// low is the key that it is found by.
	low  string
	keys []string
	// above is the page above it, and index its place there.
	above uint64
	index int
	// beside are the pages next to it, and next to those above it, under the same parent.
	beside []uint64
}

// leavesBelow reads a tree of pages that nothing overflows, from one that is found by a key.
func leavesBelow(file []byte, id uint64, low string, beside []uint64) (leaves []leaf) {
	p := pageOfFile(file, id)
	if p.flags == leafFlag {
		found := leaf{id: id, low: low, beside: beside}
		for i := range p.count {
			found.keys = append(found.keys, string(p.element(i).key))
		}
		return []leaf{found}
	}
	for i := range p.count {
		next := slices.Clone(beside)
		if i > 0 {
			next = append(next, p.element(i-1).child)
		}
		if i < p.count-1 {
			next = append(next, p.element(i+1).child)
		}
		below := leavesBelow(file, p.element(i).child, string(p.element(i).key), next)
		if below[0].above == 0 {
			below[0].above, below[0].index = id, i
		}
		leaves = append(leaves, below...)
	}
	return leaves
}

func pageOfFile(file []byte, id uint64) page {
	size := os.Getpagesize()
	p, _ := parsePage(file[int(id)*size:][:size]) //nolint:gosec // small
	return p
}

// tallTable has keys of even numbers in so many pages that they lie below several levels of others.
type tallTable struct {
	store  *Store
	file   []byte
	root   uint64
	leaves []leaf
	keys   []string
}

const (
	tallKeys  = 310
	valueSize = 20
)

// tallKey is the key of a number.
func tallKey(number int) string { return fmt.Sprintf("%05d", number) + strings.Repeat("-", 290) }

// number is that of a key.
func number(key string) int {
	n, _ := strconv.Atoi(key[:5])
	return n
}

func makeTallTable(t *testing.T) tallTable {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := Open(path, Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	var made tallTable
	err = s.update(func(tx *transaction) error {
		references := tableOf(tx, bucketReferences)
		for i := range tallKeys {
			made.keys = append(made.keys, tallKey(2*i))
			if err := references.put([]byte(tallKey(2*i)), []byte(tallKey(2 * i)[:valueSize])); err != nil {
				return err
			}
		}
		small, err := makeTableOfBatch(tx, bucketOpen, "may")
		size := os.Getpagesize()
		return errors.Join(
			err, small.put(positionKey(7), []byte("a small part")),
			tableOf(tx, bucketBatches).put([]byte("long"), make([]byte, 2*size)),
			tableOf(tx, bucketCounts).put([]byte("full"), make([]byte, size-pageHeaderSize-elementSize-len("full")-sumSize)),
			tableOf(tx, bucketChains).put([]byte("small"), []byte("a small table")),
		)
	})
	viewErr := s.view(func(tx *transaction) error {
		made.root = RootPage(tx.Tx, string(bucketReferences))
		return nil
	})
	closeErr := s.Close()
	file, readErr := os.ReadFile(path)
	if err := errors.Join(err, viewErr, closeErr, readErr); err != nil {
		t.Fatal(err)
	}
	// What a page is found by may lie below its first key, though bbolt writes that.
	for i, l := range leavesBelow(file, made.root, "", nil) {
		if above := pageOfFile(file, l.above); l.index > 0 && i%3 != 1 {
			copy(above.element(l.index).key, tallKey(number(l.keys[0])-1))
		}
	}
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if made.store, err = Open(path, Options{NoSync: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { made.store.Close() })
	made.file, made.leaves = file, leavesBelow(file, made.root, "", nil)
	if deep := len(made.leaves[0].beside) >= 2; !deep || len(made.leaves) < 30 {
		t.Fatalf("%d leaves, each beside %v: too few to show anything", len(made.leaves), made.leaves[0].beside)
	}
	return made
}

// of returns the leaf in which a key is, or would be.
func (tt tallTable) of(key string) leaf {
	behind, _ := slices.BinarySearchFunc(tt.leaves, key, func(l leaf, key string) int {
		if l.low <= key {
			return -1
		}
		return 1
	})
	return tt.leaves[max(0, behind-1)]
}

// from returns where the first key is that is not less than one.
func (tt tallTable) from(key string) int {
	at, _ := slices.BinarySearch(tt.keys, key)
	return at
}

// at returns a key, empty if there is none in that place.
func (tt tallTable) at(i int) string {
	if i < 0 || i >= len(tt.keys) {
		return ""
	}
	return tt.keys[i]
}

// TestNobodyIsLedToAPageThatWasNotLookedAt goes about in a table in every way that there is, and
// holds what is found against the keys that it has: wherever bbolt was, the pages were
// looked at, those that it puts together after a deletion too. Where one of them is
// damaged, whoever would be led there is told.
func TestNobodyIsLedToAPageThatWasNotLookedAt(t *testing.T) {
	whole := makeTallTable(t)
	guard := whole.store.guard
	file := &rotten{ReaderAt: guard.file}
	guard.file = file
	rapid.Check(t, func(t *rapid.T) {
		clear(guard.checked)
		at := rapid.SampledFrom(append(slices.Clip(whole.leaves), whole.leaves[len(whole.leaves)-1])).Draw(t, "leaf")
		file.page = rapid.SampledFrom(append([]uint64{0, 0, at.id}, at.beside...)).Draw(t, "rotten")
		err := whole.store.db.View(func(tx *bbolt.Tx) error {
			guarded, err := whole.store.guarded(tx)
			if err != nil {
				return err
			}
			w := wanderer{t: t, tallTable: whole, near: number(at.low), table: tableOf(guarded, bucketReferences), rotten: file.page}
			w.cursor = w.table.cursor()
			for range rapid.IntRange(10, 60).Draw(t, "steps") {
				if w.step(); w.told {
					break
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestWhoPassesFromOnePageToTheNextIsToldOfDamage on either side of each.
func TestWhoPassesFromOnePageToTheNextIsToldOfDamage(t *testing.T) {
	whole := makeTallTable(t)
	guard := whole.store.guard
	file := &rotten{ReaderAt: guard.file}
	guard.file = file
	passes := func(rotten leaf, pass func(*cursor) error) {
		t.Helper()
		clear(guard.checked)
		file.page = rotten.id
		err := whole.store.view(func(tx *transaction) error { return pass(tableOf(tx, bucketReferences).cursor()) })
		if !errors.Is(err, ledger.ErrCorrupt) {
			t.Errorf("page %d is passed: %v", rotten.id, err)
		}
	}
	lowered := 0
	for i := 1; i < len(whole.leaves); i++ {
		before, behind := whole.leaves[i-1], whole.leaves[i]
		passes(behind, func(c *cursor) error {
			_, _, err := c.seek([]byte(before.keys[len(before.keys)-1]))
			if err == nil {
				_, _, err = c.next()
			}
			return err
		})
		if behind.low == behind.keys[0] {
			continue // what is before its first key is looked for in the page before it
		}
		lowered++
		passes(before, func(c *cursor) error {
			_, _, err := c.seekBefore([]byte(behind.low))
			return err
		})
	}
	if lowered == 0 {
		t.Error("no page is found by less than its first key")
	}
}

// rotten is a file of which a page is of no kind, if it is not the first.
type rotten struct {
	io.ReaderAt
	page uint64
}

func (r *rotten) ReadAt(p []byte, at int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, at)
	if r.page != 0 && at == int64(r.page)*int64(os.Getpagesize()) { //nolint:gosec // small
		p[8] |= 0x40
	}
	return n, err
}

// wanderer goes about in a table.
type wanderer struct {
	t *rapid.T
	tallTable
	// near is the number of a key around which it goes.
	near   int
	table  table
	cursor *cursor
	// stands is the place of the key at which the cursor is, where it is at one.
	stands int
	placed bool
	// rotten is the page that is damaged, 0 for none, and told whether that was said.
	rotten uint64
	told   bool
}

func (w *wanderer) step() {
	key := tallKey(max(0, w.near+rapid.IntRange(-20, 40).Draw(w.t, "number")))
	switch step := rapid.SampledFrom([]string{"get", "has", "seek", "before", "floor", "next", "next", "next", "around"}).Draw(w.t, "step"); step {
	case "get":
		value, err := w.table.get([]byte(key))
		w.is(string(value), err, valueSize, w.itself(key))
		w.looked(w.of(key).id)
	case "has":
		has, err := w.table.has([]byte(key))
		if w.met(err); !w.told && has != (w.itself(key) != "") {
			w.t.Fatalf("%.5s is there: %t", key, has)
		}
		w.looked(w.of(key).id)
	case "seek":
		found, _, err := w.cursor.seek([]byte(key))
		w.stand(string(found), err, w.from(key))
		w.looked(w.of(key).id)
	case "before":
		found, _, err := w.cursor.seekBefore([]byte(key))
		at := w.from(key)
		if w.itself(key) == "" {
			at = max(0, at-1)
		}
		w.stand(string(found), err, at)
	case "floor":
		found, _, err := w.table.trail.floor([]byte(key))
		at := w.from(key)
		if w.itself(key) == "" {
			at--
		}
		if w.of(key).keys[0] > key {
			at = -1 // it would be the first of its page
		}
		w.is(string(found), pagesError(err), len(key), w.at(at))
		w.looked(w.of(key).id)
	case "next":
		if w.placed {
			found, _, err := w.cursor.next()
			w.stand(string(found), err, w.stands+1)
		}
	case "around":
		w.met(pagesError(w.table.trail.reachAround([]byte(key))))
		w.looked(append(slices.Clone(w.of(key).beside), w.of(key).id)...)
	}
}

// itself returns a key if the table has it.
func (w *wanderer) itself(key string) string {
	if at := w.from(key); w.at(at) == key {
		return key
	}
	return ""
}

// is holds what was found against the beginning of what there is.
func (w *wanderer) is(found string, err error, length int, want string) {
	if w.met(err); w.told {
		return
	}
	if found != want[:min(length, len(want))] {
		w.t.Fatalf("found %.5q, want %.5q", found, want)
	}
}

// stand holds where the cursor stands against where it should.
func (w *wanderer) stand(found string, err error, at int) {
	want := w.at(at)
	w.is(found, err, len(want), want)
	w.stands, w.placed = at, want != ""
	if w.placed {
		w.looked(w.of(want).id)
	}
}

// met takes in what a step ended with.
func (w *wanderer) met(err error) {
	if w.told = w.rotten != 0 && errors.Is(err, errPages); err != nil && !w.told {
		w.t.Fatal(err)
	}
}

// looked holds that a step that went well was led to pages that were looked at.
func (w *wanderer) looked(pages ...uint64) {
	if w.told {
		return
	}
	for _, id := range pages {
		if _, known := w.store.guard.checked[id]; !known {
			w.t.Fatalf("page %d was not looked at", id)
		}
	}
}

// TestAPageThatCannotBeTheTablesIsRefused has files whose every page is said to be right by its
// list of free pages, and in which one page is wrong in one thing: a look at the whole of each table
// meets it.
func TestAPageThatCannotBeTheTablesIsRefused(t *testing.T) {
	whole := makeTallTable(t)
	boot, _ := newestBootPage(writableImage(whole.file))
	first := whole.leaves[0].id
	for name, spoil := range map[string]func(f *spoiled){
		"whole":                                func(*spoiled) {},
		"refused: a page calls itself another": func(f *spoiled) { f.number(first, 0, first+1) },
		"refused: the last leaf is of the unknown kind": func(f *spoiled) { f.page(whole.leaves[len(whole.leaves)-1].id)[8] |= 0x40 },
		"refused: a leaf of the unknown kind":           func(f *spoiled) { f.page(first)[8] |= 0x40 },
		"refused: a list of free pages is no branch":    func(f *spoiled) { f.page(whole.root)[8] = freelistFlag },
		"refused: a value's last byte":                  func(f *spoiled) { f.lastValue(first)[valueSize+sumSize-1] ^= 1 },
		"refused: an element of the unknown kind":       func(f *spoiled) { f.page(first)[pageHeaderSize] = 2 },
		"refused: an element that says it is a bucket":  func(f *spoiled) { f.page(first)[pageHeaderSize] = bucketElement },
		"refused: an element is missing":                func(f *spoiled) { f.page(first)[10]-- },
		"refused: another leaf lies in the place": func(f *spoiled) {
			copy(f.page(first), f.page(whole.leaves[5].id))
			f.number(first, 0, first)
		},
		"refused: a leaf takes a page more than it fills": func(f *spoiled) { f.page(first)[12] = 1 },
		"refused: a page leads out of the file":           func(f *spoiled) { f.page(first)[12] = byte(boot.pages - first) }, //nolint:gosec // few
		"refused: what overflows a page is cut off":       func(f *spoiled) { f.page(f.long())[12]-- },
		"refused: what overflows a page is free":          func(f *spoiled) { f.free(f.long() + 1) },
		"refused: all that overflows a page is free":      func(f *spoiled) { f.free(f.long() + 2) },
		"refused: what overflows a page rotted":           func(f *spoiled) { f.page(f.long() + 1)[77] ^= 1 },
		"refused: a value within the list of tables": func(f *spoiled) {
			f.file = bytes.ReplaceAll(f.file, []byte("a small table"), []byte("a smell table"))
		},
		"refused: the ledger's identity": func(f *spoiled) {
			f.file = bytes.ReplaceAll(f.file, []byte(`"began"`), []byte(`"begun"`))
		},
		"refused: a boot page is below": func(f *spoiled) { f.lead(1) },
		"refused: a page behind the last is below": func(f *spoiled) {
			f.file = append(slices.Clip(f.file[:boot.pages*uint64(boot.pageSize)]), f.page(first)...)
			f.number(boot.pages, 0, boot.pages)
			f.lead(boot.pages)
		},
		"refused: the root is below itself": func(f *spoiled) {
			circle := pageOf(branchFlag, 0, element{key: []byte(whole.keys[0]), child: whole.root})
			clear(f.page(whole.root))
			copy(f.page(whole.root), circle.data)
			f.number(whole.root, 0, whole.root)
		},
		"refused: a branch of nothing":           func(f *spoiled) { clear(f.page(whole.root)[10:]) },
		"refused: a part is a value":             func(f *spoiled) { f.page(f.parts())[pageHeaderSize] = 0 },
		"refused: a part is cut short":           func(f *spoiled) { f.lastSize(f.parts(), bucketHeader-1) },
		"refused: a part has no page":            func(f *spoiled) { f.lastSize(f.parts(), bucketHeader+pageHeaderSize-1) },
		"refused: a part is of the unknown kind": func(f *spoiled) { f.lastValue(f.parts())[bucketHeader+8] = branchFlag },
		"refused: a value of a part": func(f *spoiled) {
			part := f.lastValue(f.parts())
			part[len(part)-sumSize-1] ^= 1
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &spoiled{t: t, file: slices.Clone(whole.file), whole: whole}
			spoil(f)
			err := lookAtAll(t, f.file)
			if refused := strings.HasPrefix(name, "refused"); (err != nil) != refused || (refused && !errors.Is(err, ledger.ErrCorrupt)) {
				t.Errorf("%v", err)
			}
		})
	}
}

// lookAtAll opens a ledger and looks at all that its tables have.
func lookAtAll(t *testing.T, file []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(path, Options{NoSync: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.view(func(tx *transaction) error {
		for _, name := range buckets() {
			if err := tableOf(tx, name).trail.reachAll(); err != nil {
				return pagesError(err)
			}
		}
		return nil
	})
}

// spoiled is a file with one thing wrong.
type spoiled struct {
	t     *testing.T
	file  []byte
	whole tallTable
}

func (f *spoiled) page(id uint64) []byte {
	size := uint64(os.Getpagesize()) //nolint:gosec // small
	return f.file[id*size : (id+1)*size]
}

// number writes a number into a page.
func (f *spoiled) number(id uint64, at int, n uint64) {
	binary.NativeEndian.PutUint64(f.page(id)[at:], n)
}

// lead has the first element of the table's root lead elsewhere.
func (f *spoiled) lead(to uint64) { f.number(f.whole.root, pageHeaderSize+8, to) }

// lastValue is the value of a leaf's last element.
func (f *spoiled) lastValue(id uint64) []byte {
	p, _ := parsePage(f.page(id))
	return p.element(p.count - 1).value
}

// lastSize has the last value of a leaf be as long as that.
func (f *spoiled) lastSize(id uint64, size byte) {
	p, _ := parsePage(f.page(id))
	f.page(id)[pageHeaderSize+(p.count-1)*elementSize+12] = size
}

// free has the list of free pages name one more.
func (f *spoiled) free(id uint64) {
	if err := ForgeFree(f.file, id); err != nil {
		f.t.Fatal(err)
	}
}

// long is the page that others overflow, and parts the one that has the part of a batch.
func (f *spoiled) long() uint64  { return f.root(bucketBatches) }
func (f *spoiled) parts() uint64 { return f.root(bucketOpen) }

func (f *spoiled) root(name []byte) (id uint64) {
	err := f.whole.store.view(func(tx *transaction) error {
		id = RootPage(tx.Tx, string(name))
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}
