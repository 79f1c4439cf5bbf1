package anchor

import (
	"os"
	"syscall"
)

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
