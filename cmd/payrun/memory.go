package main

import (
	"runtime"
	"runtime/debug"
)

// roomyPercent lets the heap grow to five times what is in use before it is
// collected again.
const roomyPercent = 400

// roomyHeap has the heap collected less often until restore is called, for work
// that streams: what is in use is little then, and collecting it at every
// doubling costs a fifth of the time. A person's GOGC is left as it is, and
// GOMEMLIMIT is obeyed in any case.
func (a *app) roomyHeap() (restore func()) {
	if chosen, _ := a.env("GOGC"); chosen != "" {
		return func() {}
	}
	// What reading the file has left behind must not count as in use.
	runtime.GC()
	usual := debug.SetGCPercent(roomyPercent)
	return func() { debug.SetGCPercent(usual) }
}
