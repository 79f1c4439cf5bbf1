package anchor

import (
	"os"
	"syscall"
)

// lock waits until no other process changes the file. Each holds it for one write.
func lock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			return err
		}
	}
}

// syncData has a file's content on disk. Its length never changes, so what else the
// system keeps about it may wait.
func syncData(file *os.File) error {
	for {
		err := syscall.Fdatasync(int(file.Fd()))
		if err != syscall.EINTR {
			return err
		}
	}
}

// syncFolder has a folder's list of names on disk.
func syncFolder(folder *os.File) error { return folder.Sync() }
