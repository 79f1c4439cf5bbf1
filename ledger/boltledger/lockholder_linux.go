package boltledger

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

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
