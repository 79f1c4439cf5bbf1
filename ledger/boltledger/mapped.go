package boltledger

import (
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// mapped counts the pages that are read. Each stays in this process's memory, and who reads
// all of a ledger would have all of it there in the end.
type mapped struct {
	pages atomic.Uint32
	// every is the number of pages after which all are let go, of a file of from bytes or
	// more.
	every uint32
	from  int64
}

// The system brings in some pages around each. Small files are spared what it costs to find
// their pages again.
const (
	unmapEvery = 1024
	unmapFrom  = 64 << 20
)

// read is called before a page is read.
func (m *mapped) read(tx *bbolt.Tx) {
	if m.pages.Add(1)%m.every == 0 && tx.Size() >= m.from {
		unmap(tx)
	}
}
