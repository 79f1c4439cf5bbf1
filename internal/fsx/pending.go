package fsx

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrTaken is returned for a name that another file has already.
var ErrTaken = errors.New("another file has that name already")

// CreateError is a file that could not be begun.
type CreateError struct {
	Path string
	Err  error
}

func (e *CreateError) Error() string { return fmt.Sprintf("write %s: %v", e.Path, e.Err) }

// Unwrap returns the system's reason.
func (e *CreateError) Unwrap() error { return e.Err }

// PendingFile is a file that appears under its name once it is complete, for its owner
// alone to read. Until then it lies beside that name under another.
type PendingFile struct {
	*bufio.Writer

	path string
	file *replacement
}

// NewPendingFile begins a file that is to have a name. The error is a *CreateError.
func NewPendingFile(path string) (*PendingFile, error) {
	const (
		ownerOnly  = 0o600
		bufferSize = 256 << 10
	)
	file, err := newReplacement(path, ownerOnly)
	if err != nil {
		return nil, &CreateError{path, err}
	}
	return &PendingFile{bufio.NewWriterSize(file, bufferSize), path, file}, nil
}

// Name is where the file lies while it is pending.
func (f *PendingFile) Name() string { return f.file.Name() }

// Flush has everything that was written in the file called Name.
func (f *PendingFile) Flush() error {
	if err := f.Writer.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", f.path, err)
	}
	return nil
}

// Sync has everything that was written on the disk, so that a full disk is met while
// what has the name is still whole.
func (f *PendingFile) Sync() error {
	if err := f.Flush(); err != nil {
		return err
	}
	return f.file.Sync()
}

// Complete gives the file its name, in place of whatever had it.
func (f *PendingFile) Complete() error {
	if err := f.Flush(); err != nil {
		return err
	}
	return f.file.CloseAtomicallyReplace()
}

// CompleteNew gives the file its name unless something has it: ErrTaken then, and nil if
// that has the same content.
func (f *PendingFile) CompleteNew() error {
	if Missing(f.path) {
		return f.Complete()
	}
	if err := f.Flush(); err != nil {
		return err
	}
	same, err := sameContent(f.Name(), f.path)
	if err == nil && !same {
		err = ErrTaken
	}
	return err
}

// Discard removes what is not complete. It does nothing to a file that is.
func (f *PendingFile) Discard() error { return f.file.Cleanup() }

// WriteFile writes a file in one step: it has the new content or what it had before.
func WriteFile(path string, content []byte, mode fs.FileMode) error {
	file, err := newReplacement(path, mode)
	if err != nil {
		return err
	}
	if _, err := file.Write(content); err != nil {
		return errors.Join(err, file.Cleanup())
	}
	if err := file.CloseAtomicallyReplace(); err != nil {
		return errors.Join(err, file.Cleanup())
	}
	return nil
}

// Missing reports whether a path names nothing, as one below a file does.
func Missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// sameContent reports whether two files have the same bytes.
func sameContent(a, b string) (same bool, err error) {
	first, err := os.Open(a) //nolint:gosec // the pending one
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, first.Close()) }()
	second, err := os.Open(b) //nolint:gosec // the caller knows whose path it is
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	const chunk = 64 << 10
	one, other := make([]byte, chunk), make([]byte, chunk)
	for {
		n, errOne := io.ReadFull(first, one)
		m, errOther := io.ReadFull(second, other)
		if !bytes.Equal(one[:n], other[:m]) {
			return false, nil
		}
		if errOne != nil || errOther != nil {
			ended := func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }
			if ended(errOne) && ended(errOther) {
				return true, nil
			}
			return false, errors.Join(errOne, errOther)
		}
	}
}
