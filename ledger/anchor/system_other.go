//go:build !linux

package anchor

import "os"

// syncData has a file's content on disk.
func syncData(file *os.File) error { return file.Sync() }
