package heapfloor

import "syscall"

// limited reports whether addresses are limited (ulimit -v), which the floor would
// use up.
func limited() bool {
	var limit syscall.Rlimit
	const unlimited = 1 << 62
	return syscall.Getrlimit(syscall.RLIMIT_AS, &limit) == nil && limit.Cur < unlimited
}
