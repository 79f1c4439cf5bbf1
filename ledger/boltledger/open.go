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
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"payrun/internal/fsx"
	"payrun/ledger"
)

// fileMode keeps a ledger, which holds names and numbers, to its owner.
const fileMode fs.FileMode = 0o600

// Options change how a ledger is opened. The zero value is right for money.
type Options struct {
	// LockTimeout bounds the wait for another process to let go of the
	// file. Default one second.
	LockTimeout time.Duration
	// NoSync leaves it to the operating system when writes reach the disk. What
	// is written then survives a crash of the process but not of the machine:
	// for simulations only.
	NoSync bool
	// Clock tells when rows enter. Default time.Now.
	Clock func() time.Time
}

// Store is a ledger in a file. It is safe for concurrent use within one process
// and keeps other processes out.
type Store struct {
	path string
	db   *bbolt.DB
	// file is the one that was opened, and opened is what it is known by again.
	file   *os.File
	opened fs.FileInfo
	guard  *guard
	clock  func() time.Time

	// writing is held by the one write that may be under way; stopped is set
	// under it once a commit failed.
	writing sync.Mutex
	stopped error
	// moved is where the ledger is paid from instead, nil if nowhere: nothing is written then.
	moved error
	// claims are held by who works with the open store; writing guards them too.
	claims ledger.Claims
	memory memory
}

var _ ledger.Store = (*Store)(nil)

// Open opens the ledger at path, or makes one if there is no file. It returns a
// *ledger.LockedError if another process has it open, a *ledger.NoLedgerError for
// what is something else, a *ledger.FormatError for a ledger of another version, a
// *ledger.AccessError if the system does not let it be written, and a
// *ledger.CorruptError for a file that is truncated or damaged. Such a file is left
// as it is.
func Open(path string, options Options) (*Store, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err := create(path)
		if system := syscall.Errno(0); errors.As(err, &system) && !errors.Is(err, fs.ErrNotExist) {
			return nil, &ledger.AccessError{Path: path, Err: err}
		}
		if err != nil {
			return nil, fmt.Errorf("make ledger %q: %w", path, err)
		}
	case err != nil:
		return nil, &ledger.AccessError{Path: path, Err: err}
	case !info.Mode().IsRegular():
		return nil, &ledger.NoLedgerError{Path: path, Kind: kindOf(info.Mode())}
	}
	if options.LockTimeout <= 0 {
		options.LockTimeout = time.Second
	}
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if err := checkImage(path, options.LockTimeout); err != nil {
		return nil, err
	}
	s := &Store{path: path, clock: options.Clock}
	if err := s.openBolt(options); err != nil {
		return nil, err
	}
	if err := s.keepGuard(); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	// An identity that cannot be read is damage, which whoever pays comes to next.
	_ = s.heedMove(context.Background())
	return s, nil
}

// keepGuard looks at the open file once more, which a process may have written to before it
// was locked, and begins to look at what is read. It seals the list of free pages of what is
// a ledger.
func (s *Store) keepGuard() error {
	boot, ok := newestBootPage(s.file)
	if !ok {
		return damaged(s.path, "no boot page")
	}
	found, err := checkFree(s.file, boot)
	if err != nil {
		return damaged(s.path, err)
	}
	s.guard = newGuard(s.file, boot, found.free)
	if err := s.checkFormat(); err != nil {
		return err
	}
	s.guard.strict = true
	if boot.sealed(s.file, found.list) {
		return nil
	}
	return s.sealFree(boot, found.list)
}

// sealFree seals a list of free pages.
func (s *Store) sealFree(boot bootPage, list page) error {
	_, err := s.file.WriteAt(boot.seal(list), boot.sealPlace())
	return err
}

// committed has the guard know of the pages that a transaction freed and used, and seals the
// list of those that are free.
func (s *Store) committed(transaction uint64) error {
	boot, err := bootOf(s.file, s.guard.size, transaction)
	if err != nil {
		return err
	}
	free, list, err := freePages(s.file, boot)
	if err != nil {
		return err
	}
	s.guard.committed(transaction, free)
	return s.sealFree(boot, list)
}

func (s *Store) openBolt(options Options) (err error) {
	defer contain(s.path, &err)()
	s.db, err = bbolt.Open(s.path, fileMode, &bbolt.Options{
		Timeout:      options.LockTimeout,
		NoSync:       options.NoSync,
		FreelistType: bbolt.FreelistMapType,
		OpenFile: func(path string, flags int, mode fs.FileMode) (*os.File, error) {
			file, err := os.OpenFile(path, flags|fsx.NoWaiting, mode) //nolint:gosec // the person names the ledger
			if err == nil {
				s.file = file
				s.opened, err = file.Stat()
			}
			return file, err
		},
	})
	switch system := syscall.Errno(0); {
	case errors.Is(err, bolterrors.ErrTimeout):
		return &ledger.LockedError{Path: s.path, PID: lockHolder(s.path)}
	case errors.As(err, &system):
		return &ledger.AccessError{Path: s.path, Err: err}
	case err != nil:
		return &ledger.CorruptError{Path: s.path, Where: "the file", Expected: "a ledger", Found: err.Error()}
	}
	return nil
}

// InPlace returns a *ledger.ReplacedError if the path does not name the open file any
// more: a program that synchronises folders, a restored copy or a person took it away.
func (s *Store) InPlace() error {
	if now, err := os.Stat(s.path); err != nil || !os.SameFile(now, s.opened) {
		return &ledger.ReplacedError{Path: s.path}
	}
	return nil
}

func damaged(path string, found any) error {
	return &ledger.CorruptError{Path: path, Where: "its pages", Expected: "whole ones", Found: fmt.Sprint(found)}
}

func (s *Store) checkFormat() error {
	return s.view(func(tx *transaction) error {
		var found []byte
		if meta := tableOf(tx, bucketMeta); meta.exists() {
			if err := meta.reach(keyFormat); err != nil {
				return err
			}
			found = meta.bucket.Get(keyFormat)
		}
		switch {
		case bytes.Equal(found, []byte(format)):
		case isVersion(found):
			return &ledger.FormatError{Path: s.path, Found: string(found), Known: format}
		case found == nil && !hasOurs(tx):
			return &ledger.NoLedgerError{Path: s.path, Kind: "the database of another program"}
		default:
			return s.corrupt("the format", format, fmt.Sprintf("%q", found))
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

// hasOurs reports whether a file has any part that only a ledger has: what lacks its
// format then is a damaged ledger, and not another program's file.
func hasOurs(tx *transaction) bool {
	return slices.ContainsFunc(buckets(), func(name []byte) bool {
		return !bytes.Equal(name, bucketMeta) && tx.Bucket(name) != nil
	})
}

// isVersion reports whether a layout's name is that of another version.
func isVersion(name []byte) bool {
	number, ours := bytes.CutPrefix(name, []byte(formatPrefix))
	_, err := strconv.Atoi(string(number))
	return ours && err == nil
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
		if err := tx.Bucket(bucketMeta).Put(keyFormat, []byte(format)); err != nil {
			return err
		}
		identity, err := ledger.NewIdentity(time.Now().UTC())
		if err != nil {
			return err
		}
		return putIdentity(&transaction{Tx: tx}, identity)
	})
	if err := errors.Join(err, db.Close(), fsx.Sync(temporary)); err != nil {
		return err
	}
	// Another process may have been quicker: its ledger is as good.
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return fsx.Sync(folder)
}

// Close implements ledger.Store.
func (s *Store) Close() error {
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("close ledger %q: %w", s.path, err)
	}
	return nil
}

// Backup writes a consistent copy of the whole ledger. Writes may go on meanwhile; the copy is of
// the moment at which it began.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	return s.view(func(tx *transaction) error {
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
func (s *Store) view(read func(tx *transaction) error) (err error) {
	defer contain(s.path, &err)()
	return s.named(s.db.View(func(tx *bbolt.Tx) error {
		guarded, err := s.guarded(tx)
		if err != nil {
			return err
		}
		return read(guarded)
	}))
}

// named returns an error that damage was met with as a *ledger.CorruptError, so that
// whoever reads it learns that the ledger is meant, and which.
func (s *Store) named(err error) error {
	var corrupt *ledger.CorruptError
	switch {
	case err == nil, errors.As(err, &corrupt):
		return err
	case errors.Is(err, errPages):
		return damaged(s.path, err)
	case errors.Is(err, errMissing):
		return &ledger.CorruptError{Path: s.path, Where: "what was recorded", Expected: "all of it", Found: err.Error()}
	case errors.Is(err, errEncoding):
		return &ledger.CorruptError{Path: s.path, Where: "what was recorded", Expected: "as it was written", Found: err.Error()}
	default:
		return err
	}
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
func (s *Store) update(write func(tx *transaction) error) (err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.stopped != nil {
		return s.stopped
	}
	if s.moved != nil {
		return s.moved
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
func (s *Store) commit(write func(tx *transaction) error) (kept bool, err error) {
	defer contain(s.path, &err)()
	tx, err := s.db.Begin(true)
	if err != nil {
		return true, fmt.Errorf("write to ledger %q: %w", s.path, err)
	}
	defer tx.Rollback()       //nolint:errcheck // does nothing after the end
	number := uint64(tx.ID()) //nolint:gosec // not negative
	guarded, err := s.guarded(tx)
	if err == nil {
		err = write(guarded)
	}
	if err != nil {
		return true, s.named(errors.Join(err, tx.Rollback()))
	}
	known := false
	defer func() {
		if !known {
			s.guard.lose() // readers wait for nothing that will not come
		}
	}()
	if err := tx.Commit(); err != nil {
		return false, err
	}
	err = s.committed(number)
	known = err == nil
	return false, err
}
