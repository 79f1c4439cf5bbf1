package ledger

import (
	"errors"
	"fmt"
	"time"
)

// Why a worker may not send, or not now.
var (
	// ErrEvicted is returned to a worker whose claim was ended by somebody else. It must
	// send nothing more.
	ErrEvicted = errors.New("the worker's claim was ended")
	// ErrLease is returned where a request must not leave, because the lease of this
	// process's worker may be over.
	ErrLease = errors.New("the worker's lease may be over")
)

// Clocks is a moment by every clock that a machine has. The monotonic one, which Now has
// beside the wall clock, may stop while a machine sleeps, the wall clock is set by people,
// and the clock since boot, where there is one, is neither.
type Clocks struct {
	Now  time.Time
	Boot time.Duration
}

// passed returns the longest time that any clock says has passed since an earlier moment.
func (c Clocks) passed(since Clocks) time.Duration {
	return max(c.Now.Sub(since.Now), c.Now.Round(0).Sub(since.Now.Round(0)), c.Boot-since.Boot)
}

// Lease is that of a worker, in a store that several machines share, as its own process
// knows it. The store has the time at which it ends.
type Lease struct {
	Claim Claim
	// For is how long it lasts from a renewal on.
	For time.Duration
	// Asked is the moment before the last renewal that was answered was sent.
	Asked Clocks
	// Lost is set once somebody else ended the claim.
	Lost bool
}

// freshMax is how long after the question whose answer renewed the lease a request may leave.
const freshMax = time.Second

// MaySend returns for how long a request that leaves now may take: its end is before that of
// the lease. It returns ErrLease, or ErrEvicted, if none may leave.
func (l *Lease) MaySend(now Clocks) (within time.Duration, err error) {
	passed := now.passed(l.Asked)
	switch {
	case l.Lost:
		return 0, l.Claim.Ended()
	case passed > min(freshMax, l.For):
		return 0, fmt.Errorf("worker %q, epoch %d: %w", l.Claim.Worker, l.Claim.Epoch, ErrLease)
	}
	return l.For - passed, nil
}

// Ended returns the ErrEvicted of a claim.
func (c Claim) Ended() error {
	return fmt.Errorf("worker %q, epoch %d: %w", c.Worker, c.Epoch, ErrEvicted)
}
