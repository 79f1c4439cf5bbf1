//go:build unix

package fsx

import (
	"io/fs"
	"os"
	"syscall"
)

// NoWaiting is a flag for os.OpenFile that keeps the opening of a FIFO from waiting for
// its other end. It is 0 where there are none.
const NoWaiting = syscall.O_NONBLOCK

// NoFollowing is a flag for os.OpenFile that refuses a symbolic link. It is 0 where that
// cannot be asked for.
const NoFollowing = syscall.O_NOFOLLOW

const permissionsTell = true

// foldersSync is set where a folder can be synced.
const foldersSync = true

// syncAccess is how a file is opened to be synced.
const syncAccess = os.O_RDONLY

func open(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|NoWaiting, 0) //nolint:gosec // the caller knows whose path it is
}

// OwnedByUser reports whether a file belongs to the user of this process, or to root,
// who needs no file to do harm. It is true where that cannot be found out.
func OwnedByUser(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (stat.Uid == 0 || int(stat.Uid) == os.Geteuid())
}
