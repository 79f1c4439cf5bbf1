package boltledger

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// guard looks at pages before bbolt does, which trusts what it reads. A page is looked at
// when a transaction first comes to it, so that what nobody reads costs nothing. It serves
// several goroutines at once.
type guard struct {
	file io.ReaderAt
	size int

	// strict is set once the format is known: what the file holds is a ledger, whose
	// values have checksums.
	strict bool
	mapped mapped

	mutex sync.Mutex
	// checked are the pages that were looked at, each with the place in which it was met.
	checked map[uint64]uint64
	// free are the pages that are free, or that older transactions alone still read, as of
	// a transaction, and untouched those of them that were free when the file was opened and
	// were not used since. caughtUp is signalled when that moves on.
	free, untouched pageSet
	asOf            uint64
	caughtUp        *sync.Cond
}

// checkedMax bounds the memory for pages that were looked at. A page that was forgotten is
// looked at again.
const checkedMax = 1 << 16

func newGuard(file io.ReaderAt, boot bootPage, free pageSet) *guard {
	g := &guard{
		file: file, size: int(boot.pageSize), checked: map[uint64]uint64{}, free: free, untouched: slices.Clone(free), asOf: boot.txid,
		mapped: mapped{every: unmapEvery, from: unmapFrom},
	}
	g.caughtUp = sync.NewCond(&g.mutex)
	return g
}

// knows reports whether a page was looked at in its place, and whether it is a leaf.
func (g *guard) knows(id, place uint64) (known, leaf bool) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	found := g.checked[id]
	return found&^leafBit == place, found == place|leafBit
}

// leafBit marks the place of a leaf.
const leafBit = 1

func (g *guard) note(id, place uint64) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.free.has(id) {
		return // it will be another
	}
	if len(g.checked) >= checkedMax {
		clear(g.checked)
	}
	g.checked[id] = place
}

// isFree reports whether nobody can have written a page since it was free. A transaction
// that began with a commit of this process waits until that was looked at, which depends on
// no transaction.
func (g *guard) isFree(id, transaction uint64) bool {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for g.untouched.has(id) && g.asOf < transaction {
		g.caughtUp.Wait()
	}
	return g.untouched.has(id)
}

// committed takes in which pages are free after a commit of this process. What was known of
// those that were freed is forgotten: they will be other pages.
func (g *guard) committed(transaction uint64, free pageSet) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	for id := range free.without(g.free) {
		delete(g.checked, id)
	}
	g.untouched.keep(free)
	g.free, g.asOf = free, transaction
	g.caughtUp.Broadcast()
}

// lose has the guard know nothing of free pages any more, after a commit of which nobody
// knows what it left. The store writes nothing from then on.
func (g *guard) lose() {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	clear(g.untouched)
	clear(g.checked)
	g.asOf = math.MaxUint64
	g.caughtUp.Broadcast()
}

// A freed page that is in use would be written over by a later commit, and nothing that is
// read tells: the list of free pages is believed as a whole or not at all. So whoever wrote
// it, or walked all pages of the file, seals it: beside the boot page, in a sector that
// bbolt leaves empty, stands which list it is and its checksum. A seal is never synced. One
// that is missing, because a machine went down or another program wrote the file, costs a
// walk of all pages.
const (
	sealMagic  = 0x7061_7972_756e_0001
	sealOffset = 512
	sealSize   = 32
)

// sealPlace is where a boot page has its seal.
func (b bootPage) sealPlace() int64 { return int64(b.txid%2)*int64(b.pageSize) + sealOffset }

// seal says of a list of free pages that it can be believed.
func (b bootPage) seal(list page) []byte {
	order := binary.BigEndian
	seal := order.AppendUint64(make([]byte, 0, sealSize), sealMagic)
	seal = order.AppendUint64(seal, b.txid)
	seal = order.AppendUint64(seal, xxhash.Sum64(list.data))
	return order.AppendUint64(seal, xxhash.Sum64(seal))
}

// sealed reports whether a boot page has the seal of a list.
func (b bootPage) sealed(file io.ReaderAt, list page) bool {
	var found [sealSize]byte
	_, err := file.ReadAt(found[:], b.sealPlace())
	return err == nil && string(found[:]) == string(b.seal(list))
}

// bootOf returns the boot page of a transaction that was just committed.
func bootOf(file io.ReaderAt, pageSize int, transaction uint64) (bootPage, error) {
	boot, valid := readBootPage(file, int64(transaction%2)*int64(pageSize))
	if !valid || boot.txid != transaction {
		return boot, fmt.Errorf("transaction %d has no boot page", transaction)
	}
	return boot, nil
}
