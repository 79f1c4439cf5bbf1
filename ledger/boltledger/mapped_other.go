//go:build !linux

package boltledger

import "go.etcd.io/bbolt"

// unmap does nothing where mapped pages cannot be taken out of a process's memory.
func unmap(*bbolt.Tx) {}
