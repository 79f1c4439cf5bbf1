package pgledger

import "time"

// clocks is a moment by every clock that the machine has. The monotonic one stops while a
// machine sleeps, the wall clock is set by people, and the clock since boot, where there is
// one, is neither.
type clocks struct {
	now  time.Time
	boot time.Duration
}

func readClocks() clocks { return clocks{now: time.Now(), boot: sinceBoot()} }

// passed returns the longest time that any clock says has passed since an earlier moment.
func (c clocks) passed(since clocks) time.Duration {
	return max(c.now.Sub(since.now), c.now.Round(0).Sub(since.now.Round(0)), c.boot-since.boot)
}
