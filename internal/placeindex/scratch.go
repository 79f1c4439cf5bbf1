package placeindex

import (
	"errors"
	"io/fs"
	"os"
)

// Scratch is a file of this process alone, for its owner to read. Where the system allows it
// the file has no name, so that nothing is left behind by a crash.
type Scratch struct{ *os.File }

// NewScratch creates a file in the folder for temporary ones.
func NewScratch() (Scratch, error) {
	file, err := os.CreateTemp("", "payrun-scratch-")
	if err != nil {
		return Scratch{}, err
	}
	_ = os.Remove(file.Name()) // what the system refuses to delete while it is open goes with Close
	return Scratch{file}, nil
}

// Close closes the file and takes it away.
func (s Scratch) Close() error {
	err := s.File.Close()
	if gone := os.Remove(s.Name()); !errors.Is(gone, fs.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
