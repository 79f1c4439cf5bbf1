package boltledger

import (
	"sync/atomic"

	"go.etcd.io/bbolt"
)

// mapped counts transactions. Each leaves the pages that it read in this process's memory, and
// who reads all of a ledger would have all of it there in the end.
type mapped struct {
	transactions atomic.Uint32
	// every is the number of transactions after which the pages are let go, of a file of
	// from bytes or more.
	every uint32
	from  int64
}

// A transaction of a scan reads half a megabyte, one of a run less. Small files are spared what
// it costs to find their pages again.
const (
	unmapEvery = 128
	unmapFrom  = 64 << 20
)

// read is called at the end of each transaction that reads.
func (m *mapped) read(tx *bbolt.Tx) {
	if m.transactions.Add(1)%m.every == 0 && tx.Size() >= m.from {
		unmap(tx)
	}
}

// wrote is called after each transaction that wrote. What it cannot do is done another time.
func (m *mapped) wrote(db *bbolt.DB) {
	if (m.transactions.Load()+1)%m.every != 0 {
		m.transactions.Add(1)
		return
	}
	_ = db.View(func(tx *bbolt.Tx) error {
		m.read(tx)
		return nil
	})
}
