// Package heapfloor keeps Go from collecting a small heap all the time, and a large
// one from growing to twice what is in use.
package heapfloor

import (
	"runtime"
	"runtime/debug"
)

const (
	size = 192 << 20
	// pieceSize is the length of the pieces that the floor is laid in.
	pieceSize = 2 << 20
	// percentShort has the heap collected once 15 MiB, and a thirteenth of what is in use,
	// were allocated since the last time, and percentLong once 48 MiB and a quarter were.
	percentShort = 8
	percentLong  = 25
	// shortWork is how often the heap is collected before work is taken for long.
	shortWork = 6
)

// Lay returns memory that is never touched and therefore takes none. Go collects the
// heap whenever it has grown by a share of what is in use, and work that streams has a
// few megabytes in use: as long as the floor is reachable, it counts as in use, and the
// share can be small. Most commands allocate little and are small processes; work that goes on
// collects its heap less often. There is no floor, and nothing is set, if the person has set GOGC
// or GOMEMLIMIT, of which it would be a part, or limited the process's addresses.
//
// It comes before anything else, and in pieces: once the heap was collected, as it may be while
// the program's tables are made, Go lays memory where it has to be cleared, which touches all of a
// piece, until it comes to where nothing was.
func Lay(env func(string) (string, bool)) [][]byte {
	for _, variable := range []string{"GOGC", "GOMEMLIMIT"} {
		if chosen, _ := env(variable); chosen != "" {
			return nil
		}
	}
	if limited() {
		return nil
	}
	debug.SetGCPercent(-1)
	floor := make([][]byte, size/pieceSize)
	for i := range floor {
		floor[i] = make([]byte, pieceSize)
	}
	debug.SetGCPercent(percentShort)
	whenCollected(shortWork, func() { debug.SetGCPercent(percentLong) })
	return floor
}

// whenCollected calls do once the heap was collected so many times.
func whenCollected(times int, do func()) {
	if times == 0 {
		do()
		return
	}
	// What nothing refers to is gone with the next collection. It is more than a pointer's
	// size, or Go might keep it with others in one block.
	sentinel := new([4]uint64)
	runtime.AddCleanup(sentinel, func(left int) { whenCollected(left, do) }, times-1)
}
