package intake

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// FileError is a file that is no table, or cannot be read as one: what is wrong is the
// file, not the ledger it is held against, nor who may read it.
type FileError struct{ Err error }

func (e *FileError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong, one of package table's errors.
func (e *FileError) Unwrap() error { return e.Err }

// FileFailure tells an error of reading a file, as a *FileError, from an interruption and
// from a file that is missing or may not be read, which stay as they are.
func FileFailure(err error) error {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return err
	default:
		return &FileError{err}
	}
}

// readFailure is FileFailure for a file that is being read.
func readFailure(err error) error { return FileFailure(fmt.Errorf("read the file: %w", err)) }
