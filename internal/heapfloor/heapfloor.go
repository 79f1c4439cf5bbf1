// Package heapfloor keeps Go from collecting a small heap all the time, and a large
// one from growing to twice what is in use.
package heapfloor

import "runtime/debug"

const (
	// size and percent make the heap be collected once 48 MiB, and a quarter of what
	// is in use, were allocated since the last time.
	size    = 192 << 20
	percent = 25
)

// Lay returns memory that is never touched and therefore takes none. Go collects the
// heap whenever it has grown by a share of what is in use, and work that streams has a
// few megabytes in use: as long as the floor is reachable, it counts as in use, and the
// share can be small. There is no floor, and nothing is set, if the person has set GOGC
// or GOMEMLIMIT, of which it would be a part, or limited the process's addresses.
//
// It comes before anything else: once the heap was collected, Go may lay the floor
// where it has to be cleared, which touches all of it.
func Lay(env func(string) (string, bool)) []byte {
	for _, variable := range []string{"GOGC", "GOMEMLIMIT"} {
		if chosen, _ := env(variable); chosen != "" {
			return nil
		}
	}
	if limited() {
		return nil
	}
	debug.SetGCPercent(percent)
	return make([]byte, size)
}
