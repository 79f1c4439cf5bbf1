package boltledger

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"payrun/ledger"
)

// lockPoll is the pause before a lock is asked for again, as bbolt has it.
const lockPoll = 50 * time.Millisecond

// lockShared waits until nobody has the file open for writing, and keeps it so
// until the file is closed. It returns a *ledger.LockedError after the time-out.
func lockShared(file *os.File, timeout time.Duration) error {
	for deadline := time.Now().Add(timeout); ; {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
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
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return &ledger.LockedError{Path: file.Name(), PID: lockHolder(file.Name())}
	}
	return err
}

// lockHolder returns the id of the process that holds the lock on a file, 0 if
// it cannot be found out. Linux lists all locks in /proc/locks (see proc(5)):
//
//	1: FLOCK  ADVISORY  WRITE 4711 fe:00:131090 0 EOF
func lockHolder(path string) int {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0
	}
	locks, err := os.Open("/proc/locks")
	if err != nil {
		return 0
	}
	defer locks.Close() //nolint:errcheck // only read
	inode := fmt.Sprintf(":%d", stat.Ino)
	const pidField, fileField = 4, 5
	for scanner := bufio.NewScanner(locks); scanner.Scan(); {
		fields := strings.Fields(scanner.Text())
		if len(fields) <= fileField || fields[1] != "FLOCK" || !strings.HasSuffix(fields[fileField], inode) {
			continue
		}
		if pid, err := strconv.Atoi(fields[pidField]); err == nil && pid > 0 {
			return pid
		}
	}
	return 0
}
