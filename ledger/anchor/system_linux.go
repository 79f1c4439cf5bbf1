package anchor

import (
	"os"
	"syscall"
)

// lock reports whether the file is this process's to change, until it is closed. It
// waits for nobody.
func lock(file *os.File) (locked bool, err error) {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == syscall.EWOULDBLOCK {
			return false, nil
		}
		if err != syscall.EINTR {
			return err == nil, err
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
