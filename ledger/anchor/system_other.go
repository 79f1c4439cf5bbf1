//go:build !linux

package anchor

import (
	"os"
	"runtime"
)

// lock does nothing here: the ledger's own lock keeps two runs apart.
func lock(*os.File) (locked bool, err error) { return true, nil }

// syncData has a file's content on disk.
func syncData(file *os.File) error { return file.Sync() }

// syncFolder has a folder's list of names on disk. Windows writes it by itself and
// refuses to be asked.
func syncFolder(folder *os.File) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	return folder.Sync()
}
