//go:build !unix

package fsx

import (
	"io/fs"
	"os"
)

// NoWaiting is a flag for os.OpenFile that keeps the opening of a FIFO from waiting for
// its other end. It is 0 where there are none.
const NoWaiting = 0

// NoFollowing is a flag for os.OpenFile that refuses a symbolic link. It is 0 where that
// cannot be asked for.
const NoFollowing = 0

const permissionsTell = false

// foldersSync is set where a folder can be synced.
const foldersSync = false

// syncAccess is how a file is opened to be synced: Windows flushes only what may be
// written.
const syncAccess = os.O_RDWR

// OwnedByUser reports whether a file belongs to the user of this process, or to root,
// who needs no file to do harm. It is true where that cannot be found out.
func OwnedByUser(fs.FileInfo) bool { return true }
