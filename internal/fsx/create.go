package fsx

import (
	"errors"
	"os"
)

// CreateFile makes a file that only its owner can read. One that exists is left
// alone: the error is fs.ErrExist then. Nothing is left of a file that could not
// be written to its end.
func CreateFile(path string, content []byte) (err error) {
	const ownerOnly = 0o600
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, ownerOnly) //nolint:gosec // the caller knows whose path it is
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(path))
		}
	}()
	if _, err := file.Write(content); err != nil {
		return err
	}
	return file.Sync()
}

// SameFile reports whether two paths name one file.
func SameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
