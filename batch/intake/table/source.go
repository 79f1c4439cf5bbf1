package table

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"payrun/internal/fsx"
)

// spoolMax bounds what is taken from a pipe, which has no size to look at.
const spoolMax = 4 << 30

// source is the bytes of a file, which can be read again and again.
type source struct {
	file *os.File
	size int64
	sum  [sha256.Size]byte
	// remove is a temporary file to delete, where that was not possible at once.
	remove string
}

// openSource opens a file, or copies what cannot be read twice, standard input
// and other pipes, into a private temporary file.
func openSource(path string, stdin io.Reader) (*source, error) {
	if path == "-" {
		if stdin == nil {
			return nil, errors.New("there is no standard input to read")
		}
		return spool(stdin)
	}
	file, err := fsx.Open(path)
	if err != nil {
		return nil, err //nolint:wrapcheck // says what was opened already
	}
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, errors.Join(err, file.Close())
	case info.IsDir():
		return nil, errors.Join(fmt.Errorf("%w: %s is a folder", ErrNotTable, path), file.Close())
	case !info.Mode().IsRegular():
		s, err := spool(file)
		return s, errors.Join(err, file.Close())
	}
	return &source{file: file, size: info.Size()}, nil
}

// spool copies a stream to a file that only its owner may read (os.CreateTemp
// gives mode 0600). The name goes at once, so that not even a crash leaves the
// beneficiaries behind; a system that refuses to delete open files keeps it
// until Close.
func spool(stream io.Reader) (*source, error) {
	file, err := os.CreateTemp("", "payrun-input-")
	if err != nil {
		return nil, fmt.Errorf("keep a copy of the stream: %w", err)
	}
	s := &source{file: file}
	if err := os.Remove(file.Name()); err != nil {
		s.remove = file.Name()
	}
	s.size, err = io.Copy(file, io.LimitReader(stream, spoolMax+1))
	if err == nil && s.size > spoolMax {
		err = fmt.Errorf("%w: a stream of more than %d GiB", ErrTooLarge, spoolMax>>30)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("keep a copy of the stream: %w", err), s.Close())
	}
	return s, nil
}

// Close removes the copy of a stream.
func (s *source) Close() error {
	err := s.file.Close()
	if s.remove != "" {
		err = errors.Join(err, os.Remove(s.remove))
	}
	return err
}

// reader starts again from the first byte.
func (s *source) reader() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

// resized returns ErrChanged if the file has grown or shrunk, which costs
// nothing to see.
func (s *source) resized() error {
	info, err := s.file.Stat()
	if err != nil {
		return fmt.Errorf("look at the file again: %w", err)
	}
	if info.Size() != s.size {
		return ErrChanged
	}
	return nil
}

// unchanged returns ErrChanged unless sum is that of the bytes first seen.
func (s *source) unchanged(sum []byte) error {
	if [sha256.Size]byte(sum) != s.sum {
		return ErrChanged
	}
	return s.resized()
}

// verify reads the whole file again.
func (s *source) verify() error {
	hash := sha256.New()
	if _, err := io.Copy(hash, s.reader()); err != nil {
		return fmt.Errorf("read the file again: %w", err)
	}
	return s.unchanged(hash.Sum(nil))
}
