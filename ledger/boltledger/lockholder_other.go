//go:build !linux

package boltledger

// lockHolder returns 0: who holds a lock is not to be found out here.
func lockHolder(string) int { return 0 }
