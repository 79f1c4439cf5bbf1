package boltledger

import (
	"syscall"

	"go.etcd.io/bbolt"
)

// unmap has the system take the pages of the file, which bbolt maps, out of this process's
// memory. They stay in the system's, and come back when they are read. The mapping cannot
// change as long as the transaction reads, and nothing is written through it. That the system
// may refuse costs memory and nothing else.
func unmap(tx *bbolt.Tx) {
	_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, tx.DB().Info().Data, uintptr(tx.Size()), syscall.MADV_DONTNEED) //nolint:gosec // a size
}
