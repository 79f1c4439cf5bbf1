package engine

import (
	"errors"
	"time"

	"payrun/provider"
)

// A process can stand still: somebody stops it, its machine sleeps or is moved. Whoever
// goes on meanwhile, from a copy of the ledger, takes what it left under way for doubts
// and pays them once the grace has passed. So what was about to leave when it stood still
// must not leave when it wakes.

// ErrStoodStill says that the process stood still for so long that what it was about to
// send may have been paid from elsewhere.
var ErrStoodStill = errors.New("this process stood still while it paid")

const (
	// stallMin is the shortest standstill that counts: a busy machine is none.
	stallMin = 10 * time.Second
	// stallShare is which part of the grace may pass between the decision to send and
	// the sending.
	stallShare = 2
	// codeStoodStill marks a transfer that was not sent for it.
	codeStoodStill = "STOOD_STILL"
)

// stallMax bounds the time for which a process may stand still while it pays.
func stallMax(c Config) time.Duration { return max(stallMin, c.LookupGrace/stallShare) }

// beat is the time between two looks of the dispatcher at the clock while something may
// leave.
func beat(c Config) time.Duration { return stallMax(c) / stallShare }

// passed returns the time since a moment, by the clock that says more: while a machine
// sleeps one of the two may stand still.
func passed(since time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}

// stale is the outcome of a transfer that lay too long between dispatcher and worker.
func stale() provider.Outcome {
	return provider.Outcome{
		Class: provider.NotSent, Code: codeStoodStill, Unsent: true,
		Message: "it lay too long before it was sent, and was not",
	}
}
