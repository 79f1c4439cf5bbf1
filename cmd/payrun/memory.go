package main

// heapFloorSize is how much may be allocated before the heap is collected at all.
const heapFloorSize = 48 << 20

// heapFloor returns memory that is never touched and therefore takes none. Go
// collects the heap whenever it has doubled, and work that streams has a few
// megabytes in use: as long as the floor is reachable, it counts as in use, and
// the heap is collected a few times in place of every few milliseconds. There is
// no floor if the person has set GOGC or GOMEMLIMIT, of which it would be a part.
func heapFloor(env func(string) (string, bool)) []byte {
	for _, variable := range []string{"GOGC", "GOMEMLIMIT"} {
		if chosen, _ := env(variable); chosen != "" {
			return nil
		}
	}
	return make([]byte, heapFloorSize)
}
