package boltledger

import (
	"os"
	"time"

	"payrun/internal/fsx"
	"payrun/ledger"
)

// lockPoll is the pause before a lock is asked for again, as bbolt has it.
const lockPoll = 50 * time.Millisecond

// lockShared waits until nobody has the file open for writing, and keeps it so
// until the file is closed. It returns a *ledger.LockedError after the time-out.
func lockShared(file *os.File, timeout time.Duration) error {
	for deadline := time.Now().Add(timeout); ; {
		locked, err := fsx.TryLockShared(file)
		if locked || err != nil {
			return err
		}
		if !time.Now().Before(deadline) {
			return &ledger.LockedError{Path: file.Name(), PID: lockHolder(file.Name())}
		}
		<-time.After(lockPoll)
	}
}

// lockAlone locks a file for as long as it is open, or returns a *ledger.LockedError.
func lockAlone(file *os.File) error {
	locked, err := fsx.TryLock(file)
	if err == nil && !locked {
		return &ledger.LockedError{Path: file.Name(), PID: lockHolder(file.Name())}
	}
	return err
}
