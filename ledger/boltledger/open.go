package boltledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"payrun/ledger"
)

// fileMode keeps a ledger, which holds names and numbers, to its owner.
const fileMode fs.FileMode = 0o600

// Options change how a ledger is opened. The zero value is right for money.
type Options struct {
	// LockTimeout is how long to wait for another process to let go of the
	// file. Default one second.
	LockTimeout time.Duration
	// NoSync leaves it to the operating system when writes reach the disk. What
	// is written then survives a crash of the process but not of the machine:
	// for simulations only.
	NoSync bool
}

// Store is a ledger in a file. It is safe for concurrent use within one process
// and keeps other processes out.
type Store struct {
	path string
	db   *bbolt.DB

	// writing is held by the one write that may be under way; stopped is set
	// under it once a commit failed.
	writing sync.Mutex
	stopped error
}

var (
	_ ledger.Store        = (*Store)(nil)
	_ ledger.RepeatFinder = (*Store)(nil)
	_ ledger.Viewer       = (*Store)(nil)
	_ ledger.Auditor      = (*Store)(nil)
	_ ledger.Backuper     = (*Store)(nil)
)

// Open opens the ledger at path, or makes one if there is no file. It returns a
// *ledger.LockedError if another process has it open, and a *ledger.CorruptError
// for a file that is empty, truncated, damaged or not a ledger of this format.
// Such a file is left as it is.
func Open(path string, options Options) (*Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(path); err != nil {
			return nil, fmt.Errorf("make ledger %q: %w", path, err)
		}
	} else if err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if options.LockTimeout <= 0 {
		options.LockTimeout = time.Second
	}
	if err := checkImage(path, options.LockTimeout); err != nil {
		return nil, err
	}
	db, err := openBolt(path, options)
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, db: db}
	if err := s.checkFormat(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

func openBolt(path string, options Options) (db *bbolt.DB, err error) {
	defer contain(path, &err)()
	db, err = bbolt.Open(path, fileMode, &bbolt.Options{
		Timeout:      options.LockTimeout,
		NoSync:       options.NoSync,
		FreelistType: bbolt.FreelistMapType,
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, &ledger.LockedError{Path: path, PID: lockHolder(path)}
	case errors.Is(err, fs.ErrPermission):
		return nil, fmt.Errorf("open ledger: %w", err)
	case err != nil:
		return nil, &ledger.CorruptError{Path: path, Where: "the file", Expected: "a ledger", Found: err.Error()}
	}
	return db, nil
}

func damaged(path string, found any) error {
	return &ledger.CorruptError{Path: path, Where: "its pages", Expected: "whole ones", Found: fmt.Sprint(found)}
}

func (s *Store) checkFormat() error {
	return s.view(func(tx *bbolt.Tx) error {
		var found []byte
		if meta := tx.Bucket(bucketMeta); meta != nil {
			found = meta.Get(keyFormat)
		}
		if !bytes.Equal(found, []byte(format)) {
			return &ledger.CorruptError{
				Path: s.path, Where: "the format", Expected: format, Found: fmt.Sprintf("%q", found),
			}
		}
		for _, name := range buckets() {
			if tx.Bucket(name) == nil {
				return &ledger.CorruptError{
					Path: s.path, Where: fmt.Sprintf("the part %q", name), Expected: "it", Found: "nothing",
				}
			}
		}
		return nil
	})
}

// create makes an empty ledger under a temporary name, has it on disk, and then
// gives it its name, which must be free. A crash leaves a temporary file at the
// most: bbolt's own first writes are not crash-safe.
func create(path string) (err error) {
	folder := filepath.Dir(path)
	file, err := os.CreateTemp(folder, "."+filepath.Base(path)+".new-*")
	if err != nil {
		return err
	}
	temporary := file.Name()
	defer func() { err = errors.Join(err, os.Remove(temporary)) }()
	if err := file.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(temporary, fileMode, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets() {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(bucketMeta).Put(keyFormat, []byte(format))
	})
	if err := errors.Join(err, db.Close(), syncPath(temporary)); err != nil {
		return err
	}
	// Another process may have been quicker: its ledger is as good.
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncPath(folder)
}

// syncPath has a file, or a folder's list of names, on disk.
func syncPath(path string) error {
	file, err := os.Open(path) //nolint:gosec // our own path
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// Close implements ledger.Store.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close ledger %q: %w", s.path, err)
	}
	return nil
}

// Backup implements ledger.Backuper. Writes may go on meanwhile; the copy is of
// the moment at which it began.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	return s.view(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(cancellable{ctx, w})
		return err
	})
}

// cancellable stops writing when its context ends.
type cancellable struct {
	ctx context.Context //nolint:containedctx // an io.Writer cannot be given one otherwise
	w   io.Writer
}

func (c cancellable) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// view reads. What damage does to bbolt becomes an error here.
func (s *Store) view(read func(tx *bbolt.Tx) error) (err error) {
	defer contain(s.path, &err)()
	return s.db.View(read)
}

// contain makes an error of what happens to this goroutine when bbolt meets
// damage: it panics, or follows a broken page out of the file's memory, which
// would otherwise end the process. Use: defer contain(path, &err)().
func contain(path string, err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if recovered := recover(); recovered != nil {
			*err = damaged(path, recovered)
		}
	}
}

// update writes and makes it durable. If write returns an error nothing is
// changed and the error is returned as it is. If the commit fails, nobody knows
// whether the change is on disk, and the store stops.
func (s *Store) update(write func(tx *bbolt.Tx) error) (err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.stopped != nil {
		return s.stopped
	}
	kept, err := s.commit(write)
	if err != nil && !kept {
		s.stopped = fmt.Errorf("%w: %q: %w", ledger.ErrStopped, s.path, err)
		return s.stopped
	}
	return err
}

// commit makes one transaction. With an error, kept tells whether the file
// certainly is as it was before.
func (s *Store) commit(write func(tx *bbolt.Tx) error) (kept bool, err error) {
	defer contain(s.path, &err)()
	tx, err := s.db.Begin(true)
	if err != nil {
		return true, fmt.Errorf("write to ledger %q: %w", s.path, err)
	}
	defer tx.Rollback() //nolint:errcheck // does nothing after the end
	if err := write(tx); err != nil {
		return true, errors.Join(err, tx.Rollback())
	}
	return false, tx.Commit()
}
