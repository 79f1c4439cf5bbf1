//go:build !linux

package pgledger

import "syscall"

// unacknowledgedMax leaves a silent peer to the keep-alives.
func (silence) unacknowledgedMax(_, _ string, _ syscall.RawConn) error { return nil }
