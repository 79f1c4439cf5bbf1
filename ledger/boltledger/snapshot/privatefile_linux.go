package snapshot

import (
	"fmt"
	"os"
)

// privateFile makes a file without a name, for a copy of the ledger: whatever happens
// to this process, nothing is left of it. Forget does what is left to do.
func privateFile() (file *os.File, forget func() error, err error) {
	file, err = os.CreateTemp("", "payrun-ledger-*")
	if err != nil {
		return nil, nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		return nil, nil, err
	}
	return file, func() error { return nil }, nil
}

// pathOf returns a path under which this process can open the file once more.
func pathOf(file *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", file.Fd()) }
