//go:build !linux

package snapshot

import (
	"os"
)

// privateFile makes a file for a copy of the ledger. Forget takes it away.
func privateFile() (file *os.File, forget func() error, err error) {
	file, err = os.CreateTemp("", "payrun-ledger-*")
	if err != nil {
		return nil, nil, err
	}
	return file, func() error { return os.Remove(file.Name()) }, nil
}

// pathOf returns a path under which this process can open the file once more.
func pathOf(file *os.File) string { return file.Name() }
