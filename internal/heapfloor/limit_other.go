//go:build !linux

package heapfloor

// limited is false where nobody asked how addresses are limited.
func limited() bool { return false }
